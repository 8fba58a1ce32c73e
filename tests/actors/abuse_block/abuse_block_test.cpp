#include "actors/abuse_block/abuse_block.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::abuse_block;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const core::Timestamp noon = testkit::story_start;
const std::string hash(64, 'a');

Block block(std::int64_t time = 900) { return {hash, Subject::ip, "auth.login", "", time, "10 refusals"}; }

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"system", "abuse_block", std::string(32, 'a')}); }
};

void check_timer(const core::Asks& asks, std::optional<core::Timestamp> at) {
  REQUIRE(asks.timers.size() == 1);
  CHECK(asks.timers[0].at == at);
}

}  // namespace

TEST_CASE("abuse_block: it holds for its time, is audited, and ends by itself") {
  Spec spec;
  spec.as_system().when(block()).then_types<Blocked>();
  check_timer(spec.asks(), noon + minutes(15));
  CHECK(summarise(spec.state()).status == "active");
  CHECK(spec.state().until == noon + minutes(15));
  CHECK(spec.state().times == 1);
  spec.when(block()).then_nothing();
  spec.after(minutes(14)).when(core::Fire{"end"}).then_nothing();
  check_timer(spec.asks(), noon + minutes(15));
  spec.after(minutes(1)).when(core::Fire{"end"}).then({Expired{noon + minutes(15)}});
  CHECK(summarise(spec.state()).status == "expired");
  spec.when(core::Fire{"end"}).then_nothing();
  spec.when(block()).then_types<Blocked>();
  CHECK(spec.state().times == 2);
}

TEST_CASE("abuse_block: what is recorded names the act and not the address") {
  Spec spec;
  spec.as_system().when(block());
  REQUIRE(spec.events().size() == 1);
  const auto& made = std::get<Blocked>(spec.events()[0]);
  CHECK(made.type == "RATE_LIMIT_BLOCKED");
  CHECK(made.subject == hash);
  CHECK(made.name.empty());
}

TEST_CASE("abuse_block: it may grow longer, not shorter") {
  Spec spec;
  spec.when(block(900)).when(block(60)).then_nothing();
  spec.when(block(3600)).then_types<Blocked>();
  CHECK(spec.state().until == noon + minutes(60));
}

TEST_CASE("abuse_block: people lift it, once") {
  Spec spec;
  spec.when(Unblock{"?"}).then_refused("entity.wrong_state");
  spec.when(block()).as("olivia").when(Unblock{"a mistake"}).then({Unblocked{"a mistake", "olivia", noon}});
  check_timer(spec.asks(), std::nullopt);
  CHECK(summarise(spec.state()).status == "lifted");
  spec.when(Unblock{"a mistake"}).then_nothing();
  spec.when(core::Fire{"end"}).then_nothing();
  spec.when(block()).then_types<Blocked>();
  spec.after(minutes(15))
      .when(core::Fire{"end"})
      .then_types<Expired>()
      .when(Unblock{"?"})
      .then_refused("entity.wrong_state");
}

TEST_CASE("abuse_block: its id is its subject's") {
  Spec spec;
  auto wrong = block();
  wrong.subject = std::string(64, 'b');
  spec.when(wrong).then_problem("subject");
}

TEST_CASE("abuse_block: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {Blocked{"RATE_LIMIT_BLOCKED", hash, Subject::ip, "auth.login", "", "10 refusals",
                                            "runtime", noon, noon + minutes(15)},
                                    Unblocked{"a mistake", "olivia", noon + minutes(1)}, Expired{noon + minutes(15)}}),
                               .event_prefix = "abuse"});
}
