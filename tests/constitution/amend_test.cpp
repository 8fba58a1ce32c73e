// A text on its way: in parts into the log, compared with the one in force, put in its place, and asked about what was.
#include "core/describe/codec.hpp"
#include "governance/constitution/amend/draft.hpp"
#include "governance/constitution/amend/replay.hpp"
#include "governance/constitution/amend/step.hpp"
#include "governance/constitution/amend/text_diff.hpp"
#include "governance/constitution/gatekeeper.hpp"
#include "governance/constitution/standing.hpp"
#include "store/memory/memory_store.hpp"
#include "tests/constitution/sample.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>

using namespace nova;
using namespace nova::constitution;
using Answer = core::DecisionRecord::Answer;

namespace {

std::string policy(const std::string& id, const std::string& law, const std::string& more = "") {
  return "@id(\"" + id + "\") @en(\"" + id + ".\") @ar(\"" + id + "\") " + more + law + "\n";
}
const std::string everybody = policy("all", "permit (principal, action, resource);");
const std::string nobody = policy("none", "forbid (principal, action, resource);");
const std::string no_keys = policy("no-keys", "forbid (principal is ApiKey, action, resource);");

const std::shared_ptr<const Words>& words() {
  static const auto made = std::make_shared<const Words>(core::kinds());
  return made;
}
std::shared_ptr<const Constitution> loaded(const std::string& text) {
  auto made = Constitution::load(text, "x", words());
  if (!made) FAIL(core::to_line(made.error()));
  return *made;
}
Difference between(const std::string& before, const std::string& after) {
  return difference(loaded(before)->engine().policies(), loaded(after)->engine().policies());
}

class AllRoles final : public gate::Rules {
 public:
  core::DecisionRecord decide(const gate::Request&) const override {
    return gate::decision_of(Answer::allow, "role.any");
  }
};

/// A store to which somebody writes texts, as commands would.
struct World {
  std::unique_ptr<store::EventStore> store = store::make_memory_store(core::system_clock());
  Standing standing{*store, words(), std::make_shared<AllRoles>()};
  entity::State state;
  std::uint64_t version = 0;

  void append(const std::vector<entity::Event>& events) {
    store::Append change;
    change.key = the_key;
    change.expected_version = version;
    for (const auto& event : events) {
      state = entity::evolve(std::move(state), event);
      ++version;
      std::visit(
          [&](const auto& e) {
            const auto& row = kind().events[event.index()];
            change.events.push_back({core::new_uuid({1}), std::string(row.name), core::to_json(e), "{}"});
          },
          event);
    }
    change.document.key = the_key;
    change.document.version = version;
    change.document.status = "active";
    change.document.body = core::to_json(state);
    std::promise<core::Status> done;
    store->append(std::move(change), [&](core::Result<store::Appended> answer) {
      done.set_value(answer ? core::ok() : core::Status(answer.error()));
    });
    auto outcome = done.get_future().get();
    if (!outcome) FAIL(core::to_line(outcome.error()));
  }

  store::Document document() { return **store->document(the_key); }

  void bring(const std::string& text, const std::string& name) {
    const auto draft = draft_of(text);
    const auto first = version + 1;
    for (const auto& part : draft.parts) {
      const auto read = core::from_json<entity::Draft>(part);
      if (!read) FAIL(core::to_line(read.error()));
      append({entity::Drafted{
          read->digest, std::uint32_t(read->number), std::uint32_t(read->of), read->text, "o", {}, first}});
    }
    append({entity::Amended{
        name, draft.digest, entity::Step::tightening, first, std::uint32_t(draft.parts.size()), "o", "2fa", "", {}}});
  }

  core::DecisionRecord ask(const core::Principal& who, std::string_view name, core::Caller caller = {}) {
    const auto dot = name.find('.');
    const auto* kind = core::find_kind(name.substr(0, dot));
    const auto row = std::size_t(kind->command_row(name.substr(dot + 1)));
    const auto state_now = kind->make_state();
    const auto input = kind->make_command(row);
    const core::EntityKey key{kind->name == "constitution" ? "system" : "clinic", std::string(kind->name), "one"};
    return standing.now()->rules->decide(
        {who, *kind, kind->commands[row], key, "active", {}, {1}, caller, true, state_now.get(), input.get()});
  }
};

const core::Principal amy{"amy", "user"}, a_key{"clinic/k", "api_key"}, olivia{"olivia", "user"};
const core::Caller root{"owner", "", true};

}  // namespace

TEST_CASE("only permits that go and forbids that come tighten") {
  CHECK(between(everybody, everybody).same());
  CHECK(between(everybody, everybody + no_keys).tightens());
  CHECK(between(everybody + no_keys, no_keys).tightens());
  CHECK_FALSE(between(everybody + no_keys, everybody).tightens());
  CHECK_FALSE(between(no_keys, no_keys + everybody).tightens());
  // Order, sentences and blanks are no law.
  CHECK(between(everybody + no_keys, no_keys + "\n\n" + everybody).same());
  const auto changed = between(everybody, policy("all", "permit (principal is User, action, resource);"));
  CHECK(changed.permits_added == std::vector<std::string>{"all"});
  CHECK(changed.permits_removed == std::vector<std::string>{"all"});
  // Less in meaning, and still not told by the policies one by one.
  CHECK_FALSE(changed.tightens());
  CHECK(between(everybody + everybody.substr(0, 5) + "two" + everybody.substr(8), everybody).tightens());
}

TEST_CASE("a text of any size goes into parts that fit, and comes back whole") {
  std::string big;
  while (big.size() < 900 * 1024)
    big += "// \"quotes\" and \\ backslashes, and العربية " + std::to_string(big.size()) + "\n";
  big += everybody;
  for (const auto& text : {everybody, big}) {
    const auto draft = draft_of(text);
    std::string whole;
    for (const auto& body : draft.parts) {
      CHECK(body.size() < 62 * 1024);
      auto part = core::from_json<entity::Draft>(body);
      if (!part) FAIL(core::to_line(part.error()));
      whole += part->text;
    }
    CHECK(whole == text);
    CHECK(draft.parts.size() <= entity::parts_max);
  }
  World world;
  world.bring(big, "1.0.0");
  REQUIRE(world.standing.follow());
  CHECK(world.standing.now()->constitution->text() == big);
  CHECK(normal_text("a\r\nb\rc") == "a\nb\rc");
}

TEST_CASE("what is committed here holds from the next question on; what another node committed, after a look") {
  World world;
  world.bring(everybody, "1.0.0");
  REQUIRE(world.standing.follow());
  CHECK(world.ask(a_key, "deployment.restart").answer == Answer::allow);
  CHECK(world.ask(a_key, "deployment.restart").constitution == "1.0.0");

  world.bring(everybody + no_keys, "1.1.0");
  CHECK(world.ask(a_key, "deployment.restart").answer == Answer::allow);  // nobody told it
  world.standing.take(world.document());
  const auto denied = world.ask(a_key, "deployment.restart");
  CHECK(denied.answer == Answer::deny);
  CHECK(denied.constitution == "1.1.0");
  CHECK(denied.rules == std::vector<std::string>{"no-keys"});

  // A text that was made ready is the one that comes into force, without a look at the store.
  const auto ready = loaded(everybody);
  world.standing.stage(ready);
  world.bring(everybody, "2.0.0");
  REQUIRE(world.standing.follow());
  CHECK(&world.standing.now()->constitution->engine() == &ready->engine());
  CHECK(world.standing.now()->constitution->version() == "2.0.0");
  // An older document that comes late is no news.
  auto old = world.document();
  old.version = 2;
  world.standing.take(old);
  CHECK(world.standing.now()->version == "2.0.0");
}

TEST_CASE("a text that does not load leaves what the runtime must write, and the owner's amendment") {
  World world;
  world.bring("permit (principal, action, resource) when { principal.nothing };", "1.0.0");
  REQUIRE(world.standing.follow());
  const auto now = world.standing.now();
  CHECK_FALSE(now->constitution);
  REQUIRE(now->unloadable);
  CHECK(now->unloadable->code == "constitution.invalid");
  CHECK(now->version == "1.0.0");
  CHECK(world.ask(amy, "deployment.restart").rules == std::vector<std::string>{"gate.no_constitution"});
  CHECK(world.ask(core::system_principal(), "deployment.report").answer == Answer::allow);
  for (const auto* name : {"constitution.draft", "constitution.amend", "constitution.amend_loosening"}) {
    CHECK(world.ask(olivia, name, root).answer == Answer::allow);
    CHECK(world.ask(amy, name).answer == Answer::deny);
    CHECK(world.ask({"k", "api_key"}, name, root).answer == Answer::deny);
  }
  world.bring(everybody, "2.0.0");
  world.standing.take(world.document());
  CHECK(world.ask(amy, "deployment.restart").answer == Answer::allow);
}

TEST_CASE("a text that forbids everything can still be amended by the owner, and by nobody else") {
  for (const auto& text : {nobody, everybody + nobody, std::string("// nothing at all\n")}) {
    World world;
    world.bring(text, "1.0.0");
    REQUIRE(world.standing.follow());
    CHECK(world.ask(amy, "deployment.restart").answer == Answer::deny);
    CHECK(world.ask(olivia, "deployment.restart", root).answer == Answer::deny);
    const auto amends = world.ask(olivia, "constitution.amend", root);
    CHECK(amends.answer == Answer::allow);
    CHECK(amends.rules == std::vector<std::string>{"builtin.owner_amends"});
    CHECK(world.ask(amy, "constitution.amend").answer == Answer::deny);
    CHECK(world.ask({"operator", "service"}, "constitution.amend").answer == Answer::deny);
  }
}

TEST_CASE("one changed byte of a stored text is found") {
  World world;
  const auto draft = draft_of(everybody);
  world.append({entity::Drafted{draft.digest, 1, 1, no_keys, "o", {}, 1},
                entity::Installed{"1.0.0", draft.digest, entity::Step::genesis, 1, 1, "", {}}});
  REQUIRE(world.standing.follow());
  CHECK(world.standing.now()->unloadable->code == "constitution.damaged");
}

TEST_CASE("every version stays readable, also those that the state names no more") {
  World world;
  for (int i = 0; i < 130; ++i) world.bring(i % 2 ? everybody : everybody + no_keys, "1." + std::to_string(i) + ".0");
  for (int i = 0; i < 130; ++i) {
    const auto version = Standing::find(*world.store, "1." + std::to_string(i) + ".0");
    REQUIRE(version);
    const auto text = Standing::text_of(*world.store, *version);
    REQUIRE(text);
    CHECK(*text == (i % 2 ? everybody : everybody + no_keys));
  }
  CHECK(Standing::find(*world.store, "3.0.0").error().status == 404);
}

namespace {

core::StoredEvent decision(const std::string& type, const std::string& act, const std::string& answer,
                           const std::string& read) {
  core::StoredEvent event;
  event.position = 7;
  event.entity = {"clinic", act.substr(0, act.find('.')), "one"};
  event.version = 2;
  event.type = "decided";
  event.at = {1'800'000'000'000};
  event.meta = R"({"command_id":"c","command":")" + act + R"(","principal":"amy","principal_type":")" + type +
               R"(","decision":{"answer":")" + answer + R"(","rules":["all"],"constitution":"1")" +
               (read.empty() ? "" : ",\"read\":" + read) + "}}";
  return event;
}

}  // namespace

TEST_CASE("recorded decisions are asked again, and what was not recorded is said") {
  const auto next = loaded(everybody +
                           policy("late",
                                  "forbid (principal is ApiKey, action, resource) when { context.now > "
                                  "datetime(\"2020-01-01\") };") +
                           policy("free",
                                  "forbid (principal is User, action == Action::\"deployment.restart\", resource) "
                                  "when { context.caller.role == \"free\" };") +
                           policy("noted",
                                  "forbid (principal is User, action == Action::\"api_key.create\", resource) "
                                  "when { !(context.input has expires_at) };"));
  Replay replay(*next);
  CHECK(replay.add(decision("user", "deployment.stop", "allow", "")));
  CHECK(replay.add(decision("api_key", "deployment.stop", "allow", "")));
  CHECK(replay.add(decision("user", "deployment.restart", "allow", R"({"context.caller.role":"free"})")));
  CHECK(replay.add(decision("user", "deployment.restart", "allow", R"({"context.caller":{"role":"pro","id":"amy"}})")));
  CHECK(replay.add(decision("user", "deployment.restart", "allow", R"({"context.caller.tenant_role":"x"})")));
  CHECK(replay.add(decision("user", "api_key.create", "allow", R"({"context.input.expires_at":null})")));
  CHECK(replay.add(decision("user", "gone.away", "allow", "")));
  CHECK_FALSE(replay.add(decision("system", "deployment.report", "allow", "")));
  CHECK_FALSE(replay.add(core::StoredEvent{}));
  const auto& found = replay.result();
  CHECK(found.decisions == 7);
  CHECK(found.same == 2);
  CHECK(found.now_denied == 3);
  CHECK(found.lacking == 2);
  CHECK(found.lacked.at("context.caller.role") == 1);
  REQUIRE(found.examples.size() == 3);
  CHECK(found.examples[1].rules_after == std::vector<std::string>{"free"});
  CHECK(found.examples[1].before == "allow");
  CHECK(found.examples[1].after == "deny");
}

TEST_CASE("what was held, denied or brought by the owner is not told as changed") {
  const auto text =
      everybody +
      policy("weighty", "forbid (principal, action == Action::\"deployment.stop\", resource);", "@gate(\"g\") ");
  const auto gated = Constitution::load(text, "x", words(), test::sample_gates("g"));
  if (!gated) FAIL(core::to_line(gated.error()));
  const auto& next = *gated;
  Replay replay(*next);
  auto released = decision("user", "deployment.stop", "allow", "");
  const auto rules = released.meta.find("\"all\"");
  REQUIRE(rules != std::string::npos);
  auto owners = released;
  released.meta.replace(rules, 5, "\"approval:a1\"");
  owners.meta.replace(rules, 5, "\"builtin.owner_amends\"");
  CHECK(replay.add(released));
  CHECK(replay.result().same == 1);
  CHECK_FALSE(replay.add(owners));
  core::StoredEvent held, denied, by_role;
  held.type = "approval.requested";
  denied.type = by_role.type = "denial.noted";
  denied.body = R"({"constitution":"1.0.0","rules":["none"]})";
  by_role.body = R"({"constitution":"1.0.0","rules":["access.owner_only"]})";
  CHECK(replay.add(held));
  CHECK(replay.add(denied));
  CHECK_FALSE(replay.add(by_role));
  CHECK(replay.result().decisions == 3);
  CHECK(replay.result().lacking == 2);
  CHECK(replay.result().now_held + replay.result().now_denied + replay.result().now_allowed == 0);
}

TEST_CASE("lines that changed are shown as diff -u shows them") {
  CHECK(text_diff("a\nb\nc\n", "a\nb\nc\n").empty());
  CHECK(text_diff("", "a\n") == "@@ -0,0 +1,1 @@\n+a\n");
  CHECK(text_diff("a\nb\nc\n", "a\nx\nc\n") == "@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n");
  std::string before, after;
  for (int i = 0; i < 40; ++i) {
    before += std::to_string(i) + "\n";
    if (i != 20) after += std::to_string(i) + "\n";
    if (i == 35) after += "new\n";
  }
  CHECK(
      text_diff(before, after) ==
      "@@ -18,7 +18,6 @@\n 17\n 18\n 19\n-20\n 21\n 22\n 23\n@@ -34,6 +33,7 @@\n 33\n 34\n 35\n+new\n 36\n 37\n 38\n");
  // Far too different: as a whole.
  std::string one, two;
  for (int i = 0; i < 1500; ++i) one += "a" + std::to_string(i) + "\n", two += "b" + std::to_string(i) + "\n";
  const auto whole = text_diff(one, two);
  CHECK(std::count(whole.begin(), whole.end(), '\n') == 3001);
}
