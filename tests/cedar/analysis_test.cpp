// Comparing policy sets over the finite universe, and finding policies without effect.
#include "governance/cedar/analyse/analyse.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova::cedar;

namespace {

const Schema& schema() {
  static const Schema made = *Schema::parse(
      "entity Group; entity User in [Group] { level: Long, manager?: User } tags String; entity Photo { owner: User, "
      "private: Bool };\n"
      "action view, edit appliesTo { principal: User, resource: Photo, context: { mfa: Bool, time: datetime } };");
  return made;
}

Comparison compared(std::string_view before, std::string_view after) {
  return compare(*parse_policies(std::string(before)), *parse_policies(std::string(after)), schema());
}

}  // namespace

TEST_CASE("each sort of change is recognised, with an example on each side that differs") {
  struct Row {
    std::string_view before, after;
    Change change;
  };
  constexpr std::string_view all = "permit(principal, action, resource);";
  const Row rows[] = {
      {all, all, Change::equivalent},
      {all, "", Change::less_permissive},
      {"", all, Change::more_permissive},
      {"permit(principal, action, resource) when { principal.level > 3 };",
       "permit(principal, action, resource) when { principal.level >= 4 };", Change::equivalent},
      {"permit(principal, action, resource) when { principal.level > 3 };",
       "permit(principal, action, resource) when { principal.level > 4 };", Change::less_permissive},
      {"permit(principal, action, resource) when { principal.level > 3 };",
       "permit(principal, action, resource) when { principal.level < 9 };", Change::incomparable},
      {all, "permit(principal, action, resource) unless { resource.private && resource.owner != principal };",
       Change::less_permissive},
      {"permit(principal in Group::\"a\", action, resource);", "permit(principal in Group::\"b\", action, resource);",
       Change::incomparable},
      {"permit(principal in Group::\"a\", action, resource);",
       "permit(principal, action, resource) when { principal in [Group::\"a\", Group::\"b\"] };",
       Change::more_permissive},
      {"permit(principal, action, resource) when { context.time < datetime(\"2024-01-01\") };",
       "permit(principal, action, resource) when { context.time <= datetime(\"2024-01-01\") };",
       Change::more_permissive},
      {"permit(principal, action, resource) when { principal has manager && principal.manager == resource.owner };",
       "permit(principal, action, resource) when { principal has manager };", Change::more_permissive},
      {"permit(principal, action, resource) when { principal.hasTag(\"t\") };",
       "permit(principal, action, resource) when { principal.hasTag(\"t\") && principal.getTag(\"t\") == \"x\" };",
       Change::less_permissive},
      {"permit(principal, action == Action::\"view\", resource);",
       "permit(principal, action in [Action::\"edit\"], resource);", Change::incomparable},
  };
  for (const Row& row : rows) {
    INFO(row.before << " -> " << row.after);
    const Comparison found = compared(row.before, row.after);
    CHECK(name_of(found.change) == name_of(row.change));
    CHECK(found.now_denied.has_value() ==
          (row.change == Change::less_permissive || row.change == Change::incomparable));
    CHECK(found.now_allowed.has_value() ==
          (row.change == Change::more_permissive || row.change == Change::incomparable));
  }
}

TEST_CASE("removing permits and adding forbids is exact; rewriting is a finding") {
  constexpr std::string_view two =
      "permit(principal, action, resource); permit(principal, action == Action::\"view\", resource);";
  const Comparison removed = compared(two,
                                      "permit(principal, action == Action::\"view\", resource); forbid(principal, "
                                      "action, resource) when { context.mfa };");
  CHECK(removed.change == Change::less_permissive);
  CHECK(removed.is_exact);
  CHECK(removed.now_denied->text.find("principal User::") == 0);
  CHECK(removed.now_denied->explanation.find("before: allow by policy0") == 0);
  CHECK(compared(two, two).is_exact);
  CHECK(compared(two, two).worlds == 0);
  CHECK_FALSE(compared("permit(principal, action, resource) when { principal.level > 3 };",
                       "permit(principal, action, resource) when { principal.level > 4 };")
                  .is_exact);
  CHECK_FALSE(compared("permit(principal, action, resource) when { principal.level > 3 };",
                       "permit(principal, action, resource) when { principal.level >= 4 };")
                  .is_exact);
}

TEST_CASE("policies that never match and shadowed forbids are named") {
  const Inspection found =
      inspect(*parse_policies("permit(principal, action, resource);"
                              "forbid(principal, action, resource) when { resource.private };"
                              "forbid(principal, action, resource) when { resource.private && context.mfa };"
                              "permit(principal, action, resource) when { principal.level > 3 && principal.level < 2 };"
                              "forbid(principal, action, resource) when { principal.level == 7 };"),
              schema());
  CHECK(found.never_match == std::vector<std::string>{"policy3"});
  CHECK(found.shadowed_forbids == std::vector<std::string>{"policy2"});
  CHECK(found.is_exhaustive);
}

TEST_CASE("a universe too large to look at each world is sampled, and says so") {
  std::string text;
  for (int i = 0; i < 12; ++i)
    text += "permit(principal in Group::\"g" + std::to_string(i % 5) +
            "\", action, resource) when { principal.level == " + std::to_string(i) +
            " && principal.manager.level > 3 };";
  const Comparison found =
      compared(text, text + "permit(principal, action, resource) when { principal.level == 11 && context.mfa };");
  CHECK(found.change == Change::more_permissive);
  const Inspection all = inspect(*parse_policies(text), schema());
  CHECK_FALSE(all.is_exhaustive);
}
