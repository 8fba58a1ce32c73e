#include "cli/maintenance/novad.hpp"

#include "cli/json.hpp"
#include "core/problem.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace nova::cli {
namespace {

namespace fs = std::filesystem;

constexpr auto package_config = "/etc/webnova/novad.yaml";
constexpr std::size_t answer_bytes_max = 1024 * 1024;

std::string program() {
  std::error_code ignored;
  const auto beside = fs::read_symlink("/proc/self/exe", ignored).parent_path() / "novad";
  return fs::exists(beside, ignored) ? beside.string() : "novad";
}

core::Error failed(const char* code, const std::string& why) {
  auto error = core::refusal(code, "novad, which does this work, " + why);
  error.status = 500;
  return std::move(error).fix("install the node's package on this machine");
}

/// Both ends of the child's standard input and output.
class Pair {
 public:
  Pair() { made_ = ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_) == 0; }
  ~Pair() {
    close_child();
    if (made_) ::close(ends_[0]);
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  bool made() const { return made_; }
  int ours() const { return ends_[0]; }
  int child() const { return ends_[1]; }
  void close_child() {
    if (made_ && !std::exchange(closed_, true)) ::close(ends_[1]);
  }

 private:
  int ends_[2] = {-1, -1};
  bool made_ = false, closed_ = false;
};

bool send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return false;
    bytes.remove_prefix(std::size_t(size));
  }
  return ::shutdown(fd, SHUT_WR) == 0;
}

std::string receive_all(int fd) {
  std::string answer, part(4096, '\0');
  for (;;) {
    const auto size = ::recv(fd, part.data(), part.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0 || answer.size() > answer_bytes_max) return answer;
    answer.append(part, 0, std::size_t(size));
  }
}

}  // namespace

void add_node_place(CLI::App& verb, NodePlace& place) {
  verb.add_option("--node-config", place.config, "configuration file of the node (NOVA_CONFIG)")->type_name("FILE");
  verb.add_option("--state", place.state, "state folder of the node")->type_name("FOLDER");
}

core::Result<NodePlace> find_node(NodePlace place) {
  if (!place.config.empty() || !place.state.empty()) return place;
  if (const char* named = std::getenv("NOVA_CONFIG"); named && *named) return NodePlace{named, {}};
  if (const auto state = development_state(); !state.empty()) return NodePlace{{}, state.string()};
  std::error_code ignored;
  if (fs::exists(package_config, ignored)) return NodePlace{package_config, {}};
  auto error = core::refusal("maintenance.no_node", "which node is meant is not said");
  error.status = 400;
  return std::move(error).fix("give --node-config FILE or --state FOLDER");
}

core::Result<Json> ask_novad(Session& session, Json request) {
  if (session.globals().dry_run) {
    auto error = core::refusal("maintenance.no_dry_run", "this work cannot be tried out, and nothing was done");
    error.status = 400;
    return std::move(error).fix(
        "leave --dry-run out; neither archives nor stores that hold something are ever changed");
  }
  request["progress"] = session.terminal().err_is_terminal;
  Pair pair;
  if (!pair.made()) return failed("maintenance.no_program", std::string("cannot be asked: ") + std::strerror(errno));
  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_adddup2(&files, pair.child(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&files, pair.child(), STDOUT_FILENO);
  auto name = program();
  std::string flag = "--maintain";
  char* arguments[] = {name.data(), flag.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, name.c_str(), &files, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) return failed("maintenance.no_program", std::string("cannot be started: ") + std::strerror(error));
  pair.close_child();
  const bool sent = send_all(pair.ours(), request.dump());
  const auto answer = receive_all(pair.ours());
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!sent || answer.empty() || !WIFEXITED(status)) return failed("maintenance.no_answer", "ended without an answer");
  if (WEXITSTATUS(status) != 0) {
    auto parsed = parse_json(answer);
    return core::parse_problem(answer, parsed ? int(number_at(*parsed, "status", 500)) : 500);
  }
  return parse_json(answer);
}

}  // namespace nova::cli
