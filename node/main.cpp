// novad: reads its configuration, runs one node, ends on a signal.
#include "core/error.hpp"
#include "node/governance/gates.hpp"
#include "node/log.hpp"
#include "node/maintenance/constitution.hpp"
#include "node/maintenance/maintenance.hpp"
#include "node/node.hpp"

#include <CLI/CLI.hpp>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <iostream>

using namespace nova;

namespace {

// Exit codes, documented in docs/: the same as novactl's where they mean the same.
constexpr int exit_ok = 0, exit_failed = 1, exit_usage = 2, exit_unclean = 4;

int tell(const core::Error& error) {
  for (const auto& problem : error.problems)
    std::cerr << "novad: " << core::printable(problem.path) << ": " << core::printable(problem.message) << "\n";
  if (error.problems.empty())
    std::cerr << "novad: " << core::to_line(error) << "\n";
  else if (!error.remedy.empty())
    std::cerr << "novad: " << core::printable(error.remedy) << "\n";
  return error.code == "config.invalid" || error.code == "config.unreadable" ? exit_usage : exit_failed;
}

std::vector<std::string> environment() {
  std::vector<std::string> lines;
  for (char** line = environ; line && *line; ++line) lines.emplace_back(*line);
  return lines;
}

// Secrets must not reach a core file, and many services need many descriptors.
void harden() {
  prctl(PR_SET_DUMPABLE, 0);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  umask(027);
}

sigset_t signals_of_interest() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

// SIGHUP: the log file anew, and of the configuration what may change while the node runs. What may not is named, and
// the node goes on as it was.
void reload(node::Config& running, const std::function<core::Result<node::Loaded>()>& load) {
  node::reopen_log();
  auto fresh = load();
  if (!fresh) {
    node::log(node::LogLevel::error, "the configuration was not reloaded: " + core::to_line(fresh.error()));
    for (const auto& problem : fresh.error().problems)
      node::log(node::LogLevel::error, problem.path + ": " + problem.message);
    return;
  }
  for (const auto& key : node::changed_keys(running, fresh->config)) {
    if (node::is_reloadable(key))
      node::log(node::LogLevel::info, "reloaded", {{"key", key}});
    else
      node::log(node::LogLevel::warn, "needs restart", {{"key", key}});
  }
  running.log.level = fresh->config.log.level;
  node::set_log_level(running.log.level);
}

int run(const node::Loaded& loaded, const std::string& program_dir,
        const std::function<core::Result<node::Loaded>()>& load) {
  // Blocked before the first thread, so that every thread inherits it and only this one takes them.
  const auto signals = signals_of_interest();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  harden();

  const auto log_file = node::in_state_dir(loaded.config, loaded.config.log.file);
  if (const auto folder = std::filesystem::path(log_file).parent_path(); !folder.empty()) {
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
  }
  if (auto opened = node::open_log(loaded.config.log, log_file); !opened) return tell(opened.error());
  auto opened = node::Node::open(loaded, program_dir);
  if (!opened) return tell(opened.error());
  auto& node = **opened;
  if (auto started = node.start(); !started) return tell(started.error());
  std::cout << "listening " << node.url() << std::endl;

  auto running = loaded.config;
  for (;;) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal == SIGHUP) {
      reload(running, load);
      continue;
    }
    const bool clean = node.stop(signal == SIGINT ? node::Leave::nothing_running : node::Leave::services_running);
    return clean ? exit_ok : exit_unclean;
  }
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"novad runs one WebNova node."};
  std::string config_file, check_file, state, listen, log_file;
  std::string why = "the owner could not amend it";
  bool dev = false, maintenance = false, upgrade = false;
  app.add_option("--config", config_file, "configuration file (config/novad.yaml explains every key)")
      ->envname("NOVA_CONFIG");
  app.add_option("--check-config", check_file,
                 "report every error in FILE and in the gates that it names, with line and key, and start nothing");
  app.add_option("--state", state, "folder of everything that the node keeps (node.state_dir)");
  app.add_option("--listen", listen, "address and port of the HTTP API (listen.address)");
  app.add_option("--log", log_file, "log file, empty for stderr (log.file)");
  app.add_flag("--dev", dev,
               "a development node: state in ./var and the log in ./var/log/novad.log unless given otherwise");
  app.add_flag("--maintain", maintenance,
               "carry out one request of novactl (store, backup), a JSON object on standard input, and start nothing");
  app.add_flag("--check-upgrade", upgrade,
               "say whether this program can work with what is stored (the constitution), and start nothing");
  auto* recovery = app.add_subcommand(
      "recover", "Put the constitution that this program brings in force; on the node's host, while it is stopped");
  recovery->fallthrough();
  recovery->add_option("--reason", why, "why, for the log");
  app.set_version_flag("--version", "novad " NOVA_VERSION);
  app.footer(
      "Signals: SIGTERM drains and leaves services running; SIGINT drains and stops services too; SIGHUP opens the log "
      "file anew and reloads log.level.\nExit codes: 0 ended cleanly, 1 could not start, 2 wrong usage or "
      "configuration, 4 the drain ran out "
      "of time.");
  CLI11_PARSE(app, argc, argv);

  auto overrides = node::from_environment(environment());
  if (!overrides) return tell(overrides.error());
  if (maintenance) {
    harden();
    return node::maintain(std::cin, std::cout, std::cerr, *overrides);
  }
  const auto given = [&](std::string path, const std::string& value, std::string flag) {
    if (!value.empty()) overrides->push_back({std::move(path), value, "flag " + std::move(flag)});
  };
  if (dev && state.empty()) given("node.state_dir", "var", "--dev");
  if (dev && log_file.empty()) given("log.file", "log/novad.log", "--dev");
  given("node.state_dir", state, "--state");
  given("listen.address", listen, "--listen");
  given("log.file", log_file.empty() ? log_file : std::filesystem::absolute(log_file).string(), "--log");

  const auto load = [&] { return node::load_config(check_file.empty() ? config_file : check_file, *overrides); };
  auto loaded = load();
  if (!loaded) return tell(loaded.error());
  if (!check_file.empty()) {
    // The gates that it names are part of it: a node with others does not start.
    if (auto gates = node::load_gates(loaded->config); !gates) {
      auto fault = std::move(gates).error();
      fault.problems.clear();  // its text names each with file and line
      return tell(fault);
    }
    std::cout << check_file << ": ok\n";
    return exit_ok;
  }
  if (upgrade || recovery->parsed()) {
    harden();
    const auto done = upgrade ? node::check_upgrade(loaded->config) : node::recover(loaded->config, why);
    if (!done) return tell(done.error());
    std::cout << (upgrade ? *done : "constitution " + *done + " is in force: the one that this program brings") << "\n";
    return exit_ok;
  }
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return run(*loaded, self.parent_path().string(), load);
}
