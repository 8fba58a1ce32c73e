#include "node/webhooks.hpp"

#include "node/log.hpp"

namespace nova::node {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds at_most{50}, at_least{1000}, answers_limit{10'000};
constexpr milliseconds again_after{1000};  // when the store or an entity could not take something

/// Answers of one step's commands; outlives whoever waits no longer.
struct Answers {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t open = 0;
  std::optional<core::Error> again;  ///< the first that may succeed later
};

// A refusal is final, and so is a parked entity: to ask again would hold up every other endpoint.
bool is_for_later(const core::Error& error) { return error.status == 503 && error.code != "entity.parked"; }

}  // namespace

Webhooks::Webhooks(store::EventStore& store, host::Host& host, milliseconds cursor_pace)
    : fan_out_(store), store_(store), host_(host), cursor_pace_(cursor_pace) {
  subscription_ = store_.subscribe([this](std::uint64_t) {
    std::lock_guard lock(mutex_);
    behind_ = true;
    wake_.notify_one();
  });
  thread_ = std::thread([this] { run(); });
}

Webhooks::~Webhooks() {
  subscription_.reset();
  {
    std::lock_guard lock(mutex_);
    end_ = true;
  }
  wake_.notify_one();
  thread_.join();
  // Else what was sent since is only looked for again at the next start.
  if (loaded_)
    if (auto written = write_cursor(true); !written)
      log(LogLevel::debug, "the cursor of webhooks was not written: " + core::to_line(written.error()));
}

core::Status Webhooks::send_all(const std::vector<webhooks::Command>& commands) {
  auto answers = std::make_shared<Answers>();
  answers->open = commands.size();
  for (const auto& one : commands) {
    core::CommandEnvelope command;
    const auto now = core::system_clock().now();
    command.id = core::new_uuid(now);
    command.target = one.target;
    command.name = one.name;
    command.body = one.body;
    command.principal = core::system_principal();
    command.correlation = command.id;
    command.deadline = now + answers_limit;
    host_.submit(std::move(command), [answers, target = one.target](const core::Result<host::Answer>& answer) {
      if (!answer && !is_for_later(answer.error()))
        log(LogLevel::warn, "webhook: " + core::to_string(target) + ": " + core::to_line(answer.error()));
      std::lock_guard lock(answers->mutex);
      if (!answer && is_for_later(answer.error()) && !answers->again) answers->again = answer.error();
      if (--answers->open == 0) answers->changed.notify_all();
    });
  }
  std::unique_lock lock(answers->mutex);
  if (!answers->changed.wait_for(lock, answers_limit, [&] { return answers->open == 0; }))
    return core::unavailable("deadline.passed", "deliveries were not made in time");
  if (answers->again) return *answers->again;
  return core::ok();
}

core::Status Webhooks::write_cursor(bool last) {
  const auto now = steady_clock::now();
  if (!last && now - cursor_at_ < cursor_pace_) return core::ok();
  const auto command = fan_out_.cursor();
  if (!command) return core::ok();
  cursor_at_ = now;
  auto written = send_all({*command});
  if (written) fan_out_.cursor_written();
  return written;
}

// True when there is more to read at once.
core::Result<bool> Webhooks::look() {
  if (!loaded_) {
    if (auto loaded = fan_out_.load(); !loaded) return std::move(loaded).error();
    loaded_ = true;
  }
  auto step = fan_out_.step();
  if (!step) return std::move(step).error();
  if (!step->commands.empty())
    if (auto sent = send_all(step->commands); !sent) return std::move(sent).error();
  fan_out_.taken();
  if (auto written = write_cursor(false); !written) return std::move(written).error();
  return step->more;
}

void Webhooks::run() {
  std::unique_lock lock(mutex_);
  while (!end_) {
    behind_ = false;
    lock.unlock();
    const auto more = look();
    if (!more) log(LogLevel::warn, "webhooks wait: " + core::to_line(more.error()));
    lock.lock();
    if (!more)
      wake_.wait_for(lock, again_after, [this] { return end_; });
    else if (!*more) {
      // Own commits wake it too: a busy log is read in steps.
      wake_.wait_for(lock, at_least, [this] { return behind_ || end_; });
      wake_.wait_for(lock, at_most, [this] { return end_; });
    }
  }
}

}  // namespace nova::node
