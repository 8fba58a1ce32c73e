#include "store/memory/memory_store.hpp"

#include "store/listeners.hpp"
#include "store/memory/tables.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <shared_mutex>
#include <thread>

namespace nova::store {
namespace {

using memory::Tables;

class MemoryStore final : public EventStore {
 public:
  explicit MemoryStore(core::Clock& clock) : clock_(clock) {}
  ~MemoryStore() override { close(); }

  void append(Append change, OnAppended done) override {
    if (auto refused = refuse_shape(change)) return done(std::move(*refused));
    std::unique_lock lock(queue_mutex_);
    if (closed_ || queue_.size() >= queue_appends_max) {
      const bool closed = closed_;
      lock.unlock();
      return done(closed ? draining() : overloaded());
    }
    if (worker_ != std::thread::id()) {
      queue_.push_back([this, change = std::move(change), done = std::move(done)]() mutable -> std::function<void()> {
        const bool moves = !change.events.empty();
        return [this, moves, result = carry_out(std::move(change)), done = std::move(done)]() mutable {
          tell(moves, std::move(result), done);
        };
      });
      return;
    }
    // Nothing is under way: neither the change nor whom to tell has to be kept for later.
    worker_ = std::this_thread::get_id();
    lock.unlock();
    const bool moves = !change.events.empty();
    auto result = [&] {
      std::unique_lock tables_lock(tables_mutex_);
      return carry_out(std::move(change));
    }();
    tell(moves, std::move(result), done);
    lock.lock();
    carry_on(lock);
  }

  void load(const core::EntityKey& key, std::function<void(core::Result<std::optional<Document>>)> done) override {
    done(document(key));
  }

  Presence presence(const core::EntityKey& key) const override {
    std::shared_lock lock(tables_mutex_);
    return tables_.holds(key) ? Presence::unknown : Presence::absent;
  }
  core::Result<std::optional<Document>> document(const core::EntityKey& key) const override {
    return read_locked([&] { return tables_.document(key); });
  }
  core::Result<DocumentPage> documents(const DocumentQuery& query) const override {
    if (auto refused = refuse_shape(query)) return std::move(*refused);
    std::shared_lock lock(tables_mutex_);
    return tables_.documents(query);
  }
  core::Result<std::vector<core::StoredEvent>> read(const core::EntityKey& key, std::uint64_t after_version,
                                                    std::size_t limit) const override {
    return read_locked([&] { return tables_.read(key, after_version, limit); });
  }
  core::Result<LogSlice> read_all(std::uint64_t position, const EventFilter& filter, std::size_t limit) const override {
    return read_locked([&] { return tables_.read_all(position, filter, limit); });
  }
  core::Result<std::vector<core::StoredEvent>> read_back(std::uint64_t position, const EventFilter& filter,
                                                         std::size_t limit) const override {
    return read_locked([&] { return tables_.read_back(position, filter, limit); });
  }
  std::uint64_t head() const override {
    std::shared_lock lock(tables_mutex_);
    return tables_.head();
  }

  std::unique_ptr<Subscription> subscribe(std::function<void(std::uint64_t head)> on_commit) override {
    return listeners_->add(std::move(on_commit));
  }

  core::Result<std::vector<WorkRow>> works(std::uint64_t after_sequence, std::size_t limit) const override {
    return read_locked([&] { return tables_.works(after_sequence, limit); });
  }
  void mark_work(const core::EntityKey& owner, const std::string& work_id, bool started, std::uint32_t attempts,
                 core::Timestamp due_at, std::string last_error, std::function<void(core::Status)> done) override {
    change([=, this] { return tables_.mark_work(owner, work_id, started, attempts, due_at, last_error); },
           std::move(done));
  }
  core::Result<std::vector<KeepRow>> keeps(std::uint64_t after_sequence, std::size_t limit) const override {
    return read_locked([&] { return tables_.keeps(after_sequence, limit); });
  }
  core::Result<std::vector<TimerRow>> timers(std::size_t limit) const override {
    return read_locked([&] { return tables_.timers(limit); });
  }
  core::Result<std::optional<IdempotencyRecord>> idempotency(const std::string& scope) const override {
    return read_locked([&] { return tables_.idempotency(scope, clock_.now()); });
  }
  core::Result<std::optional<core::EntityKey>> claim_holder(const std::string& name) const override {
    return read_locked([&] { return tables_.claim_holder(name); });
  }

  void add_dead_letter(DeadLetter letter, std::function<void(core::Status)> done) override {
    if (auto refused = refuse_shape(letter)) return done(std::move(*refused));
    change([this, letter = std::move(letter)] { return tables_.add_dead_letter(letter); }, std::move(done));
  }
  void set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason,
                       std::function<void(core::Status)> done) override {
    change([=, this] { return tables_.set_dead_letter(id, status, retries, reason); }, std::move(done));
  }
  core::Result<std::vector<DeadLetter>> dead_letters(const std::string& status, const std::string& after,
                                                     std::size_t limit) const override {
    return read_locked([&] { return tables_.dead_letters(status, after, limit); });
  }

  StoreHealth health() const override {
    std::lock_guard queue_lock(queue_mutex_);
    std::shared_lock lock(tables_mutex_);
    StoreHealth health;
    health.writable = !closed_;
    if (closed_) health.reason = "the store is closed";
    health.head = tables_.head();
    health.commits = commits_;
    health.appends = appends_;
    health.conflicts = conflicts_;
    health.queued = queue_.size();
    return health;
  }
  core::Result<Digests> digests() const override {
    return read_locked([&] { return tables_.digests(); });
  }

  void close() override {
    std::unique_lock lock(queue_mutex_);
    closed_ = true;
    if (worker_ == std::this_thread::get_id()) return;  // closed from within a completion; the loop below us finishes
    idle_.wait(lock, [&] { return worker_ == std::thread::id(); });
  }

 private:
  /// Changes the tables and answers what is to be told afterwards, without locks.
  using Job = std::function<std::function<void()>()>;

  template <class Read>
  auto read_locked(Read&& read) const -> core::Result<decltype(read())> {
    std::shared_lock lock(tables_mutex_);
    return read();
  }

  template <class Change>
  void change(Change&& change, std::function<void(core::Status)> done) {
    auto job = [change = std::forward<Change>(change), done]() mutable -> std::function<void()> {
      auto status = change();
      return [status = std::move(status), done = std::move(done)]() mutable { done(std::move(status)); };
    };
    enqueue(std::move(job), [done](core::Error error) { done(std::move(error)); });
  }

  core::Result<Appended> carry_out(Append&& change) {
    auto result = tables_.append(std::move(change), clock_.now());
    result.ok() ? ++appends_ : ++conflicts_;
    if (result.ok()) ++commits_;
    return result;
  }

  void tell(bool moves, core::Result<Appended> result, const OnAppended& done) {
    const auto head = moves && result.ok() ? result->position : 0;
    done(std::move(result));
    if (head != 0) listeners_->tell(head);
  }

  template <class Refuse>
  void enqueue(Job job, Refuse&& refuse) {
    std::unique_lock lock(queue_mutex_);
    if (closed_ || queue_.size() >= queue_appends_max) {
      const bool closed = closed_;
      lock.unlock();
      return refuse(closed ? draining() : overloaded());
    }
    queue_.push_back(std::move(job));
    if (worker_ != std::thread::id()) return;
    worker_ = std::this_thread::get_id();
    carry_on(lock);
  }

  // What came meanwhile, too; then the next one who comes is the worker.
  void carry_on(std::unique_lock<std::mutex>& lock) {
    while (!queue_.empty()) {
      auto next = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      carry_out(next);
      lock.lock();
    }
    worker_ = {};
    if (closed_) idle_.notify_all();
  }

  void carry_out(Job& job) {
    std::function<void()> tell_later;
    {
      std::unique_lock lock(tables_mutex_);
      tell_later = job();
    }
    tell_later();
  }

  core::Clock& clock_;
  mutable std::shared_mutex tables_mutex_;
  Tables tables_;
  std::uint64_t commits_ = 0, appends_ = 0, conflicts_ = 0;

  mutable std::mutex queue_mutex_;
  std::condition_variable idle_;
  std::deque<Job> queue_;
  std::thread::id worker_;  // who carries out the queue now
  bool closed_ = false;

  std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
};

}  // namespace

std::unique_ptr<EventStore> make_memory_store(core::Clock& clock) { return std::make_unique<MemoryStore>(clock); }

}  // namespace nova::store
