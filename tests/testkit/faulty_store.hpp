// A store that misbehaves when told, around one that does not. Deterministic: what is held comes when the test says.
#pragma once
#include "store/store.hpp"

#include <deque>
#include <mutex>

namespace nova::testkit {

class FaultyStore final : public store::EventStore {
 public:
  explicit FaultyStore(std::unique_ptr<store::EventStore> inner) : inner_(std::move(inner)) {}

  /// The next `count` changes (appends, marks, letters) are refused with `store.read_only` and not made.
  void fail_next(std::size_t count);
  /// The next `count` changes are made, but answered with `store.read_only` and `outcome` = `unknown`.
  void doubt_next(std::size_t count);
  /// The next `count` changes are made and never answered, as when the process dies in between.
  void lose_next(std::size_t count);
  /// The next `count` changes are made when `release` comes to them, as when the disk is slow.
  void delay_next(std::size_t count);
  /// Reads fail with `store.unavailable` while true.
  void fail_reads(bool fail);
  /// Whether `health` says that it can be written; changes are made all the same.
  void say_writable(bool writable);
  /// While true, answers and loads wait for `release`.
  void hold(bool hold);
  /// Makes delayed changes and gives out held answers, oldest first, on this thread; how many there were.
  std::size_t release(std::size_t count = SIZE_MAX);
  std::size_t held() const;

  store::EventStore& inner() { return *inner_; }

  void append(store::Append change, OnAppended done) override;
  void load(const core::EntityKey& key,
            std::function<void(core::Result<std::optional<store::Document>>)> done) override;
  core::Result<std::optional<store::Document>> document(const core::EntityKey& key) const override;
  core::Result<store::DocumentPage> documents(const store::DocumentQuery& query) const override;
  core::Result<std::vector<core::StoredEvent>> read(const core::EntityKey& key, std::uint64_t after_version,
                                                    std::size_t limit) const override;
  core::Result<LogSlice> read_all(std::uint64_t position, const store::EventFilter& filter,
                                  std::size_t limit) const override;
  core::Result<std::vector<core::StoredEvent>> read_back(std::uint64_t position, const store::EventFilter& filter,
                                                         std::size_t limit) const override;
  std::uint64_t head() const override { return inner_->head(); }
  std::unique_ptr<Subscription> subscribe(std::function<void(std::uint64_t head)> on_commit) override;
  core::Result<std::vector<store::WorkRow>> works(std::uint64_t after_sequence, std::size_t limit) const override;
  void mark_work(const core::EntityKey& owner, const std::string& work_id, bool started, std::uint32_t attempts,
                 core::Timestamp due_at, std::string last_error, std::function<void(core::Status)> done) override;
  core::Result<std::vector<store::KeepRow>> keeps(std::uint64_t after_sequence, std::size_t limit) const override;
  core::Result<std::vector<store::TimerRow>> timers(std::size_t limit) const override;
  core::Result<std::optional<store::IdempotencyRecord>> idempotency(const std::string& scope) const override;
  core::Result<std::optional<core::EntityKey>> claim_holder(const std::string& name) const override;
  void add_dead_letter(store::DeadLetter letter, std::function<void(core::Status)> done) override;
  void set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason,
                       std::function<void(core::Status)> done) override;
  core::Result<std::vector<store::DeadLetter>> dead_letters(const std::string& status, const std::string& after,
                                                            std::size_t limit) const override;
  store::StoreHealth health() const override;
  core::Result<Digests> digests() const override { return inner_->digests(); }
  void close() override { inner_->close(); }

 private:
  enum class Fate : std::uint8_t { none, fail, doubt, lose };

  Fate next_fate();
  void give(std::function<void()> answer);
  void make(std::function<void()> change);
  /// `done` as the fate of this change has it; empty when the change is not to be made (and was answered).
  template <class T>
  std::function<void(core::Result<T>)> through_fate(std::function<void(core::Result<T>)> done);
  template <class T>
  core::Result<T> read_or_fail(core::Result<T> result) const;

  std::unique_ptr<store::EventStore> inner_;
  mutable std::mutex mutex_;
  std::deque<Fate> fates_;
  std::deque<std::function<void()>> held_;
  std::size_t delays_ = 0;
  bool hold_ = false, fail_reads_ = false, writable_ = true;
};

}  // namespace nova::testkit
