// From the log to deliveries. The kinds are the real ones, decided here without a host, on a store in memory; a crash
// is a second fan-out on the same store.
#include "governance/webhooks/fan_out.hpp"
#include "actors/webhook_delivery/webhook_delivery.hpp"
#include "actors/webhook_endpoint/webhook_endpoint.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "governance/webhooks/payload.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/store_contract.hpp"

#include <future>

using namespace nova;
using webhooks::FanOut;

namespace {

struct World {
  testkit::ManualClock clock;
  std::unique_ptr<store::EventStore> store = store::make_memory_store(clock);
  int commands = 0;

  store::Document document(const core::EntityKey& key) {
    auto found = store->document(key);
    REQUIRE(found);
    return found->value_or(store::Document{});
  }

  /// Decides and stores; the position afterwards.
  std::uint64_t send(const core::EntityKey& key, const std::string& name, const std::string& body) {
    const auto& kind = *core::find_kind(key.kind);
    const auto before = document(key);
    const auto state = kind.make_state();
    if (before.version) REQUIRE(core::from_json(*kind.state, state.get(), before.body, core::Reading::stored));
    const auto row = std::size_t(kind.command_row(name));
    const auto command = kind.make_command(row);
    const auto read = core::from_json(*kind.commands[row].type, command.get(), body, core::Reading::command);
    REQUIRE(read);
    core::Context context;
    context.self = key;
    context.version = before.version;
    context.now = clock.now();
    context.principal = core::system_principal();
    context.command_id = "command-" + std::to_string(++commands);
    if (kind.commands[row].facts)
      for (const auto& need : kind.commands[row].facts(key, state.get(), command.get())) {
        const auto other = document(need.key);
        context.facts[need.key] = {other.version > 0, other.version, other.status, other.body};
      }
    auto decision = kind.decide(state.get(), row, command.get(), context);
    REQUIRE_FALSE(decision.refused);
    if (decision.events.empty()) return store->head();
    store::Append change;
    for (const auto& event : decision.events) {
      kind.evolve(state.get(), event.row, event.value.get());
      change.events.push_back({core::new_uuid(clock.now()), std::string(kind.events[event.row].name),
                               core::to_json(*kind.events[event.row].type, event.value.get()), "{}"});
    }
    const auto summary = kind.summarise(state.get());
    change.document.status = summary.status;
    change.document.parent = summary.parent;
    change.document.body = core::to_json(*kind.state, state.get());
    return append(key, std::move(change), before.version);
  }

  /// An event as another kind's would stand in the log.
  std::uint64_t happen(const std::string& type, const std::string& tenant = "t-one", const std::string& body = "{}") {
    store::Append change;
    change.events.push_back({core::new_uuid(clock.now()), type, body, "{}"});
    change.document.body = "{}";
    const core::EntityKey key{tenant, type.substr(0, type.find('.')), "it"};
    return append(key, std::move(change), document(key).version);
  }

  std::uint64_t append(const core::EntityKey& key, store::Append change, std::uint64_t version) {
    change.key = change.document.key = key;
    change.expected_version = version;
    change.document.version = version + change.events.size();
    change.at = clock.now();
    std::promise<core::Result<store::Appended>> done;
    store->append(std::move(change), [&](core::Result<store::Appended> made) { done.set_value(std::move(made)); });
    auto made = done.get_future().get();
    if (!made) FAIL(core::to_line(made.error()));
    return made->position;
  }

  void endpoint(const std::string& id, const std::string& tenant = "t-one",
                const std::string& events = R"(["API_KEY_CREATED"])") {
    send(
        {tenant, "webhook_endpoint", id}, "create",
        R"({"url":"https://example.org/","secret":"secret://)" + tenant + "/" + id + R"(@1","events":)" + events + "}");
  }

  /// Reads to the end of the log; with `answer` the commands are carried out. The commands, as "name tenant/id".
  std::vector<std::string> run(FanOut& fan_out, bool answer = true) {
    std::vector<std::string> seen;
    for (bool more = true; more;) {
      auto step = fan_out.step();
      REQUIRE(step);
      for (const auto& command : step->commands) {
        seen.push_back(command.name + " " + command.target.tenant);
        if (answer) send(command.target, command.name, command.body);
      }
      if (answer) fan_out.taken();
      more = answer && (step->more || fan_out.position() < store->head());
    }
    return seen;
  }

  std::size_t count(const std::string& tenant, const std::string& status = {}) {
    store::DocumentQuery query;
    query.tenant = tenant;
    query.kind = "webhook_delivery";
    query.status = status;
    query.limit = 1000;
    return store->documents(query)->items.size();
  }

  void write_cursor(FanOut& fan_out) {
    const auto command = fan_out.cursor();
    REQUIRE(command);
    send(command->target, command->name, command->body);
    fan_out.cursor_written();
  }
};

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("fan-out: an event becomes a delivery for each endpoint of its tenant that wants it") {
  World world;
  FanOut fan_out(*world.store);
  REQUIRE(fan_out.load());
  world.endpoint("a");
  world.endpoint("b");
  world.endpoint("c", "t-one", R"(["USER_CREATED"])");
  world.endpoint("d", "t-two");
  world.happen("api_key.created");
  world.happen("api_key.used");
  CHECK(world.run(fan_out) == Lines{"create t-one", "create t-one"});
  CHECK(world.count("t-one", "pending") == 2);
  CHECK(world.count("t-two") == 0);
  CHECK(fan_out.waiting() == 2);
}

TEST_CASE("fan-out: what was before an endpoint is not for it, also when the log is read again") {
  World world;
  FanOut fan_out(*world.store);
  REQUIRE(fan_out.load());
  world.write_cursor(fan_out);
  world.endpoint("first", "t-two");
  world.happen("api_key.created");
  world.endpoint("a");
  CHECK(world.run(fan_out).empty());
  FanOut again(*world.store);
  REQUIRE(again.load());
  CHECK(again.position() < world.store->head());
  CHECK(world.run(again).empty());
}

TEST_CASE("fan-out: a crash at any point makes each delivery once") {
  World world;
  FanOut fan_out(*world.store);
  REQUIRE(fan_out.load());
  world.endpoint("a");
  world.run(fan_out);
  world.write_cursor(fan_out);
  world.happen("api_key.created");
  world.happen("api_key.created");
  // Read, and dead before anything was sent.
  CHECK(world.run(fan_out, false).size() == 2);
  FanOut second(*world.store);
  REQUIRE(second.load());
  // Sent one of two, and dead.
  auto step = second.step();
  REQUIRE(step);
  REQUIRE(step->commands.size() == 2);
  world.send(step->commands[0].target, step->commands[0].name, step->commands[0].body);
  FanOut third(*world.store);
  REQUIRE(third.load());
  CHECK(world.run(third).size() == 2);
  CHECK(world.count("t-one") == 2);
  // All sent, and dead before the cursor was written.
  FanOut fourth(*world.store);
  REQUIRE(fourth.load());
  CHECK(world.run(fourth).size() == 2);
  CHECK(world.count("t-one") == 2);
  world.write_cursor(fourth);
  FanOut fifth(*world.store);
  REQUIRE(fifth.load());
  CHECK(world.run(fifth).empty());
  CHECK(fifth.waiting() == 2);
}

TEST_CASE("fan-out: an asked step that was not taken is answered the same again") {
  World world;
  FanOut fan_out(*world.store);
  REQUIRE(fan_out.load());
  world.endpoint("a");
  world.run(fan_out);
  world.happen("api_key.created");
  const auto first = fan_out.step(), second = fan_out.step();
  REQUIRE((first && second));
  REQUIRE(first->commands.size() == 1);
  REQUIRE(second->commands.size() == 1);
  CHECK(first->commands[0].target == second->commands[0].target);
  CHECK(first->commands[0].body == second->commands[0].body);
}

TEST_CASE("fan-out: what waits is woken when its endpoint is resumed or goes") {
  for (const auto* name : {"resume", "delete"}) {
    World world;
    FanOut fan_out(*world.store);
    REQUIRE(fan_out.load());
    world.endpoint("a");
    world.send({"t-one", "webhook_endpoint", "a"}, "pause", "{}");
    world.happen("api_key.created");
    world.run(fan_out);
    CHECK(world.count("t-one", "held") == 1);
    world.send({"t-one", "webhook_endpoint", "a"}, name, "{}");
    CHECK(world.run(fan_out) == Lines{"wake t-one"});
    CHECK(world.count("t-one", "held") == 0);
    world.happen("api_key.created");
    CHECK(world.run(fan_out).size() == (std::string(name) == "resume" ? 1 : 0));
  }
}

TEST_CASE("fan-out: no more wait for an endpoint than its bound, and what is too much is kept") {
  World world;
  FanOut fan_out(*world.store);
  REQUIRE(fan_out.load());
  world.endpoint("a");
  world.endpoint("b", "t-two");
  for (std::size_t i = 0; i < webhooks::waiting_max + 3; ++i) world.happen("api_key.created");
  CHECK(world.run(fan_out).size() == webhooks::waiting_max + 3);
  CHECK(fan_out.waiting() == webhooks::waiting_max);
  CHECK(world.count("t-one", "failed") == 3);
  world.happen("api_key.created", "t-two");
  CHECK(world.run(fan_out) == Lines{"create t-two"});
  CHECK(world.count("t-two", "pending") == 1);
}

TEST_CASE("fan-out: the cursor is written for deliveries, and seldom without") {
  World world;
  FanOut fan_out(*world.store);
  REQUIRE(fan_out.load());
  world.write_cursor(fan_out);  // the first one, so that nothing is lost from here on
  world.run(fan_out);
  world.happen("tenant.updated");
  world.run(fan_out);
  CHECK_FALSE(fan_out.cursor());
  world.endpoint("a");
  world.happen("api_key.created");
  world.run(fan_out);
  CHECK(fan_out.cursor());
  world.write_cursor(fan_out);
  world.run(fan_out);
  CHECK_FALSE(fan_out.cursor());
}

TEST_CASE("fan-out: a payload holds no hidden field, and stays within its bound") {
  core::StoredEvent event;
  event.entity = {"t-one", "api_key", "k"};
  event.id = core::new_uuid({1'700'000'000'000});
  event.type = "api_key.created";
  event.body = R"({"name":"robot","user":"amy","mark":{"prefix":"nova_","last_four":"w9Xk","hash":")" +
               std::string(64, 'a') + R"("}})";
  const auto payload = webhooks::payload_of("API_KEY_CREATED", event);
  CHECK(core::json_text(payload, "type") == "API_KEY_CREATED");
  CHECK(core::json_text(payload, "data.fields.mark.last_four") == "w9Xk");
  CHECK(payload.find(std::string(64, 'a')) == std::string::npos);
  event.type = "deployment.completed";
  event.entity.kind = "deployment";
  event.body = R"({"x":")" + std::string(40'000, 'y') + "\"}";
  const auto cut = webhooks::payload_of("PLATFORM_DEPLOYED", event);
  CHECK(cut.size() < webhook_delivery::payload_bytes_max);
  CHECK(core::json_text(cut, "data.fields_omitted") == "true");
}

TEST_CASE("fan-out: ids of deliveries follow from endpoint and event, in order of time") {
  const std::string early = "019b76da-a801-7c3d-956f-57c25fe300e6", late = "019b76da-ab02-7571-a181-c3d956f57c25";
  const auto one = webhooks::delivery_id("a", early);
  CHECK(one == webhooks::delivery_id("a", early));
  CHECK(one != webhooks::delivery_id("b", early));
  CHECK(one < webhooks::delivery_id("a", late));
  CHECK(core::has_shape(core::Shape::uuid, one));
}
