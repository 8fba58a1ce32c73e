#include "drivers/process/process.hpp"

#include "core/describe/codec.hpp"
#include "drivers/process/engine.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace nova::process {
namespace {

using Key = std::pair<std::string, std::string>;

class ProcessDriver final : public host::KeepDriver {
 public:
  explicit ProcessDriver(const Options& options)
      : clock_(options.clock ? *options.clock : core::system_clock()),
        engine_(options, [this](const std::string&, const core::EntityKey& to, const std::string& key,
                                const Observation& seen) { reports_.emplace_back(to, report_of(key, seen)); }),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  ~ProcessDriver() override { shut_down(false); }

  std::string_view name() const override { return "process"; }

  void adopt(std::vector<host::Kept> all, Sink sink) override {
    const std::lock_guard hold(inbox_mutex_);
    if (thread_.joinable() || ended_) return;
    sink_ = std::move(sink);
    adopted_ = std::move(all);
    thread_ = std::thread([this] { run(); });
  }

  void keep(host::Kept wanted) override {
    Key key{wanted.owner.tenant, wanted.ask.key};
    put(std::move(key), std::move(wanted));
  }

  void drop(std::string tenant, std::string key) override { put({std::move(tenant), std::move(key)}, std::nullopt); }

  void shut_down(bool stop_all) override {
    {
      const std::lock_guard hold(inbox_mutex_);
      if (ended_) return;
      ended_ = true;
      stop_all_ = stop_all;
    }
    wake();
    if (thread_.joinable()) thread_.join();
  }

  std::vector<Line> snapshot() const override {
    const std::lock_guard hold(engine_mutex_);
    std::vector<Line> lines;
    for (const Engine::Line& line : engine_.snapshot()) {
      lines.push_back({line.tenant, line.key, line.phase, core::to_json(line.facts)});
    }
    return lines;
  }

 private:
  // One change a key, the latest: never more than there are keys.
  void put(Key key, std::optional<host::Kept> wanted) {
    {
      const std::lock_guard hold(inbox_mutex_);
      inbox_[std::move(key)] = std::move(wanted);
    }
    wake();
  }

  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto told = ::write(wake_.get(), &one, sizeof one);
  }

  core::Report report_of(const std::string& key, const Observation& seen) const {
    core::Report report;
    report.driver = "process";
    report.key = key;
    report.sequence = seen.sequence;
    report.phase = seen.phase;
    report.code = seen.code;
    report.message = seen.message;
    report.at = seen.at;
    report.data.text = core::to_json(seen.facts);
    return report;
  }

  // The stored payload as plain words; one that cannot be read is reported, for its entity waits.
  std::optional<Wanted> read(const host::Kept& kept) {
    auto instance = core::from_json<service::Instance>(kept.ask.payload.value_or("null"), core::Reading::stored);
    if (instance) {
      instance->tenant = kept.owner.tenant;
      return Wanted{kept.ask.key, kept.ask.report_to, std::move(*instance)};
    }
    Observation seen;
    seen.at = clock_.now();
    seen.sequence = std::uint64_t(seen.at.ms);
    seen.phase = "failed";
    seen.code = "start.payload_invalid";
    seen.message = core::to_line(instance.error());
    reports_.emplace_back(kept.ask.report_to, report_of(kept.ask.key, seen));
    return std::nullopt;
  }

  void take_inbox() {
    std::map<Key, std::optional<host::Kept>> inbox;
    std::vector<host::Kept> adopted;
    bool adopting = false;
    {
      const std::lock_guard hold(inbox_mutex_);
      inbox.swap(inbox_);
      adopting = adopted_.has_value();
      if (adopting) adopted = std::move(*adopted_);
      adopted_.reset();
    }
    const std::lock_guard hold(engine_mutex_);
    if (adopting) {
      std::vector<Wanted> all;
      for (const host::Kept& kept : adopted) {
        if (auto wanted = read(kept)) all.push_back(std::move(*wanted));
      }
      engine_.adopt(std::move(all));
    }
    for (auto& [key, kept] : inbox) {
      if (!kept)
        engine_.drop(key.first, key.second);
      else if (auto wanted = read(*kept))
        engine_.keep(std::move(*wanted));
    }
  }

  void deliver() {
    std::vector<std::pair<core::EntityKey, core::Report>> reports;
    reports.swap(reports_);
    for (auto& [to, report] : reports) sink_(std::move(to), std::move(report));
  }

  // Whether the loop is over: at once, or when everything has been stopped.
  bool act() {
    bool all = false, ended = false;
    {
      const std::lock_guard hold(inbox_mutex_);
      ended = ended_;
      all = stop_all_;
    }
    if (ended && !all) return true;
    const std::lock_guard hold(engine_mutex_);
    if (ended) engine_.stop_all();
    engine_.act();
    return ended && engine_.empty();
  }

  void run() {
    for (;;) {
      take_inbox();
      const bool over = act();
      deliver();
      if (over) return;
      engine_.wait(wake_.get());
      std::uint64_t count;
      [[maybe_unused]] const auto got = ::read(wake_.get(), &count, sizeof count);
    }
  }

  core::Clock& clock_;
  mutable std::mutex engine_mutex_;  ///< against `snapshot`; the loop does not hold it while it waits
  Engine engine_;
  Fd wake_;
  std::vector<std::pair<core::EntityKey, core::Report>> reports_;  ///< of this round
  Sink sink_;
  std::thread thread_;

  std::mutex inbox_mutex_;
  std::map<Key, std::optional<host::Kept>> inbox_;
  std::optional<std::vector<host::Kept>> adopted_;
  bool ended_ = false, stop_all_ = false;
};

}  // namespace

std::unique_ptr<host::KeepDriver> make_process_driver(const Options& options) {
  return std::make_unique<ProcessDriver>(options);
}

}  // namespace nova::process
