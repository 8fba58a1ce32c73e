#include "actors/host/effects/runner.hpp"

#include "actors/host/effects/queues.hpp"
#include "actors/host/effects/rows.hpp"
#include "actors/host/effects/watch.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "store/rules.hpp"

#include <caf/actor_system.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

namespace nova::host {
namespace {

// The runner's actor is its serial executor: whatever comes from other threads is posted to it as a step.
using Step = std::shared_ptr<std::function<void()>>;

}  // namespace
}  // namespace nova::host

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::host::Step)

namespace nova::host {
namespace {

constexpr std::size_t result_size_max = 64 * 1024;       // of a driver's answer: what a RawJson may hold
constexpr std::size_t timers_max = 1'000'000;            // held in memory, about 200 bytes each
constexpr std::chrono::milliseconds deliver_again{250};  // after the store or an entity could not take a report
constexpr std::chrono::milliseconds fire_again{1000};
// Times are of the wall clock, which may be set while the runner waits for one of them.
constexpr std::chrono::milliseconds tick_max{10000};
// How long an append whose answer was lost may still be on its way to the store: a statement's and a lock's time limits
// (store/postgres), and some.
constexpr std::chrono::seconds late_append_life{45};
using tick_atom = caf::atom_constant<caf::atom("tick")>;
std::string global_id(const store::WorkRow& row) { return core::to_string(row.owner) + "#" + row.ask.id; }

class Runner final : public EffectRunner, public std::enable_shared_from_this<Runner> {
  void post(std::function<void()> step) {
    if (!stopped_.load()) caf::anon_send(actor_, std::make_shared<std::function<void()>>(std::move(step)));
  }

  // A completion for another thread: runs `step` on the actor as long as the runner lives.
  template <class F>
  auto later(F step) {
    return [weak = weak_from_this(), step](auto... values) {
      if (auto me = weak.lock()) me->post([step, values...] { step(values...); });
    };
  }

 public:
  Runner(caf::actor_system& system, EffectParts parts, EffectMemory memory)
      : parts_(std::move(parts)),
        system_(system),
        counters_(*memory.counters),
        counters_owner_(std::move(memory.counters)),
        attempts_(std::move(memory.attempts)),
        reports_(std::move(memory.reports)) {}

  caf::actor run(bool again) override {
    actor_ = system_.spawn([me = shared_from_this()](caf::event_based_actor* self) -> caf::behavior {
      me->self_ = self;
      return {
          [](const Step& step) { (*step)(); },
          [me](tick_atom) {
            me->tick_at_.reset();
            me->pump();
          },
      };
    });
    others_end_at_ = parts_.clock->now() + parts_.others_end;
    post([this, again] { take_up(again); });
    return actor_;
  }

  void adopt_keeps(const std::vector<store::KeepRow>& kept) override {
    for (auto* driver : parts_.keep_drivers) {
      std::vector<Kept> own;
      for (const auto& row : kept)
        if (row.ask.driver == driver->name() && row.ask.payload) own.push_back({row.owner, row.ask, row.cause});
      driver->adopt(std::move(own), sink_);
    }
  }
  void report_through(KeepDriver::Sink sink) override { sink_ = std::move(sink); }

  void asked(const core::EntityKey& owner, const std::string& command_id, const std::string& correlation,
             std::uint64_t position, const core::Asks& asks) override {
    post([this, owner, command_id, correlation, position, asks] {
      for (const auto& ask : asks.works) {
        store::WorkRow row;
        row.sequence = position;
        row.owner = owner;
        row.ask = ask;
        row.cause = command_id;
        row.correlation = correlation;
        works_.add(std::move(row));
      }
      for (const auto& ask : asks.keeps) keep(owner, ask, command_id);
      for (const auto& ask : asks.timers) timers_.set(owner, ask.id, ask.at, command_id);
      if (late_appends_ != 0 && !asks.works.empty()) look_behind();
      pump();
    });
  }

  void look_again() override {
    post([this] {
      knows_all_ = false;
      ++late_appends_;
      wait(
          [this] {
            // While the store cannot be trusted, the look at its recovery is the one that counts: it comes later.
            if (--late_appends_ == 0 && !doubting_) take_up(true);
          },
          late_append_life);
      if (!std::exchange(doubting_, true)) look_when_writable();
    });
  }

  void stop() override {
    if (stopped_.exchange(true)) return;
    caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
    actor_ = nullptr;
  }

  void reported(core::EntityKey to, core::Report report) override {
    report.message = core::clean_text(report.message);
    if (!core::json_valid(report.data.text, result_size_max)) report.data.text = "null";
    ++counters_.reports;
    if (!reports_->add(to, std::move(report))) ++counters_.reports_dropped;
    post([this, to = std::move(to)] { deliver(to); });
  }

  void retry(const store::DeadLetter& letter, std::function<void(core::Status)> done) override {
    post([this, letter, done = std::move(done)] {
      const auto work_id = core::json_text(letter.what, "work").value_or("");
      auto row = buried(*parts_.store, letter.owner, work_id);
      if (!row) return done(row.error());
      row->attempts = 0;
      row->due_at = parts_.clock->now();
      parts_.store->mark_work(
          row->owner, row->ask.id, false, 0, row->due_at, "",
          later([this, row = *row, id = letter.id, retries = letter.retries, done](core::Status marked) {
            if (!marked) return done(marked);
            letters_[global_id(row)] = {id, retries + 1};
            works_.add(row);
            done(core::ok());
            pump();
          }));
    });
  }

  void outstanding(std::function<bool(const Reach&)> covers,
                   std::function<void(std::map<std::string, Outstanding>)> done) override {
    post([this, covers = std::move(covers), done = std::move(done)] {
      std::map<std::string, Outstanding> found;
      works_.each([&](const WorkQueue::Item& item) {
        const auto* driver = driver_of(item.row);
        if (!driver || !covers(driver->reach(work_of(item.row)))) return;
        auto& line = found[item.row.ask.driver];
        ++(item.running ? line.running : line.waiting);
      });
      done(std::move(found));
    });
  }

  core::Result<std::vector<store::KeepRow>> load_keeps() override { return all_keeps(*parts_.store); }

 private:
  // Before the store is healed it cannot tell either.
  void look_when_writable() {
    wait(
        [this] {
          if (!parts_.store->health().writable) return look_when_writable();
          doubting_ = false;
          take_up(true);
        },
        deliver_again);
  }

  void take_up(bool again) {
    watch();  // what a predecessor began
    for (const auto& to : reports_->waiting()) deliver(to);
    const auto status = load_outstanding(again);
    if (status) {
      knows_all_ = true;
      return pump();
    }
    if (parts_.log) parts_.log("effects wait for the store: " + core::to_line(status.error()));
    wait([this, again] { take_up(again); }, deliver_again);
  }

  // What a late append asked for stands before what was just told of, and must begin before it where the key is one.
  void look_behind() {
    if (!knows_all_ || load_works(known_to_)) return;
    knows_all_ = false;
    wait([this] { take_up(false); }, deliver_again);
  }

  core::Status load_works(std::uint64_t after) {
    for (;;) {
      auto rows = parts_.store->works(after, page);
      if (!rows) return rows.error();
      const bool last = rows->size() < page;
      if (!rows->empty()) after = rows->back().sequence;
      for (auto& row : *rows)
        if (row.due_at.ms < never_ms) works_.add(std::move(row));
      if (last) break;
    }
    known_to_ = after;
    return core::ok();
  }

  core::Status load_outstanding(bool again) {
    if (auto loaded = load_works(0); !loaded) return loaded;
    auto timers = parts_.store->timers(timers_max);
    if (!timers) return timers.error();
    for (const auto& row : *timers) timers_.set(row.owner, row.id, row.at, row.cause);
    if (!again) return core::ok();
    auto kept = load_keeps();
    if (!kept) return kept.error();
    for (const auto& row : *kept) keep(row.owner, row.ask, row.cause);
    return core::ok();
  }

  void keep(const core::EntityKey& owner, const core::KeepAsk& ask, const std::string& cause) {
    for (auto* driver : parts_.keep_drivers) {
      if (driver->name() != ask.driver) continue;
      if (ask.payload)
        driver->keep({owner, ask, cause});
      else
        driver->drop(owner.tenant, ask.key);
      return;
    }
    if (ask.payload) reported(ask.report_to, no_driver(ask, parts_.clock->now()));
  }

  // Starts what may start, fires what is due, and asks to be woken when the next thing is.
  void pump() {
    const auto now = parts_.clock->now();
    for (auto& timer : timers_.due(now)) fire(std::move(timer));
    // Before what is outstanding was read, an older work of the same key may be missing.
    while (auto row = knows_all_ ? works_.next(now) : std::nullopt) begin(std::move(*row));
    auto wake = timers_.next();
    if (const auto due = works_.next_due(now); due && (!wake || *due < *wake)) wake = due;
    if (wake && (!tick_at_ || *wake < *tick_at_)) {
      tick_at_ = wake;
      const auto delay = std::clamp(*wake - now, std::chrono::milliseconds(1), tick_max);
      self_->delayed_send(self_, delay, tick_atom::value);
    }
    counters_.waiting = works_.waiting();
    counters_.running = works_.running();
    counters_.timers_waiting = timers_.size();
    counters_.reports_waiting = reports_->size();
  }

  bool waits_for_others(const std::string& name) const {
    const auto& drivers = parts_.work_drivers;
    return std::any_of(drivers.begin(), drivers.end(),
                       [&](auto* driver) { return driver->name() == name && driver->waits_for_others(); });
  }

  WorkDriver* driver_of(const store::WorkRow& row) const {
    for (auto* driver : parts_.work_drivers)
      if (driver->name() == row.ask.driver) return driver;
    return nullptr;
  }

  static Work work_of(const store::WorkRow& row) {
    return {global_id(row), row.owner, row.ask, row.attempts + 1, row.cause};
  }

  void begin(store::WorkRow row) {
    auto* driver = driver_of(row);
    if (!driver) {
      WorkEnd end;
      end.outcome = core::Outcome::failed;
      end.error = core::refusal("driver.not_found", "this node has no driver `" + row.ask.driver + "`");
      return ended(std::move(row), std::move(end));
    }
    if (attempts_->join(global_id(row), end_of(row))) return;
    const auto safety = driver->safety(row.ask.verb);
    if (safety == Safety::idempotent) return attempt(driver, std::move(row));
    if (!row.started) return mark_and_attempt(driver, std::move(row));
    // Looked for too early, what another node has still under way would be done by both.
    if (const auto left = others_end_at_ - parts_.clock->now();
        safety == Safety::observable && left.count() > 0 && left <= parts_.others_end)
      return postpone(std::move(row), left);
    if (safety == Safety::observable)
      return driver->look(work_of(row), later([this, driver, row](std::optional<WorkEnd> found) {
                            if (found)
                              ended(row, *found);
                            else
                              // Also a mark that is there: it may have been read from a commit that failed, which a
                              // power cut takes back.
                              mark_and_attempt(driver, row);
                          }));
    WorkEnd end;
    end.outcome = core::Outcome::unknown;
    end.error = core::refusal("effect.outcome_unknown",
                              "the node ended during the attempt, and nobody can tell what came of it");
    ended(std::move(row), std::move(end));
  }

  // The mark must be on disk before the world may change: after a crash it tells that an attempt may have happened.
  void mark_and_attempt(WorkDriver* driver, store::WorkRow row) {
    const bool was_started = std::exchange(row.started, true);
    parts_.store->mark_work(row.owner, row.ask.id, true, row.attempts, row.due_at, row.last_error,
                            later([this, driver, row, was_started](core::Status marked) {
                              if (marked) return attempt(driver, row);
                              auto waiting = row;
                              waiting.started = was_started;
                              postpone(std::move(waiting), deliver_again);
                            }));
  }

  void attempt(WorkDriver* driver, store::WorkRow row) {
    auto work = work_of(row);
    const auto id = work.id;
    work.permit = std::make_shared<Permit>(parts_.fence, driver->reach(work));
    if (!(driver->asks_permit() ? work.permit->may_go_on() : work.permit->begin()))
      return stopped(std::move(row), *work.permit);
    attempts_->begin(id, end_of(row), work.permit, row.ask.driver);
    watch();
    driver->start(std::move(work), [attempts = attempts_, id](WorkEnd end) { attempts->end(id, std::move(end)); });
  }

  Attempts::Tell end_of(const store::WorkRow& row) {
    return later([this, row](const WorkEnd& end) { ended(row, end); });
  }

  // The switches have the last word, but for what was done all the same.
  void stopped(store::WorkRow row, const Permit& permit) {
    const auto verdict = permit.stopped().value();
    if (verdict.answer == Fence::Answer::unknown) {
      ++counters_.held_back;
      attempts_->forget(global_id(row));
      // Of what had begun nobody knows what came of it: the mark stands, and it is looked for, or it is unknown.
      if (!permit.is_begun()) row.started = false;
      row.due_at = parts_.clock->now() + deliver_again;
      works_.again(row);
      return pump_soon();
    }
    ++counters_.killed;
    settle(std::move(row), killed_by(verdict, permit.is_begun()));
  }

  // Many may be held back in one go, each of which would look through all others.
  void pump_soon() {
    if (std::exchange(pump_is_due_, true)) return;
    post([this] {
      pump_is_due_ = false;
      pump();
    });
  }

  // While something runs that a switch may stop.
  void watch() {
    if (!parts_.fence || watching_ || attempts_->stoppable().empty()) return;
    watching_ = true;
    wait(
        [this] {
          watching_ = false;
          watch_.look(*parts_.fence, *attempts_, parts_.work_drivers, parts_.clock->now());
          watch();
        },
        watch_every);
  }

  void ended(store::WorkRow row, WorkEnd end) {
    if (end.outcome != core::Outcome::done)
      if (const auto permit = attempts_->permit(global_id(row)); permit && permit->is_withdrawn())
        return stopped(std::move(row), *permit);
    ++row.attempts;
    const bool between_entities = row.ask.driver == "command";
    if (end.outcome == core::Outcome::failed && end.retry &&
        row.attempts < (between_entities ? send_attempts_max : attempts_max)) {
      ++counters_.retried;
      row.started = false;
      row.last_error = core::to_line(end.error);
      row.due_at = parts_.clock->now() + retry_backoff(row.attempts);
      // Known until it is on disk: a successor that began the next attempt before would find this mark behind its own.
      return parts_.store->mark_work(row.owner, row.ask.id, false, row.attempts, row.due_at, row.last_error,
                                     later([this, row](core::Status) {
                                       attempts_->forget(global_id(row));
                                       again(row);
                                     }));
    }
    end.outcome == core::Outcome::done ? ++counters_.done : ++counters_.failed;
    settle(std::move(row), std::move(end));
  }

  void again(const store::WorkRow& row) {
    works_.again(row);
    pump();
  }

  void postpone(store::WorkRow row, std::chrono::milliseconds delay) {
    row.due_at = parts_.clock->now() + delay;
    again(row);
  }

  void settle(store::WorkRow row, WorkEnd end) {
    core::Settle outcome;
    outcome.work_id = row.ask.id;
    outcome.outcome = end.outcome;
    outcome.code = end.error.code;
    // What the world says may hold anything, and a command that is refused for it would never settle the work.
    outcome.message = core::clean_text(end.error.message);
    if (core::json_valid(end.result, result_size_max)) outcome.result.text = end.result;
    auto command = system_command(row.owner, "settle", core::to_json(outcome), row.cause, row.correlation);
    parts_.host->submit(std::move(command), later([this, row, end](core::Result<Answer> answer) {
                          if (answer) {
                            finish(row);
                            return pump();
                          }
                          if (answer.error().status == 503 && !is_parked(answer.error())) {
                            // The outcome is known and must not be lost: it is delivered again, without doing the work
                            // again.
                            return wait([this, row, end] { settle(row, end); }, deliver_again);
                          }
                          bury(row, answer.error());
                        }));
  }

  // An outcome on its way is kept with its attempt: a successor that knew nothing of it would begin again.
  void finish(const store::WorkRow& row) {
    attempts_->forget(global_id(row));
    works_.finish(row);
  }

  static bool is_parked(const core::Error& error) { return error.code == "entity.parked"; }

  void resolve_letter(const store::WorkRow& row) {
    const auto found = letters_.find(global_id(row));
    if (found == letters_.end()) return;
    parts_.store->set_dead_letter(found->second.id, "resolved", found->second.retries, "tried again and taken",
                                  [](core::Status) {});
    letters_.erase(found);
  }

  // The entity will not take the outcome: kept in plain sight for a person, and not tried again by itself.
  void bury(const store::WorkRow& row, const core::Error& why) {
    if (const auto retried = letters_.find(global_id(row)); retried != letters_.end()) {
      // It was in the dead letters before: that letter goes back to its place, or fails for good.
      const auto [id, retries] = retried->second;
      letters_.erase(retried);
      parts_.store->set_dead_letter(id, store::status_after_failed_retry(retries), retries, core::to_line(why),
                                    [](core::Status) {});
      return put_aside(row, why);
    }
    store::DeadLetter letter;
    letter.id = core::new_uuid(parts_.clock->now());
    letter.owner = row.owner;
    letter.what =
        "{\"work\":\"" + row.ask.id + "\",\"driver\":\"" + row.ask.driver + "\",\"verb\":\"" + row.ask.verb + "\"}";
    letter.error = core::to_line(why);
    letter.at = parts_.clock->now();
    if (parts_.log) parts_.log("dead letter: " + global_id(row) + ": " + letter.error);
    parts_.store->add_dead_letter(std::move(letter), [](core::Status) {});
    put_aside(row, why);
  }

  void put_aside(const store::WorkRow& row, const core::Error& why) {
    parts_.store->mark_work(row.owner, row.ask.id, false, row.attempts, {never_ms}, core::to_line(why),
                            later([this, row](core::Status) {
                              finish(row);
                              pump();
                            }));
  }

  void fire(store::TimerRow timer) {
    ++counters_.timers;
    auto command = system_command(timer.owner, "fire", core::to_json(core::Fire{timer.id}), timer.cause, {});
    parts_.host->submit(std::move(command), later([this, timer](core::Result<Answer> answer) {
                          if (answer || answer.error().status != 503 || is_parked(answer.error())) return;
                          wait([this, timer] { fire(timer); }, fire_again);
                        }));
  }

  void deliver(const core::EntityKey& to) {
    const auto report = reports_->front(to);
    counters_.reports_waiting = reports_->size();
    if (!report || !delivering_.insert(to).second) return;
    parts_.host->submit(
        system_command(to, "report", core::to_json(*report), report->driver + ":" + report->key, {}),
        later([this, to](core::Result<Answer> answer) {
          delivering_.erase(to);
          if (!answer && answer.error().status == 503 && !is_parked(answer.error()))
            return wait([this, to] { deliver(to); }, deliver_again);
          if (!answer && parts_.log)
            parts_.log("report refused by " + core::to_string(to) + ": " + core::to_line(answer.error()));
          reports_->pop(to);
          deliver(to);
        }));
  }

  void wait(std::function<void()> step, std::chrono::milliseconds delay) {
    self_->delayed_send(self_, delay, std::make_shared<std::function<void()>>(std::move(step)));
  }

  core::CommandEnvelope system_command(const core::EntityKey& to, std::string name, std::string body, std::string cause,
                                       std::string correlation) const {
    core::CommandEnvelope command;
    command.id = core::new_uuid(parts_.clock->now());
    command.target = to;
    command.name = std::move(name);
    command.body = std::move(body);
    command.principal = core::system_principal();
    command.cause = std::move(cause);
    command.correlation = std::move(correlation);
    return command;
  }

  EffectParts parts_;
  caf::actor_system& system_;
  caf::actor actor_;
  caf::event_based_actor* self_ = nullptr;
  std::atomic<bool> stopped_{false};
  Counters& counters_;
  std::shared_ptr<Counters> counters_owner_;
  std::shared_ptr<Attempts> attempts_;
  std::shared_ptr<WaitingReports> reports_;
  KeepDriver::Sink sink_;
  // Only the actor touches these.
  WorkQueues works_{[this](const std::string& driver) { return waits_for_others(driver); }};
  TimerQueue timers_;
  std::set<core::EntityKey> delivering_;
  struct Letter {
    std::string id;
    std::uint32_t retries = 0;
  };
  std::map<std::string, Letter> letters_;  // of works that a person had tried again
  std::optional<core::Timestamp> tick_at_;
  bool doubting_ = false, knows_all_ = false, watching_ = false, pump_is_due_ = false;
  core::Timestamp others_end_at_;
  std::size_t late_appends_ = 0;  // of which nobody knows yet whether they will come
  std::uint64_t known_to_ = 0;    // no work that stands before this in the log is missing
  Watch watch_;
};

}  // namespace

std::shared_ptr<EffectRunner> make_effect_runner(caf::actor_system& system, EffectParts parts, EffectMemory memory) {
  return std::make_shared<Runner>(system, std::move(parts), std::move(memory));
}

}  // namespace nova::host
