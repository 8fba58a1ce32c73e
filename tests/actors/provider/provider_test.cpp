#include "actors/provider/provider.hpp"

#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::provider;

namespace {

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "provider", "local"}); }
};

const core::Timestamp noon = testkit::story_start;
const Add add{"local", "This machine"};
const Event added = Added{"local", "This machine", Role::primary, "operator", noon};

core::Settle answer(std::string work,
                    std::string json = R"({"health":100,"cpus":2,"memory_mb":4000,"disk_free_mb":9000})") {
  return {std::move(work), core::Outcome::done, "", "", {std::move(json)}};
}

Spec connected() {
  Spec spec;
  spec.given({added}).when(Verify{}).when(answer("verify-1"));
  return spec;
}

}  // namespace

TEST_CASE("provider: only the local machine is supported yet") {
  Spec{}.when(Add{"hetzner", "Cloud"}).then_refused("infra_provider.unsupported");
  Spec{}.when(add).then({added}).when(add).then_nothing();
  Spec{}.given({added}).when(Add{"local", "Another"}).then_refused("infra_provider.already_exists");
}

TEST_CASE("provider: verification asks once, and its answer connects and enables the first time") {
  Spec spec;
  spec.given({added})
      .when(Verify{})
      .then({VerifyAsked{"verify-1"}})
      .then_work("provider", "verify", [](const core::DoAsk& work) { CHECK(work.payload == R"({"kind":"local"})"); });
  spec.when(Verify{}).then_nothing();
  spec.when(answer("verify-1")).then_types<Connected, Enabled>();
  CHECK(spec.state().cpus == 2);
  CHECK(spec.state().health == 100);
  spec.when(answer("verify-1")).then_nothing();
}

TEST_CASE("provider: one that was disabled stays so when it is verified again") {
  auto spec = connected();
  spec.when(Disable{"maintenance"}).when(Verify{}).when(answer("verify-2")).then_types<Connected>();
  CHECK_FALSE(spec.state().enabled);
}

TEST_CASE("provider: one that does not answer is in error, says why, and comes back") {
  auto spec = connected();
  spec.when(Verify{})
      .when(core::Settle{"verify-2", core::Outcome::failed, "machine.no_disk", "the disk is gone", {}})
      .then_types<Failed>();
  CHECK(summarise(spec.state()).status == "error");
  CHECK(summarise(spec.state()).reason == "machine.no_disk: the disk is gone");
  spec.when(Verify{}).when(answer("verify-3"));
  CHECK(summarise(spec.state()).status == "connected");
}

TEST_CASE("provider: an answer that lies about its numbers is taken within limits") {
  Spec spec;
  spec.given({added}).when(Verify{}).when(
      answer("verify-1", R"({"health":900,"cpus":-4,"memory_mb":"x","message":"a\u001bb"})"));
  CHECK(spec.state().health == 100);
  CHECK(spec.state().cpus == 0);
  CHECK(spec.state().memory_mb == 0);
}

TEST_CASE("provider: one in use is not removed, and one that is gone can be added again with new work ids") {
  auto spec = connected();
  spec.when(Remove{}).then_refused("infra_provider.in_use");
  spec.when(Disable{"old"}).when(Remove{"old"}).then_types<Removed>().when(Remove{}).then_nothing();
  spec.when(Verify{}).then_refused("entity.wrong_state");
  spec.when(add).then_types<Added>().when(Verify{}).then({VerifyAsked{"verify-2"}});
}

TEST_CASE("provider: it is enabled only while it answers") {
  Spec{}.given({added}).when(Enable{}).then_refused("entity.wrong_state");
  auto spec = connected();
  spec.when(Disable{""}).then_types<Disabled>().when(Disable{""}).then_nothing();
  spec.when(Enable{}).then_types<Enabled>().when(Enable{}).then_nothing();
}

TEST_CASE("provider: what every kind promises") {
  std::vector<Event> story{added};
  Spec teller;
  teller.given(story);
  const auto tell = [&](const Command& command) {
    teller.when(command);
    for (const auto& event : teller.events()) story.push_back(event);
  };
  tell(Verify{});
  tell(answer("verify-1"));
  tell(Verify{});
  tell(core::Settle{"verify-2", core::Outcome::failed, "machine.no_disk", "the disk is gone", {}});
  tell(Disable{"maintenance"});
  tell(Remove{"old"});
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(story), .event_prefix = "infra_provider."});
}
