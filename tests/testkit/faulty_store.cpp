#include "tests/testkit/faulty_store.hpp"

namespace nova::testkit {
namespace {

core::Error read_only() { return core::unavailable("store.read_only", "the disk is full: a test says so"); }

}  // namespace

void FaultyStore::fail_next(std::size_t count) {
  std::lock_guard lock(mutex_);
  fates_.insert(fates_.end(), count, Fate::fail);
}
void FaultyStore::doubt_next(std::size_t count) {
  std::lock_guard lock(mutex_);
  fates_.insert(fates_.end(), count, Fate::doubt);
}
void FaultyStore::lose_next(std::size_t count) {
  std::lock_guard lock(mutex_);
  fates_.insert(fates_.end(), count, Fate::lose);
}
void FaultyStore::delay_next(std::size_t count) {
  std::lock_guard lock(mutex_);
  delays_ += count;
}
void FaultyStore::fail_reads(bool fail) {
  std::lock_guard lock(mutex_);
  fail_reads_ = fail;
}
void FaultyStore::say_writable(bool writable) {
  std::lock_guard lock(mutex_);
  writable_ = writable;
}
store::StoreHealth FaultyStore::health() const {
  auto health = inner_->health();
  std::lock_guard lock(mutex_);
  health.writable = health.writable && writable_;
  return health;
}
void FaultyStore::hold(bool hold) {
  std::lock_guard lock(mutex_);
  hold_ = hold;
}

std::size_t FaultyStore::release(std::size_t count) {
  std::size_t given = 0;
  for (; given < count; ++given) {
    std::function<void()> answer;
    {
      std::lock_guard lock(mutex_);
      if (held_.empty()) break;
      answer = std::move(held_.front());
      held_.pop_front();
    }
    answer();
  }
  return given;
}

std::size_t FaultyStore::held() const {
  std::lock_guard lock(mutex_);
  return held_.size();
}

FaultyStore::Fate FaultyStore::next_fate() {
  std::lock_guard lock(mutex_);
  if (fates_.empty()) return Fate::none;
  const auto fate = fates_.front();
  fates_.pop_front();
  return fate;
}

void FaultyStore::give(std::function<void()> answer) {
  {
    std::lock_guard lock(mutex_);
    if (hold_) {
      held_.push_back(std::move(answer));
      return;
    }
  }
  answer();
}

void FaultyStore::make(std::function<void()> change) {
  {
    std::lock_guard lock(mutex_);
    if (delays_ > 0) {
      --delays_;
      held_.push_back(std::move(change));
      return;
    }
  }
  change();
}

template <class T>
std::function<void(core::Result<T>)> FaultyStore::through_fate(std::function<void(core::Result<T>)> done) {
  const auto fate = next_fate();
  if (fate == Fate::fail) {
    give([done = std::move(done)] { done(read_only()); });
    return {};
  }
  return [this, fate, done = std::move(done)](core::Result<T> result) {
    if (fate == Fate::lose) return;
    if (fate == Fate::doubt) result = read_only().with("outcome", "unknown");
    give([done, result = std::move(result)] { done(result); });
  };
}

template <class T>
core::Result<T> FaultyStore::read_or_fail(core::Result<T> result) const {
  std::lock_guard lock(mutex_);
  if (fail_reads_) return core::unavailable("store.unavailable", "the store cannot be read: a test says so");
  return result;
}

void FaultyStore::append(store::Append change, OnAppended done) {
  if (auto answer = through_fate<store::Appended>(std::move(done)))
    make([this, change = std::move(change), answer = std::move(answer)] { inner_->append(change, answer); });
}

void FaultyStore::mark_work(const core::EntityKey& owner, const std::string& work_id, bool started,
                            std::uint32_t attempts, core::Timestamp due_at, std::string last_error,
                            std::function<void(core::Status)> done) {
  if (auto answer = through_fate<core::Done>(std::move(done)))
    make([=, this, last_error = std::move(last_error), answer = std::move(answer)] {
      inner_->mark_work(owner, work_id, started, attempts, due_at, last_error, answer);
    });
}

void FaultyStore::add_dead_letter(store::DeadLetter letter, std::function<void(core::Status)> done) {
  if (auto answer = through_fate<core::Done>(std::move(done)))
    make([this, letter = std::move(letter), answer = std::move(answer)] { inner_->add_dead_letter(letter, answer); });
}

void FaultyStore::set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason,
                                  std::function<void(core::Status)> done) {
  if (auto answer = through_fate<core::Done>(std::move(done)))
    make([=, this, status = std::move(status), reason = std::move(reason), answer = std::move(answer)] {
      inner_->set_dead_letter(id, status, retries, reason, answer);
    });
}

void FaultyStore::load(const core::EntityKey& key,
                       std::function<void(core::Result<std::optional<store::Document>>)> done) {
  inner_->load(key, [this, done = std::move(done)](auto loaded) {
    auto result = read_or_fail(std::move(loaded));
    give([done, result = std::move(result)] { done(result); });
  });
}

core::Result<std::optional<store::Document>> FaultyStore::document(const core::EntityKey& key) const {
  return read_or_fail(inner_->document(key));
}
core::Result<store::DocumentPage> FaultyStore::documents(const store::DocumentQuery& query) const {
  return read_or_fail(inner_->documents(query));
}
core::Result<std::vector<core::StoredEvent>> FaultyStore::read(const core::EntityKey& key, std::uint64_t after_version,
                                                               std::size_t limit) const {
  return read_or_fail(inner_->read(key, after_version, limit));
}
core::Result<store::EventStore::LogSlice> FaultyStore::read_all(std::uint64_t position,
                                                                const store::EventFilter& filter,
                                                                std::size_t limit) const {
  return read_or_fail(inner_->read_all(position, filter, limit));
}
core::Result<std::vector<core::StoredEvent>> FaultyStore::read_back(std::uint64_t position,
                                                                    const store::EventFilter& filter,
                                                                    std::size_t limit) const {
  return read_or_fail(inner_->read_back(position, filter, limit));
}
std::unique_ptr<store::EventStore::Subscription> FaultyStore::subscribe(
    std::function<void(std::uint64_t head)> on_commit) {
  return inner_->subscribe(std::move(on_commit));
}
core::Result<std::vector<store::WorkRow>> FaultyStore::works(std::uint64_t after_sequence, std::size_t limit) const {
  return read_or_fail(inner_->works(after_sequence, limit));
}
core::Result<std::vector<store::KeepRow>> FaultyStore::keeps(std::uint64_t after_sequence, std::size_t limit) const {
  return read_or_fail(inner_->keeps(after_sequence, limit));
}
core::Result<std::vector<store::TimerRow>> FaultyStore::timers(std::size_t limit) const {
  return read_or_fail(inner_->timers(limit));
}
core::Result<std::optional<store::IdempotencyRecord>> FaultyStore::idempotency(const std::string& scope) const {
  return read_or_fail(inner_->idempotency(scope));
}
core::Result<std::optional<core::EntityKey>> FaultyStore::claim_holder(const std::string& name) const {
  return read_or_fail(inner_->claim_holder(name));
}
core::Result<std::vector<store::DeadLetter>> FaultyStore::dead_letters(const std::string& status,
                                                                       const std::string& after,
                                                                       std::size_t limit) const {
  return read_or_fail(inner_->dead_letters(status, after, limit));
}

}  // namespace nova::testkit
