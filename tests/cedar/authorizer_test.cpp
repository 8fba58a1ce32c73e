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

// The index against the evaluator: what a scope asks, said once in the scope and once as a condition. More entities are
// named than its filters have bits.
TEST_CASE("what the index finds is what matches, said as a scope or as a condition") {
  std::mt19937 random(7);
  const auto pick = [&](const std::vector<std::string>& from) { return from[random() % from.size()]; };
  const auto group = [&] { return "Group::\"g" + std::to_string(random() % 150) + "\""; };
  std::string entities = "[", scopes, conditions;
  for (int i = 0; i < 150; ++i) {
    const std::string parent = R"({"type":"Group","id":"g)" + std::to_string(i / 3) + R"("})";
    entities += R"({"uid":{"type":"Group","id":"g)" + std::to_string(i) + R"("},"attrs":{},"parents":[)" +
                (i > 0 ? parent : "") + "]},";
  }
  for (const std::string user : {"amy", "bob", "cid"}) {
    entities += R"({"uid":{"type":"User","id":")" + user + R"("},"attrs":{},"parents":[)";
    for (int i = 0; i < 4; ++i)
      entities +=
          std::string(i > 0 ? "," : "") + R"({"type":"Group","id":"g)" + std::to_string(random() % 150) + R"("})";
    entities += "]},";
  }
  entities += R"({"uid":{"type":"Photo","id":"p"},"attrs":{},"parents":[{"type":"Group","id":"g7"}]}])";
  for (int i = 0; i < 1000; ++i) {
    const std::string principal =
        pick({"", "== User::\"amy\"", "== " + group(), "in " + group(), "in " + group(), "is User", "is Photo",
              "is User in " + group(), "is Group in " + group(), "in User::\"amy\"", "== User::\"bob\""});
    const std::string action = pick({"", "== Action::\"view\"", "in [Action::\"view\",Action::\"view\"]",
                                     "in [Action::\"edit\"]", "in []", "in Action::\"view\""});
    const std::string resource = pick({"", "== Photo::\"p\"", "in Photo::\"p\"", "is Photo", "is User", "in " + group(),
                                       "== " + group(), "is Photo in Group::\"g7\""});
    scopes += "permit(principal " + principal + ", action " + action + ", resource " + resource + ");";
    const auto condition = [](const std::string& variable, const std::string& what) {
      return what.empty() ? std::string() : " when {" + variable + " " + what + "}";
    };
    conditions += "permit(principal, action, resource)" + condition("principal", principal) +
                  condition("action", action) + condition("resource", resource) + ";";
  }
  World world(entities);
  const auto with_scopes = parse_policies(scopes), with_conditions = parse_policies(conditions);
  REQUIRE(with_scopes);
  REQUIRE(with_conditions);
  const Authorizer indexed(*with_scopes), plain(*with_conditions);
  for (const std::string_view user : {"amy", "bob", "cid", "stranger"}) {
    const Request request = world.request(user, "p");
    const auto expected = plain.decide(request, world.store).reasons;
    CHECK(indexed.decide(request, world.store).reasons == expected);
    CHECK(expected.size() > 10);
  }
}

TEST_CASE("an entity below very many others meets the same policies") {
  std::string parents, policies;
  for (int i = 0; i < 40; ++i) {
    const std::string group = "g" + std::to_string(i);
    parents += (i > 0 ? "," : "") + std::string(R"({"type":"Group","id":")") + group + R"("})";
    // Every second policy asks for a group that nothing is in.
    policies += "permit(principal in Group::\"" + group + "\", action, resource in Group::\"" +
                (i % 2 == 0 ? group : "none") + "\");permit(principal, action, resource in Group::\"" + group + "\");";
  }
  World world(R"([{"uid":{"type":"User","id":"amy"},"attrs":{},"parents":[)" + parents +
              R"(]},{"uid":{"type":"Photo","id":"p"},"attrs":{},"parents":[)" + parents + "]}]");
  const Authorizer authorizer(*parse_policies(policies));
  const Request request = world.request("amy", "p");
  Answer answer;
  authorizer.decide(request, world.store, world.scratch, answer);
  CHECK(world.scratch.candidates.size() == 80);  // no combination was looked up
  CHECK(answer.reasons.size() == 60);
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
