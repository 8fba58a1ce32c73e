#include "actors/permission_set/permission_set.hpp"
#include "core/ai/permission_codes.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

#include <fstream>
#include <sstream>

using namespace nova;
using namespace nova::permission_set;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::Caller the_owner{"owner", "", true};

struct Spec : testkit::Spec<State, Command, Event> {
  using Base = testkit::Spec<State, Command, Event>;
  Spec& self(core::EntityKey key) { return Base::self(std::move(key)), *this; }
  Spec& fact(const core::EntityKey& key, core::Fact value) { return Base::fact(key, std::move(value)), *this; }
  Spec() {
    self({"system", "permission_set", "user-bob"});
    as("amy").standing(the_owner);
  }
  /// Somebody who may give what they hold.
  Spec& delegate(const std::string& document) {
    as("carl").standing({"admin", "", false});
    fact({"system", "permission_set", "user-carl"}, {true, 1, "active", document});
    return *this;
  }
};

ApplyPreset preset(const char* name) { return {{}, name, {}}; }
GrantCodes grant(std::set<Code> codes, std::optional<core::Timestamp> until = {}) {
  return {{}, std::move(codes), until, {}};
}
GrantCodes delegated(std::set<Code> codes) { return {"user-carl", std::move(codes), {}, {}}; }

}  // namespace

TEST_CASE("permission codes: the 120, their levels and the presets are those of the shipped data") {
  std::ifstream in(std::string(NOVA_SOURCE_DIR) + "/config/permissions.json");
  std::stringstream text;
  text << in.rdbuf();
  const auto data = text.str();
  const auto codes = core::permission_codes();
  CHECK(codes.size() == 120);
  REQUIRE(core::json_keys(data, "nova_permissions").size() == codes.size());
  std::set<std::string_view> seen, categories;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto row = "nova_permissions[" + std::to_string(i) + "]";
    CHECK(core::json_text(data, row + ".code") == std::string(codes[i].code));
    CHECK(core::json_text(data, row + ".category") == std::string(codes[i].category));
    CHECK(core::json_text(data, row + ".security_level") == std::string(core::name_of(codes[i].safety)));
    CHECK(core::json_int(data, row + ".risk_rank") == std::int64_t(codes[i].safety) + 1);
    CHECK(core::json_text(data, row + ".default_enabled") == (codes[i].default_enabled ? "true" : "false"));
    seen.insert(codes[i].code);
    categories.insert(codes[i].category);
  }
  CHECK(seen.size() == 120);
  CHECK(categories.size() == 22);
  CHECK(core::permission_categories().size() == 22);
  const std::size_t sizes[] = {4, 17, 120};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& one = core::permission_presets()[i];
    CHECK(one.codes.size() == sizes[i]);
    const auto row = "nova_presets[" + std::to_string(i) + "]";
    CHECK(core::json_text(data, row + ".code") == std::string(one.code));
    if (i == 2) continue;
    REQUIRE(core::json_keys(data, row + ".permissions").size() == one.codes.size());
    for (std::size_t n = 0; n < one.codes.size(); ++n)
      CHECK(core::json_text(data, row + ".permissions[" + std::to_string(n) + "]") == std::string(one.codes[n]));
  }
}

TEST_CASE("permission codes: nothing of rank 3 or 4 is on by default, and what runs or removes things is not either") {
  for (const auto& code : core::permission_codes())
    if (code.default_enabled) CHECK(int(code.safety) + 1 <= 2);
  for (const char* code : {"execute_shell", "install_packages", "delete_files", "db_delete"}) {
    REQUIRE(core::find_permission_code(code));
    CHECK_FALSE(core::find_permission_code(code)->default_enabled);
  }
}

TEST_CASE("permission_set: balanced over full_access leaves exactly 17, in one event") {
  Spec spec;
  spec.when(preset("full_access")).then_types<PresetApplied>();
  CHECK(effective(spec.state(), noon).size() == 120);
  spec.when(preset("balanced")).then_types<PresetApplied>();
  CHECK(effective(spec.state(), noon).size() == 17);
  CHECK(holds(spec.state(), "ai_chat", noon));
  CHECK_FALSE(holds(spec.state(), "execute_shell", noon));
  spec.when(preset("balanced")).then_nothing();
  spec.when(preset("nowhere")).then_refused("preset.not_found");
  CHECK(spec.refused()->status == 404);
}

TEST_CASE("permission_set: a grant past its end does not count, before its timer and after") {
  Spec spec;
  const auto hour = noon + std::chrono::hours(1);
  spec.when(grant({"execute_shell"}, noon)).then_problem("expires_at");
  spec.when(grant({"execute_shell"}, hour)).then_types<Granted>();
  CHECK(spec.asks().timers.at(0).at == hour);
  spec.when(grant({"execute_shell"}, hour)).then_nothing();
  CHECK(holds(spec.state(), "execute_shell", noon));
  CHECK_FALSE(holds(spec.state(), "execute_shell", hour));
  spec.as_system().at(hour).when(core::Fire{"expiry"}).then({Expired{{"execute_shell"}, hour}});
  spec.when(core::Fire{"expiry"}).then_nothing();
  spec.as("amy").when(grant({"execute_shell"})).then_types<Granted>();
  CHECK(holds(spec.state(), "execute_shell", hour + std::chrono::hours(9999)));
}

TEST_CASE("permission_set: a delegate takes only what they might give, by name or by a preset") {
  const char* const some = R"({"status":"active","grants":{"ai_chat":{"standing":"granted"}}})";
  const auto taking = [](std::set<Code> codes) { return RevokeCodes{"user-carl", std::move(codes), {}}; };
  const auto given = [&](const char* own) {
    Spec spec;
    spec.when(grant({"ai_chat", "execute_shell", "system_shutdown"}));
    return spec.delegate(own), spec;
  };
  given(some).when(taking({"ai_chat"})).then_types<Revoked>();
  given(some).when(taking({"execute_shell"})).then_refused("access.denied");
  given(some).when(taking({"system_shutdown"})).then_refused("permission.danger_needs_owner");
  given(some).when(taking({"teleport"})).then_refused("permission.unknown_code");
  // A preset takes away what it does not hold.
  const ApplyPreset restrictive{"user-carl", "restrictive", {}};
  given(some).when(restrictive).then_refused("permission.danger_needs_owner");
  Spec shell;
  shell.when(grant({"execute_shell"}));
  shell.delegate(some);
  shell.when(restrictive).then_refused("access.denied");
  Spec fine;
  fine.delegate(some);
  fine.when(restrictive).then_types<PresetApplied>();
}

TEST_CASE("permission_set: what was taken does not come back by default") {
  Spec spec;
  CHECK(holds(spec.state(), "read_files", noon));
  spec.when(RevokeCodes{{}, {"read_files", "execute_shell"}, {}}).then({Revoked{{"read_files"}, {}, "amy", noon}});
  CHECK_FALSE(holds(spec.state(), "read_files", noon));
  spec.when(grant({"read_files"})).then_types<Granted>();
  CHECK(holds(spec.state(), "read_files", noon));
  spec.when(grant({"teleport"})).then_refused("permission.unknown_code");
  spec.when(grant({})).then_problem("codes");
}

TEST_CASE("permission_set: who is not the owner gives what they hold, never danger, and never to themselves") {
  Spec().delegate("{}").when(delegated({"system_shutdown"})).then_refused("permission.danger_needs_owner");
  // Not even one whose own AI may do it.
  Spec()
      .delegate(R"({"grants":{"system_shutdown":{"standing":"granted"}}})")
      .when(delegated({"system_shutdown"}))
      .then_refused("permission.danger_needs_owner");
  Spec().delegate("{}").when(ApplyPreset{"user-carl", "full_access", {}}).then_refused("permission.danger_needs_owner");
  Spec().delegate("{}").when(delegated({"execute_shell"})).then_refused("access.denied");
  Spec().delegate("{}").when(delegated({"read_files"})).then_types<Granted>();
  Spec()
      .delegate(R"({"grants":{"execute_shell":{"standing":"granted"}}})")
      .when(delegated({"execute_shell"}))
      .then_types<Granted>();
  Spec()
      .delegate(R"({"grants":{"execute_shell":{"standing":"granted","expires_at":"2026-01-01T00:00:00Z"}}})")
      .when(delegated({"execute_shell"}))
      .then_refused("access.denied");
  Spec()
      .self({"system", "permission_set", "user-carl"})
      .delegate("{}")
      .when(delegated({"read_files"}))
      .then_refused("permission.self");
  // Somebody else's set does not make a delegate.
  Spec().delegate("{}").when(GrantCodes{"user-amy", {"read_files"}, {}, {}}).then_refused("access.denied");
  Spec().as("key", "api_key").standing({"admin", "", false}).when(grant({"read_files"})).then_refused("access.denied");
  Spec().as("clinic/writer/k", "ai").standing({}).when(grant({"read_files"})).then_refused("access.denied");
  Spec().when(grant({"system_shutdown"})).then_types<Granted>();
}

TEST_CASE("permission_set: codes and presets that were added count as those that ship") {
  const core::EntityKey catalogue{"system", "permission_catalogue", "nova"};
  const core::Fact added{true, 1, "active",
                         R"({"definitions":{"fly_drone":{"category":"governance","security_level":"danger"}},)"
                         R"("presets":{"mine":["fly_drone","read_files"]}})"};
  Spec spec;
  spec.fact(catalogue, added).when(grant({"fly_drone"})).then_types<Granted>();
  spec.when(preset("mine")).then_types<PresetApplied>();
  CHECK(effective(spec.state(), noon) == std::vector<std::string>{"fly_drone", "read_files"});
  Spec()
      .fact(catalogue, added)
      .delegate("{}")
      .when(delegated({"fly_drone"}))
      .then_refused("permission.danger_needs_owner");
}

TEST_CASE("permission_set: what every kind promises") {
  testkit::check_kind(
      permission_set::kind(),
      {.history = testkit::history_of<Event>(
           {Granted{{"execute_shell"}, noon, "for a day", "amy", noon}, Expired{{"execute_shell"}, noon},
            Revoked{{"read_files"}, "", "amy", noon}, PresetApplied{"restrictive", {"ai_chat"}, "", "amy", noon}}),
       .event_prefix = "permission."});
}
