#include "tests/drivers_process/bench.hpp"

#include "core/describe/codec.hpp"
#include "drivers/process/keeper/record.hpp"
#include "drivers/process/probe.hpp"

#include <poll.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace nova::process::test {
namespace {

namespace fs = std::filesystem;

const std::string digest = "sha256:" + std::string(64, 'a');

// Each bench has a stretch of ports of its own, so that tests side by side do not take each other's.
std::uint16_t first_port() {
  static std::atomic<unsigned> next{unsigned(::getpid()) * 37u};
  return std::uint16_t(21000 + next++ % 110 * 100);
}

}  // namespace

bool lives(pid_t pid) { return keeper::start_ticks(pid) != 0; }

host::KeepDriver::Sink Reports::sink() {
  return [this](const core::EntityKey&, core::Report report) {
    const std::lock_guard hold(mutex_);
    all_.push_back(std::move(report));
  };
}

std::vector<core::Report> Reports::all() const {
  const std::lock_guard hold(mutex_);
  return all_;
}

std::vector<core::Report> Reports::of(const std::string& key) const {
  auto reports = all();
  std::erase_if(reports, [&](const core::Report& report) { return report.key != key; });
  return reports;
}

std::string Reports::phases(const std::string& key) const {
  std::string phases;
  for (const core::Report& report : of(key)) phases += (phases.empty() ? "" : " ") + report.phase;
  return phases;
}

std::size_t Reports::count(const std::string& key, const std::string& phase) const {
  std::size_t count = 0;
  for (const core::Report& report : of(key)) count += report.phase == phase;
  return count;
}

core::Report Reports::last(const std::string& key, const std::string& phase) const {
  core::Report last;
  for (core::Report& report : of(key)) {
    if (report.phase == phase) last = std::move(report);
  }
  return last;
}

bool Reports::await(const std::string& key, const std::string& phase, std::size_t count_min) const {
  return testkit::await([&] { return count(key, phase) >= count_min; }, std::chrono::seconds(30));
}

service::ProcessFacts facts_of(const core::Report& report) {
  auto facts = core::from_json<service::ProcessFacts>(report.data.text, core::Reading::stored);
  return facts ? *facts : service::ProcessFacts{};
}

Bench::Bench() {
  if (std::getenv("NOVA_TEST_LOG")) {
    options.log = [](std::string_view level, std::string_view line) {
      std::fprintf(stderr, "%.*s %.*s\n", int(level.size()), level.data(), int(line.size()), line.data());
    };
  }
  options.run_dir = dir / "run";
  options.sources_dir = dir / "sources";
  options.data_dir = dir / "data";
  options.keeper = fs::path(NOVA_BIN_DIR) / "nova-keeper";
  options.port_first = first_port();
  options.port_last = std::uint16_t(options.port_first + 99);
  fs::create_directories(options.sources_dir / digest.substr(7));
}

Bench::~Bench() {
  if (driver_) driver_->shut_down(true);
  driver_.reset();
  // What only a driver that died knew of.
  auto last = make_process_driver(options);
  Reports ignored;
  last->adopt({}, ignored.sink());
  last->shut_down(true);
}

service::Instance Bench::instance(const std::string& name, std::vector<std::string> words, const std::string& tenant) {
  service::Instance made;
  made.tenant = tenant;
  made.platform = "clinic";
  made.environment = "test";
  made.service = name;
  made.revision = 1;
  made.passes_needed = 2;
  made.spec.source.digest = digest;
  made.spec.run.emplace_back(TEST_SERVICE);
  for (auto& word : words) made.spec.run.emplace_back(std::move(word));
  made.spec.restart.backoff = milliseconds(5);
  made.spec.restart.backoff_max = milliseconds(20);
  made.spec.stop_timeout = std::chrono::seconds(5);
  fs::create_directories(data(made, "").parent_path());
  return made;
}

std::string Bench::key(const service::Instance& i) {
  return i.service + "/" + std::to_string(i.revision) + "/" + std::to_string(i.index);
}

host::Kept Bench::kept(const service::Instance& instance) const {
  host::Kept kept;
  kept.owner = {instance.tenant, "deployment", "clinic"};
  kept.ask = {"process", key(instance), core::to_json(instance), {instance.tenant, "instance", instance.service}};
  return kept;
}

host::KeepDriver& Bench::driver() {
  if (!driver_) driver_ = make_process_driver(options);
  return *driver_;
}

void Bench::adopt(const std::vector<service::Instance>& all) {
  std::vector<host::Kept> wanted;
  for (const auto& one : all) wanted.push_back(kept(one));
  driver().adopt(std::move(wanted), reports.sink());
}

void Bench::end_driver() {
  if (driver_) driver_->shut_down(false);
  driver_.reset();
}

fs::path Bench::data(const service::Instance& i, const std::string& file) const {
  return options.data_dir / i.tenant / i.platform / i.environment / i.service / file;
}

std::vector<std::string> Bench::lines(const service::Instance& instance, const std::string& file) const {
  std::vector<std::string> lines;
  std::ifstream in(data(instance, file));
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

void Bench::write(const service::Instance& instance, const std::string& file, const std::string& text) const {
  replace_file(data(instance, file), text);
}

std::optional<KeeperRecord> Bench::record(const service::Instance& instance) const {
  const auto found = find_dir(options.run_dir, instance.tenant, key(instance), false);
  return found ? found->record() : std::nullopt;
}

bool Bench::serves(std::uint32_t port) const {
  service::Health health;
  health.http = "/";
  Probe probe(health, {port, {}, {}, {}}, core::system_clock().monotonic() + std::chrono::seconds(2));
  while (!probe.end()) {
    pollfd wanted = probe.wanted();
    ::poll(&wanted, 1, 100);
    probe.step(core::system_clock().monotonic());
  }
  return probe.end()->healthy;
}

}  // namespace nova::process::test
