#include "drivers/edge/edge.hpp"

#include "core/describe/codec.hpp"
#include "drivers/edge/engine.hpp"
#include "drivers/edge/files.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace nova::edge {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds stop_time_max{3000};
constexpr std::size_t run_dir_bytes_max = 80;  // a socket's path has 107, and HAProxy appends to it while it binds

// Sequences grow for ever, also over lives of the node and a wiped run folder: the high part is the second of the
// driver's start, or one more than the last life's where the clock went back. Below 2^53, as JSON likes it.
std::uint64_t first_sequence(const std::filesystem::path& file, core::Clock& clock) {
  const auto last = std::strtoull(read_whole(file).c_str(), nullptr, 10);
  const auto epoch = std::max<std::uint64_t>(last + 1, std::uint64_t(clock.now().ms / 1000));
  auto temporary = file;
  temporary += ".new";
  if (write_whole(temporary, std::to_string(epoch))) (void)replace_file(temporary, file);
  return epoch << 20;
}

class EdgeDriver final : public host::KeepDriver {
 public:
  explicit EdgeDriver(Options options)
      : options_(std::move(options)), clock_(options_.clock ? *options_.clock : core::system_clock()) {
    wake_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  }
  ~EdgeDriver() override {
    end(false);
    ::close(wake_fd_);
  }

  std::string_view name() const override { return "edge"; }

  void adopt(std::vector<host::Kept> all, Sink sink) override {
    sink_ = std::move(sink);
    std::error_code error;
    std::filesystem::create_directories(options_.run_dir, error);
    std::filesystem::permissions(options_.run_dir, std::filesystem::perms::owner_all, error);
    sequence_ = first_sequence(options_.run_dir / "epoch", clock_);
    engine_ = std::make_unique<Engine>(
        options_, clock_, [this](const auto& to, const auto& key, const Observation& seen) { emit(to, key, seen); });
    thread_ = std::thread([this, wanted = std::move(all)]() mutable { run(std::move(wanted)); });
  }

  void keep(host::Kept wanted) override {
    const Key key{wanted.owner.tenant, wanted.ask.key};
    post(key, std::move(wanted));
  }
  void drop(std::string tenant, std::string key) override { post({std::move(tenant), std::move(key)}, std::nullopt); }
  void shut_down(bool stop_all) override { end(stop_all); }

  std::vector<Line> snapshot() const override {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  using Key = std::pair<std::string, std::string>;

  // The last word on a key counts, so what waits is bounded by the number of keys.
  void post(Key key, std::optional<host::Kept> wanted) {
    {
      const std::lock_guard lock(mutex_);
      waiting_[std::move(key)] = std::move(wanted);
    }
    wake();
  }
  void wake() {
    const std::uint64_t one = 1;
    (void)!::write(wake_fd_, &one, sizeof one);
  }

  void end(bool stop_all) {
    if (!thread_.joinable()) return;
    stop_all_ = stop_all;
    ending_ = true;
    wake();
    thread_.join();
  }

  void run(std::vector<host::Kept> all) {
    std::vector<Wanted> wanted;
    for (auto& kept : all)
      if (auto one = read(std::move(kept))) wanted.push_back(std::move(*one));
    engine_->adopt(std::move(wanted));
    while (!ending_) {
      engine_->step();
      publish();
      sleep();
      take_posted();
    }
    if (stop_all_) engine_->stop(stop_time_max);
  }

  void sleep() {
    const auto due = engine_->next_due();
    int wait_ms = -1;
    if (due != Engine::never) {
      const auto left = std::chrono::ceil<milliseconds>(due - clock_.monotonic()).count();
      wait_ms = int(std::clamp<std::int64_t>(left, 0, 60000));
    }
    pollfd watched[] = {{wake_fd_, POLLIN, 0}, {engine_->watch_fd(), POLLIN, 0}};
    ::poll(watched, 2, wait_ms);
    std::uint64_t count = 0;
    (void)!::read(wake_fd_, &count, sizeof count);
  }

  void take_posted() {
    std::map<Key, std::optional<host::Kept>> posted;
    {
      const std::lock_guard lock(mutex_);
      posted.swap(waiting_);
    }
    for (auto& [key, kept] : posted) {
      if (!kept)
        engine_->drop(key.first, key.second);
      else if (auto wanted = read(std::move(*kept)))
        engine_->keep(std::move(*wanted));
    }
  }

  std::optional<Wanted> read(host::Kept kept) {
    const auto payload = kept.ask.payload.value_or("null");
    auto route = core::from_json<service::Route>(payload, core::Reading::stored);
    Observation refused{"failed", "edge.bad_route", "", 0};
    if (!route) refused.message = core::to_line(route.error());
    if (options_.run_dir.native().size() > run_dir_bytes_max)
      refused.message = "the edge's folder `" + options_.run_dir.string() + "` has a name too long for sockets";
    if (!refused.message.empty()) {
      emit(kept.ask.report_to, kept.ask.key, refused);
      return std::nullopt;
    }
    return Wanted{kept.owner.tenant, kept.ask.key, kept.ask.report_to, std::move(*route)};
  }

  // On the driver's thread only.
  void emit(const core::EntityKey& to, const std::string& key, const Observation& seen) {
    core::Report report;
    report.driver = "edge";
    report.key = key;
    report.sequence = ++sequence_;
    report.phase = seen.phase;
    report.code = seen.code;
    report.message = seen.message;
    report.at = clock_.now();
    report.data.text = "{\"generation\":" + std::to_string(seen.generation) + "}";
    outgoing_.emplace_back(to, std::move(report));
  }

  void publish() {
    auto lines = engine_->lines();
    {
      const std::lock_guard lock(mutex_);
      lines_ = std::move(lines);
    }
    // After the lines: who hears of a change can see it there.
    for (auto& [to, report] : std::exchange(outgoing_, {}))
      if (sink_) sink_(to, std::move(report));
  }

  Options options_;
  core::Clock& clock_;
  Sink sink_;
  std::unique_ptr<Engine> engine_;
  std::uint64_t sequence_ = 0;
  std::vector<std::pair<core::EntityKey, core::Report>> outgoing_;  // of the step under way
  int wake_fd_ = -1;
  std::atomic<bool> ending_{false}, stop_all_{false};
  mutable std::mutex mutex_;
  std::map<Key, std::optional<host::Kept>> waiting_;
  std::vector<Line> lines_;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<host::KeepDriver> make_edge_driver(Options options) {
  return std::make_unique<EdgeDriver>(std::move(options));
}

}  // namespace nova::edge
