#include "store/postgres/shared_rates.hpp"

#include "store/postgres/connection/backoff.hpp"
#include "store/postgres/connection/session.hpp"
#include "store/postgres/connection/watchdog.hpp"
#include "store/quiet_thread.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace nova::store {
namespace {

using namespace postgres;
using limits::Spent;

constexpr std::size_t told_max = 5000;  // in one exchange; further ones wait for the next
constexpr std::chrono::milliseconds statement_limit{1000};
constexpr std::chrono::seconds connect_limit{1};
constexpr std::chrono::milliseconds silence_limit{1500};
constexpr auto exchange = "SELECT r_number, r_key, r_count FROM nova.exchange_rates($1, $2, $3, $4)";
constexpr auto take_one = "SELECT passes, used, retry_ms FROM nova.take_rate($1, $2, $3)";

// Whom, what, and how it was counted, in as many bytes as that takes.
std::string key_of(const Spent& spent) {
  std::string key(credentials::view_of(spent.subject));
  key += char(spent.policy);
  key += char(spent.keyed_by);
  key += char(spent.tier);
  return key;
}

std::optional<Spent> spent_of(std::string_view key, std::uint64_t count) {
  Spent spent;
  if (key.size() != spent.subject.size() + 3) return {};
  std::copy(key.begin(), key.begin() + std::ptrdiff_t(spent.subject.size()), spent.subject.begin());
  const auto* rest = reinterpret_cast<const unsigned char*>(key.data()) + spent.subject.size();
  if (rest[0] >= limits::Policies::size() + limits::own_policies || rest[1] > unsigned(limits::KeyedBy::token) ||
      rest[2] > unsigned(limits::Tier::owner))
    return {};
  spent.policy = rest[0];
  spent.keyed_by = limits::KeyedBy(rest[1]);
  spent.tier = limits::Tier(rest[2]);
  spent.count = std::uint32_t(std::min<std::uint64_t>(count, UINT32_MAX));
  return spent;
}

class Running final : public SharedRates {
 public:
  Running(limits::Limits& limits, SharedRatesOptions options)
      : limits_(limits), options_(std::move(options)), watchdog_(silence_limit) {
    target_.url = options_.database.url;
    target_.password_file = options_.database.password_file;
    target_.statement_timeout = statement_limit;
    target_.lock_timeout = statement_limit;
    target_.connect_timeout = connect_limit;
    target_.watchdog = &watchdog_;
    thread_ = quiet_thread([this] { run(); });
  }
  ~Running() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }

  std::optional<Passing> take(const limits::Subject& subject, limits::PolicyId policy, limits::Span span) override {
    std::lock_guard lock(asking_);
    if (!asked_ || asked_->failed()) {
      if (!backoff_.due()) return {};
      auto opened = Session::open(target_, Session::Role::writer);
      if (!opened) return backoff_.failed(), std::nullopt;
      asked_ = std::move(*opened);
    }
    std::string key(credentials::view_of(subject));
    key += char(policy);
    const auto rows = asked_->ask(take_one, Params().text(key).int8(span.window).int8(std::uint64_t{span.max}));
    if (asked_->failed() || rows.empty()) return backoff_.failed(), std::nullopt;
    backoff_.reset();
    return Passing{rows.boolean(0, 0), std::uint32_t(rows.count(0, 1)), rows.integer(0, 2)};
  }

 private:
  void run() {
    std::unique_ptr<Session> session;
    Backoff backoff;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      wake_.wait_for(lock, options_.interval, [this] { return stopping_; });
      if (stopping_) return;
      lock.unlock();
      if (!session && backoff.due()) {
        auto opened = Session::open(target_, Session::Role::writer);
        if (opened)
          session = std::move(*opened);
        else
          backoff.failed();
      }
      if (session && !tell(*session)) {
        session.reset();
        backoff.failed();
      }
      if (session && options_.after) options_.after();
      lock.lock();
    }
  }

  // What was not told stays for the next time.
  bool tell(Session& session) {
    for (auto& spent : limits_.take_spent(told_max - std::min(told_max, untold_.size())))
      untold_.push_back(std::move(spent));
    Column keys(Column::Of::bytea), counts(Column::Of::int8);
    for (const auto& spent : untold_) {
      keys.text(key_of(spent));
      counts.int8(std::uint64_t{spent.count});
    }
    Params params;
    params.text(options_.database.node).int8(seen_).column(keys).column(counts);
    const auto rows = session.ask(exchange, params);
    if (session.failed()) return false;
    untold_.clear();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      // The newest last; after a crash of the server numbers are small again.
      seen_ = rows.integer(i, 0);
      if (const auto spent = spent_of(rows.blob(i, 1), rows.count(i, 2))) limits_.add_remote(*spent);
    }
    return true;
  }

  limits::Limits& limits_;
  const SharedRatesOptions options_;
  Watchdog watchdog_;
  Target target_;
  std::vector<Spent> untold_;
  std::int64_t seen_ = 0;
  std::mutex asking_;
  std::unique_ptr<Session> asked_;
  Backoff backoff_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<SharedRates> SharedRates::start(limits::Limits& limits, SharedRatesOptions options) {
  return std::make_unique<Running>(limits, std::move(options));
}

}  // namespace nova::store
