// A node's way to the store: a call within the process, or a connection on which answers get lost. Nothing passes any
// more once the node is dead.
#pragma once
#include "tests/simulation/store_machine.hpp"

#include <deque>
#include <map>

namespace nova::simulation {

class StoreLink final : public store::EventStore {
 public:
  StoreLink(Schedule& schedule, Faults& faults, StoreMachine& machine, bool remote, std::uint64_t fence);

  void cut() { *alive_ = false; }
  bool is_cut() const { return !*alive_; }
  /// The connection broke: whatever is under way has an unknown outcome.
  void break_connection();
  void partition(bool apart) { apart_ = apart; }
  void fail_reads(bool fail) { reads_fail_ = fail; }

  std::function<void()> on_fenced;
  /// Told of each append with what the entity's appends before it are; see Writers.
  std::function<void(const store::Append&)> on_append;
  std::function<void(const core::EntityKey&, const core::Result<store::Appended>&)> on_appended;

  void append(store::Append change, OnAppended done) override;
  void load(const core::EntityKey& key,
            std::function<void(core::Result<std::optional<store::Document>>)> done) override;
  store::Presence presence(const core::EntityKey& key) const override;
  core::Result<std::optional<store::Document>> document(const core::EntityKey& key) const override;
  core::Result<store::DocumentPage> documents(const store::DocumentQuery& query) const override;
  core::Result<std::vector<core::StoredEvent>> read(const core::EntityKey& key, std::uint64_t after_version,
                                                    std::size_t limit) const override;
  core::Result<LogSlice> read_all(std::uint64_t position, const store::EventFilter& filter,
                                  std::size_t limit) const override;
  core::Result<std::vector<core::StoredEvent>> read_back(std::uint64_t position, const store::EventFilter& filter,
                                                         std::size_t limit) const override;
  std::uint64_t head() const override { return reachable() ? machine_.store().head() : 0; }
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
  core::Result<Digests> digests() const override;
  void close() override {}

 private:
  bool reachable() const { return *alive_ && machine_.is_up() && !apart_; }
  core::Result<core::Done> readable() const;
  /// Sends `request` to the store and its answer to `done`, in order.
  template <class T>
  void change(std::function<void(store::EventStore&, std::function<void(core::Result<T>)>)> request,
              std::function<void(core::Result<T>)> done);
  template <class Read>
  auto ask(Read&& read) const -> decltype(read());

  struct Waiting {
    std::uint64_t id;
    std::function<void(core::Error)> fail;
  };

  Schedule& schedule_;
  Faults& faults_;
  StoreMachine& machine_;
  const bool remote_;
  const std::uint64_t fence_;
  bool apart_ = false, reads_fail_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::shared_ptr<std::deque<Waiting>> waiting_ = std::make_shared<std::deque<Waiting>>();
  std::uint64_t last_id_ = 0;
  mutable std::map<core::EntityKey, bool> strange_;  ///< on a shared store: this node never wrote nor saw it
  Schedule::Lane out_, in_;
};

}  // namespace nova::simulation
