// What a node knows of the kill switches: whom they cover, and that what is not known lets nothing out (S03).
#include "governance/killswitch/truth.hpp"

#include "governance/killswitch/rules.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::killswitch;
using namespace std::chrono_literals;
using core::Fence;
using core::Reach;
using kill_switch::Scope;

namespace {

class HandClock final : public core::Clock {
 public:
  core::Timestamp now() const override { return {0}; }
  std::chrono::nanoseconds monotonic() const override { return at; }
  std::chrono::nanoseconds at{1h};
};

Line line(Scope scope, const std::string& target = "", bool engaged = true, std::uint64_t epoch = 1) {
  Line made;
  made.id = kill_switch::id_of(scope, target);
  made.scope = scope;
  made.target = target;
  made.engaged = engaged;
  made.epoch = epoch;
  return made;
}

Reach web(const std::string& tenant = "acme") {
  Reach reach;
  reach.tenant = tenant;
  return reach;
}
Reach model_here(const std::string& layer = "main") {
  Reach reach;
  reach.external = false;
  reach.ai = true;
  reach.layer = layer;
  reach.agent = "helper";
  reach.model = "llama-3";
  return reach;
}

struct Home {
  HandClock clock;
  Truth truth{clock};
  explicit Home(bool alone = true) {
    truth.loaded();
    if (alone) truth.alone();
  }
  Fence::Answer ask(const Reach& reach) const { return truth.judge(reach).answer; }
};

}  // namespace

TEST_CASE("truth: global stops all AI and what leaves, external_only what leaves, and nothing stops what is local") {
  Home home;
  for (const auto& reach : {web(), model_here(), core::local_reach()}) CHECK(home.ask(reach) == Fence::Answer::go);
  home.truth.put(line(Scope::external_only), 1);
  CHECK(home.ask(web()) == Fence::Answer::stop);
  CHECK(home.ask(model_here()) == Fence::Answer::go);
  home.truth.put(line(Scope::global), 1);
  CHECK(home.ask(model_here()) == Fence::Answer::stop);
  CHECK(home.ask(core::local_reach()) == Fence::Answer::go);
  const auto verdict = home.truth.judge(model_here());
  CHECK(verdict.why.code == "killswitch.active");
  CHECK(verdict.why.status == 503);
}

TEST_CASE("truth: two layers are stopped at once and released apart") {
  Home home;
  home.truth.put(line(Scope::layer, "main"), 1);
  home.truth.put(line(Scope::layer, "spare"), 1);
  CHECK(home.ask(model_here("main")) == Fence::Answer::stop);
  CHECK(home.ask(model_here("spare")) == Fence::Answer::stop);
  CHECK(home.ask(model_here("third")) == Fence::Answer::go);
  home.truth.put(line(Scope::layer, "main", false, 2), 2);
  CHECK(home.ask(model_here("main")) == Fence::Answer::go);
  CHECK(home.ask(model_here("spare")) == Fence::Answer::stop);
  // Released only when no engaged switch covers the target.
  home.truth.put(line(Scope::global), 1);
  home.truth.put(line(Scope::layer, "spare", false, 2), 2);
  CHECK(home.ask(model_here("spare")) == Fence::Answer::stop);
}

TEST_CASE("truth: each scope stops its own target and no other") {
  struct Row {
    Scope scope;
    std::string Reach::*part;
  };
  for (const auto& row : {Row{Scope::layer, &Reach::layer}, Row{Scope::platform, &Reach::platform},
                          Row{Scope::provider, &Reach::provider}, Row{Scope::agent, &Reach::agent},
                          Row{Scope::model, &Reach::model}, Row{Scope::tenant, &Reach::tenant}}) {
    Home home;
    home.truth.put(line(row.scope, "one"), 1);
    Reach reach;
    CHECK(home.ask(reach) == Fence::Answer::go);
    reach.*row.part = "two";
    CHECK(home.ask(reach) == Fence::Answer::go);
    reach.*row.part = "one";
    CHECK(home.ask(reach) == Fence::Answer::stop);
  }
}

TEST_CASE("truth: what was not loaded, not heard or heard too long ago lets nothing out, and local work goes on") {
  HandClock clock;
  Truth truth(clock);
  const auto ask = [&](const Reach& reach) { return truth.judge(reach).answer; };
  CHECK(ask(web()) == Fence::Answer::unknown);
  truth.alone();
  CHECK(ask(web()) == Fence::Answer::unknown);

  Home among(false);
  CHECK(among.ask(web()) == Fence::Answer::unknown);
  among.truth.fresh_at(among.clock.at);
  CHECK(among.ask(web()) == Fence::Answer::go);
  among.clock.at += bound - 1ms;
  CHECK(among.ask(web()) == Fence::Answer::go);
  among.clock.at += 1ms;
  CHECK(among.ask(web()) == Fence::Answer::unknown);
  CHECK(among.truth.judge(web()).why.code == "killswitch.unknown");
  CHECK(among.ask(model_here()) == Fence::Answer::unknown);
  CHECK(among.ask(core::local_reach()) == Fence::Answer::go);
  // An old word does not come true by coming late.
  among.truth.fresh_at(among.clock.at - 1s);
  CHECK(among.ask(web()) == Fence::Answer::unknown);
  among.truth.put(line(Scope::global), 1);
  CHECK(among.ask(web()) == Fence::Answer::unknown);
  among.truth.fresh_at(among.clock.at);
  CHECK(among.ask(web()) == Fence::Answer::stop);
}

TEST_CASE("truth: an earlier version that comes late changes nothing, and epochs only grow") {
  Home home;
  home.truth.put(line(Scope::global, "", true, 3), 3);
  home.truth.put(line(Scope::global, "", false, 2), 2);
  CHECK(home.ask(web()) == Fence::Answer::stop);
  CHECK(home.truth.epoch() == 3);
  home.truth.put(line(Scope::layer, "main", true, 1), 1);
  CHECK(home.truth.epoch() == 4);
  CHECK(home.truth.epochs().at(Scope::layer) == 1);
  CHECK(home.truth.engaged().size() == 2);
}

TEST_CASE("truth: a permit is refused before its first byte, and withdrawn after it") {
  Home home;
  core::Permit permit(&home.truth, web());
  CHECK(permit.may_go_on());
  CHECK_FALSE(permit.is_begun());
  home.truth.put(line(Scope::global), 1);
  CHECK_FALSE(permit.begin());
  CHECK_FALSE(permit.is_begun());
  // It is not given back by a release: the attempt has been told that it is over.
  home.truth.put(line(Scope::global, "", false, 2), 2);
  CHECK_FALSE(permit.begin());
  core::Permit next(&home.truth, web());
  CHECK(next.begin());
  home.truth.put(line(Scope::global, "", true, 3), 3);
  CHECK(next.may_go_on());  // it has begun; whoever watches withdraws it
  next.withdraw(home.truth.judge(web()));
  CHECK(next.is_withdrawn());
  CHECK(next.is_begun());
  CHECK(next.stopped()->why.code == "killswitch.active");
  CHECK(core::Permit(nullptr, web()).begin());
}

TEST_CASE("truth: an AI principal does nothing while a switch covers it, and people go on") {
  struct Open final : gate::Rules {
    core::DecisionRecord decide(const gate::Request&) const override {
      return gate::decision_of(core::DecisionRecord::Answer::allow, "open");
    }
  };
  Home home;
  const auto rules = make_rules(home.truth, std::make_shared<Open>());
  const core::EntityKey key{"acme", "platform", "shop"};
  const auto ask = [&](const core::Principal& who) {
    return rules->decide({who, kill_switch::kind(), kill_switch::kind().commands[0], key, "active", "", {}});
  };
  const core::Principal agent{"helper", "ai"}, other{"clerk", "ai"}, person{"olivia", "user"};
  using Answer = core::DecisionRecord::Answer;
  CHECK(ask(agent).answer == Answer::allow);
  home.truth.put(line(Scope::agent, "helper"), 1);
  CHECK(ask(agent).answer == Answer::deny);
  CHECK(ask(agent).rules == std::vector<std::string>{"killswitch.active"});
  CHECK(ask(other).answer == Answer::allow);
  home.truth.put(line(Scope::platform, "acme/other"), 1);
  CHECK(ask(other).answer == Answer::allow);
  home.truth.put(line(Scope::platform, "acme/shop"), 1);
  CHECK(ask(other).answer == Answer::deny);
  CHECK(ask(person).answer == Answer::allow);
  home.truth.put(line(Scope::platform, "acme/shop", false, 2), 2);
  CHECK(ask(other).answer == Answer::allow);
  home.truth.put(line(Scope::global), 1);
  CHECK(ask(other).answer == Answer::deny);
  CHECK(ask(person).answer == Answer::allow);
  core::Error error;
  rules->explain(ask(other), error);
  CHECK(error.code == "killswitch.active");
  CHECK(error.status == 503);
  Home unheard(false);
  CHECK(make_rules(unheard.truth, std::make_shared<Open>())
            ->decide({agent, kill_switch::kind(), kill_switch::kind().commands[0], key, "active", "", {}})
            .answer == Answer::deny);
}
