#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/validate/validator.hpp"
#include "tests/constitution/sample.hpp"

#include <catch2/catch.hpp>

using namespace nova;
using namespace nova::test;

namespace {

/// What the validator says of a rule about parcels with this condition; empty: it fits.
std::string said(const std::string& condition, const std::string& action = "parcel_box.send") {
  auto set = cedar::parse_policies("forbid(principal, action == Action::\"" + action + "\", resource) when { " +
                                   condition + " };");
  REQUIRE(set);
  const auto found = cedar::validate(*set, sample_words()->schema());
  return found.ok() ? "" : found.errors.front().message;
}

}  // namespace

TEST_CASE("every shape of a described field is a word with its type") {
  for (const auto* fits :
       {"resource.state.label == \"x\"", "resource.state.weight > 3", "resource.state.fragile",
        "resource.state.size == \"large\"", "resource.state.due < datetime(\"2027-01-01\")",
        "resource.state.patience > duration(\"5m\")", "resource.state.tags.contains(\"red\")",
        "resource.state.stops.contains({city: \"Cairo\", days: 2})",
        "resource.state.fees.contains({key: \"toll\", value: 3})",
        "resource.state has note && resource.state.note like \"*care*\"", "context.input.weight > 3",
        "context.now > datetime(\"2027-01-01\")", "context.impact > 3", "context.caller.root_owner",
        "context.tenant_status == \"active\"", "resource.exists && resource.status == \"plain\"",
        "resource.tenant == \"clinic\"", "action in Action::\"creating\" && action in Action::\"impact.low\"",
        "principal is User || principal is Ai || principal is Peer"})
    CHECK(said(fits) == "");
}

TEST_CASE("what policies may not read is no word, and an optional field must be asked for") {
  for (const auto* missing :
       {"resource.state.ratio == 1", "resource.state.lock == \"x\"", "resource.state.receiver == \"x\"",
        "resource.state.mark == \"x\"", "resource.state.note == \"x\"", "resource.state.weight == \"x\"",
        "context.input.label == \"x\""})
    CHECK(said(missing) != "");
}

TEST_CASE("commands of the runtime are no actions: they are facts") {
  CHECK(said("true", "parcel_box.arrived") != "");
  CHECK(said("context.caller.role == \"admin\"", "parcel_box.burn") == "");
}

TEST_CASE("all kinds that are built in have one schema together") {
  const constitution::Words words(core::kinds());
  for (const auto* kind : core::kinds()) {
    CHECK(words.schema().find_entity_type(words.type_of(*kind)) != nullptr);
    for (const auto& row : kind->commands)
      if (row.door != core::Door::internal) CHECK(words.schema().find_action(words.of(row).uid) != nullptr);
  }
  CHECK(constitution::camel_case("mfa_enrolment") == "MfaEnrolment");
}
