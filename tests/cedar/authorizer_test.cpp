// Decisions over entities that the caller owns, what explains them, and that the index changes nothing but the cost.
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/cedar/data/entity_json.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "tests/testkit/catch.hpp"

#include <random>

using namespace nova::cedar;

namespace {

struct World {
  std::shared_ptr<Arena> arena = std::make_shared<Arena>();
  EntityStore store;
  Scratch scratch;

  explicit World(std::string_view entities) {
    const auto json = read_json(arena->copy(entities), *arena);
    REQUIRE(json);
    auto made = read_entities(*json, nullptr, arena);
    REQUIRE(made);
    store = std::move(*made);
  }
  Request request(std::string_view principal, std::string_view resource, std::string_view context = "{}") {
    const auto json = read_json(
        arena->copy("{\"principal\":{\"type\":\"User\",\"id\":\"" + std::string(principal) +
                    "\"},\"action\":{\"type\":\"Action\",\"id\":\"view\"},\"resource\":{\"type\":\"Photo\",\"id\":\"" +
                    std::string(resource) + "\"},\"context\":" + std::string(context) + "}"),
        *arena);
    REQUIRE(json);
    auto made = read_request(*json, nullptr, true, *arena);
    REQUIRE(made);
    return *made;
  }
};

constexpr std::string_view family = R"([
  {"uid":{"type":"User","id":"amy"},"attrs":{"age":30},"parents":[{"type":"Group","id":"staff"}],"tags":{"team":"red"}},
  {"uid":{"type":"Group","id":"staff"},"attrs":{},"parents":[{"type":"Group","id":"all"}]},
  {"uid":{"type":"Photo","id":"p"},"attrs":{"owner":{"__entity":{"type":"User","id":"amy"}}},"parents":[]}])";

std::vector<std::string> ids(const Authorizer& authorizer, const std::vector<std::uint32_t>& policies) {
  std::vector<std::string> out;
  for (const auto policy : policies) out.push_back(authorizer.policy_id(policy));
  return out;
}

}  // namespace

TEST_CASE("a forbid wins, a failing policy is skipped and reported") {
  World world(family);
  const Authorizer authorizer(
      *parse_policies("permit(principal in Group::\"all\", action, resource);"
                      "forbid(principal, action, resource) when { context.missing };"
                      "permit(principal, action, resource) when { resource.owner == principal };"
                      "forbid(principal, action, resource) when { principal.age < 18 };"));
  const Answer answer = authorizer.decide(world.request("amy", "p"), world.store);
  CHECK(answer.decision == Decision::allow);
  CHECK(ids(authorizer, answer.reasons) == std::vector<std::string>{"policy0", "policy2"});
  REQUIRE(answer.failures.size() == 1);
  CHECK(authorizer.policy_id(answer.failures[0].policy) == "policy1");
  CHECK(answer.failures[0].failure.fault == Fault::no_attribute);

  const Authorizer strict(*parse_policies(
      "permit(principal,action,resource); forbid(principal,action,resource) when { principal.age > 18 };"));
  const Answer denied = strict.decide(world.request("amy", "p"), world.store);
  CHECK(denied.decision == Decision::deny);
  CHECK(ids(strict, denied.reasons) == std::vector<std::string>{"policy1"});
}

TEST_CASE("an explanation names the conditions that held and the attributes that were read") {
  World world(family);
  const Authorizer authorizer(
      *parse_policies("permit(principal in Group::\"staff\", action, resource) when { resource.owner == principal } "
                      "when { principal.hasTag(\"team\") && principal.age > 40 };"));
  const Explanation explained = authorizer.explain(world.request("amy", "p"), world.store, world.scratch);
  CHECK(explained.answer.decision == Decision::deny);
  REQUIRE(explained.outcomes.size() == 3);
  using Result = ConditionOutcome::Result;
  CHECK(explained.outcomes[0].condition == ConditionOutcome::scope);
  CHECK(explained.outcomes[1].result == Result::held);
  REQUIRE(explained.outcomes[1].reads.size() == 1);
  CHECK(explained.outcomes[1].reads[0].name == "owner");
  CHECK(explained.outcomes[2].result == Result::did_not_hold);
  REQUIRE(explained.outcomes[2].reads.size() == 2);
  CHECK(explained.outcomes[2].reads[0].is_tag);
  CHECK(explained.outcomes[2].reads[1].name == "age");
  CHECK(explained.outcomes[2].reads[1].value.integer == 30);
}

TEST_CASE("entities may be views of what the caller has") {
  struct Doc final : EntityView {
    std::int64_t level = 0;
    EntityUid folder[1] = {{"Folder", "f"}};
    bool attribute(const Text& name, Arena&, Value& out) const override {
      if (name.view() != "level") return false;
      out = Value::of(level);
      return true;
    }
    bool tag(const Text&, Arena&, Value&) const override { return false; }
    std::span<const EntityUid> ancestors() const override { return folder; }
  };
  struct Docs final : Entities {
    Doc doc;
    const EntityView* find(const EntityUid& uid) const override { return uid.type.view() == "Doc" ? &doc : nullptr; }
  };
  Docs docs;
  Arena arena;
  const Authorizer authorizer(
      *parse_policies("permit(principal, action, resource in Folder::\"f\") when { resource.level > 3 };"));
  const Request request{{"User", "amy"}, {"Action", "view"}, {"Doc", "1"}, make_record(arena, {})};
  CHECK(authorizer.decide(request, docs).decision == Decision::deny);
  docs.doc.level = 4;
  CHECK(authorizer.decide(request, docs).decision == Decision::allow);
}

TEST_CASE("a template applies through its links alone") {
  World world(family);
  auto set = parse_policies("permit(principal in ?principal, action, resource == ?resource);");
  REQUIRE(set);
  const EntityUid staff("Group", "staff"), photo("Photo", "p");
  CHECK_FALSE(link(*set, "policy0", "l", &staff, nullptr));
  CHECK_FALSE(link(*set, "nope", "l", &staff, &photo));
  CHECK_FALSE(link(*set, "policy0", "policy0", &staff, &photo));
  CHECK(Authorizer(*set).decide(world.request("amy", "p"), world.store).decision == Decision::deny);
  REQUIRE(link(*set, "policy0", "l", &staff, &photo));
  CHECK_FALSE(link(*set, "policy0", "l", &staff, &photo));
  const Authorizer authorizer(*set);
  CHECK(ids(authorizer, authorizer.decide(world.request("amy", "p"), world.store).reasons) ==
        std::vector<std::string>{"l"});
}

// The index against a plain walk over all policies, on random scopes.
TEST_CASE("the index offers every policy whose scope holds") {
  World world(family);
  std::mt19937 random(11);
  const auto pick = [&](std::vector<std::string> options) { return options[random() % options.size()]; };
  std::string text;
  for (int i = 0; i < 400; ++i) {
    text += "permit(principal " +
            pick({"", "== User::\"amy\"", "in Group::\"all\"", "in Group::\"staff\"", "is User", "is Photo",
                  "is User in Group::\"all\"", "in User::\"amy\"", "== User::\"bob\""}) +
            ", action " +
            pick({"", "== Action::\"view\"", "in [Action::\"view\",Action::\"view\"]", "in [Action::\"edit\"]", "in []",
                  "in Action::\"view\""}) +
            ", resource " +
            pick({"", "== Photo::\"p\"", "in Photo::\"p\"", "is Photo", "is User", "in Group::\"all\""}) + ");";
  }
  const auto set = parse_policies(text);
  REQUIRE(set);
  const Authorizer authorizer(*set);
  for (const std::string_view user : {"amy", "bob"}) {
    const Request request = world.request(user, "p");
    std::vector<std::string> expected;
    for (const Policy& policy : set->policies) {
      PolicySet alone;
      alone.arena = set->arena;
      alone.policies.push_back(policy);
      if (Authorizer(alone).decide(request, world.store).decision == Decision::allow) expected.push_back(policy.id);
    }
    CHECK(ids(authorizer, authorizer.decide(request, world.store).reasons) == expected);
    CHECK(expected.size() > 10);
  }
}

TEST_CASE("parents in a circle and two versions of one entity are refused") {
  const auto make = [](std::string_view text) {
    const auto arena = std::make_shared<Arena>();
    const auto json = read_json(text, *arena);
    return read_entities(*json, nullptr, arena);
  };
  const auto circle = make(
      R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[{"type":"A","id":"b"}]},{"uid":{"type":"A","id":"b"},"attrs":{},"parents":[{"type":"A","id":"a"}]}])");
  REQUIRE_FALSE(circle);
  CHECK(circle.error().code == "cedar.entity_cycle");
  const auto twice = make(
      R"([{"uid":{"type":"A","id":"a"},"attrs":{},"parents":[]},{"uid":{"type":"A","id":"a"},"attrs":{"x":1},"parents":[]}])");
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == "cedar.entity_duplicate");
  const auto wrong = make(R"([{"uid":{"type":"A","id":"a"},"attrs":{"x":{"y":[1,null]}},"parents":[]}])");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().problems[0].path.find("entities[0].x.y[1]") == 0);
}
