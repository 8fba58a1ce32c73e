// What must hold at the end of every run, whatever went wrong in it.
#include "core/describe/codec.hpp"
#include "tests/simulation/account.hpp"
#include "tests/simulation/ground/marks.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <set>

namespace nova::simulation {
namespace {

using core::to_string;

/// One stored event, read.
struct Line {
  const core::StoredEvent* stored;
  core::EventMeta meta;
  std::string token;
};

template <class Body>
Body body_of(const Line& line) {
  return core::from_json<Body>(line.stored->body, core::Reading::stored).value();
}

class Check {
 public:
  explicit Check(World& world) : world_(world) {}

  std::string run() {
    load();
    for (auto part : {&Check::dense, &Check::gate, &Check::promises, &Check::documents, &Check::facts, &Check::claims,
                      &Check::works, &Check::timers, &Check::keeps, &Check::subscribers, &Check::kills}) {
      if (!breach_.empty()) break;
      (this->*part)();
    }
    return breach_;
  }

 private:
  void breach(const std::string& what) {
    if (breach_.empty()) breach_ = what;
  }

  void load() {
    for (std::uint64_t after = 0;;) {
      auto slice = world_.store().read_all(after, {}, 1000);
      if (!slice) return breach("dense: the log cannot be read: " + core::to_line(slice.error()));
      for (auto& event : slice->events) log_.push_back(std::move(event));
      if (slice->scanned_to == after) break;
      after = slice->scanned_to;
    }
    for (const auto& event : log_) {
      auto meta = core::from_json<core::EventMeta>(event.meta, core::Reading::stored);
      if (!meta) return breach("dense: the envelope at " + std::to_string(event.position) + " cannot be read");
      Line line{&event, std::move(*meta), {}};
      // Only the first field of a body is asked for; a "decided" has none.
      if (const auto at = event.body.find("\"token\":\""); at != std::string::npos) {
        const auto from = at + 9;
        line.token = event.body.substr(from, event.body.find('"', from) - from);
      }
      lines_.push_back(std::move(line));
    }
  }

  // Positions and versions have no gap, and one command's events stand together.
  void dense() {
    std::map<core::EntityKey, std::uint64_t> versions;
    std::set<std::string> commands, ids;
    std::uint64_t position = 0;
    std::string last_command;
    for (const auto& line : lines_) {
      const auto& event = *line.stored;
      if (event.position != ++position)
        return breach("dense: position " + std::to_string(event.position) + " stands at " + std::to_string(position));
      if (event.version != ++versions[event.entity])
        return breach("dense: " + to_string(event.entity) + " has version " + std::to_string(event.version) +
                      " instead of " + std::to_string(versions[event.entity]));
      if (!ids.insert(event.id).second) return breach("dense: event " + event.id + " stands twice");
      if (line.meta.command_id != last_command && !commands.insert(line.meta.command_id).second)
        return breach("dense: the events of command " + line.meta.command_id + " do not stand together");
      last_command = line.meta.command_id;
    }
  }

  // Nobody passes the gate who may not, and each command's first event says why it passed.
  void gate() {
    std::string last_command;
    for (const auto& line : lines_) {
      if (line.meta.principal != "operator" && line.meta.principal_type != "system")
        return breach("gate: " + line.meta.principal + " changed " + to_string(line.stored->entity));
      const bool internal = line.meta.command == "account.settle" || line.meta.command == "account.fire" ||
                            line.meta.command == "account.report";
      if (internal && line.meta.principal_type != "system")
        return breach("gate: " + line.meta.command + " came from " + line.meta.principal);
      if (line.meta.command_id != last_command &&
          (!line.meta.decision || line.meta.decision->answer != core::DecisionRecord::Answer::allow))
        return breach("gate: position " + std::to_string(line.stored->position) + " has no decision that allows it");
      last_command = line.meta.command_id;
    }
  }

  // What was acknowledged is there once; what was refused is not there; nothing is there twice.
  void promises() {
    std::map<std::string, std::vector<const Line*>> by_token, by_command;
    for (const auto& line : lines_) {
      by_command[line.meta.command_id].push_back(&line);
      const bool ordered = line.meta.principal_type != "system";
      if (ordered) by_token[line.meta.body_hash].push_back(&line);
    }
    for (const auto& client : world_.clients())
      for (const auto& intent : client->intents()) {
        promise(*intent, by_token[intent->token]);
        if (!breach_.empty()) return;
      }
  }

  void promise(const Intent& intent, const std::vector<const Line*>& firsts) {
    const auto what = to_string(intent.entity) + "." + intent.command + " (" + intent.token + ")";
    // The hash of the request stands on the first event of each command alone.
    if (firsts.size() > 1) return breach("once: " + what + " was applied " + std::to_string(firsts.size()) + " times");
    if (intent.dry_run && !firsts.empty()) return breach("once: the dry run " + what + " was stored");
    if (intent.end == Intent::End::refused && intent.sent <= 1 && !firsts.empty())
      return breach("refused: " + what + " was refused with " + intent.refusal + " and is in the log");
    if (intent.end == Intent::End::done && !intent.dry_run) {
      if (firsts.empty()) return breach("acknowledged: " + what + " is not in the log");
      acknowledged(intent, *firsts.front(), what);
    }
    if (firsts.empty()) return;
    const auto& event = *firsts.front()->stored;
    if (event.entity != intent.entity) return breach("once: " + what + " is in the log of another entity");
    if (intent.expected_version >= 0 && event.version != std::uint64_t(intent.expected_version) + 1)
      return breach("if_match: " + what + " was meant for version " + std::to_string(intent.expected_version) +
                    " and stands at " + std::to_string(event.version));
    if (intent.deadline.ms != 0 && event.at > intent.deadline) return breach("deadline: " + what + " came too late");
  }

  void acknowledged(const Intent& intent, const Line& first, const std::string& what) {
    const auto& answer = *intent.answer;
    std::uint64_t last = first.stored->position;
    std::size_t events = 0;
    for (auto at = first.stored->position; at <= lines_.size(); ++at) {
      const auto& line = lines_[at - 1];
      if (line.meta.command_id != first.meta.command_id) break;
      last = at;
      if (line.stored->type != "decided") ++events;
    }
    // A replayed answer was stored before its position was known.
    if (!answer.replayed && answer.position != last)
      return breach("acknowledged: " + what + " was answered with position " + std::to_string(answer.position) +
                    " and ends at " + std::to_string(last));
    if (answer.version != lines_[last - 1].stored->version)
      return breach("acknowledged: " + what + " was answered with version " + std::to_string(answer.version) +
                    " and made " + std::to_string(lines_[last - 1].stored->version));
    if (answer.events.size() != events)
      return breach("acknowledged: " + what + " was answered with other events than it has");
  }

  // Each document is what its events fold to.
  void documents() {
    struct Folded {
      std::shared_ptr<void> state;
      std::uint64_t version = 0, intent_version = 0, position = 0;
      core::Timestamp at;
    };
    std::map<core::EntityKey, Folded> folded;
    for (const auto& event : log_) {
      auto& entity = folded[event.entity];
      entity.version = event.version;
      entity.position = event.position;
      entity.at = event.at;
      const auto& kind = *core::find_kind(event.entity.kind);
      if (!entity.state) entity.state = kind.make_state();
      const int row = kind.event_row(event.type);
      if (row < 0) continue;
      auto value = kind.make_event(std::size_t(row));
      if (!core::from_json(*kind.events[std::size_t(row)].type, value.get(), event.body, core::Reading::stored))
        return breach("documents: the event at " + std::to_string(event.position) + " cannot be read");
      kind.evolve(entity.state.get(), std::size_t(row), value.get());
      if (!kind.events[std::size_t(row)].observation) ++entity.intent_version;
    }
    for (const auto& [key, entity] : folded) {
      const auto found = world_.store().document(key);
      if (!found.ok() || !*found) return breach("documents: " + to_string(key) + " has none");
      const auto& document = **found;
      const auto& kind = *core::find_kind(key.kind);
      const auto body = core::to_json(*kind.state, entity.state.get());
      if (document.version != entity.version || document.position != entity.position)
        return breach("documents: that of " + to_string(key) + " is of version " + std::to_string(document.version) +
                      ", the log of " + std::to_string(entity.version));
      if (document.body != body || document.status != kind.summarise(entity.state.get()).status)
        return breach("documents: that of " + to_string(key) + " is " + document.body + ", its events fold to " + body);
      if (document.intent_version != entity.intent_version || document.updated_at != entity.at)
        return breach("documents: that of " + to_string(key) + " has another intent version or time than its log");
      if (key.kind == "account") states_[key] = core::from_json<account::State>(body, core::Reading::stored).value();
    }
  }

  // A strict fact is what it was said to be at the very position of the event that used it.
  void facts() {
    std::map<core::EntityKey, std::uint64_t> versions;
    std::map<core::EntityKey, std::int64_t> totals;
    for (const auto& line : lines_) {
      const auto& event = *line.stored;
      if (event.type == "account.copied") {
        const auto copied = body_of<account::Copied>(line);
        const core::EntityKey other{event.entity.tenant, "account", copied.other};
        // An entity that reads itself sees the state before its own event.
        const auto version = versions[other];
        if (std::uint64_t(copied.version) != version || (other != event.entity && copied.total != totals[other]))
          return breach("facts: position " + std::to_string(event.position) + " used " + to_string(other) +
                        " at version " + std::to_string(copied.version) + ", which was at " + std::to_string(version));
        totals[event.entity] += copied.total;
      }
      if (event.type == "account.added") totals[event.entity] += body_of<account::Added>(line).amount;
      versions[event.entity] = event.version;
    }
  }

  // A name has one holder at a time.
  void claims() {
    std::map<std::string, core::EntityKey> holders;
    for (const auto& line : lines_) {
      if (line.stored->type != "account.claimed") continue;
      const auto claimed = body_of<account::Claimed>(line);
      const auto holder = holders.find(claimed.name);
      if (!claimed.release && holder != holders.end() && holder->second != line.stored->entity)
        return breach("claims: " + claimed.name + " was given to " + to_string(line.stored->entity) + " while " +
                      to_string(holder->second) + " held it");
      if (!claimed.release)
        holders[claimed.name] = line.stored->entity;
      else if (holder != holders.end() && holder->second == line.stored->entity)
        holders.erase(holder);
    }
    for (const auto& [name, key] : holders) {
      const auto held = world_.store().claim_holder(name);
      if (!held.ok() || !*held || **held != key) return breach("claims: the store does not know who holds " + name);
    }
  }

  // Effects as declared.
  void works() {
    struct Asked {
      std::uint64_t position = 0;
      std::string driver, order, outcome;
      std::uint32_t settled = 0;
    };
    std::map<std::string, Asked> asked;
    std::map<std::string, std::uint32_t> sent;
    for (const auto& line : lines_) {
      const auto id = to_string(line.stored->entity) + "#" + line.token;
      if (line.stored->type == "account.ordered") {
        const auto ordered = body_of<account::Ordered>(line);
        asked[id] = {line.stored->position,
                     ordered.driver,
                     ordered.order_key.empty() ? to_string(line.stored->entity)
                                               : line.stored->entity.tenant + "/" + ordered.order_key,
                     {},
                     0};
      } else if (line.stored->type == "account.settled") {
        auto& work = asked[id];
        work.outcome = body_of<account::Settled>(line).outcome;
        ++work.settled;
      } else if (line.token.ends_with("-sent")) {
        ++sent[line.token];
      }
    }
    std::map<std::string, std::pair<std::uint64_t, std::uint64_t>> last;  // by order key: position, order of effect
    for (const auto& work : outstanding_letters()) asked.erase(work);
    std::vector<std::pair<std::string, Asked>> in_order(asked.begin(), asked.end());
    std::sort(in_order.begin(), in_order.end(),
              [](const auto& a, const auto& b) { return a.second.position < b.second.position; });
    for (const auto& [id, work] : in_order) {
      if (work.settled != 1)
        return breach("effects: the work " + id + " has " + std::to_string(work.settled) + " outcomes");
      const auto token = id.substr(id.find('#') + 1);
      if (work.driver == "command") {
        if (work.outcome == "done" && sent[token + "-sent"] != 1)
          return breach("effects: the command of " + id + " was applied " + std::to_string(sent[token + "-sent"]) +
                        " times");
        continue;
      }
      const auto* done = world_.outside().find(id);
      const auto effects = done ? done->effects : 0;
      if (effects > 1) return breach("effects: the " + work.driver + " work " + id + " happened twice");
      if (work.outcome == "done" && effects == 0)
        return breach("effects: the work " + id + " is settled as done and never happened");
      if (work.outcome == "failed" && effects != 0 && work.driver != "idempotent")
        return breach("effects: the work " + id + " is settled as failed and happened");
      if (work.outcome == "unknown" && work.driver != "uncertain")
        return breach("effects: the outcome of the " + work.driver + " work " + id + " is unknown");
      reached("effect." + work.driver + "." + work.outcome);
      if (!done || effects == 0) continue;
      auto& [position, order] = last[work.order];
      if (done->order < order)
        return breach("effects: a later work with the same key overtook " + id + " (position " +
                      std::to_string(work.position) + ", " + work.driver + ", " + work.outcome +
                      "; the other one's is " + std::to_string(position) + ")");
      position = work.position;
      order = done->order;
    }
  }

  // Buried in plain sight: the entity would not take the outcome, and a person decides.
  std::set<std::string> outstanding_letters() {
    std::set<std::string> ids;
    const auto works = world_.store().works(0, 1000);
    if (!works) return ids;
    for (const auto& work : *works) ids.insert(to_string(work.owner) + "#" + work.ask.id);
    if (!ids.empty()) reached("effect.dead_letter");
    return ids;
  }

  void timers() {
    std::map<std::string, std::pair<core::Timestamp, int>> armed;
    for (const auto& line : lines_) {
      const auto id = to_string(line.stored->entity) + "#" + line.token;
      if (line.stored->type == "account.armed") armed[id] = {body_of<account::Armed>(line).at, 0};
      if (line.stored->type != "account.fired") continue;
      auto& [at, fired] = armed[id];
      ++fired;
      // A clock that was set back between the firing and its command explains an early one.
      if (!world_.clocks_may_jump() && body_of<account::Fired>(line).at < at)
        return breach("timers: " + id + " fired before its time");
    }
    for (const auto& [id, timer] : armed)
      if (timer.second != 1) return breach("timers: " + id + " fired " + std::to_string(timer.second) + " times");
  }

  // What runs is what was last wanted, and what was seen of it was reported.
  void keeps() {
    std::map<Outside::Key, std::string> wanted;
    for (const auto& line : lines_) {
      if (line.stored->type != "account.kept") continue;
      const auto kept = body_of<account::Kept>(line);
      const Outside::Key key{line.stored->entity.tenant, line.stored->entity.id + "-" + kept.key};
      if (kept.wanted)
        wanted[key] = kept.token;
      else
        wanted.erase(key);
    }
    const auto& running = world_.outside().running;
    for (const auto& [key, token] : wanted) {
      const auto found = running.find(key);
      if (found == running.end()) return breach("keeps: " + key.second + " is wanted and does not run");
      if (found->second.payload.find("\"" + token + "\"") == std::string::npos)
        return breach("keeps: " + key.second + " runs as " + found->second.payload + ", wanted is " + token);
    }
    for (const auto& [key, what] : running)
      if (!wanted.contains(key)) return breach("keeps: " + key.second + " runs and is not wanted");
    for (const auto& [key, seen] : world_.outside().observed) {
      const auto& reports = states_[seen.report_to].reports;
      const bool told = std::any_of(reports.begin(), reports.end(), [&](const auto& report) {
        return report.key == key.second && report.phase == seen.report.phase;
      });
      if (!told) return breach("keeps: that " + key.second + " is " + seen.report.phase + " was never reported");
    }
  }

  void subscribers() {
    for (const auto& subscriber : world_.subscribers()) {
      if (subscriber->seen().size() != log_.size())
        return breach("subscribers: one saw " + std::to_string(subscriber->seen().size()) + " of " +
                      std::to_string(log_.size()) + " events");
      for (std::size_t i = 0; i < log_.size(); ++i)
        if (subscriber->seen()[i] != log_[i].id)
          return breach("subscribers: one saw another event at position " + std::to_string(i + 1));
    }
  }

  // From the bound on nothing begins that an engaged switch covers, and on the node that engaged it nothing at once;
  // what had begun is stopped within a second.
  void kills() {
    if (!world_.killer()) return;
    for (const auto& begun : world_.outside().begun)
      for (const auto& span : world_.killer()->spans()) {
        const auto bound = begun.node == span.node ? microseconds(0) : microseconds(killswitch::bound);
        if (!killswitch::covers(span.scope, span.target, begun.reach)) continue;
        if (begun.at <= span.from + bound || (span.to && begun.at >= *span.to)) continue;
        return breach("kill: " + begun.work + " began " + std::to_string((begun.at - span.from).count() / 1000) +
                      " ms after the kill switch `" + kill_switch::id_of(span.scope, span.target) + "` was engaged");
      }
  }

  World& world_;
  std::string breach_;
  std::vector<core::StoredEvent> log_;
  std::vector<Line> lines_;
  std::map<core::EntityKey, account::State> states_;
};

}  // namespace

std::string check(World& world) { return Check(world).run(); }

}  // namespace nova::simulation
