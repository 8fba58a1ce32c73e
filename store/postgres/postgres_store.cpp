#include "store/postgres/postgres_store.hpp"

#include "store/known_keys.hpp"
#include "store/postgres/connection/read_pool.hpp"
#include "store/postgres/connection/watchdog.hpp"
#include "store/postgres/follower.hpp"
#include "store/postgres/loader.hpp"
#include "store/postgres/opening.hpp"
#include "store/postgres/reads.hpp"
#include "store/postgres/texts.hpp"
#include "store/postgres/writer.hpp"
#include "store/quiet_thread.hpp"
#include "store/read_scope.hpp"
#include "store/rules.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace nova::store {
namespace {

using namespace postgres;

/// The server ends a statement at its own limit; a connection that says nothing for this much longer is dead.
constexpr std::chrono::seconds silence_after_limit{3};
constexpr std::size_t keys_page = 1000;  // read at once, a few milliseconds

class PostgresStore final : public EventStore {
 public:
  explicit PostgresStore(PostgresOptions options)
      : options_(std::move(options)),
        watchdog_(options_.statement_timeout + silence_after_limit),
        target_(target_of(options_, watchdog_, damage_)),
        heads_(listeners_),
        readers_(target_, Session::Role::reader, std::max<std::size_t>(options_.readers, 1)),
        tails_(target_, Session::Role::tail, std::max<std::size_t>(options_.tail_readers, 1)),
        loader_(readers_, known_),
        follower_(target_, heads_, options_.poll_interval, options_.witness_file),
        writer_(target_, options_, heads_) {}
  ~PostgresStore() override { close(); }

  core::Status start() {
    {
      auto session = Session::open(target_, Session::Role::own);
      if (!session) return std::move(session).error();
      if (auto safe = check_server(**session, target_); !safe) return safe;
      warnings_ = warnings_of(**session, target_);
      if (auto ready = migrate(**session, target_, migrations(), options_.clock->now()); !ready) return ready;
    }
    if (auto opened = readers_.open(); !opened) return opened;
    std::string id;
    auto checked = tails_.read([&](Session& tail) -> core::Status {
      if (auto dense = check_dense(tail, target_); !dense) return dense;
      if (auto same = check_witness(tail, target_, options_.witness_file); !same) return same;
      id = store_id(tail);
      return core::ok();
    });
    if (!checked) return std::move(checked).error();
    if (!*checked) return std::move(*checked).error();
    if (auto started = writer_.start(); !started) return started;
    // After the node is registered: whoever moves the store holds that up, and has marked it by now.
    auto unmarked = tails_.read([&](Session& tail) { return check_marks(tail, target_); });
    if (!unmarked) return std::move(unmarked).error();
    if (!*unmarked) return std::move(*unmarked).error();
    loader_.start();
    follower_.start(std::move(id));
    learner_ = quiet_thread([this] { learn_keys(); });
    return core::ok();
  }

  void append(Append change, OnAppended done) override {
    if (auto refused = refuse_shape(change)) return done(std::move(*refused));
    if (auto refused = refuse_texts(change)) return done(std::move(*refused));
    known_.add(change.key);
    auto job = std::make_unique<Job>();
    job->change = std::move(change);
    job->appended = std::move(done);
    writer_.put(std::move(job));
  }
  void load(const core::EntityKey& key, std::function<void(core::Result<std::optional<Document>>)> done) override {
    if (!is_text(key.tenant) || !is_text(key.kind) || !is_text(key.id)) return done(std::optional<Document>());
    loader_.load(key, std::move(done));
  }

  Presence presence(const core::EntityKey& key) const override {
    return known_.may_hold(key) ? Presence::unknown : Presence::presumably_absent;
  }

  core::Result<std::optional<Document>> document(const core::EntityKey& key) const override {
    if (!is_text(key.tenant) || !is_text(key.kind) || !is_text(key.id)) return std::optional<Document>();
    return readers_.read([&](Session& reader) { return load_document(reader, key); });
  }
  core::Result<DocumentPage> documents(const DocumentQuery& query) const override {
    if (auto refused = refuse_shape(query)) return std::move(*refused);
    Cursor after;
    if (!query.after.empty()) {
      auto cursor = parse_cursor(query.after);
      if (!cursor) return std::move(cursor).error();
      after = std::move(*cursor);
    }
    if (!all_text({query.tenant, query.kind, query.status, query.parent, after.tenant, after.id}))
      return core::invalid_input("query", "must be UTF-8 text");
    return pool_for(query.tenant).read([&](Session& session) {
      return read_documents(session, query, after.tenant, after.id);
    });
  }
  core::Result<std::vector<core::StoredEvent>> read(const core::EntityKey& key, std::uint64_t after_version,
                                                    std::size_t limit) const override {
    if (!all_text({key.tenant, key.kind, key.id})) return std::vector<core::StoredEvent>();
    return readers_.read([&](Session& reader) { return read_stream(reader, key, after_version, limit); });
  }
  core::Result<LogSlice> read_all(std::uint64_t position, const EventFilter& filter, std::size_t limit) const override {
    if (!all_text({filter.tenant, filter.kind, filter.id, filter.type}))
      return core::invalid_input("filter", "must be UTF-8 text");
    const auto head = heads_.head();  // before the read, so that nothing before it is missing
    auto slice = pool_for(filter.tenant).read([&](Session& session) {
      return read_log(session, position, filter, limit, head);
    });
    if (!slice || slice->scanned_to == position) return slice;
    if (!slice->events.empty() && slice->events.back().position == slice->scanned_to) return slice;
    // Nothing there may mean that nothing matched, or that an old copy answers, which lacks what was seen: a stream
    // would go on behind a gap.
    auto reaches = tails_.read([&](Session& tail) { return has_position(tail, slice->scanned_to); });
    if (!reaches) return std::move(reaches).error();
    if (*reaches) return slice;
    return core::unavailable("store.went_back", "the log lacks position " + std::to_string(slice->scanned_to) +
                                                    ", which was seen: an old copy or a stale replica answers")
        .fix("put the newest database back");
  }
  core::Result<std::vector<core::StoredEvent>> read_back(std::uint64_t position, const EventFilter& filter,
                                                         std::size_t limit) const override {
    if (!all_text({filter.tenant, filter.kind, filter.id, filter.type}))
      return core::invalid_input("filter", "must be UTF-8 text");
    return pool_for(filter.tenant).read([&](Session& session) {
      return read_log_back(session, position, filter, limit);
    });
  }
  std::uint64_t head() const override { return heads_.head(); }
  std::unique_ptr<Subscription> subscribe(std::function<void(std::uint64_t head)> on_commit) override {
    return listeners_->add(std::move(on_commit));
  }

  core::Result<std::vector<WorkRow>> works(std::uint64_t after_sequence, std::size_t limit) const override {
    return tails_.read([&](Session& tail) { return read_works(tail, after_sequence, limit); });
  }
  void mark_work(const core::EntityKey& owner, const std::string& work_id, bool started, std::uint32_t attempts,
                 core::Timestamp due_at, std::string last_error, std::function<void(core::Status)> done) override {
    if (!all_text({owner.tenant, owner.kind, owner.id, work_id}))
      return done(core::refusal("work.not_found", "no work has such an id"));
    put(MarkWork{owner, work_id, started, attempts, due_at, std::move(last_error)}, std::move(done));
  }
  core::Result<std::vector<KeepRow>> keeps(std::uint64_t after_sequence, std::size_t limit) const override {
    return tails_.read([&](Session& tail) { return read_keeps(tail, after_sequence, limit); });
  }
  core::Result<std::vector<TimerRow>> timers(std::size_t limit) const override {
    return tails_.read([&](Session& tail) { return read_timers(tail, limit); });
  }
  core::Result<std::optional<IdempotencyRecord>> idempotency(const std::string& scope) const override {
    if (!is_text(scope)) return std::optional<IdempotencyRecord>();
    return readers_.read([&](Session& reader) { return read_scope(reader, scope, options_.clock->now()); });
  }
  core::Result<std::optional<core::EntityKey>> claim_holder(const std::string& name) const override {
    if (!is_text(name)) return std::optional<core::EntityKey>();
    return readers_.read([&](Session& reader) { return read_claim(reader, name); });
  }

  void add_dead_letter(DeadLetter letter, std::function<void(core::Status)> done) override {
    if (auto refused = refuse_shape(letter)) return done(std::move(*refused));
    if (auto refused = refuse_texts(letter)) return done(std::move(*refused));
    put(AddLetter{std::move(letter)}, std::move(done));
  }
  void set_dead_letter(const std::string& id, std::string status, std::uint32_t retries, std::string reason,
                       std::function<void(core::Status)> done) override {
    if (!all_text({id, status})) return done(core::refusal("dead_letter.not_found", "no dead letter has such an id"));
    put(SetLetter{id, std::move(status), retries, std::move(reason)}, std::move(done));
  }
  core::Result<std::vector<DeadLetter>> dead_letters(const std::string& status, const std::string& after,
                                                     std::size_t limit) const override {
    if (!all_text({status, after})) return std::vector<DeadLetter>();
    return pool_for({}).read([&](Session& session) { return read_letters(session, status, after, limit); });
  }

  StoreHealth health() const override {
    auto health = writer_.health();
    health.warnings = warnings_;
    return health;
  }
  core::Result<Digests> digests() const override { return tails_.read(read_digests); }

  void close() override {
    closing_ = true;
    if (learner_.joinable()) learner_.join();
    writer_.stop();
    loader_.stop();
    follower_.stop();
    readers_.close();
    tails_.close();
  }

 private:
  static Target target_of(const PostgresOptions& options, Watchdog& watchdog, Damage& damage) {
    Target target;
    target.url = options.url;
    target.password_file = options.password_file;
    target.statement_timeout = options.statement_timeout;
    target.lock_timeout = options.lock_timeout;
    target.watchdog = &watchdog;
    target.damage = &damage;
    return target;
  }
  // A failure ends it: then every key is looked for, as before.
  void learn_keys() {
    core::EntityKey last;
    while (!closing_) {
      const auto page = tails_.read([&](Session& tail) { return read_keys(tail, last, keys_page); });
      if (!page) return;
      if (page->empty()) return known_.complete();
      for (const auto& key : *page) known_.add(key);
      last = page->back();
    }
  }
  static bool all_text(std::initializer_list<std::string_view> values) {
    return std::all_of(values.begin(), values.end(), is_text);
  }
  // The tail sees all; nothing that is asked for a caller comes there.
  ReadPool& pool_for(const std::string& tenant) const {
    return tenant.empty() && !ReadScope::limits() ? tails_ : readers_;
  }

  template <class Change>
  void put(Change change, std::function<void(core::Status)> done) {
    auto job = std::make_unique<Job>();
    job->change = std::move(change);
    job->done = std::move(done);
    writer_.put(std::move(job));
  }

  const PostgresOptions options_;
  std::vector<std::string> warnings_;  ///< set before anybody asks
  Damage damage_;
  Watchdog watchdog_;
  const Target target_;
  std::shared_ptr<Listeners> listeners_ = std::make_shared<Listeners>();
  Heads heads_;
  mutable ReadPool readers_;
  mutable ReadPool tails_;
  KnownKeys known_;
  Loader loader_;
  Follower follower_;
  Writer writer_;
  std::atomic<bool> closing_ = false;
  std::thread learner_;
};

}  // namespace

core::Result<std::unique_ptr<EventStore>> open_postgres_store(PostgresOptions options) {
  auto store = std::make_unique<PostgresStore>(std::move(options));
  if (auto started = store->start(); !started) return std::move(started).error();
  return std::unique_ptr<EventStore>(std::move(store));
}

}  // namespace nova::store
