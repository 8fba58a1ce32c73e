// The event store's one port. Behind it: memory/ (tests), sqlite/ (one node, nothing to install), postgres/
// (production).
//
// Everything a command changes is one `Append`: events, the entity's document, the effects and timers it asked for,
// claims, guards, the idempotency record. Appends that arrive while a commit is under way form the next commit (group
// commit: no timer, capped); one that conflicts drops out alone. Positions are dense and gap-free and given at commit.
#pragma once
#include "core/decision.hpp"
#include "core/envelope.hpp"
#include "core/result.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nova::store {

/// An entity's current state, always written with its events: read model, snapshot and list row in one. At most 64 KiB.
struct Document {
  core::EntityKey key;
  std::uint64_t version = 0;  ///< the append's expected version plus its events
  std::uint64_t intent_version = 0;
  std::uint64_t position = 0;  ///< of its last event; set by the store
  std::string status;
  std::string parent;  ///< kind/id in the same tenant, or empty
  std::string reason;
  std::string body;        ///< the state as JSON
  std::string state_hash;  ///< core::description_hash of the state it was written under
  core::Timestamp created_at;
  core::Timestamp updated_at;
};

inline constexpr std::size_t document_bytes_max = 64 * 1024;
inline constexpr std::size_t event_bytes_max = 64 * 1024;
inline constexpr std::size_t payload_bytes_max = 64 * 1024;
inline constexpr std::size_t append_events_max = 64;     ///< of one command
inline constexpr std::size_t batch_appends_max = 1000;   ///< of one commit (peers/RESULTS: F + B*c)
inline constexpr std::size_t queue_appends_max = 20000;  ///< waiting; beyond it `store.overloaded`, 503

inline constexpr std::size_t batch_bytes_max = 16 * 1024 * 1024;   ///< of one commit: bounds the write-ahead log
inline constexpr std::size_t queue_bytes_max = 256 * 1024 * 1024;  ///< waiting; bounds the memory that a flood takes

struct NewEvent {
  std::string id;  ///< UUIDv7
  std::string type;
  std::string body;  ///< JSON
  std::string meta;  ///< JSON of core::EventMeta
};

/// The stream of `key` must not have moved since the fact was read. Version 0: must not exist.
struct Guard {
  core::EntityKey key;
  std::uint64_t version = 0;
};

struct IdempotencyRecord {
  std::string scope;  ///< tenant, principal, verb and key in one text
  std::string body_hash;
  std::string answer;  ///< JSON that a repeat gets
  core::Timestamp expires_at;
};

/// Decisions that stand on each other, each on the state that the one before it makes. Whatever becomes of one that is
/// refused or fails, none after it is made, also when the version that it expects comes to be by another hand.
struct Chain {
  std::atomic<bool> broken{false};
};

/// All that one command changes. One stream.
struct Append {
  core::EntityKey key;
  std::shared_ptr<Chain> chain;  ///< none: it stands on what was committed
  std::uint64_t expected_version = 0;
  core::Timestamp at;
  /// Up to append_events_max. With none, the append is book-keeping only: settled works, fired timers and asks are
  /// carried out under the expected version, no document is written and no position is given (the answer's is the
  /// head). Such an append cannot ask for works or keeps, whose order is that of events, nor go to an entity that does
  /// not exist.
  std::vector<NewEvent> events;
  Document document;  ///< after the events
  core::Asks asks;
  std::string cause;  ///< the command's id, handed on to works and keeps
  std::string correlation;
  std::vector<Guard> guards;
  std::vector<std::string> settled_works;  ///< work ids (within the entity) whose outcome this command was; removed
  std::vector<std::string> fired_timers;   ///< timer ids that this command was; removed when unchanged since
  std::optional<IdempotencyRecord> idempotency;
};

enum class Presence : std::uint8_t {
  unknown,            ///< it must be looked for
  absent,             ///< nothing of it was ever written
  presumably_absent,  ///< not by this node, but perhaps by another; said only where `load` answers later
};

struct Appended {
  std::uint64_t position = 0;  ///< of the last event
  std::uint64_t version = 0;   ///< of the stream afterwards
};

/// A durable `do`.
struct WorkRow {
  std::uint64_t sequence = 0;  ///< position of the event that asked; with `ask.id` the order of work
  core::EntityKey owner;
  core::DoAsk ask;
  std::string cause;
  std::string correlation;
  std::uint32_t attempts = 0;
  bool started = false;  ///< an attempt was begun and its end is not known (a crash came between)
  core::Timestamp due_at;
  std::string last_error;
};

struct KeepRow {
  std::uint64_t sequence = 0;
  core::EntityKey owner;
  core::KeepAsk ask;
  std::string cause;
};

struct TimerRow {
  core::EntityKey owner;
  std::string id;
  core::Timestamp at;
  std::string cause;
};

/// S18: what failed for good, in plain sight. pending -> retrying -> resolved | pending | failed.
struct DeadLetter {
  std::string id;  ///< UUIDv7
  core::EntityKey owner;
  std::string what;  ///< JSON of the work or command
  std::string error;
  std::uint32_t retries = 0;
  std::string status = "pending";
  std::string reason;  ///< of the person who resolved it
  core::Timestamp at;
};

struct DocumentQuery {
  std::string tenant;       ///< empty: all tenants (the owner's system queries only)
  std::string kind;         ///< required
  std::string status;       ///< empty: any
  std::string parent;       ///< empty: any
  std::string after;        ///< cursor of the last page; empty: first page
  std::size_t limit = 100;  ///< 1 to 1000
};
struct DocumentPage {
  std::vector<Document> items;  ///< ordered by (tenant, id)
  std::string next;             ///< cursor; empty: the end
};

struct EventFilter {
  std::string tenant;  ///< empty: all
  std::string kind;    ///< empty: all
  std::string id;      ///< empty: all
  std::string type;    ///< exact, or a prefix that ends in '.' or '*'
};

/// How the store is, for health, metrics and acks.
struct StoreHealth {
  bool writable = true;
  std::string reason;  ///< why not, with a remedy: "the disk is full: free space under `var`"
  std::uint64_t head = 0;
  std::uint64_t commits = 0, appends = 0, conflicts = 0;
  std::size_t queued = 0;
  /// What a person should know although the store works, each as "code: text (remedy)".
  std::vector<std::string> warnings;
};

/// Any thread may call any function. The limit of a read is cut to 1,000 rows. Reads are synchronous and take a
/// reader's lock only: about 20 microseconds for one document from SQLite. Completions are called on the writer's
/// thread and must not block (send a message, return).
class EventStore {
 public:
  using OnAppended = std::function<void(core::Result<Appended>)>;

  virtual ~EventStore() = default;

  /// Errors: `store.conflict` (expected version or guard; details say which), the claim's own refusal (details: holder
  /// only within the same tenant), `store.read_only` (disk full, failed fsync; heals by itself), `store.damaged` (until
  /// the store is whole again), `store.overloaded`, `store.too_large`, `store.malformed` (what a correct caller never
  /// sends). Appends of one caller to one tenant commit in the order they were given; tenants take turns when much is
  /// waiting. A conflict's `what` says: version, guard, idempotency (the scope is in use) or work (the id is
  /// outstanding). A claim held by the asker already is no refusal, nor is the release of a name that another holds;
  /// ids of works and timers that are gone are ignored. After `store.read_only` with the detail `outcome` = `unknown`
  /// the change may have been made; load the entity before trying again.
  virtual void append(Append change, OnAppended done) = 0;

  /// For hosts: the document with the fewest copies; may answer on the calling thread.
  virtual void load(const core::EntityKey& key, std::function<void(core::Result<std::optional<Document>>)> done) = 0;

  /// What is known of an entity's presence without reading. An append that waits is not counted.
  virtual Presence presence(const core::EntityKey&) const { return Presence::unknown; }

  virtual core::Result<std::optional<Document>> document(const core::EntityKey& key) const = 0;
  virtual core::Result<DocumentPage> documents(const DocumentQuery& query) const = 0;
  /// Events of one entity after `after_version`, oldest first.
  virtual core::Result<std::vector<core::StoredEvent>> read(const core::EntityKey& key, std::uint64_t after_version,
                                                            std::size_t limit) const = 0;
  /// The log after `position`, in order, filtered. `scanned_to` is where to go on, also when nothing matched.
  struct LogSlice {
    std::vector<core::StoredEvent> events;
    std::uint64_t scanned_to = 0;
  };
  virtual core::Result<LogSlice> read_all(std::uint64_t position, const EventFilter& filter,
                                          std::size_t limit) const = 0;
  /// Newest first, before `position` (0: from the head): what `describe` and the console show.
  virtual core::Result<std::vector<core::StoredEvent>> read_back(std::uint64_t position, const EventFilter& filter,
                                                                 std::size_t limit) const = 0;
  virtual std::uint64_t head() const = 0;

  /// Called after commits with the new head, always a later one, on a thread of the store; must not block. The returned
  /// token ends it.
  class Subscription {
   public:
    virtual ~Subscription() = default;
  };
  virtual std::unique_ptr<Subscription> subscribe(std::function<void(std::uint64_t head)> on_commit) = 0;

  // ---- effects ----
  /// Works in order of (sequence, id) after a sequence: at start from 0, later what the last commits brought. A page
  /// ends with a whole sequence, so it may hold a few rows more than `limit`; so do pages of keeps.
  virtual core::Result<std::vector<WorkRow>> works(std::uint64_t after_sequence, std::size_t limit) const = 0;
  /// `work.not_found` when it was settled. Durable before `done` is called: an attempt begins (`started`), or failed
  /// and is to be tried again at `due_at`.
  virtual void mark_work(const core::EntityKey& owner, const std::string& work_id, bool started, std::uint32_t attempts,
                         core::Timestamp due_at, std::string last_error, std::function<void(core::Status)> done) = 0;
  /// The last ask of each driver and key, by sequence; dropped ones stay, without payload, for a day.
  virtual core::Result<std::vector<KeepRow>> keeps(std::uint64_t after_sequence, std::size_t limit) const = 0;
  /// Timers by time, up to `limit`, due or not.
  virtual core::Result<std::vector<TimerRow>> timers(std::size_t limit) const = 0;

  virtual core::Result<std::optional<IdempotencyRecord>> idempotency(const std::string& scope) const = 0;
  virtual core::Result<std::optional<core::EntityKey>> claim_holder(const std::string& name) const = 0;

  /// Moves as S18 has them, else `dead_letter.wrong_state`; texts longer than 4 KiB are cut.
  virtual void add_dead_letter(DeadLetter letter, std::function<void(core::Status)> done) = 0;
  virtual void set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason,
                               std::function<void(core::Status)> done) = 0;
  virtual core::Result<std::vector<DeadLetter>> dead_letters(const std::string& status, const std::string& after,
                                                             std::size_t limit) const = 0;

  virtual StoreHealth health() const = 0;
  /// SHA-256 over the whole log and over all documents, hex: equal digests mean equal stores.
  struct Digests {
    std::string log, documents;
  };
  virtual core::Result<Digests> digests() const = 0;

  /// Finishes what is queued, then refuses appends with `node.draining`. Returns when the last commit is on disk.
  virtual void close() = 0;
};

}  // namespace nova::store
