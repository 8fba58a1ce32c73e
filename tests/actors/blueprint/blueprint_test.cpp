#include "actors/blueprint/blueprint.hpp"

#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::blueprint;

namespace {

const core::EntityKey deployment{"clinic", "deployment", "front-development"};
const core::EntityKey platform{"clinic", "platform", "front"};
const core::Timestamp noon = testkit::story_start;

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"clinic", "blueprint", "front"}); }
};

Services services(std::int64_t port = 7481) {
  Services all;
  all["web"].run = {"python3", "web.py"};
  all["web"].port = port;
  all["web"].health.http = "/";
  return all;
}

Intent intent(std::string id, std::vector<core::Name> needs = {}, Priority priority = Priority::medium) {
  Intent made;
  made.id = std::move(id);
  made.dependencies = std::move(needs);
  made.priority = priority;
  return made;
}

Definition definition(std::vector<Intent> intents) {
  Definition made;
  made.name = "Clinic";
  made.intents = std::move(intents);
  return made;
}

Apply apply(std::int64_t port = 7481) { return {"development", definition({intent("booking")}), services(port)}; }
Draft draft() { return {"development", definition({intent("booking")}), services()}; }

// An applied blueprint whose platform has taken it.
Spec applied() {
  Spec spec;
  spec.when(apply()).as_system().when(core::Settle{"provision-1", core::Outcome::done, "", "", {}}).as("operator");
  return spec;
}

}  // namespace

TEST_CASE("blueprint: apply drafts, approves and asks the platform in one decision") {
  Spec{}.when(apply()).then_types<Drafted, Approved, ProvisionAsked>().then_work(
      "command", "send", [](const core::DoAsk& work) {
        CHECK(work.id == "provision-1");
        CHECK(core::json_text(work.payload, "kind") == "platform");
        CHECK(core::json_text(work.payload, "id") == "front");
        CHECK(core::json_text(work.payload, "name") == "provision");
        CHECK(core::json_text(work.payload, "body.blueprint") == "front");
        CHECK(core::json_int(work.payload, "body.blueprint_version") == 1);
        CHECK(core::json_text(work.payload, "body.environment") == "development");
        CHECK(core::json_int(work.payload, "body.services.web.port") == 7481);
      });
}

TEST_CASE("blueprint: applying equal content again changes nothing, while it is under way and afterwards") {
  Spec{}.when(apply()).when(apply()).then_nothing().then_no_asks();
  auto spec = applied();
  spec.fact(deployment, {true, 5, "running", "{}"}).when(apply()).then_nothing();
  spec.fact(deployment, {true, 5, "deploying", "{}"}).when(apply()).then_nothing();
}

TEST_CASE("blueprint: a change of an approved one makes version 2") {
  auto spec = applied();
  spec.when(apply(7482)).then_types<Updated, Approved, ProvisionAsked>();
  CHECK(spec.state().version == 2);
  CHECK(spec.state().versions.size() == 2);
  CHECK(spec.state().provisions.at("development").version == 2);
  spec.then_work("command", "send", [](const core::DoAsk& work) { CHECK(work.id == "provision-2"); });
}

TEST_CASE("blueprint: another environment gets the same version without a new one") {
  auto spec = applied();
  auto elsewhere = apply();
  elsewhere.environment = "production";
  spec.when(elsewhere).then_types<ProvisionAsked>();
  CHECK(spec.state().version == 1);
  CHECK(spec.state().provisions.size() == 2);
}

TEST_CASE("blueprint: a change while its deployment is in progress is refused, naming it") {
  for (const std::string_view status : {"pending", "building", "deploying", "verifying", "deleting"}) {
    INFO(status);
    auto spec = applied();
    spec.fact(deployment, {true, 5, std::string(status), "{}"})
        .when(apply(7482))
        .then_refused("deployment.already_running");
    CHECK(spec.refused()->status == 409);
  }
  for (const std::string_view status : {"running", "failed", "stopped", "deleted"}) {
    INFO(status);
    auto spec = applied();
    spec.fact(deployment, {true, 5, std::string(status), "{}"}).when(apply(7482));
    CHECK_FALSE(spec.refused());
  }
}

TEST_CASE("blueprint: a change while the last one is still on its way to the deployment is refused") {
  SECTION("the platform has not answered yet") {
    Spec{}.when(apply()).when(apply(7482)).then_refused("deployment.already_running");
  }
  SECTION("the platform has not handed it on yet") {
    auto spec = applied();
    spec.fact(platform, {true, 9, "active", R"({"works":{"deploy-1":"development"}})"})
        .when(apply(7482))
        .then_refused("deployment.already_running");
    spec.fact(platform, {true, 9, "active", R"({"works":{"deploy-1":"production"}})"}).when(apply(7482));
    CHECK_FALSE(spec.refused());
  }
}

TEST_CASE("blueprint: equal content is brought there again when the last time came to nothing") {
  SECTION("the platform refused") {
    Spec spec;
    spec.when(apply()).when(core::Settle{"provision-1", core::Outcome::failed, "platform.deleting", "it goes", {}});
    CHECK(summarise(spec.state()).reason == "platform.deleting: it goes");
    spec.when(apply()).then_types<ProvisionAsked>();
    CHECK(summarise(spec.state()).reason.empty());
  }
  SECTION("the deployment failed") {
    auto spec = applied();
    spec.fact(deployment, {true, 9, "failed", "{}"}).when(apply()).then_types<ProvisionAsked>();
  }
  SECTION("the deployment rolled back by itself") {
    auto spec = applied();
    spec.when(apply(7482)).when(core::Settle{"provision-2", core::Outcome::done, "", "", {}});
    const auto running = [](const char* version) {
      return R"({"current":4,"revisions":[{"number":3,"blueprint_version":9},{"number":4,"blueprint_version":)" +
             std::string(version) + "}]}";
    };
    spec.fact(deployment, {true, 9, "running", running("2")}).when(apply(7482)).then_nothing();
    spec.fact(deployment, {true, 9, "running", running("1")}).when(apply(7482)).then_types<ProvisionAsked>();
  }
  SECTION("the platform was deleted") {
    auto spec = applied();
    spec.fact(platform, {true, 9, "deleted", "{}"}).when(apply()).then_types<ProvisionAsked>();
  }
  SECTION("the deployment refused") {
    auto spec = applied();
    const std::string document = R"({"environments":{"development":{"last_error":"deployment.port_taken: 7481"}}})";
    spec.fact(platform, {true, 9, "active", document}).when(apply()).then_types<ProvisionAsked>();
  }
}

TEST_CASE("blueprint: rules of its content are refused each by its own code") {
  struct Row {
    std::vector<Intent> intents;
    std::string_view code;
  };
  const Row rows[] = {
      {{}, "blueprint.no_intents"},
      {{intent("a"), intent("a")}, "blueprint.duplicate_intent"},
      {{intent("a", {"b"})}, "blueprint.missing_dependency"},
      {{intent("a", {"b"}), intent("b", {"a"})}, "blueprint.dependency_cycle"},
      {{intent("a", {"a"})}, "blueprint.dependency_cycle"},
      {{intent("x", {"a"}), intent("a", {"b"}), intent("b", {"c"}), intent("c", {"a"})}, "blueprint.dependency_cycle"},
  };
  for (const auto& row : rows) {
    INFO(row.code);
    Spec{}.when(Draft{"development", definition(row.intents), services()}).then_refused(row.code);
    Spec{}.when(Apply{"development", definition(row.intents), services()}).then_refused(row.code);
    Spec spec;
    spec.when(draft()).when(Revise{{}, definition(row.intents), {}}).then_refused(row.code);
  }
}

TEST_CASE("blueprint: a shared dependency is no circle") {
  Spec{}
      .when(Draft{"development",
                  definition({intent("a", {"b", "c"}), intent("b", {"d"}), intent("c", {"d"}), intent("d")}),
                  {}})
      .then_types<Drafted>();
}

TEST_CASE("blueprint: without intents each service is one; with neither there is nothing to do") {
  Spec{}.when(Apply{"development", {}, services()}).then_types<Drafted, Approved, ProvisionAsked>();
  Spec{}.when(Draft{"development", {}, {}}).then_refused("blueprint.no_intents");
}

TEST_CASE("blueprint: wrong services are named by path, and nothing happens") {
  auto wrong = apply(80);
  wrong.services["api"].run = {"x"};
  wrong.services["api"].needs = {"db"};
  Spec spec;
  spec.when(wrong).then_problem("services.web.port").then_problem("services.api.needs[0]");
  Spec{}.when(Apply{"development", {}, {}}).then_problem("services");
}

TEST_CASE("blueprint: names that make no address of their own are refused") {
  Spec{}.self({"clinic", "blueprint", "front.end"}).when(apply()).then_problem("name");
  Spec{}.self({"clinic", "blueprint", std::string(41, 'a')}).when(apply()).then_problem("name");
  auto hyphen = apply();
  hyphen.environment = "pre-view";
  Spec{}.when(hyphen).then_problem("environment");
}

TEST_CASE("blueprint: too large content is refused with its size") {
  auto large = draft();
  large.services.clear();
  for (int i = 0; i < 12; ++i) large.definition->metadata["m" + std::to_string(i)] = std::string(1000, 'x');
  for (int i = 0; i < 8; ++i) {
    large.definition->intents->push_back(intent("i" + std::to_string(i)));
    large.definition->intents->back().description = std::string(4000, 'x');
  }
  Spec spec;
  spec.when(large).then_refused("blueprint.too_large");
  CHECK(spec.refused()->status == 413);
}

TEST_CASE("blueprint: a draft may hold errors, which keep it from being submitted and approved") {
  auto wrong = draft();
  wrong.services["web"].port = 80;
  Spec spec;
  spec.when(wrong).then_types<Drafted>();
  CHECK(spec.state().report.errors.size() == 1);
  spec.when(Submit{}).then_refused("blueprint.invalid");
  spec.when(Approve{}).then_refused("blueprint.invalid");
  spec.when(Revise{{}, {}, services()}).then_types<Updated>().when(Submit{}).then_types<Submitted>();
  spec.when(Approve{}).then_types<Approved, ProvisionAsked>();
}

TEST_CASE("blueprint: every state against every command") {
  const Event drafted = [] {
    Spec spec;
    spec.when(draft());
    return spec.events().at(0);
  }();
  const Event approved = Approved{1, "amy", noon}, rejected = Rejected{"no", "amy", noon},
              archived = Archived{"old", "amy", noon};
  struct Row {
    std::vector<Event> given;
    std::string_view state, revise, submit, approve, reject, archive, apply;  // "" is accepted, "-" already so
  };
  const std::string_view no = "entity.wrong_state";
  const Row rows[] = {
      {{}, "absent", no, no, no, no, no, ""},
      {{drafted}, "draft", "", "", "", "", "", ""},
      {{drafted, approved}, "approved", "", no, "-", no, no, ""},
      {{drafted, rejected}, "rejected", "", no, no, "-", "", ""},
      {{drafted, archived}, "archived", no, no, no, no, "-", no},
  };
  const auto check = [](const Row& row, const Command& command, std::string_view expected) {
    Spec spec;
    spec.given(row.given).when(command);
    if (expected == "-")
      spec.then_nothing();
    else if (!expected.empty())
      spec.then_refused(expected);
    else
      CHECK_FALSE(spec.events().empty());
  };
  for (const auto& row : rows) {
    INFO(row.state);
    Spec spec;
    spec.given(row.given);
    CHECK(summarise(spec.state()).status == row.state);
    check(row, Revise{{}, {}, services(9000)}, row.revise);
    check(row, Submit{}, row.submit);
    check(row, Approve{}, row.approve);
    check(row, Reject{"no"}, row.reject);
    check(row, Archive{"old"}, row.archive);
    check(row, apply(9000), row.apply);
  }
}

TEST_CASE("blueprint: a revision of an approved one is version 2 in draft, and of a rejected one the same version") {
  auto spec = applied();
  spec.when(Revise{{}, {}, services(9000)}).then_types<Updated>();
  CHECK(spec.state().version == 2);
  CHECK(spec.state().status == Status::draft);
  spec.when(Reject{"no"}).when(Revise{{}, {}, services(9001)});
  CHECK(spec.state().version == 2);
  CHECK(spec.state().reason.empty());
}

TEST_CASE("blueprint: drafting again is already so with equal content, and refused with another") {
  Spec spec;
  spec.when(draft()).when(draft()).then_nothing();
  auto other = draft();
  other.services = services(9000);
  spec.when(other).then_refused("blueprint.already_exists");
}

TEST_CASE("blueprint: a late copy of an answer to an earlier question is ignored") {
  auto spec = applied();
  spec.when(apply(7482));
  spec.when(core::Settle{"provision-1", core::Outcome::failed, "a.b", "", {}}).then_nothing();
  spec.when(core::Settle{"provision-2", core::Outcome::done, "", "", {}}).then_types<ProvisionEnded>();
  spec.when(core::Settle{"provision-2", core::Outcome::done, "", "", {}}).then_nothing();
}

TEST_CASE("blueprint: the report warns, suggests and estimates") {
  std::vector<Intent> many;
  for (int i = 0; i < 51; ++i)
    many.push_back(intent("i" + std::to_string(i), {}, i < 6 ? Priority::critical : Priority::low));
  Content content{definition(many), services()};
  content.definition->context.domain = "healthcare";
  const auto report = validate(content);
  CHECK(report.errors.empty());
  CHECK(report.warnings.size() == 2);
  CHECK(report.suggestions.size() == 3);
  CHECK(report.complexity == Complexity::enterprise);
  CHECK(report.hours == 120);
  content.definition->version = "1.0";
  CHECK(validate(content).errors.size() == 1);
}

TEST_CASE("blueprint: complexity follows the number of intents") {
  struct Row {
    int intents, critical;
    Complexity complexity;
  };
  const Row rows[] = {{1, 0, Complexity::simple},   {3, 3, Complexity::simple},     {4, 4, Complexity::moderate},
                      {8, 8, Complexity::moderate}, {10, 3, Complexity::moderate},  {10, 4, Complexity::complex},
                      {20, 0, Complexity::complex}, {21, 0, Complexity::enterprise}};
  for (const auto& row : rows) {
    std::vector<Intent> intents;
    for (int i = 0; i < row.intents; ++i)
      intents.push_back(intent("i" + std::to_string(i), {}, i < row.critical ? Priority::critical : Priority::low));
    INFO(row.intents << " intents, " << row.critical << " critical");
    CHECK(validate({definition(intents), {}}).complexity == row.complexity);
  }
}

TEST_CASE("blueprint: a deep chain of intents is walked without trouble") {
  std::vector<Intent> chain;
  for (int i = 0; i < 900; ++i)
    chain.push_back(intent("i" + std::to_string(i), {core::Name("i" + std::to_string(i + 1))}));
  chain.push_back(intent("i900"));
  // Its size is what is refused, not a circle that it does not have.
  CHECK(broken_rule({definition(chain), {}})->code == "blueprint.too_large");
  chain.resize(300);
  chain.push_back(intent("i300"));
  CHECK_FALSE(broken_rule({definition(chain), {}}));
}

TEST_CASE("blueprint: what every kind promises") {
  std::vector<Event> story;
  Spec teller;
  const auto tell = [&](const Command& command) {
    teller.when(command);
    for (const auto& event : teller.events()) story.push_back(event);
  };
  tell(draft());
  tell(Submit{});
  tell(Approve{});
  tell(
      core::Settle{"provision-1", core::Outcome::failed, "platform.deleting", "platform `front` is being deleted", {}});
  tell(Revise{{}, {}, services(9000)});
  tell(Reject{"the port is taken"});
  tell(Archive{"given up"});
  testkit::check_kind(kind(), {.history = testkit::history_of<Event>(story)});
}
