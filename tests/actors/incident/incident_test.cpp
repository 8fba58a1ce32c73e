#include "actors/incident/incident.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::incident;
using std::chrono::minutes;

namespace {

const core::Timestamp noon = testkit::story_start;

Open bad(Impact severity, std::optional<core::Timestamp> down = std::nullopt) {
  return {"the shop is down", "\xd9\x87", severity, "", "", down};
}
const WritePostMortem lesson{"a disk was full", "nobody looked", "an alarm"};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() {
    self({"clinic", "incident", "i1"});
    as("amy");
  }
};

}  // namespace

TEST_CASE("incident: a weighty one is over when its post-mortem is signed by somebody else") {
  for (const auto severity : {Impact::high, Impact::critical}) {
    Spec spec;
    spec.when(bad(severity)).when(Investigate{"looking"});
    CHECK(spec.state().owes_post_mortem);
    spec.when(Resolve{"a bigger disk", {}}).then_refused("incident.post_mortem_required");
    spec.when(lesson).when(Resolve{"x", {}}).then_refused("incident.post_mortem_required");
    spec.when(SubmitPostMortem{}).then_types<Submitted>();
    spec.when(SignPostMortem{}).then_refused("post_mortem.self");
    spec.as("operator", "service").when(SignPostMortem{}).then_refused("access.denied");
    spec.as("bob").when(SignPostMortem{}).then_types<Signed>();
    CHECK_FALSE(spec.state().owes_post_mortem);
    spec.as("amy").when(Resolve{"a bigger disk", {}}).then_types<Resolved>();
    spec.when(ClosePostMortem{}).then_types<Closed>();
  }
  for (const auto severity : {Impact::low, Impact::medium}) {
    Spec spec;
    spec.when(bad(severity)).when(Investigate{""}).when(Resolve{"x", {}}).then_types<Resolved>();
  }
}

TEST_CASE("incident: the owner has nobody above and signs their own") {
  Spec spec;
  spec.when(bad(Impact::high)).when(Investigate{"x"});
  spec.when(lesson).when(SubmitPostMortem{});
  spec.standing({"free", "", true}).when(SignPostMortem{}).then_types<Signed>();
}

TEST_CASE("incident: downtime is counted from going down to being back") {
  Spec spec;
  spec.when(bad(Impact::low, noon + minutes(1))).then_problem("down_since");
  spec.when(bad(Impact::low, core::Timestamp{noon.ms - 60'000})).when(Investigate{""});
  spec.after(minutes(10));
  spec.when(Resolve{"x", noon + minutes(11)}).then_problem("back_at");
  spec.when(Resolve{"x", core::Timestamp{noon.ms - 60'001}}).then_problem("back_at");
  spec.when(Resolve{"x", noon + minutes(4)}).then_types<Resolved>();
  CHECK(spec.state().downtime_seconds == 300);
  Spec open;
  open.when(bad(Impact::low, noon)).when(Investigate{""});
  open.after(minutes(2)).when(Resolve{"x", {}});
  CHECK(open.state().downtime_seconds == 120);
}

TEST_CASE("incident: states come in their order") {
  Spec spec;
  spec.when(Investigate{""}).then_refused("entity.wrong_state");
  spec.when(bad(Impact::low)).when(Resolve{"x", {}}).then_refused("entity.wrong_state");
  spec.when(lesson).then_refused("entity.wrong_state");
  spec.when(Dismiss{"a false alarm"}).then_types<Dismissed>();
  CHECK(summarise(spec.state()).status == "false_positive");
  spec.when(Investigate{"x"}).then_refused("entity.wrong_state");
  Spec review;
  review.when(bad(Impact::high)).when(Investigate{"x"});
  review.when(SubmitPostMortem{}).then_refused("entity.wrong_state");
  review.when(lesson).when(SubmitPostMortem{}).when(lesson).then_refused("entity.wrong_state");
  review.as("bob").when(ReturnPostMortem{"why did nobody look?"}).then_types<Returned>();
  review.when(ClosePostMortem{}).then_refused("entity.wrong_state");
}

TEST_CASE("incident: what every kind promises") {
  testkit::check_kind(
      kind(), {.history = testkit::history_of<Event>(
                   {Opened{"the shop is down", "\xd9\x87", Impact::high, "", "control-1", "amy", noon, noon},
                    Investigated{"looking", "amy", noon}, Written{"a", "b", "c", "amy", noon}, Submitted{"amy", noon},
                    Returned{"more", "bob", noon}, Signed{"bob", noon}, Resolved{"a disk", "amy", 300, noon},
                    Closed{"bob", noon}, Dismissed{"none", "bob", noon}}),
               .other_events = {"post_mortem.written", "post_mortem.submitted", "post_mortem.signed",
                                "post_mortem.returned", "post_mortem.closed"}});
}
