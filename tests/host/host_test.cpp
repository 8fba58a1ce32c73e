#include "core/describe/codec.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/host/sample.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/faulty_store.hpp"
#include "tests/testkit/store_contract.hpp"

using namespace nova;
using testkit::HostWorld;
using Types = std::vector<std::string>;

TEST_CASE("host: a command is decided, stored with its decision, and answered after the commit") {
  HostWorld world;
  auto command = world.command("a", "add", R"({"amount":5})");
  command.request_id = "req-1";
  const auto answer = world.send(command);
  REQUIRE(answer.ok());
  CHECK(answer->version == 1);
  CHECK(answer->intent_version == 1);
  CHECK(answer->position == 1);
  CHECK(answer->status == "positive");
  CHECK(answer->events == Types{"sample.added"});
  const auto events = world.store->read({"t1", "sample", "a"}, 0, 10);
  REQUIRE(events.ok());
  REQUIRE(events->size() == 1);
  const auto meta = core::from_json<core::EventMeta>(events->front().meta, core::Reading::stored);
  REQUIRE(meta.ok());
  CHECK(meta->command == "sample.add");
  CHECK(meta->principal == "operator");
  CHECK(meta->request_id == "req-1");
  REQUIRE(meta->decision.has_value());
  CHECK(meta->decision->answer == core::DecisionRecord::Answer::allow);
  CHECK(meta->decision->rules == Types{"builtin.operator"});
}

TEST_CASE("host: what is wrong is told by a stable code and changes nothing") {
  struct Row {
    const char* id;
    const char* name;
    const char* body;
    const char* code;
  };
  const Row rows[] = {{"a", "nothing", "{}", "command.not_found"},
                      {"a", "add", R"({"amount":"x"})", "input.invalid"},
                      {"a", "add", R"({"amount":1,"extra":1})", "input.invalid"},
                      {"a", "add", "not json", "input.invalid"},
                      {"a", "add", R"({"amount":-1})", "sample.below_zero"},
                      {"A b", "add", R"({"amount":1})", "input.invalid"}};
  HostWorld world;
  for (const auto& row : rows) {
    const auto answer = world.send(row.id, row.name, row.body);
    INFO(row.name << " " << row.body);
    REQUIRE(!answer.ok());
    CHECK(answer.error().code == row.code);
  }
  CHECK(world.store->head() == 0);
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("host: the gate stands before every command and fails closed") {
  HostWorld world;
  auto stranger = world.command("a", "add", R"({"amount":1})");
  stranger.principal = {"mallory", "user"};
  CHECK(world.send(stranger).error().code == "gate.denied");

  auto internal =
      world.command("a", "settle", R"({"work_id":"w","outcome":"done","code":"","message":"","result":null})");
  CHECK(world.send(internal).error().code == "gate.denied");

  world.tenants["t1"] = "suspended";
  CHECK(world.send("a", "add", R"({"amount":1})").error().code == "tenant.suspended");
  world.tenants.clear();
  CHECK(world.send("a", "add", R"({"amount":1})").error().code == "tenant.not_found");
  world.tenants["t1"] = "active";
  world.rules = nullptr;
  CHECK(world.send("a", "add", R"({"amount":1})").error().code == "gate.denied");
  CHECK(world.store->head() == 0);
  CHECK(world.host->stats().denied == 4);
}

TEST_CASE("host: a command that finds all as it should be leaves a trace of its decision only") {
  HostWorld world;
  const auto answer = world.send("a", "add", R"({"amount":0})");
  REQUIRE(answer.ok());
  CHECK(answer->events.empty());
  CHECK(world.event_types("a") == Types{"decided"});
  CHECK(world.send("a", "add", R"({"amount":2})").ok());
  CHECK(world.event_types("a") == Types{"decided", "sample.added"});
}

TEST_CASE("host: a dry run decides and stores nothing") {
  HostWorld world;
  auto command = world.command("a", "add", R"({"amount":5,"secret":"s3cret"})");
  command.dry_run = true;
  const auto answer = world.send(command);
  REQUIRE(answer.ok());
  CHECK(answer->dry_run);
  CHECK(answer->events == Types{"sample.added"});
  CHECK(world.store->head() == 0);
  CHECK(world.send("a", "add", R"({"amount":1})")->version == 1);
}

TEST_CASE("host: an expected version that moved refuses") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":5})").ok());
  auto late = world.command("a", "add", R"({"amount":1})");
  late.expected_version = 0;
  CHECK(world.send(late).error().code == "entity.version_mismatch");
  late.expected_version = -1;
  late.expected_intent_version = 7;
  CHECK(world.send(late).error().code == "entity.version_mismatch");
  late.expected_intent_version = 1;
  CHECK(world.send(late).ok());
}

TEST_CASE("host: a refusal at the store's door says nothing about a commit that is still on its way") {
  const bool made = GENERATE(false, true);
  auto faulty = std::make_unique<testkit::FaultyStore>(store::make_memory_store(core::system_clock()));
  HostWorld world(faulty.get());
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  std::vector<core::Result<host::Answer>> first, second, third;
  const auto submit = [&](auto& answers, const char* body) {
    world.host->submit(world.command("a", "add", body), [&answers](auto answer) { answers.push_back(answer); });
    world.run();
  };
  faulty->hold(true);
  if (!made) faulty->doubt_next(1);
  submit(first, R"({"amount":2})");
  faulty->hold(false);
  faulty->fail_next(1);
  submit(second, R"({"amount":4})");
  CHECK(first.empty());
  REQUIRE(second.size() == 1);
  CHECK(second[0].error().code == "store.read_only");
  CHECK(second[0].error().details.empty());
  // Nothing is decided on a state that never comes to be; who asks is not left waiting.
  submit(third, R"({"amount":8})");
  REQUIRE(third.size() == 1);
  CHECK(third[0].error().code == "store.read_only");

  CHECK(faulty->release() == 1);
  world.run();
  REQUIRE(first.size() == 1);
  CHECK(first[0].ok() == made);
  if (!made)
    CHECK(first[0].error().details == std::vector<std::pair<std::string, std::string>>{{"outcome", "unknown"}});
  CHECK(world.send("a", "add", R"({"amount":16})")->version == 3);
  CHECK(world.document("a").find("19") != std::string::npos);
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("host: who was refused at the store's door is not done when the commit ahead loses a race") {
  HostWorld other;
  REQUIRE(other.send("a", "add", R"({"amount":1})").ok());
  REQUIRE(other.send("a", "add", R"({"amount":100})").ok());
  auto faulty = std::make_unique<testkit::FaultyStore>(store::make_memory_store(core::system_clock()));
  HostWorld world(faulty.get());
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  // Another node is faster.
  const core::EntityKey key{"t1", "sample", "a"};
  const auto event = other.store->read(key, 1, 1).value().front();
  store::Append theirs;
  theirs.key = key;
  theirs.expected_version = 1;
  theirs.events.push_back({event.id, event.type, event.body, event.meta});
  theirs.document = *other.store->document(key).value();
  REQUIRE(testkit::append(faulty->inner(), std::move(theirs)).ok());

  std::vector<core::Result<host::Answer>> first, second;
  const auto submit = [&](auto& answers, const char* body) {
    world.host->submit(world.command("a", "add", body), [&answers](auto answer) { answers.push_back(answer); });
    world.run();
  };
  faulty->hold(true);
  submit(first, R"({"amount":2})");
  faulty->hold(false);
  faulty->fail_next(1);
  submit(second, R"({"amount":4})");
  REQUIRE(second.size() == 1);
  CHECK(second[0].error().code == "store.read_only");
  CHECK(faulty->release() == 1);
  world.run();
  REQUIRE(first.size() == 1);
  CHECK(first[0].ok());
  CHECK(second.size() == 1);
  CHECK(world.document("a").find("103") != std::string::npos);
  CHECK(world.event_types("a").size() == 3);
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("host: a repeated idempotency key answers the first answer, another body is a clash, a refusal is not kept") {
  HostWorld world;
  auto command = world.command("a", "add", R"({"amount":5})");
  command.idempotency_key = "k1";
  command.body_hash = "h1";
  const auto first = world.send(command);
  REQUIRE(first.ok());
  CHECK(!first->replayed);
  command.id = core::new_uuid(world.clock.now());
  const auto second = world.send(command);
  REQUIRE(second.ok());
  CHECK(second->replayed);
  CHECK(second->version == 1);
  CHECK(first->position == 1);
  REQUIRE(world.send(world.command("a", "add", R"({"amount":1})")).ok());
  CHECK(world.send(command)->position == first->position);  // who repeats reads its own write, too
  CHECK(world.event_types("a").size() == 2);
  command.body_hash = "h2";
  CHECK(world.send(command).error().code == "idempotency.mismatch");
  CHECK(world.send(command).error().status == 422);

  auto refused = world.command("a", "add", R"({"amount":-50})");
  refused.idempotency_key = "k2";
  refused.body_hash = "h3";
  CHECK(world.send(refused).error().code == "sample.below_zero");
  REQUIRE(world.send("a", "add", R"({"amount":100})").ok());
  CHECK(world.send(refused).ok());

  world.clock.advance(std::chrono::hours(25));
  command.body_hash = "h2";
  CHECK(world.send(command).ok());
}

TEST_CASE("host: two requests with one key in flight are one") {
  HostWorld world;
  auto command = world.command("a", "add", R"({"amount":5})");
  command.idempotency_key = "k1";
  command.body_hash = "h1";
  std::vector<bool> replayed;
  for (int i = 0; i < 3; ++i)
    world.host->submit(command, [&](core::Result<host::Answer> answer) {
      REQUIRE(answer.ok());
      replayed.push_back(answer->replayed);
    });
  world.run();
  CHECK(replayed == std::vector<bool>{false, true, true});
  CHECK(world.event_types("a").size() == 1);
}

TEST_CASE("host: secrets are sealed before the kind sees them, and personal data before the store does") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":5,"secret":"hunter2","note":"Amal, 5 May"})").ok());
  const auto document = world.document("a");
  CHECK(document.find("hunter2") == std::string::npos);
  CHECK(document.find("Amal") == std::string::npos);
  CHECK(document.find("secret://t1/sample/a/secret@1") != std::string::npos);
  const auto events = world.store->read({"t1", "sample", "a"}, 0, 10);
  CHECK(events->front().body.find("Amal") == std::string::npos);
  CHECK(events->front().body.find("hunter2") == std::string::npos);
  CHECK(*world.vault->reveal("secret://t1/sample/a/secret@1") == "hunter2");
}

TEST_CASE("host: a reference to another tenant's secret is refused, one of the own tenant is taken") {
  HostWorld world;
  CHECK(world.send("a", "add", R"({"amount":5,"secret":"secret://t2/sample/a/secret@1"})").error().code ==
        "secret.foreign");
  REQUIRE(world.send("b", "add", R"({"amount":5,"secret":"hunter2"})").ok());
  CHECK(world.send("a", "add", R"({"amount":5,"secret":"secret://t1/sample/b/secret@1"})").ok());
}

TEST_CASE("host: a secret that is named must be there, and not be destroyed") {
  HostWorld world;
  const auto reference = world.vault->seal("t1/secret/db/value", "hunter2").value();
  const auto named = [&](const std::string& text) {
    return world.send("a", "add", R"({"amount":5,"secret":")" + text + R"("})");
  };
  CHECK(named(reference).ok());
  CHECK(named("secret://t1/secret/db/value@2").error().code == "secret.not_found");
  REQUIRE(world.vault->destroy("t1/secret/db/value").ok());
  CHECK(named(reference).error().code == "secret.destroyed");
}

TEST_CASE("host: nothing is sealed for who is denied, nor where there is no tenant") {
  HostWorld world;
  const std::string body = R"({"amount":5,"secret":"hunter2"})";
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  for (const char* id : {"a", "fresh"}) {
    auto stranger = world.command(id, "add", body);
    stranger.principal = {"mallory", "user"};
    CHECK(world.send(stranger).error().code == "gate.denied");
    auto nowhere = world.command(id, "add", body);
    nowhere.target.tenant = "nowhere";
    CHECK(world.send(nowhere).error().code == "tenant.not_found");
    CHECK_FALSE(world.vault->newest("t1/sample/" + std::string(id) + "/secret").value());
    CHECK_FALSE(world.vault->newest("nowhere/sample/" + std::string(id) + "/secret").value());
  }
}

TEST_CASE("host: an exception ends one actor, the third in a row parks its entity, and its siblings never notice") {
  HostWorld world;
  REQUIRE(world.send("healthy", "add", R"({"amount":1})").ok());
  for (int i = 0; i < 3; ++i) CHECK(world.send("bad", "throw").error().code == "entity.restarted");
  const auto parked = world.send("bad", "add", R"({"amount":1})");
  CHECK(parked.error().code == "entity.parked");
  CHECK(parked.error().message.find("a broken invariant") != std::string::npos);
  CHECK(world.send("healthy", "add", R"({"amount":1})")->version == 2);
  CHECK(world.host->stats().parked == 1);
  CHECK(world.host->stats().in_flight == 0);
}

TEST_CASE("host: a success between two exceptions clears the count") {
  HostWorld world;
  for (int i = 0; i < 6; ++i) {
    CHECK(!world.send("bad", "throw").ok());
    if (i % 2 == 1) CHECK(world.send("bad", "add", R"({"amount":1})").ok());
  }
  CHECK(world.send("bad", "add", R"({"amount":1})").ok());
}

TEST_CASE("host: an idle entity's actor goes and its state is found again") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":5})").ok());
  CHECK(world.host->stats().active == 1);
  world.advance(std::chrono::seconds(70));
  CHECK(world.host->stats().active == 0);
  CHECK(world.host->stats().passivations == 1);
  const auto again = world.send("a", "add", R"({"amount":1})");
  REQUIRE(again.ok());
  CHECK(again->version == 2);
  CHECK(world.host->stats().activations == 2);
}

TEST_CASE("host: a burst of entities keeps no more actors than there is room for, without waiting for a sweep") {
  HostWorld world(nullptr, 16);
  for (int i = 0; i < 100; ++i) REQUIRE(world.send("e" + std::to_string(i), "add", R"({"amount":1})").ok());
  CHECK(world.host->stats().active <= 18);
  CHECK(world.host->stats().passivations >= 82);
  CHECK(world.send("e0", "add", R"({"amount":1})")->version == 2);
}

TEST_CASE("host: a name that another entity claims is refused with the kind's own code") {
  HostWorld world;
  REQUIRE(world.send("a", "claim", R"({"name":"slug/x"})").ok());
  CHECK(world.send("b", "claim", R"({"name":"slug/x"})").error().code == "sample.name_taken");
  CHECK(world.send("b", "claim", R"({"name":"slug/y"})").ok());
  CHECK(world.event_types("b").size() == 1);
}

TEST_CASE("host: facts of other entities are loaded, and a strict one that moves makes the command decide again") {
  HostWorld world;
  CHECK(world.send("a", "add_from", R"({"other":"b"})").error().code == "sample.other_missing");
  REQUIRE(world.send("b", "add", R"({"amount":7})").ok());
  REQUIRE(world.send("a", "add_from", R"({"other":"b"})").ok());
  CHECK(world.document("a").find("\"total\":7") != std::string::npos);
}

TEST_CASE("host: a draining node takes no new work and waits for what is under way") {
  HostWorld world;
  bool drained = false;
  world.host->drain(world.clock.now() + std::chrono::seconds(10), [&] { drained = true; });
  CHECK(world.send("a", "add", R"({"amount":1})").error().code == "node.draining");
  world.run();
  CHECK(drained);
}

TEST_CASE("host: a document written under another description is rebuilt by replay") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":5})").ok());
  // Written by hand as an older version of the program would have: same events, a document of another shape.
  store::Append older;
  older.key = {"t1", "sample", "old"};
  older.at = world.clock.now();
  older.events.push_back({core::new_uuid(world.clock.now()), "sample.added", R"({"amount":9,"gone":true})", "{}"});
  older.document.key = older.key;
  older.document.version = 1;
  older.document.intent_version = 1;
  older.document.status = "positive";
  older.document.body = R"({"sum":9})";
  older.document.state_hash = "another";
  bool stored = false;
  world.store->append(older, [&](auto outcome) { stored = outcome.ok(); });
  REQUIRE(stored);
  const auto answer = world.send("old", "add", R"({"amount":1})");
  REQUIRE(answer.ok());
  CHECK(answer->version == 2);
  CHECK(answer->intent_version == 2);
  CHECK(world.document("old").find("\"total\":10") != std::string::npos);
}

TEST_CASE("host: an event that this program does not know parks the entity alone") {
  HostWorld world;
  store::Append newer;
  newer.key = {"t1", "sample", "new"};
  newer.at = world.clock.now();
  newer.events.push_back({core::new_uuid(world.clock.now()), "sample.invented_later", "{}", "{}"});
  newer.document.key = newer.key;
  newer.document.version = 1;
  newer.document.status = "x";
  newer.document.body = "{}";
  newer.document.state_hash = "another";
  world.store->append(newer, [](auto outcome) { REQUIRE(outcome.ok()); });
  const auto answer = world.send("new", "add", R"({"amount":1})");
  CHECK(answer.error().code == "entity.parked");
  CHECK(answer.error().message.find("sample.invented_later") != std::string::npos);
}

TEST_CASE("host: nothing is decided ahead before a commit on the loaded state was answered") {
  testkit::FakeClock clock;
  testkit::FaultyStore store(store::make_memory_store(clock));
  HostWorld world(&store);
  store.hold(true);
  int answered = 0;
  for (int i = 0; i < 4; ++i)
    world.host->submit(world.command("a", "add", R"({"amount":1})"), [&](const auto&) { ++answered; });
  world.run();
  REQUIRE(store.release(1) == 1);  // the entity is loaded
  world.run();
  // What an earlier actor left under way may still take the version that the first decision counts on.
  CHECK(store.held() == 1);
  store.release(1);
  world.run();
  CHECK(answered == 1);
  CHECK(store.held() == 3);  // now the others go ahead of their commits
  store.hold(false);
  store.release();
  world.run();
  CHECK(answered == 4);
}

TEST_CASE("host: a commit in doubt is told, for what it asked may stand unheard in the store") {
  testkit::FakeClock clock;
  testkit::FaultyStore store(store::make_memory_store(clock));
  HostWorld world(&store);
  world.start_effects({}, {});
  store.doubt_next(1);
  CHECK(world.send("a", "alarm", R"({"id":"t","at":"2026-01-31T09:00:01Z"})").error().code == "store.read_only");
  CHECK(world.event_types("a") == Types{"sample.asked"});
  world.advance(std::chrono::seconds(3));
  CHECK(world.event_types("a") == Types{"sample.asked", "sample.fired"});
}

TEST_CASE("host: that there is nothing to do is answered after the commit that made it so") {
  testkit::FakeClock clock;
  testkit::FaultyStore store(store::make_memory_store(clock));
  HostWorld world(&store);
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  store.hold(true);
  std::vector<std::string> answers;
  const auto tell = [&](const core::Result<host::Answer>& answer) {
    answers.push_back(answer.ok() ? "ok" : answer.error().code);
  };
  auto note = world.command("a", "note", R"({"word":"seen"})");
  note.principal = core::system_principal();
  store.fail_next(1);
  world.host->submit(note, tell);
  world.host->submit(note, tell);  // on the state that the first one makes there is nothing left to do
  world.run();
  CHECK(answers.empty());
  store.hold(false);
  store.release();
  world.run();
  CHECK(answers == std::vector<std::string>{"store.read_only", "store.read_only"});
}

TEST_CASE("host: a refusal that is a fact is stored, and told after its commit") {
  HostWorld world;
  REQUIRE(world.send("a", "add", R"({"amount":5})").ok());
  auto greedy = world.command("a", "try", R"({"amount":-9})");
  greedy.idempotency_key = "once";
  const auto refused = world.send(greedy);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == "sample.below_zero");
  CHECK(world.event_types("a") == Types{"sample.added", "sample.reported"});
  CHECK(world.document("a").find("report below zero") != std::string::npos);
  CHECK(world.host->stats().refused == 1);
  // It is not kept for a repeat: what has changed since decides anew.
  REQUIRE(world.send("a", "add", R"({"amount":5})").ok());
  greedy.id = core::new_uuid(world.clock.now());
  CHECK(world.send(greedy).ok());

  auto dry = world.command("a", "try", R"({"amount":-900})");
  dry.dry_run = true;
  const auto head = world.store->head();
  CHECK(world.send(dry).error().code == "sample.below_zero");
  CHECK(world.store->head() == head);
}

TEST_CASE(
    "host: a refusal that could not be stored is told as the store's failure, and who stood behind it decides anew") {
  auto faulty = std::make_unique<testkit::FaultyStore>(store::make_memory_store(core::system_clock()));
  HostWorld world(faulty.get());
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  faulty->fail_next(1);
  CHECK(world.send("a", "try", R"({"amount":-9})").error().code == "store.read_only");
  CHECK(world.event_types("a") == Types{"sample.added"});
  CHECK(world.send("a", "try", R"({"amount":-9})").error().code == "sample.below_zero");
  CHECK(world.event_types("a") == Types{"sample.added", "sample.reported"});
}

TEST_CASE("host: two requests with one key of which the first is refused and recorded are both refused") {
  auto faulty = std::make_unique<testkit::FaultyStore>(store::make_memory_store(core::system_clock()));
  HostWorld world(faulty.get());
  REQUIRE(world.send("a", "add", R"({"amount":1})").ok());
  faulty->hold(true);
  auto command = world.command("a", "try", R"({"amount":-9})");
  command.idempotency_key = "once";
  std::vector<std::string> codes;
  for (int i = 0; i < 2; ++i) {
    command.id = core::new_uuid(world.clock.now());
    world.host->submit(command, [&](auto answer) { codes.push_back(answer.ok() ? "ok" : answer.error().code); });
    world.run();
  }
  CHECK(codes.empty());
  faulty->hold(false);
  CHECK(faulty->release() == 1);
  world.run();
  CHECK(codes == Types{"sample.below_zero", "sample.below_zero"});
}

TEST_CASE("host: an assisted command is judged as an open one, and leaves a trace when it was already so") {
  HostWorld world;
  auto stranger = world.command("a", "try", R"({"amount":1})");
  stranger.principal = {"mallory", "user"};
  CHECK(world.send(stranger).error().code == "gate.denied");
  CHECK(world.send("a", "try", R"({"amount":0})").ok());
  CHECK(world.event_types("a") == Types{"decided"});
  world.tenants["t1"] = "suspended";
  CHECK(world.send("a", "try", R"({"amount":1})").error().code == "tenant.suspended");
}
