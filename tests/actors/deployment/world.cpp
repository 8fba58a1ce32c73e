#include "tests/actors/deployment/world.hpp"

#include "core/json.hpp"

#include <algorithm>

namespace nova::deployment::story {
namespace {

std::string service_of_key(const std::string& key) { return key.substr(self.size() + 1); }

/// Versions 1 to 3 of two or three services; some never come up.
Services some_services(testkit::Random& random) {
  const int version = int(random.between(1, 3));
  auto services = clinic(version);
  if (random.one_in(3)) services["worker"] = api(version);
  if (services.contains("worker")) services["worker"].port = random.one_in(2) ? 0 : 7483;
  if (random.one_in(4)) std::swap(services["api"].port, services["web"].port);
  services["web"].scale = random.between(0, 3);
  if (random.one_in(3)) services[random.one_in(2) ? "api" : "web"].env["BAD"] = "1";
  return services;
}

}  // namespace

void RandomWorld::command(const Command& command, bool by_person) {
  context_.principal = by_person ? core::Principal{"amy", "user"} : core::system_principal();
  auto decision = decide(state_, command, context_);
  refused_ = decision.refused().has_value();
  if (refused_) {
    CHECK(decision.refused()->code.find('.') != std::string::npos);
    CHECK(by_person);  // What the runtime itself says is never refused.
    return;
  }
  for (const auto& event : decision.events()) {
    log_.emplace_back(event.index(), std::visit([](const auto& e) { return core::to_json(e); }, event));
    state_ = evolve(std::move(state_), event);
    ++context_.version;
  }
  if (decision.events().empty()) {
    const auto& asks = decision.asks();
    CHECK(asks.works.size() + asks.keeps.size() + asks.timers.size() + asks.claims.size() == 0);
    return;
  }
  carry_out(decision.asks());
  check();
}

void RandomWorld::carry_out(const core::Asks& asks) {
  for (const auto& claim : asks.claims) {
    if (claim.release)
      CHECK(claims_.erase(claim.name) == 1);
    else
      CHECK(claims_.insert(claim.name).second);
  }
  for (const auto& work : asks.works) {
    INFO("work " << work.id);
    CHECK(core::json_valid(work.payload));
    CHECK(works_.insert(work.id).second);
    if (work.order_key.ends_with("/quota"))
      slot_works_[work.id] = core::json_text(work.payload, "body.id").value_or("");
    CHECK(std::find(settled_.begin(), settled_.end(), work.id) == settled_.end());
  }
  for (const auto& timer : asks.timers) {
    if (timer.at)
      timers_[timer.id] = *timer.at;
    else
      timers_.erase(timer.id);
  }
  // The edge hears first, as it is asked first.
  for (const auto& keep : asks.keeps)
    if (keep.driver == "edge") keep_edge(keep);
  for (const auto& keep : asks.keeps)
    if (keep.driver == "process") keep_process(keep);
}

void RandomWorld::keep_edge(const core::KeepAsk& ask) {
  const auto service = service_of_key(ask.key);
  auto& edge = edges_[service];
  if (!ask.payload) {
    INFO("the route of " << service << " is dropped");
    CHECK(edge.kept);
    edge.kept = false;
    edge.backends.clear();
    edge.gone_said = false;
    return;
  }
  const auto route = core::from_json<service::Route>(*ask.payload);
  REQUIRE(route);
  CHECK(route->generation > edge.wanted);
  std::set<std::string> backends, revisions;
  for (const auto& backend : route->backends) {
    INFO("the route of " << service << " leads to " << backend.id);
    const auto found = processes_.find(backend.id);
    REQUIRE(found != processes_.end());
    CHECK(found->second.was_ready);
    CHECK(found->second.kept);
    CHECK(std::uint32_t(backend.port) == found->second.port);
    backends.insert(backend.id);
    revisions.insert(std::to_string(found->second.revision));
  }
  CHECK(revisions.size() <= 1);
  edge.kept = true;
  edge.wanted = route->generation;
  edge.backends = backends;
  edge.drained = false;
}

void RandomWorld::keep_process(const core::KeepAsk& ask) {
  INFO("process " << ask.key);
  CHECK(ask.report_to.id == ask.key);
  if (!ask.payload) {
    auto& process = processes_.at(ask.key);
    CHECK(process.kept);
    // What is taken away is reached by nobody any more, unless the edge was given up on.
    const auto& edge = edges_[process.service];
    CHECK(!edge.backends.contains(ask.key));
    if (!edge.given_up) CHECK((!edge.applied_backends.contains(ask.key) && !edge.busy.contains(ask.key)));
    process.kept = false;
    return;
  }
  const auto wanted = core::from_json<service::Instance>(*ask.payload);
  REQUIRE(wanted);
  auto& process = processes_[ask.key];
  CHECK(wanted->attempt > process.attempt);
  const bool runs_on = process.kept && process.attempt != 0;
  // A process that answers is restarted only where nobody can meet it, unless the edge was given up on.
  if (runs_on && (process.phase == Phase::ready || process.phase == Phase::unready)) {
    const auto& edge = edges_[process.service];
    CHECK(!edge.backends.contains(ask.key));
    if (!edge.given_up) CHECK((!edge.applied_backends.contains(ask.key) && !edge.busy.contains(ask.key)));
  }
  process.attempt = wanted->attempt;
  process.revision = wanted->revision;
  process.service = wanted->service;
  process.bad = wanted->spec.env.contains("BAD");
  process.kept = true;
  process.phase = Phase::starting;
  if (runs_on) return;
  process.was_ready = false;
  process.port = next_port_++;
  if (next_port_ > 60000) next_port_ = 20000;
}

void RandomWorld::say(Process& process, const std::string& id, Phase phase) {
  process.phase = phase;
  ObserveInstance seen;
  seen.instance = id;
  seen.service = process.service;
  seen.revision = process.revision;
  seen.phase = phase;
  seen.port = process.port;
  seen.restarts = process.restarts;
  seen.attempt = process.attempt;
  seen.code = phase == Phase::stopped ? "stop.dropped" : std::string(core::name_of(phase));
  process.said.push_back(seen);
}

void RandomWorld::step_process(Process& process, const std::string& id, bool calm) {
  if (!process.kept) {
    if (process.phase != Phase::stopped) say(process, id, Phase::stopped);
    return;
  }
  const bool fails = !calm && random_.one_in(manner_.failures_in);
  switch (process.phase) {
    case Phase::starting:
    case Phase::backoff:
      if (process.bad) return say(process, id, random_.one_in(2) ? Phase::quarantined : Phase::failed);
      if (fails) return say(process, id, Phase::failed);
      return say(process, id, Phase::ready);
    case Phase::ready:
      if (!fails) return;
      ++process.restarts;
      return say(process, id,
                 random_.one_in(3)   ? Phase::quarantined
                 : random_.one_in(2) ? Phase::backoff
                                     : Phase::unready);
    case Phase::unready:
      return say(process, id, Phase::ready);
    default:
      return;
  }
}

void RandomWorld::say(Edge& edge, const std::string& service, const char* phase, std::uint64_t generation) {
  core::Report report;
  report.driver = "edge";
  report.key = std::string(self) + "." + service;
  report.phase = phase;
  report.code = std::string_view(phase) == "failed" ? "edge.port_in_use" : "";
  report.data.text = R"({"generation":)" + std::to_string(generation) + "}";
  edge.said.push_back(std::move(report));
}

void RandomWorld::step_edge(Edge& edge, const std::string& service, bool calm) {
  if (!edge.kept) {
    edge.applied_backends.clear();
    edge.busy.clear();
    edge.given_up = false;
    if (!edge.gone_said) say(edge, service, "stopped", edge.wanted);
    edge.gone_said = true;
    return;
  }
  if (edge.applied != edge.wanted) {
    if (!calm && random_.one_in(manner_.failures_in)) return say(edge, service, "failed", edge.wanted);
    edge.applied = edge.wanted;
    edge.busy.insert(edge.applied_backends.begin(), edge.applied_backends.end());
    edge.applied_backends = edge.backends;
    for (const auto& id : edge.backends) edge.busy.erase(id);
    edge.given_up = false;
    return say(edge, service, "applied", edge.applied);
  }
  if (edge.drained) return;
  edge.drained = true;
  edge.busy.clear();
  say(edge, service, "drained", edge.applied);
}

bool RandomWorld::deliver_one(bool may_repeat) {
  std::vector<std::string> with_mail;
  for (const auto& [id, process] : processes_)
    if (!process.said.empty()) with_mail.push_back(id);
  for (const auto& [service, edge] : edges_)
    if (!edge.said.empty()) with_mail.push_back("/" + service);
  if (with_mail.empty()) return false;
  const auto& from = with_mail[random_.below(with_mail.size())];
  const bool lost = !manner_.friendly && may_repeat && random_.one_in(4);
  const bool again = may_repeat && random_.one_in(5);
  if (from[0] == '/') {
    auto& said = edges_[from.substr(1)].said;
    const auto at = random_.below(said.size());
    const auto report = said[at];
    if (!again || lost) said.erase(said.begin() + std::ptrdiff_t(at));
    if (!lost) command(report, false);
    return true;
  }
  auto& process = processes_[from];
  const auto seen = process.said.front();
  if (!again || lost) process.said.pop_front();
  if (seen.phase == Phase::ready && seen.attempt == process.attempt) process.was_ready = true;
  if (!lost) command(seen, false);
  return true;
}

bool RandomWorld::settle_one(bool calm) {
  if (works_.empty()) return false;
  auto work = works_.begin();
  std::advance(work, std::ptrdiff_t(random_.below(works_.size())));
  const auto id = *work;
  works_.erase(work);
  settled_.push_back(id);
  // What is given back is given back in the end, and what was taken can be confirmed.
  const auto slot = slot_works_.find(id);
  const bool takes = id.starts_with("reserve-");
  const bool fails = (slot == slot_works_.end() || takes) && !calm && random_.one_in(manner_.failures_in);
  if (takes && !fails) CHECK(slots_.insert(slot->second).second);
  if (id.starts_with("release-")) slots_.erase(slot->second.substr(0, slot->second.find(".back")));
  command(settle(id, fails ? core::Outcome::failed : core::Outcome::done, fails ? "source.not_found" : ""), false);
  return true;
}

bool RandomWorld::fire_due() {
  const auto due =
      std::find_if(timers_.begin(), timers_.end(), [&](const auto& t) { return t.second <= context_.now; });
  if (due == timers_.end()) return false;
  const core::Fire fire{due->first};
  const auto timer = state_.timers.at(fire.timer_id);
  // An edge that never says that a dropped route is gone does not hold up the end of its service.
  for (auto& [service, edge] : edges_)
    if (timer.wait == Wait::drain && timer.about == service) edge.busy.clear();
  for (auto& [service, edge] : edges_)
    if (timer.wait == Wait::stop || (timer.wait == Wait::drain && timer.about == service && !edge.kept))
      edge.given_up = true;
  timers_.erase(due);
  command(fire, false);
  CHECK_FALSE(state_.timers.contains(fire.timer_id));
  return true;
}

void RandomWorld::person() {
  const auto& s = state_;
  const std::string service = random_.one_in(2) ? "web" : random_.one_in(2) ? "api" : "worker";
  switch (random_.below(14)) {
    case 0:
    case 1:
    case 2:
    case 3:
      return command(deploy(some_services(random_)));
    case 4:
      return command(Rollback{random_.below(3), "back"});
    case 5:
      return command(Scale{service, random_.between(0, 4)});
    case 6:
      return command(Scale{service, random_.between(0, 4)});
    case 7:
      return command(Restart{random_.one_in(2) ? std::string() : service});
    case 8:
      return command(Cancel{"no"});
    case 9:
      return command(Start{});
    case 10:
      return random_.one_in(3) ? command(Stop{"enough"}) : void();
    case 11:
      return random_.one_in(6) ? command(Delete{random_.one_in(2), "gone"}) : void();
    default:
      if (s.escalations.empty()) return;
      return command(Resolve{s.escalations.begin()->second, Answer(random_.below(3)), "because", "amy"}, true);
  }
}

void RandomWorld::step() {
  const auto passing = manner_.friendly ? random_.below(500) : random_.below(20'000);
  context_.now = context_.now + std::chrono::milliseconds(passing);
  while (fire_due()) {
  }
  switch (random_.below(12)) {
    case 0:
      return person();
    case 1:
      (void)settle_one(false);
      return;
    case 2:
      if (!settled_.empty()) command(settle(settled_[random_.below(settled_.size())]), false);
      return;
    case 3:
      return check_replay();
    case 4:
    case 5:
      if (edges_.empty()) return;
      {
        auto edge = edges_.begin();
        std::advance(edge, std::ptrdiff_t(random_.below(edges_.size())));
        return step_edge(edge->second, edge->first, false);
      }
    case 6:
    case 7:
    case 8:
      if (processes_.empty()) return;
      {
        auto process = processes_.begin();
        std::advance(process, std::ptrdiff_t(random_.below(processes_.size())));
        return step_process(process->second, process->first, false);
      }
    default:
      (void)deliver_one(true);
      return;
  }
}

void RandomWorld::come_to_rest() {
  constexpr int rounds_max = 20'000;
  for (int round = 0; round < rounds_max; ++round) {
    for (auto& [id, process] : processes_) step_process(process, id, true);
    for (auto& [service, edge] : edges_) step_edge(edge, service, true);
    if (settle_one(true) || deliver_one(false)) continue;
    if (timers_.empty()) return check_replay();
    const auto next = std::min_element(timers_.begin(), timers_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    context_.now = std::max(context_.now, next->second);
    CHECK(fire_due());
  }
  FAIL("it does not come to rest");
}

void RandomWorld::check() {
  INFO("status " << core::name_of(state_.status) << ", current " << state_.current << ", candidate "
                 << state_.candidate);
  // What is asked for and what the state remembers is the same: nothing outstanding is forgotten.
  std::set<std::string> works;
  for (const auto& [id, work] : state_.works) works.insert(id);
  CHECK((works == works_));
  CHECK(state_.timers.size() == timers_.size());
  for (const auto& [id, timer] : state_.timers) CHECK((timers_.contains(id) && timers_[id] == timer.at));
  for (const auto& [id, known] : state_.instances) CHECK(processes_.at(id).kept == known.wanted);
  for (const auto& [service, route] : state_.routes) CHECK(edges_.at(service).kept == route.kept);

  const auto serving = std::count_if(state_.revisions.begin(), state_.revisions.end(),
                                     [](const Revision& r) { return r.state == RevisionState::running; });
  CHECK(serving <= 1);
  for (const auto& [service, route] : state_.routes)
    for (const auto& backend : route.backends) {
      INFO(service << " -> " << backend.id);
      REQUIRE(state_.instances.contains(backend.id));
      CHECK(state_.instances.at(backend.id).revision == route.revision);
      CHECK(state_.instances.at(backend.id).wanted);
    }
  // While a revision serves, each of its routes has somewhere to lead to: its own instances or the candidate's.
  if (state_.serving && state_.status != Status::verifying)
    for (const auto& [service, route] : state_.routes)
      if (route.kept) CHECK(route.revision == state_.current);
  const bool waits = state_.candidate != 0 || state_.status == Status::stopping || state_.status == Status::deleting;
  if (waits) CHECK(state_.timers.size() + state_.works.size() > 0);
  CHECK(core::to_json(state_).size() <= 64 * 1024);
}

void RandomWorld::check_replay() {
  const auto stored = core::to_json(state_);
  const auto fold = [&] {
    const auto replayed = kind().make_state();
    for (const auto& [row, body] : log_) {
      const auto event = kind().make_event(row);
      REQUIRE(core::from_json(*kind().events[row].type, event.get(), body, core::Reading::stored));
      kind().evolve(replayed.get(), row, event.get());
    }
    return core::to_json(*kind().state, replayed.get());
  };
  CHECK((fold() == stored));
  // A node that was killed reads the document; it must be as good as the state in memory.
  auto read = core::from_json<State>(stored, core::Reading::stored);
  REQUIRE(read);
  state_ = std::move(read).value();
}

}  // namespace nova::deployment::story
