#include "actors/policy/policy.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::policy;

namespace {

const core::Timestamp noon = testkit::story_start;

core::PolicyTerms terms(core::PolicyType type = core::PolicyType::deny) {
  core::PolicyTerms made;
  made.name = "No new shops";
  made.type = type;
  made.constraints = {{"target_resource", core::Condition::starts_with, "shop", "no new shops before spring"}};
  return made;
}
core::PolicyTerms limit(const char* value) {
  auto made = terms(core::PolicyType::limit);
  made.constraints = {{"amount_micros", core::Condition::at_most, value, "too dear"}};
  return made;
}
const core::PolicyAttributes shop{{"target_resource", "shop-2"},
                                  {"amount_micros", "500"},
                                  {"type", "resource"},
                                  {"target_platform", "acme/shop"},
                                  {"requested_by", "amy"}};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"system", "policy", "p1"});
    as("olivia");
  }
};

}  // namespace

TEST_CASE("policy: it binds from its approval until it is put out of force") {
  Spec spec;
  spec.when(Create{terms()}).then_types<Created>();
  CHECK(summarise(spec.state()).status == "draft");
  spec.when(Toggle{true, ""}).then_refused("entity.wrong_state");
  spec.when(Approve{"agreed"}).then({Approved{"olivia", "agreed", noon}});
  CHECK(summarise(spec.state()).status == "active");
  spec.when(Update{limit("9")}).then_refused("entity.wrong_state");
  spec.when(Delete{"old"}).then_refused("entity.wrong_state");
  spec.when(Toggle{false, "for now"}).then_types<Toggled>();
  spec.when(Update{limit("9")}).then_types<Updated>();
  CHECK(summarise(spec.state()).status == "draft");
  CHECK(spec.state().approved_by.empty());
  spec.when(Delete{"old"}).then_types<Deleted>().when(Approve{}).then_refused("entity.wrong_state");
}

TEST_CASE("policy: what could never be evaluated is not written down") {
  auto wrong = terms();
  wrong.constraints = {};
  Spec().when(Create{wrong}).then_problem("terms.constraints");
  wrong = terms();
  wrong.constraints[0].target = "moon";
  Spec().when(Create{wrong}).then_problem("terms.constraints");
  wrong = terms();
  wrong.constraints[0].condition = core::Condition::at_most;
  Spec().when(Create{wrong}).then_problem("terms.constraints");
  Spec().when(Create{limit("much")}).then_problem("terms.constraints");
  wrong = terms(core::PolicyType::limit);
  Spec().when(Create{wrong}).then_problem("terms.constraints");
  wrong = terms(core::PolicyType::conditional);
  Spec().when(Create{wrong}).then_problem("terms.constraints");
  wrong = terms();
  wrong.scope = core::PolicyScope::platform;
  Spec().when(Create{wrong}).then_problem("terms.scope_target");
  wrong = terms();
  wrong.scope_target = "acme/shop";
  Spec().when(Create{wrong}).then_problem("terms.scope_target");
}

TEST_CASE("policy: each type objects to what it is for") {
  using core::objection;
  CHECK(objection(terms(), shop, false) == "no new shops before spring");
  auto other = shop;
  other["target_resource"] = "clinic";
  CHECK_FALSE(objection(terms(), other, false));
  CHECK_FALSE(objection(terms(core::PolicyType::constraint), shop, false));
  CHECK(objection(terms(core::PolicyType::constraint), other, false));
  CHECK_FALSE(objection(limit("500"), shop, false));
  CHECK(objection(limit("499"), shop, false) == "too dear");
  auto require = terms(core::PolicyType::require);
  CHECK_FALSE(objection(require, other, false));
  CHECK(objection(require, other, true));
  auto conditional = terms(core::PolicyType::conditional);
  conditional.constraints.push_back({"amount_micros", core::Condition::at_most, "10", "shops are cheap"});
  CHECK(objection(conditional, shop, false) == "shops are cheap");
  CHECK_FALSE(objection(conditional, other, false));
}

TEST_CASE("policy: what cannot be compared counts against the decision") {
  auto silent = shop;
  silent.erase("amount_micros");
  CHECK(core::objection(limit("500"), silent, false) == "too dear");
  silent = shop;
  silent.erase("target_resource");
  CHECK(core::objection(terms(), silent, false));
  CHECK(core::objection(core::PolicyTerms{}, shop, false));
}

TEST_CASE("policy: it speaks of what its scope takes in") {
  using core::PolicyScope;
  for (const auto& [scope, target, fits] : {std::tuple{PolicyScope::platform, "acme/shop", true},
                                            {PolicyScope::platform, "acme/other", false},
                                            {PolicyScope::resource, "shop-2", true},
                                            {PolicyScope::resource, "shop", false},
                                            {PolicyScope::user, "amy", true},
                                            {PolicyScope::user, "bob", false}}) {
    auto scoped = terms();
    scoped.scope = scope;
    scoped.scope_target = target;
    CHECK(core::objection(scoped, shop, false).has_value() == fits);
  }
}

TEST_CASE("policy: words and presence") {
  auto one_of = terms(core::PolicyType::constraint);
  one_of.constraints = {{"type", core::Condition::one_of, "resource, operational", "neither"}};
  CHECK_FALSE(core::objection(one_of, shop, false));
  one_of.constraints[0].value = "operational,resources";
  CHECK(core::objection(one_of, shop, false));
  one_of.constraints[0] = {"target_platform", core::Condition::present, "", "must name a platform"};
  CHECK_FALSE(core::objection(one_of, shop, false));
  auto silent = shop;
  silent["target_platform"] = "";
  CHECK(core::objection(one_of, silent, false));
}

TEST_CASE("policy: nobody but the owner has the right") {
  for (const auto& command : kind().commands) {
    const auto& access = command.access;
    CHECK((access.permission.empty() && access.capability.empty() && access.scope.empty() && !access.own));
  }
}

TEST_CASE("policy: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Created{terms(), "olivia", noon}, Updated{terms(), limit("9"), "olivia", noon},
                                    Approved{"olivia", "agreed", noon}, Toggled{false, "olivia", "for now", noon},
                                    Deleted{"olivia", "old", noon}})});
}
