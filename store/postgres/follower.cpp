#include "store/postgres/follower.hpp"

#include "store/postgres/connection/backoff.hpp"
#include "store/postgres/reads.hpp"
#include "store/quiet_thread.hpp"
#include "store/witness.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <charconv>
#include <stdexcept>

namespace nova::store::postgres {
namespace {

constexpr std::chrono::seconds witness_interval{1};

int milliseconds(std::chrono::milliseconds time) { return static_cast<int>(time.count()); }

}  // namespace

Follower::Follower(Target target, Heads& heads, std::chrono::milliseconds poll_interval, std::string witness_file)
    : target_(std::move(target)), heads_(heads), poll_interval_(poll_interval), witness_file_(std::move(witness_file)) {
  wake_ = eventfd(0, EFD_CLOEXEC);
  if (wake_ < 0) throw std::runtime_error("no eventfd");
}

Follower::~Follower() {
  stop();
  close(wake_);
}

void Follower::start(std::string store_id) {
  store_id_ = std::move(store_id);
  thread_ = quiet_thread([this] { run(); });
}

void Follower::stop() {
  stopping_ = true;
  eventfd_write(wake_, 1);
  if (thread_.joinable()) thread_.join();
}

void Follower::run() {
  Backoff backoff;
  while (!stopping_) {
    if (!backoff.due()) {
      pollfd woken{wake_, POLLIN, 0};
      poll(&woken, 1, milliseconds(backoff.wait()));
      continue;
    }
    auto session = Session::open(target_, Session::Role::tail);
    // What was committed before LISTEN brings no word, so the log is asked once after it.
    if (!session || !(*session)->listen("nova") || !look(**session, true)) {
      backoff.failed();
      continue;
    }
    backoff.reset();
    auto due = std::chrono::steady_clock::now();
    while (!stopping_) {
      wait(**session);
      const bool quiet = !look(**session, false);
      if ((*session)->failed()) break;
      if (quiet && !look(**session, true)) break;
      if (std::chrono::steady_clock::now() < due) continue;
      witness(**session);
      due = std::chrono::steady_clock::now() + witness_interval;
    }
    if (stopping_) witness(**session);
    if ((*session)->failed()) backoff.failed();
  }
}

void Follower::wait(Session& session) const {
  pollfd waits[] = {{wake_, POLLIN, 0}, {session.socket(), POLLIN, 0}};
  poll(waits, 2, milliseconds(poll_interval_));
}

// True when word came, or the log could be asked.
bool Follower::look(Session& session, bool ask) {
  std::uint64_t newest = 0;
  if (ask) {
    const auto head = read_head(session);
    if (!head) return false;
    newest = *head;
  } else {
    for (const auto& payload : session.heard()) {
      std::uint64_t head = 0;
      std::from_chars(payload.data(), payload.data() + payload.size(), head);
      newest = std::max(newest, head);
    }
  }
  heads_.seen(newest);
  heads_.tell();
  return ask || newest != 0;
}

void Follower::witness(Session& session) {
  if (witness_file_.empty() || heads_.head() == witnessed_) return;
  const auto rows = session.ask("SELECT position, event_id FROM nova.events ORDER BY position DESC LIMIT 1");
  if (rows.empty()) return;
  // A log that went back is no witness of what was seen; the writer finds it out and says so.
  if (rows.count(0, 0) < witnessed_) return;
  if (write_witness(witness_file_, {store_id_, rows.count(0, 0), rows.text(0, 1)})) witnessed_ = rows.count(0, 0);
}

}  // namespace nova::store::postgres
