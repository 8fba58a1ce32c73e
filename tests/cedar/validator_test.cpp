// What the validator says, beyond valid and invalid, which the conformance cases pin.
#include "governance/cedar/validate/validator.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova::cedar;

namespace {

const Schema& schema() {
  static const Schema made = *Schema::parse(
      "entity Group; entity User in [Group] { name: String, nick?: String } tags String; entity Bot; entity Photo { "
      "owner: User };\n"
      "action view appliesTo { principal: [User, Bot], resource: Photo, context: { n: Long } }; action lonely;\n"
      "namespace N { action other appliesTo { principal: User, resource: Photo }; }");
  return made;
}

std::vector<std::string> codes(const std::string& policy, ValidationMode mode = ValidationMode::strict) {
  const auto set = parse_policies(policy);
  REQUIRE(set);
  std::vector<std::string> out;
  for (const Finding& finding : validate(*set, schema(), mode).errors) out.push_back(finding.code);
  return out;
}

std::vector<std::string> condition(const std::string& body, ValidationMode mode = ValidationMode::strict) {
  return codes("permit(principal is User, action == Action::\"view\", resource) when { " + body + " };", mode);
}

using Codes = std::vector<std::string>;

}  // namespace

TEST_CASE("each sort of fault has its code") {
  CHECK(condition("principal.nick == \"x\"") == Codes{"unguarded_attribute"});
  CHECK(condition("principal.getTag(\"a\") == \"x\"") == Codes{"unguarded_tag"});
  CHECK(condition("principal.age == 1") == Codes{"unknown_attribute"});
  CHECK(condition("principal == Nope::\"x\"") == Codes{"unknown_entity_type"});
  CHECK(condition("action == Action::\"nope\"") == Codes{"unknown_action"});
  CHECK(condition("1 == \"x\" || context.n == \"x\"") == Codes{"incompatible_types"});
  CHECK(condition("[].isEmpty()") == Codes{"empty_set"});
  CHECK(condition("ip(\"1.2.3\").isIpv4()") == Codes{"malformed_literal"});
  CHECK(condition("ip(principal.name).isIpv4()") == Codes{"not_a_literal"});
  CHECK(condition("context.n") == Codes{"type"});
  CHECK(codes("permit(principal is Group, action, resource);") == Codes{"no_applicable_action"});
  CHECK(codes("permit(principal, action == Action::\"lonely\", resource);") == Codes{"no_applicable_action"});
}

TEST_CASE("actions of two namespaces do not go into one list") {
  const std::string policy = "permit(principal, action in [Action::\"view\", N::Action::\"other\"], resource);";
  CHECK(codes(policy) == Codes{"incompatible_types"});
  CHECK(codes(policy, ValidationMode::permissive).empty());
}

TEST_CASE("a fault is found once, though several environments meet it") {
  CHECK(codes("permit(principal, action, resource) when { context.m == 1 };") == Codes{"unknown_attribute"});
}

TEST_CASE("several faults are found in one go, with their places") {
  const auto set = parse_policies(
      "permit(principal is User, action, resource)\nwhen { context.m == 1 }\nwhen { principal.age > 3 };");
  REQUIRE(set);
  const auto errors = validate(*set, schema()).errors;
  REQUIRE(errors.size() == 2);
  CHECK(position_of(set->source, errors[0].span.begin).line == 2);
  CHECK(position_of(set->source, errors[1].span.begin).line == 3);
  CHECK(errors[0].policy == "policy0");
}

TEST_CASE("permissive mode lets types differ where no value can go wrong") {
  const auto permissive = ValidationMode::permissive;
  for (const std::string_view body : {"principal.name == 1 || true", "[1].contains(true)", "[].isEmpty()",
                                      "(if context.n > 1 then [principal] else [resource]).contains(principal)",
                                      "[principal, resource].contains(resource)", "ip(principal.name).isIpv4()"}) {
    INFO(body);
    CHECK_FALSE(condition(std::string(body)).empty());
    CHECK(condition(std::string(body), permissive).empty());
  }
  for (const std::string_view body :
       {"principal.nick == \"x\"", "principal.age == 1", "1 + \"x\" == 2", "principal.name",
        "(if context.n > 1 then principal else resource).owner == principal"}) {
    INFO(body);
    CHECK_FALSE(condition(std::string(body), permissive).empty());
  }
}

TEST_CASE("a policy whose conditions are never true is a warning") {
  const auto set = parse_policies("permit(principal is User, action, resource) when { principal is Bot };");
  const Validation found = validate(*set, schema());
  CHECK(found.ok());
  REQUIRE(found.warnings.size() == 1);
  CHECK(found.warnings[0].code == "never_applies");
}

TEST_CASE("schema faults name line and column, several at once") {
  const auto made = Schema::parse("entity User { a: Nope };\nentity Photo in [Folder];\naction view in [nope];");
  REQUIRE_FALSE(made);
  const auto& problems = made.error().problems;
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].path == "1:8");
  CHECK(problems[1].path == "2:8");
  CHECK(problems[2].path == "3:8");
  const auto syntax = Schema::parse("entity User {\n  a: };\nentity;");
  REQUIRE_FALSE(syntax);
  CHECK(syntax.error().code == "cedar.schema_syntax");
  CHECK(syntax.error().problems.size() == 2);
  const auto json =
      Schema::parse_json(R"({"": {"entityTypes": {"U": {"shape": {"type": "Long", "x": 1}}}, "actions": {}}})");
  REQUIRE_FALSE(json);
  CHECK(json.error().problems[0].path == "\"\".entityTypes.U.shape");
}
