#include "store/sqlite/sqlite_store.hpp"

#include "store/rules.hpp"
#include "store/sqlite/lock_file.hpp"
#include "store/sqlite/reads.hpp"
#include "store/sqlite/writer.hpp"

#include <atomic>
#include <thread>

namespace nova::store {
namespace {

using namespace sqlite;

constexpr std::size_t keys_page = 4096;  // read at once, a millisecond

class SqliteStore final : public EventStore {
 public:
  SqliteStore(const Place& place, const SqliteOptions& options, std::unique_ptr<LockFile> lock, std::string store_id)
      : clock_(*options.clock),
        lock_(std::move(lock)),
        readers_(place.file, place.vfs, std::max<std::size_t>(options.readers, 1), damage_,
                 options.loops ? std::chrono::milliseconds(0) : read_wait_max),
        checkpointer_(place, std::move(store_id), damage_, options.loops ? Pace::stepped : Pace::thread),
        writer_(place, clock_, readers_, checkpointer_, *listeners_, damage_, known_,
                options.loops ? Pace::stepped : Pace::thread),
        stepped_(options.loops != nullptr) {
    if (options.loops) *options.loops = {[this] { return writer_.step(); }, [this] { checkpointer_.step(); }};
  }
  ~SqliteStore() override { close(); }

  core::Status start(std::unique_ptr<Connection> db) {
    if (!db->checked()) warnings_.push_back(core::to_line(unchecked(db->file())));
    if (auto opened = readers_.open(); !opened) return opened;
    if (auto started = checkpointer_.start(); !started) return started;
    if (auto started = writer_.start(std::move(db)); !started) return started;
    if (stepped_)
      learn_keys();
    else
      learner_ = quiet_thread([this] { learn_keys(); });
    return core::ok();
  }

  void append(Append change, OnAppended done) override {
    if (auto refused = refuse_shape(change)) return done(std::move(*refused));
    auto job = std::make_unique<Job>();
    job->change = std::move(change);
    job->appended = std::move(done);
    writer_.put(std::move(job));
  }
  void load(const core::EntityKey& key, std::function<void(core::Result<std::optional<Document>>)> done) override {
    done(document(key));
  }

  Presence presence(const core::EntityKey& key) const override {
    return known_.may_hold(key) ? Presence::unknown : Presence::absent;
  }
  core::Result<std::optional<Document>> document(const core::EntityKey& key) const override {
    if (!known_.may_hold(key)) return std::optional<Document>();
    return readers_.read([&](Connection& db) { return read_document(db, key); });
  }
  core::Result<DocumentPage> documents(const DocumentQuery& query) const override {
    if (auto refused = refuse_shape(query)) return std::move(*refused);
    Cursor after;
    if (!query.after.empty()) {
      auto cursor = parse_cursor(query.after);
      if (!cursor) return std::move(cursor).error();
      after = std::move(*cursor);
    }
    return readers_.read([&](Connection& db) { return read_documents(db, query, after.tenant, after.id); });
  }
  core::Result<std::vector<core::StoredEvent>> read(const core::EntityKey& key, std::uint64_t after_version,
                                                    std::size_t limit) const override {
    return readers_.read([&](Connection& db) { return read_stream(db, key, after_version, limit); });
  }
  core::Result<LogSlice> read_all(std::uint64_t position, const EventFilter& filter, std::size_t limit) const override {
    auto slice = readers_.read([&](Connection& db) { return read_log(db, position, filter, limit); });
    if (!slice) return slice;
    // While syncs fail the file may hold a batch that was never acknowledged, and that a power cut would undo.
    const auto head = std::max(position, writer_.head());
    std::erase_if(slice->events, [&](const auto& event) { return event.position > head; });
    slice->scanned_to = std::min(slice->scanned_to, head);
    return slice;
  }
  core::Result<std::vector<core::StoredEvent>> read_back(std::uint64_t position, const EventFilter& filter,
                                                         std::size_t limit) const override {
    const auto before = writer_.head() + 1;
    const auto from = position == 0 ? before : std::min(position, before);
    return readers_.read([&](Connection& db) { return read_log_back(db, from, filter, limit); });
  }
  std::uint64_t head() const override { return writer_.head(); }
  std::unique_ptr<Subscription> subscribe(std::function<void(std::uint64_t head)> on_commit) override {
    return listeners_->add(std::move(on_commit));
  }

  core::Result<std::vector<WorkRow>> works(std::uint64_t after_sequence, std::size_t limit) const override {
    return readers_.read([&](Connection& db) { return read_works(db, after_sequence, limit); });
  }
  void mark_work(const core::EntityKey& owner, const std::string& work_id, bool started, std::uint32_t attempts,
                 core::Timestamp due_at, std::string last_error, std::function<void(core::Status)> done) override {
    put(MarkWork{owner, work_id, started, attempts, due_at, std::move(last_error)}, std::move(done));
  }
  core::Result<std::vector<KeepRow>> keeps(std::uint64_t after_sequence, std::size_t limit) const override {
    return readers_.read([&](Connection& db) { return read_keeps(db, after_sequence, limit); });
  }
  core::Result<std::vector<TimerRow>> timers(std::size_t limit) const override {
    return readers_.read([&](Connection& db) { return read_timers(db, limit); });
  }
  core::Result<std::optional<IdempotencyRecord>> idempotency(const std::string& scope) const override {
    auto record = readers_.read([&](Connection& db) { return read_scope(db, scope, clock_.now()); });
    // A repeat that is answered is a promise, so it waits until the disk has kept what it stands on.
    if (record.ok() && writer_.in_doubt())
      return core::unavailable("store.unavailable", "the store cannot be written, and what it last took is in doubt");
    return record;
  }
  core::Result<std::optional<core::EntityKey>> claim_holder(const std::string& name) const override {
    return readers_.read([&](Connection& db) { return read_claim(db, name); });
  }

  void add_dead_letter(DeadLetter letter, std::function<void(core::Status)> done) override {
    if (auto refused = refuse_shape(letter)) return done(std::move(*refused));
    put(AddLetter{std::move(letter)}, std::move(done));
  }
  void set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason,
                       std::function<void(core::Status)> done) override {
    put(SetLetter{id, std::move(status), retries, std::move(reason)}, std::move(done));
  }
  core::Result<std::vector<DeadLetter>> dead_letters(const std::string& status, const std::string& after,
                                                     std::size_t limit) const override {
    return readers_.read([&](Connection& db) { return read_letters(db, status, after, limit); });
  }

  StoreHealth health() const override {
    auto health = writer_.health();
    health.warnings = warnings_;
    return health;
  }
  core::Result<Digests> digests() const override { return readers_.read(read_digests); }

  void close() override {
    closing_ = true;
    if (learner_.joinable()) learner_.join();
    writer_.stop();
    checkpointer_.stop();
    readers_.close(true);
  }

 private:
  // A failure ends it: then every key is looked for, as before.
  void learn_keys() {
    core::EntityKey last;
    while (!closing_) {
      const auto page = readers_.read([&](Connection& db) { return read_keys(db, last, keys_page); });
      if (!page) return;
      if (page->empty()) return known_.complete();
      for (const auto& key : *page) known_.add(key);
      last = page->back();
    }
  }

  template <class Change>
  void put(Change change, std::function<void(core::Status)> done) {
    auto job = std::make_unique<Job>();
    job->change = std::move(change);
    job->done = std::move(done);
    writer_.put(std::move(job));
  }

  static core::Error unchecked(const std::string& file) {
    return core::unavailable("store.unchecked_pages", "`" + file +
                                                          "` was made by an older version and has no checksums: "
                                                          "damage by the disk may go unnoticed")
        .fix("`novactl backup create`, then `restore` into a new folder, makes a file that has them");
  }

  core::Clock& clock_;
  std::vector<std::string> warnings_;  ///< set before anybody asks
  std::unique_ptr<LockFile> lock_;     // let go last
  Damage damage_;
  mutable ReadPool readers_;
  std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
  KnownKeys known_;
  Checkpointer checkpointer_;
  Writer writer_;
  const bool stepped_;
  std::atomic<bool> closing_ = false;
  std::thread learner_;
};

}  // namespace

core::Result<std::unique_ptr<EventStore>> open_sqlite_store(SqliteOptions options) {
  const Place place{options.file, options.vfs, options.reserve_bytes, options.log_room_bytes};
  auto lock = LockFile::take(place.lock(), place.file);
  if (!lock) return std::move(lock).error();
  auto db = open_database(place, options.clock->now());
  if (!db) return std::move(db).error();
  if (auto whole = check_marks(**db, place.file); !whole) return std::move(whole).error();
  if (auto seen = check_witness(**db, place); !seen) return std::move(seen).error();
  keep_reserve(place);
  lengthen_log(place);
  auto id = store_id(**db);
  auto store = std::make_unique<SqliteStore>(place, options, std::move(*lock), std::move(id));
  if (auto started = store->start(std::move(*db)); !started) return std::move(started).error();
  return std::unique_ptr<EventStore>(std::move(store));
}

}  // namespace nova::store
