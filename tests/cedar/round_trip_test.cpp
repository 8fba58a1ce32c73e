// Every policy text of the conformance cases, printed, formatted and taken through JSON, stays the same policies.
#include "governance/cedar/json/policy_json.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/syntax/print.hpp"
#include "tests/testkit/catch.hpp"

#include <fstream>
#include <string>
#include <vector>

using namespace nova::cedar;

namespace {

std::vector<std::string> policy_texts() {
  std::ifstream file(CEDAR_CASES, std::ios::binary);
  std::vector<std::string> out;
  Arena arena;
  for (std::string line; std::getline(file, line);) {
    arena.clear();
    const auto json = read_json(line, arena);
    REQUIRE(json);
    std::string text(json->find("case")->find("policies")->text());
    if (parse_policies(text)) out.push_back(std::move(text));
  }
  return out;
}

bool same_sets(const PolicySet& a, const PolicySet& b) {
  return std::equal(a.policies.begin(), a.policies.end(), b.policies.begin(), b.policies.end(),
                    [](const Policy& x, const Policy& y) { return same(x, y) && x.id == y.id; });
}

}  // namespace

TEST_CASE("policies that are printed, formatted or written as JSON are the same policies") {
  const auto texts = policy_texts();
  REQUIRE(texts.size() > 1000);
  std::size_t json_changes = 0;
  for (const std::string& text : texts) {
    INFO(text);
    const auto set = parse_policies(text);
    const auto printed = parse_policies(to_text(*set));
    REQUIRE(printed);
    REQUIRE(same_sets(*set, *printed));

    const auto formatted = format_policies(text);
    REQUIRE(formatted);
    const auto read = parse_policies(*formatted);
    REQUIRE(read);
    REQUIRE(same_sets(*set, *read));
    REQUIRE(*format_policies(*formatted) == *formatted);

    const std::string json = to_json(*set);
    const auto from_json = read_policies_json(json);
    INFO((from_json ? "" : from_json.error().message));
    REQUIRE(from_json);
    REQUIRE(to_json(*from_json) == json);
    // Static policies and templates are two groups in JSON, and a chain of `has` is written out there.
    if (!same_sets(*set, *from_json)) ++json_changes;
  }
  CHECK(json_changes < texts.size() / 10);
}

TEST_CASE("the formatter lays out what is long and keeps comments where they were") {
  const std::string text =
      "// Staff\n@id(\"view\")   permit(principal in Group::\"staff\",action in [Action::\"view\",Action::\"list\"],"
      "resource is Photo in Album::\"summer of the year twenty twenty four\")when{principal.level>3&&!resource.private"
      "&&context.time<datetime(\"2024-10-15\")||principal.is_admin // "
      "admins\n};forbid(principal,action,resource)unless{context.mfa};";
  const std::string expected =
      "// Staff\n@id(\"view\")\npermit (\n  principal in Group::\"staff\",\n  action in [Action::\"view\", "
      "Action::\"list\"],\n"
      "  resource is Photo in Album::\"summer of the year twenty twenty four\"\n)\nwhen {\n"
      "  principal.level > 3 && !resource.private && context.time < datetime(\"2024-10-15\") ||\n  principal.is_admin "
      "// admins\n};\n\n"
      "forbid (principal, action, resource)\nunless { context.mfa };\n";
  CHECK(*format_policies(text) == expected);
}

TEST_CASE("a long condition is divided at its loosest operator") {
  const std::string text =
      "permit(principal,action,resource) when { principal.department == resource.department && resource.owner == "
      "principal "
      "|| principal in Group::\"administrators of everything\" };";
  CHECK(*format_policies(text) ==
        "permit (principal, action, resource)\nwhen {\n"
        "  principal.department == resource.department && resource.owner == principal ||\n"
        "  principal in Group::\"administrators of everything\"\n};\n");
}

TEST_CASE("JSON policies name what is wrong with them") {
  struct Row {
    std::string_view json;
    std::string_view part;
  };
  const Row rows[] = {
      {R"({"effect":"allow","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]})",
       "permit or forbid"},
      {R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"}})", "conditions"},
      {R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"=="},"resource":{"op":"All"},"conditions":[]})",
       "entity"},
      {R"({"effect":"permit","principal":{"op":"All"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[{"kind":"when","body":{"nope":[]}}]})",
       "nope"},
      {R"({"effect":"permit","principal":{"op":"==","slot":"?resource"},"action":{"op":"All"},"resource":{"op":"All"},"conditions":[]})",
       "?principal"},
  };
  for (const Row& row : rows) {
    const auto read = read_policies_json(row.json);
    REQUIRE_FALSE(read);
    INFO(read.error().message);
    CHECK(read.error().message.find(row.part) != std::string::npos);
  }
}

TEST_CASE("a syntax error says where it is and what was expected, and does not hide the next") {
  const auto set = parse_policies(
      "permit(principal, action, resource) when { 1 + };\npermit(principal, "
      "action);\nforbid(principal,action,resource)");
  REQUIRE_FALSE(set);
  const auto& problems = set.error().problems;
  REQUIRE(problems.size() == 3);
  CHECK(problems[0].path == "1:48");
  CHECK(problems[0].message == "expected an expression, found `}`");
  CHECK(problems[1].path == "2:25");
  CHECK(problems[1].message == "expected `==`, `in` or `,`, found `)`");
  CHECK(problems[2].message == "expected `;`, `when` or `unless`, found the end of the text");
}
