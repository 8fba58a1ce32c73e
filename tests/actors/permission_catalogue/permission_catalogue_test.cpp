#include "actors/permission_catalogue/permission_catalogue.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::permission_catalogue;

namespace {

const core::Timestamp noon = testkit::story_start;

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"system", "permission_catalogue", "nova"});
    as("amy");
  }
};
const Define drone{"fly_drone", "governance", core::Safety::danger};

}  // namespace

TEST_CASE("permission_catalogue: a code is added once, in a category that there is, and keeps its meaning") {
  Spec spec;
  spec.when(drone).then({Defined{"fly_drone", {"governance", core::Safety::danger}, "amy", noon}});
  spec.when(drone).then_nothing();
  spec.when(Define{"fly_drone", "governance", core::Safety::high}).then_refused("entity.duplicate");
  spec.when(Define{"read_files", "file_operations", core::Safety::danger}).then_refused("entity.duplicate");
  spec.when(Define{"other", "nowhere", core::Safety::high}).then_problem("category");
  for (const char* code : {"a.b", "a-b", "Ab"})
    spec.when(Define{code, "governance", core::Safety::high}).then_problem("code");
}

TEST_CASE("permission_catalogue: presets that ship are not changed, others hold codes that there are") {
  for (const char* name : {"restrictive", "balanced", "full_access"}) {
    Spec spec;
    spec.when(DefinePreset{name, {"read_files"}}).then_refused("preset.system");
    CHECK(spec.refused()->status == 403);
  }
  Spec spec;
  spec.when(DefinePreset{"mine", {"fly_drone"}}).then_refused("permission.unknown_code");
  spec.when(drone).when(DefinePreset{"mine", {"fly_drone"}}).then_types<PresetDefined>();
  spec.when(DefinePreset{"mine", {"fly_drone"}}).then_nothing();
  spec.when(DefinePreset{"mine", {}}).then_problem("permissions");
}

TEST_CASE("permission_catalogue: what every kind promises") {
  testkit::check_kind(
      permission_catalogue::kind(),
      {.history = testkit::history_of<Event>({Defined{"fly_drone", {"governance", core::Safety::danger}, "amy", noon},
                                              PresetDefined{"mine", {"fly_drone"}, "amy", noon}}),
       .event_prefix = "permission."});
}
