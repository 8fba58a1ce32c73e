#include "store/postgres/writer.hpp"

#include "core/ids.hpp"
#include "store/postgres/opening.hpp"
#include "store/quiet_thread.hpp"
#include "store/rules.hpp"

#include <poll.h>

#include <utility>

namespace nova::store::postgres {
namespace {

using Steady = std::chrono::steady_clock;

/// How long a process that was just killed may still be known to the server, whose backend ends what it was doing.
constexpr std::chrono::seconds takeover_wait{2};
/// A commit takes milliseconds; a server that is silent for longer is told of in health.
constexpr std::chrono::seconds silence_max{5};

constexpr auto call_register =
    "SELECT state, epoch, batch, head, head_event, left_ms, held FROM "
    "nova.register_node($1, $2, $3, $4)";
constexpr auto call_renew = "SELECT nova.renew_node($1, $2, $3, $4)";
constexpr auto call_release = "SELECT nova.release_node($1, $2)";
constexpr auto call_settle = "SELECT nova.settle($1, $2, $3, $4, $5)";

/// What nova.append and nova.renew_node raise.
constexpr auto state_fenced = "NV001";
constexpr auto state_went_back = "NV002";

std::int64_t steady_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now().time_since_epoch()).count();
}

core::Error fenced(const std::string& node) {
  auto error = core::unavailable("store.fenced", "another process took the place of node `" + node + "`")
                   .fix("give each process a node.name of its own; restart this one when it is the right one");
  error.retryable = false;
  return error;
}

// What one change did to be refused by the database, while others beside it are fine.
bool is_about_data(const std::string& state) { return state.starts_with("22") || state.starts_with("23"); }

}  // namespace

struct Writer::Registered {
  std::string batch;
  std::uint64_t head = 0;
  std::string head_event;
};

Writer::Writer(Target target, const PostgresOptions& options, Heads& heads)
    : target_(std::move(target)), options_(options), heads_(heads) {
  writing_.node = options_.node;
  writing_.lease = options_.lease;
  process_ = core::new_uuid(options_.clock->now());
}

Writer::~Writer() { stop(); }

core::Status Writer::start() {
  auto opened = Session::open(target_, Session::Role::writer);
  if (!opened) return std::move(opened).error();
  session_ = std::move(*opened);
  const auto give_up = Steady::now() + takeover_wait;
  for (;;) {
    auto registered = register_node(*session_);
    if (registered) {
      writing_.seen = registered->head;
      last_event_ = registered->head_event;
      heads_.begin(registered->head);
      break;
    }
    if (registered.error().code != "store.locked" || Steady::now() > give_up) return std::move(registered).error();
    poll(nullptr, 0, 50);
  }
  renew_at_ = Steady::now() + options_.lease / 3;
  thread_ = quiet_thread([this] { run(); });
  return core::ok();
}

void Writer::stop() {
  queue_.close();
  if (thread_.joinable() && thread_.get_id() != std::this_thread::get_id()) thread_.join();
}

void Writer::run() {
  Jobs jobs;
  while (queue_.take(jobs, pause())) {
    if (mode_ == Mode::away && backoff_.due()) heal();
    if (mode_ == Mode::ok && Steady::now() >= renew_at_) renew();
    if (!jobs.empty()) commit(jobs);
    jobs.clear();
  }
  if (!doubted_.empty()) heal();
  if (!doubted_.empty()) {
    auto error = away("the store was closed before it was known");
    error.with("outcome", "unknown");
    refuse(doubted_, std::move(error));
  }
  if (mode_ == Mode::ok && session_) session_->ask(call_release, Params().text(writing_.node).int8(writing_.epoch));
  session_.reset();
}

std::chrono::milliseconds Writer::pause() const {
  if (mode_ == Mode::away) return backoff_.wait();
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(renew_at_ - Steady::now());
  return std::max(left, std::chrono::milliseconds(1));
}

// Those that stand on what an earlier batch refused: the database cannot know.
void Writer::refuse_broken_chains(Jobs& jobs) {
  Jobs whole, broken;
  for (auto& job : jobs) {
    const auto* change = std::get_if<Append>(&job->change);
    auto refused = change ? refuse_broken(*change) : std::nullopt;
    if (refused) job->answer = std::move(*refused);
    (refused ? broken : whole).push_back(std::move(job));
  }
  jobs = std::move(whole);
  conflicts_ += broken.size();
  queue_.answered(broken);
  for (const auto& job : broken) job->tell(std::move(job->answer));
}

void Writer::commit(Jobs& jobs) {
  refuse_broken_chains(jobs);
  if (jobs.empty()) return;
  if (mode_ != Mode::ok) return refuse(jobs, mode_ == Mode::fenced ? fenced(options_.node) : away(reason_));
  if (const auto damaged = damage()) return refuse(jobs, *damaged);
  const auto id = core::new_uuid(options_.clock->now());
  asking_since_ms_ = steady_ms();
  const bool committed = batch_.commit(*session_, writing_, id, jobs, options_.clock->now());
  asking_since_ms_ = 0;
  if (!committed) return fail(jobs, id);
  // Without an event of ours the last one, by another node, has an id that is not known here.
  if (batch_.head() != writing_.seen) last_event_ = batch_.head_event();
  writing_.seen = batch_.head();
  made(jobs);
}

void Writer::made(Jobs& jobs) {
  std::uint64_t appends = 0, conflicts = 0;
  for (const auto& job : jobs)
    if (job->is_append()) job->answer.ok() ? ++appends : ++conflicts;
  appends_ += appends;
  conflicts_ += conflicts;
  commits_ += 1;
  heads_.seen(writing_.seen);
  queue_.answered(jobs);
  for (const auto& job : jobs) job->tell(std::move(job->answer));
  heads_.tell();
}

void Writer::fail(Jobs& jobs, const std::string& batch_id) {
  const auto fault = *session_->fault();
  if (fault.lost) {
    turn(Mode::away, away("the connection was lost: " + fault.message));
    doubted_ = std::move(jobs);
    jobs.clear();
    doubted_id_ = batch_id;
    doubted_since_ = Steady::now();
    return heal();
  }
  session_->clear_fault_unless_lost();
  // The batch was one transaction, and is undone.
  if (is_damage(fault) && target_.damage) {
    target_.damage->found(unreadable(fault, target_));
    return refuse(jobs, *damage());
  }
  if (fault.state == state_fenced) {
    turn(Mode::fenced, fenced(options_.node));
    return refuse(jobs, fenced(options_.node));
  }
  if (is_about_data(fault.state)) return commit_one_by_one(jobs);
  const bool went_back = fault.state == state_went_back;
  turn(Mode::away, away(fault.message + (went_back ? ": an old copy or a stale replica answers" : "")));
  backoff_.failed();
  refuse(jobs, away(fault.message));
}

// The database refuses a value of some change: that one is told, the others are made.
void Writer::commit_one_by_one(Jobs& jobs) {
  if (jobs.size() == 1) {
    core::Error error;
    error.code = "store.malformed";
    error.message = "the database refuses a value of this change";
    return refuse(jobs, std::move(error));
  }
  for (auto& job : jobs) {
    Jobs one;
    one.push_back(std::move(job));
    commit(one);
  }
  jobs.clear();
}

void Writer::refuse(Jobs& jobs, core::Error error) {
  queue_.answered(jobs);
  for (const auto& job : jobs) job->tell(error);
  jobs.clear();
}

void Writer::renew() {
  renew_at_ = Steady::now() + options_.lease / 3;
  asking_since_ms_ = steady_ms();
  const auto rows = session_->ask(
      call_renew, Params().text(writing_.node).int8(writing_.epoch).int8(writing_.lease.count()).boolean(holds_name_));
  asking_since_ms_ = 0;
  if (session_->failed()) {
    const auto fault = *session_->fault();
    turn(Mode::away, away(fault.message));
    return heal();
  }
  if (rows.view(0, 0) == "fenced") return turn(Mode::fenced, fenced(options_.node));
  holds_name_ = rows.view(0, 0) == "held";
}

void Writer::heal() {
  auto connected = connect();
  if (connected) {
    turn(Mode::ok, {});
    backoff_.reset();
    // Only now, so that who hears the answer can go on at once.
    auto settled = std::exchange(doubted_, {});
    queue_.answered(settled);
    for (const auto& job : settled) job->tell(std::move(job->answer));
    return heads_.tell();
  }
  backoff_.failed();
  if (connected.error().code == "store.fenced") {
    turn(Mode::fenced, connected.error());
  } else {
    turn(Mode::away, connected.error());
  }
  const bool for_good = mode_ == Mode::fenced;
  if (doubted_.empty() || (!for_good && Steady::now() - doubted_since_ < options_.settle_limit)) return;
  auto error = for_good ? fenced(options_.node) : away(reason_);
  error.with("outcome", "unknown");
  refuse(doubted_, std::move(error));
}

core::Status Writer::connect() {
  session_.reset();
  holds_name_ = false;
  auto opened = Session::open(target_, Session::Role::writer);
  if (!opened) return std::move(opened).error();
  if (auto safe = check_server(**opened, target_); !safe) return safe;
  auto registered = register_node(**opened);
  if (!registered) return std::move(registered).error();
  const bool differs =
      registered->head == writing_.seen && !last_event_.empty() && registered->head_event != last_event_;
  if (registered->head < std::max(writing_.seen, heads_.head()) || differs)
    return core::unavailable("store.went_back", "the log ends at position " + std::to_string(registered->head) +
                                                    " but " + std::to_string(heads_.head()) +
                                                    " was seen: an old copy or a stale replica answers")
        .fix("put the newest database back");
  // The server was away: what stands there now may be another copy.
  if (target_.damage) target_.damage->forget();
  session_ = std::move(*opened);
  renew_at_ = Steady::now() + options_.lease / 3;
  if (!doubted_.empty()) settle(registered->batch);
  if (session_->failed()) return unreadable(*session_->fault(), target_);
  writing_.seen = registered->head;
  last_event_ = registered->head_event;
  heads_.seen(registered->head);
  return core::ok();
}

core::Result<Writer::Registered> Writer::register_node(Session& session) {
  const auto rows = session.ask(
      call_register, Params().text(writing_.node).int8(writing_.epoch).int8(writing_.lease.count()).text(process_));
  if (session.failed()) return unreadable(*session.fault(), target_);
  if (rows.view(0, 0) == "fenced") return fenced(options_.node);
  if (rows.view(0, 0) == "held")
    return core::unavailable("store.locked", "node `" + options_.node + "` writes to `" + target_.shown() +
                                                 "` in another process, whose lease runs for " +
                                                 std::to_string(rows.integer(0, 5)) + " ms more")
        .fix("stop that process, or give this one a node.name of its own")
        .with("node", options_.node);
  writing_.epoch = rows.count(0, 1);
  holds_name_ = rows.boolean(0, 6);
  return Registered{rows.text(0, 2), rows.count(0, 3), rows.text(0, 4)};
}

// No batch of the old connection can commit any more: it would come with an old epoch. So what is there now is all.
void Writer::settle(const std::string& committed_batch) {
  const auto not_made = away("the connection was lost before the commit");
  for (const auto& job : doubted_) job->answer = not_made;
  if (committed_batch != doubted_id_) return;
  Column kind{Column::Of::text}, tenant{Column::Of::text}, id{Column::Of::text}, version{Column::Of::int8},
      event{Column::Of::text};
  std::vector<Job*> asked;
  for (const auto& job : doubted_) {
    const auto* change = std::get_if<Append>(&job->change);
    if (!change || change->events.empty()) continue;
    kind.text(change->key.kind);
    tenant.text(change->key.tenant);
    id.text(change->key.id);
    version.int8(change->document.version);
    event.text(change->events.back().id);
    asked.push_back(job.get());
  }
  auto unknown = away("the connection was lost with the answer");
  unknown.with("outcome", "unknown");
  for (const auto& job : doubted_) job->answer = unknown;
  const auto rows =
      session_->ask(call_settle, Params().column(kind).column(tenant).column(id).column(version).column(event));
  if (session_->failed()) return;  // asked again by the next connection
  const auto positions = rows.list(0, 0);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const auto position = std::stoull(positions[i]);
    if (position != 0)
      asked[i]->answer = Appended{position, std::get<Append>(asked[i]->change).document.version};
    else
      asked[i]->answer = away("the change was refused, and the connection was lost with the reason");
    asked[i]->answer.ok() ? ++appends_ : ++conflicts_;
  }
  ++commits_;
}

void Writer::turn(Mode mode, core::Error why) {
  std::lock_guard lock(mutex_);
  mode_ = mode;
  reason_ = mode == Mode::ok ? std::string() : why.message + (why.remedy.empty() ? "" : "; " + why.remedy);
  if (mode == Mode::ok)
    queue_.refuse_with(std::nullopt);
  else
    queue_.refuse_with(mode == Mode::fenced ? std::move(why) : read_only(reason_));
}

core::Error Writer::away(std::string why) const {
  return read_only(why.empty() ? "PostgreSQL is away; check that it runs and can be reached" : std::move(why));
}

std::optional<core::Error> Writer::damage() const {
  return target_.damage && target_.damage->any() ? target_.damage->error() : std::nullopt;
}

StoreHealth Writer::health() const {
  StoreHealth health;
  health.head = heads_.head();
  health.commits = commits_;
  health.appends = appends_;
  health.conflicts = conflicts_;
  health.queued = queue_.waiting();
  const auto since = asking_since_ms_.load();
  const bool silent = since != 0 && std::chrono::milliseconds(steady_ms() - since) > silence_max;
  std::lock_guard lock(mutex_);
  const auto damaged = damage();
  health.writable = mode_ == Mode::ok && !queue_.closed() && !silent && !damaged;
  if (queue_.closed())
    health.reason = "the store is closed";
  else if (mode_ != Mode::ok)
    health.reason = reason_;
  else if (damaged)
    health.reason = core::to_line(*damaged);
  else if (silent)
    health.reason = "PostgreSQL has not answered for some seconds; check the server and the network";
  return health;
}

}  // namespace nova::store::postgres
