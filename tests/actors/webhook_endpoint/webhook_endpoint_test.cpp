#include "actors/webhook_endpoint/webhook_endpoint.hpp"
#include "actors/webhook_endpoint/event_types.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

#include <fstream>
#include <set>
#include <sstream>

using namespace nova;
using namespace nova::webhook_endpoint;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::Secret first{"", "secret://clinic/webhook_endpoint/e/secret@1"};
const core::Secret second{"", "secret://clinic/webhook_endpoint/e/secret@2"};

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"clinic", "webhook_endpoint", "e"}); }
};

Create create() { return {"https://example.org/hook", first, {"API_KEY_CREATED", "PLATFORM_DEPLOYED"}, "ours", 3, 60}; }

const Event created =
    Created{"https://example.org/hook", first, {"API_KEY_CREATED", "PLATFORM_DEPLOYED"}, "ours", 3, 60, "amy", noon};
const Event paused = Paused{"a holiday", "amy", noon};
const Event disabled = Disabled{"dead", noon};
const Event deleted = Deleted{"", "amy", noon};

std::string file_text(const std::string& path) {
  std::ifstream in(std::string(NOVA_SOURCE_DIR) + "/" + path);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("webhook endpoint: its events are of the 24 types") {
  CHECK(event_types().size() == 24);
  Spec spec;
  spec.as("amy").when(create()).then({created}).then_no_asks();
  auto wrong = create();
  wrong.events = {"API_KEY_CREATED", "API_KEY_EATEN"};
  Spec().when(wrong).then_refused("webhook.unknown_event");
  wrong.events.clear();
  Spec().when(wrong).then_problem("events");
  wrong = create();
  wrong.url = "ftp://example.org";
  Spec().when(wrong).then_problem("url");
  wrong = create();
  wrong.secret = {};
  Spec().when(wrong).then_problem("secret");
}

TEST_CASE("webhook endpoint: every source is an event that a kind writes, and stands for one type") {
  std::set<std::string_view> known, named;
  for (const auto* kind : core::kinds())
    for (const auto& event : kind->events) known.insert(event.name);
  for (const auto& type : event_types())
    for (const auto source : type.sources) {
      INFO(source);
      CHECK(known.count(source) == 1);
      CHECK(named.insert(source).second);
      CHECK(type_of_event(source) == type.name);
    }
  CHECK(type_of_event("tenant.created").empty());
}

TEST_CASE("webhook endpoint: config/webhook_events.json says the same") {
  const auto file = file_text("config/webhook_events.json");
  std::vector<std::string> names;
  for (const auto& type : event_types()) {
    names.emplace_back(type.name);
    std::vector<std::string> sources(type.sources.begin(), type.sources.end()), written;
    for (std::size_t i = 0; i < core::json_keys(file, "webhook_events." + names.back()).size(); ++i)
      written.push_back(
          core::json_text(file, "webhook_events." + names.back() + "[" + std::to_string(i) + "]").value());
    CHECK(written == sources);
  }
  CHECK(core::json_keys(file, "webhook_events") == names);
}

TEST_CASE("webhook endpoint: an update keeps what it leaves out") {
  Spec spec;
  spec.as("amy").given({created});
  spec.when(Update{}).then_refused("input.nothing_to_change");
  spec.when(Update{Url("https://example.org/hook"), {}, {}, {}, {}}).then_nothing();
  spec.when(Update{{}, {"USER_CREATED"}, {}, Retries(0), {}})
      .then({Updated{"https://example.org/hook", {"USER_CREATED"}, "ours", 0, 60, "amy", noon}});
  spec.when(Update{{}, {"NONE"}, {}, {}, {}}).then_refused("webhook.unknown_event");
  spec.when(Update{Url("gopher://example.org"), {}, {}, {}, {}}).then_problem("url");
}

TEST_CASE("webhook endpoint: while a secret is rotated the one before is kept for its grace") {
  Spec spec;
  spec.as("amy").given({created}).when(Rotate{second, 3600});
  spec.then({Rotated{second, noon + std::chrono::hours(1), "amy", noon}});
  CHECK(spec.state().secret == second);
  CHECK(spec.state().previous_secret == first);
  spec.when(Rotate{second, 3600}).then_nothing();
  spec.when(Rotate{{}, 3600}).then_problem("secret");
}

TEST_CASE("webhook endpoint: every status against every command") {
  struct Row {
    std::vector<Event> given;
    std::string_view state, update, rotate, pause, resume, test, remove;  // "" accepted, "-" already so, else refused
  };
  const std::string_view no = "entity.wrong_state";
  const Row rows[] = {
      {{}, "absent", no, no, no, no, no, no},
      {{created}, "active", "", "", "", "-", "", ""},
      {{created, paused}, "paused", "", "", "-", "", no, ""},
      {{created, disabled}, "disabled", "", "", no, "", no, ""},
      {{created, deleted}, "deleted", no, no, no, no, no, "-"},
  };
  const auto check = [](const Row& row, const Command& command, std::string_view expected) {
    Spec spec;
    spec.given(row.given).when(command);
    if (expected == "-")
      spec.then_nothing();
    else if (!expected.empty())
      spec.then_refused(expected);
    else
      CHECK(spec.events().size() == 1);
  };
  for (const auto& row : rows) {
    INFO(row.state);
    Spec spec;
    spec.given(row.given);
    CHECK(summarise(spec.state()).status == row.state);
    check(row, Update{Url("https://example.org/other"), {}, {}, {}, {}}, row.update);
    check(row, Rotate{second, 1}, row.rotate);
    check(row, Pause{}, row.pause);
    check(row, Resume{}, row.resume);
    check(row, Test{}, row.test);
    check(row, Delete{}, row.remove);
    if (row.state != "absent") check(row, create(), no);
  }
}

TEST_CASE("webhook endpoint: a deleted one leaves no secret in the vault") {
  Spec spec;
  spec.as("amy").given({created}).when(Delete{}).then_types<Deleted>().then_work(
      "vault", "destroy", [](const core::DoAsk& ask) {
        CHECK(core::json_text(ask.payload, "path").value_or("") == "clinic/webhook_endpoint/e/secret");
        CHECK(core::json_int(ask.payload, "version") == 0);
      });
  spec.when(Delete{}).then_nothing();
  spec.when(core::Settle{"erase", core::Outcome::done, {}, {}, {}}).then_nothing();
}

TEST_CASE("webhook endpoint: a test makes a delivery of its own") {
  Spec spec;
  spec.as("amy").given({created}).when(Test{}).then_types<Tested>().then_work(
      "command", "send", [](const core::DoAsk& ask) {
        CHECK(core::json_text(ask.payload, "kind") == "webhook_delivery");
        CHECK(core::json_text(ask.payload, "id") == "command-1");
        CHECK(core::json_text(ask.payload, "body.event_type") == "TEST");
        CHECK(core::json_text(ask.payload, "body.endpoint") == "e");
        CHECK(core::json_text(*core::json_text(ask.payload, "body.payload"), "type") == "TEST");
      });
}

TEST_CASE("webhook endpoint: it is disabled after twenty straight failures, and not before") {
  Spec spec;
  spec.as_system().given({created});
  for (int i = 1; i < 20; ++i) spec.when(NoteFailed{"d", "http.deadline", false}).then_types<DeliveryFailed>();
  spec.when(NoteDelivered{"d"}).then_types<Recovered>();
  spec.when(NoteDelivered{"d"}).then_nothing();
  for (int i = 1; i < 20; ++i) spec.when(NoteFailed{"d", "http.deadline", false}).then_types<DeliveryFailed>();
  CHECK(spec.state().status == Status::active);
  spec.when(NoteFailed{"d", "http.deadline", false}).then_types<DeliveryFailed, Disabled>();
  CHECK(spec.state().status == Status::disabled);
  CHECK(spec.state().last_failure == "http.deadline");
  spec.as("amy").when(Resume{}).then_types<Resumed>();
  CHECK(spec.state().straight_failures == 0);
}

TEST_CASE("webhook endpoint: a receiver that says it is gone is left alone at once") {
  Spec spec;
  spec.as_system().given({created}).when(NoteFailed{"d", "webhook.answered_otherwise", true});
  spec.then_types<DeliveryFailed, Disabled>();
  spec.given({deleted}).when(NoteFailed{"d", "x", true}).then_nothing();
}

TEST_CASE("webhook endpoint: what every kind promises") {
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(
                                   {created, Updated{"https://example.org/b", {"USER_CREATED"}, "", 1, 5, "amy", noon},
                                    Rotated{second, noon, "amy", noon}, paused, Resumed{"amy", noon},
                                    Tested{"d", "test-d", "amy", noon}, DeliveryFailed{"d", "http.deadline", noon},
                                    Recovered{noon}, disabled, deleted}),
                               .acts_again = {"test", "note_failed"},
                               .other_events = {"webhook.disabled"}});
}
