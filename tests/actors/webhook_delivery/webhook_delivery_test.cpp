#include "actors/webhook_delivery/webhook_delivery.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::webhook_delivery;
using std::chrono::seconds;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::EntityKey endpoint{"clinic", "webhook_endpoint", "e"};

core::Fact fact(const std::string& status, int retries = 3, int straight_failures = 0, bool rotating = false) {
  core::Fact made{true, 1, status, {}};
  core::JsonWriter(made.document)
      .object()
      .field("status", status)
      .field("url", "https://example.org/hook")
      .field("secret", "secret://clinic/webhook_endpoint/e/secret@2")
      .field("previous_secret", rotating ? "secret://clinic/webhook_endpoint/e/secret@1" : "")
      .field("grace_until", core::to_rfc3339(noon + seconds(60)))
      .field("retries", retries)
      .field("retry_every_s", 60)
      .field("straight_failures", straight_failures)
      .end();
  return made;
}

struct Spec : testkit::Spec<State, Command, Event> {
  Spec(const std::string& status = "active", int retries = 3) {
    self({"clinic", "webhook_delivery", "d"});
    fact(endpoint, ::fact(status, retries));
    as_system();
  }
};

Create create(bool overflow = false) {
  return {"e", "API_KEY_CREATED", "event-1", R"({"type":"API_KEY_CREATED"})", overflow};
}

core::Settle answered(const std::string& work, int status, int retry_after_s = 0) {
  core::Settle settle;
  settle.work_id = work;
  settle.result.text = R"({"status":)" + std::to_string(status) +
                       R"(,"took_ms":12,"body":"so so","cut":false,"retry_after_s":)" + std::to_string(retry_after_s) +
                       "}";
  return settle;
}

core::Settle failed(const std::string& work, const std::string& code) {
  core::Settle settle;
  settle.work_id = work;
  settle.outcome = core::Outcome::failed;
  settle.code = code;
  settle.message = "it did not work";
  return settle;
}

core::Timestamp timer_of(const core::Asks& asks) {
  REQUIRE(asks.timers.size() == 1);
  REQUIRE(asks.timers[0].at);
  return *asks.timers[0].at;
}

}  // namespace

TEST_CASE("webhook delivery: it is sent signed, in order with the others of its endpoint") {
  Spec spec;
  spec.when(create()).then_types<Created, Sending>().then_work("http", "send", [](const core::DoAsk& ask) {
    CHECK(ask.id == "attempt-1-1");
    CHECK(ask.order_key == "webhook/e");
    CHECK(core::json_text(ask.payload, "url") == "https://example.org/hook");
    CHECK(core::json_text(ask.payload, "body") == R"({"type":"API_KEY_CREATED"})");
    CHECK(core::json_text(ask.payload, "sign.id") == "d");
    CHECK(core::json_part(ask.payload, "sign.secrets") == R"(["secret://clinic/webhook_endpoint/e/secret@2"])");
  });
  spec.when(create()).then_nothing();
  spec.when(answered("attempt-1-1", 204)).then_types<Attempted, Delivered>().then_no_asks();
  REQUIRE(spec.state().log.size() == 1);
  CHECK(spec.state().log[0].status == 204);
  CHECK(spec.state().log[0].took_ms == 12);
  CHECK(spec.state().log[0].answer == "so so");
  spec.when(answered("attempt-1-1", 204)).then_nothing();
}

TEST_CASE("webhook delivery: while a secret is rotated both sign, and the one before no longer than its grace") {
  const auto secrets = [](core::Timestamp now) {
    Spec spec;
    spec.fact(endpoint, fact("active", 3, 0, true)).at(now).when(create());
    return core::json_keys(spec.asks().works.at(0).payload, "sign.secrets").size();
  };
  CHECK(secrets(noon) == 2);
  CHECK(secrets(noon + seconds(60)) == 1);
}

TEST_CASE("webhook delivery: four failed attempts end it, every 60 s and a quarter more at most") {
  Spec spec;
  spec.when(create());
  for (int attempt = 1; attempt <= 3; ++attempt) {
    const auto work = "attempt-1-" + std::to_string(attempt);
    spec.when(attempt == 2 ? failed(work, "http.deadline") : answered(work, 500)).then_types<Attempted>();
    const auto now = spec.context().now, next = timer_of(spec.asks());
    CHECK(next - now >= seconds(60));
    CHECK(next - now <= seconds(75));
    CHECK(spec.state().next_at == next);
    spec.when(core::Fire{"another"}).then_nothing();
    spec.at(next).when(core::Fire{"retry"}).then_types<Sending>();
    spec.when(core::Fire{"retry"}).then_nothing();
  }
  spec.when(answered("attempt-1-4", 503))
      .then_types<Attempted, Failed>()
      .then_work("command", "send", [](const core::DoAsk& ask) {
        CHECK(core::json_text(ask.payload, "kind") == "webhook_endpoint");
        CHECK(core::json_text(ask.payload, "id") == "e");
        CHECK(core::json_text(ask.payload, "name") == "note_failed");
        CHECK(core::json_text(ask.payload, "body.gone") == "false");
      });
  CHECK(spec.state().status == Status::failed);
  CHECK(spec.state().log.size() == 4);
  CHECK(spec.state().log[1].code == "http.deadline");
  CHECK(spec.state().code == "webhook.answered_otherwise");
}

TEST_CASE("webhook delivery: two that failed together do not come back together") {
  const auto next = [](const std::string& command) {
    Spec spec;
    spec.when(create());
    spec.context().command_id = command;
    spec.when(answered("attempt-1-1", 500));
    return timer_of(spec.asks());
  };
  CHECK(next("one") != next("two"));
  CHECK(next("one") == next("one"));
}

TEST_CASE("webhook delivery: more retries than the specification's wait longer, and a receiver may ask for time") {
  Spec spec("active", 10);
  spec.when(create());
  std::vector<std::int64_t> delays;
  for (int attempt = 1; attempt <= 10; ++attempt) {
    spec.when(answered("attempt-1-" + std::to_string(attempt), 500, attempt == 1 ? 600 : 0));
    delays.push_back((timer_of(spec.asks()) - spec.context().now).count() / 1000);
    spec.at(timer_of(spec.asks())).when(core::Fire{"retry"});
  }
  CHECK((delays[0] >= 600 && delays[0] <= 750));
  CHECK((delays[1] >= 60 && delays[1] <= 75));
  CHECK((delays[3] >= 120 && delays[3] <= 150));
  CHECK((delays[9] >= 3600 && delays[9] <= 4500));
  spec.when(answered("attempt-1-11", 500)).then_types<Attempted, Failed>();
}

TEST_CASE("webhook delivery: what cannot succeed is not tried again") {
  for (const auto& [settle, code] : std::vector<std::pair<core::Settle, std::string>>{
           {failed("attempt-1-1", "http.private_address"), "webhook.private_address"},
           {failed("attempt-1-1", "secret.not_found"), "secret.not_found"},
           {answered("attempt-1-1", 410), "webhook.answered_otherwise"}}) {
    Spec spec;
    spec.when(create()).when(settle).then_types<Attempted, Failed>();
    CHECK(spec.state().code == code);
    spec.then_work("command", "send", [&](const core::DoAsk& ask) {
      CHECK(core::json_text(ask.payload, "body.gone") == (settle.outcome == core::Outcome::done ? "true" : "false"));
    });
  }
}

TEST_CASE("webhook delivery: an endpoint that had failed hears that one arrived") {
  Spec spec;
  spec.when(create()).fact(endpoint, fact("active", 3, 5)).when(answered("attempt-1-1", 200));
  spec.then_types<Attempted, Delivered>().then_work("command", "send", [](const core::DoAsk& ask) {
    CHECK(core::json_text(ask.payload, "name") == "note_delivered");
    CHECK(ask.id.starts_with("note-"));
  });
  core::Settle note;
  note.work_id = spec.asks().works.at(0).id;
  spec.when(note).then_nothing();
}

TEST_CASE("webhook delivery: what waits for a paused endpoint goes when it is resumed, or fails when it is gone") {
  Spec spec("paused");
  spec.when(create()).then_types<Created, Held>().then_no_asks();
  spec.when(Wake{}).then_nothing();
  spec.fact(endpoint, fact("active")).when(Wake{}).then_types<Sending>().then_work("http", "send");
  spec.when(Wake{}).then_nothing();
  spec.when(answered("attempt-1-1", 500));
  spec.when(Wake{}).then_nothing();  // its time has not come
  spec.fact(endpoint, fact("disabled")).when(Wake{}).then_types<Failed>();
  CHECK(spec.state().code == "webhook.endpoint_disabled");
  Spec late;
  late.when(create()).when(answered("attempt-1-1", 500)).fact(endpoint, fact("paused")).at(late.state().next_at);
  late.when(core::Fire{"retry"}).then_types<Held>();
}

TEST_CASE("webhook delivery: none is made for an endpoint that is not there") {
  Spec gone("deleted");
  gone.when(create()).then_nothing();
  Spec none;
  none.fact(endpoint, {}).when(create()).then_nothing();
}

TEST_CASE("webhook delivery: what is too much is kept, not sent, and can be sent by hand") {
  Spec spec;
  spec.when(create(true)).then_types<Created, Failed>().then_no_asks();
  CHECK(spec.state().code == "webhook.queue_full");
  spec.as("amy")
      .when(Redeliver{})
      .then_types<Redelivered, Sending>()
      .then_work("http", "send", [](const core::DoAsk& ask) {
        CHECK(ask.id == "attempt-2-1");
        CHECK(core::json_text(ask.payload, "sign.id") == "d");
      });
  spec.when(Redeliver{}).then_nothing();
}

TEST_CASE("webhook delivery: a redelivery has all its retries again, and needs an endpoint") {
  Spec spec("active", 0);
  spec.when(create()).when(answered("attempt-1-1", 500)).then_types<Attempted, Failed>();
  spec.fact(endpoint, fact("disabled")).when(Redeliver{}).then_refused("webhook.endpoint_inactive");
  spec.fact(endpoint, fact("active", 1)).when(Redeliver{}).then_types<Redelivered, Sending>();
  spec.when(answered("attempt-2-1", 500)).then_types<Attempted>();
  spec.at(spec.state().next_at).when(core::Fire{"retry"}).then_types<Sending>();
  spec.when(answered("attempt-2-2", 200)).then_types<Attempted, Delivered>();
  CHECK(spec.state().attempts == 3);
  spec.when(Redeliver{}).then_types<Redelivered, Sending>();
}

TEST_CASE("webhook delivery: what every kind promises") {
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>(
           {Created{"e", "API_KEY_CREATED", "event-1", "{}", noon}, Held{noon}, Sending{1, 1, "attempt-1-1", noon},
            Attempted{1, 500, "webhook.answered_otherwise", "the receiver answered 500", "no", 12, noon, noon},
            Failed{"webhook.answered_otherwise", "the receiver answered 500", noon}, Redelivered{2, "amy", noon},
            Sending{2, 2, "attempt-2-1", noon}, Attempted{2, 200, "", "", "ok", 3, {}, noon}, Delivered{noon}}),
       .other_events = {"webhook.delivered", "webhook.failed"}});
}
