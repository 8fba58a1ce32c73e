// Each rule that the program ships, switched on alone, refuses a request that breaks it and names itself in both
// languages, and lets the same request pass where it does not apply. A rule without a row here fails.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/constitution/gatekeeper.hpp"
#include "tests/constitution/sample.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace nova;
using Answer = core::DecisionRecord::Answer;

namespace {

class AllRoles final : public gate::Rules {
 public:
  core::DecisionRecord decide(const gate::Request&) const override {
    return gate::decision_of(Answer::allow, "role.any");
  }
};

struct Asked {
  std::string type;  ///< of the principal
  std::string act;   ///< "api_key.create"
  std::string tenant = "clinic";
  std::string id = "one";
  std::string input = "{}";
  std::string law = "";  ///< that the tenant is under
  core::Caller caller = {"free", "staff", false};
  std::string tenant_status = "active";
  std::string who = "amy";
  std::string state = "{}";  ///< of the thing
};

struct Row {
  std::string rule;
  Asked breaks, passes;
};

const core::Caller owner{"owner", "", true}, stranger{"free", "", false}, platform_admin{"admin", "", false};
const std::string endless = R"({"name":"ci","user":"amy","scopes":["platform.read"]})";
const std::string ending =
    R"({"name":"ci","user":"amy","scopes":["platform.read"],"expires_at":"2027-01-01T00:00:00Z"})";
const std::string plain_hook = R"({"url":"http://hooks.example/x"})",
                  safe_hook = R"({"url":"https://hooks.example/x"})";

std::string asks(const std::string& layer, const std::string& tier = "free") {
  return R"({"task_type":"text","layer":")" + layer + R"(","requester":{"user":"amy","tier":")" + tier + "\"}}";
}

const std::vector<Row>& table() {
  static const std::vector<Row> rows = {
      {"ai-changes-no-rights", {"ai", "membership.invite"}, {"user", "membership.invite"}},
      {"ai-makes-no-layers",
       {.type = "ai", .act = "ai_agent.deactivate", .tenant = "system"},
       {.type = "user", .act = "ai_agent.deactivate", .tenant = "system", .caller = owner}},
      {"ai-decides-and-carries-out-nothing", {"ai", "decision.approve"}, {"ai", "decision.analyze"}},
      {"ai-makes-no-policies",
       {.type = "ai", .act = "policy.update", .tenant = "system"},
       {.type = "user", .act = "policy.update", .tenant = "system", .caller = owner}},
      {"ai-destroys-nothing", {"ai", "deployment.delete"}, {"ai", "deployment.restart"}},
      {"ai-decides-nothing-critical", {"ai", "tenant.archive"}, {"user", "tenant.archive"}},
      {"ai-takes-no-high-impact-act", {"ai", "tenant.set_data_region"}, {"ai", "deployment.restart"}},
      {"ai-reads-no-secrets", {"ai", "secret.rotate"}, {"user", "secret.rotate"}},
      {"ai-stops-without-context",
       {.type = "ai", .act = "deployment.restart", .tenant_status = ""},
       {"ai", "deployment.restart"}},
      {"noAIWithoutLayer",
       {.type = "user", .act = "ai_execution.request", .input = asks("")},
       {.type = "user", .act = "ai_execution.request", .input = asks("helpers")}},
      {"noAIWithoutLimits",
       {.type = "user", .act = "ai_execution.request", .input = asks("helpers", "")},
       {.type = "user", .act = "ai_execution.request", .input = asks("helpers", "free")}},
      {"noUndefinedPower",
       {.type = "user", .act = "ai_layer.resume", .tenant = "system", .caller = owner},
       {.type = "user",
        .act = "ai_layer.resume",
        .tenant = "system",
        .caller = owner,
        .state = R"({"power":{"level":2}})"}},
      {"noExternalWithoutApproval",
       {.type = "user", .act = "external_ai.approve", .tenant = "system", .caller = platform_admin},
       {.type = "user", .act = "external_ai.approve", .tenant = "system", .caller = owner}},
      {"noSubscriberAccessWithoutDecision",
       {.type = "user",
        .act = "ai_agent.create",
        .tenant = "system",
        .input = R"({"layer":"helpers"})",
        .caller = owner},
       {.type = "user",
        .act = "ai_agent.create",
        .tenant = "system",
        .input = R"({"layer":"helpers","available_to_subscribers":false})",
        .caller = owner}},
      {"tenants-are-apart",
       {.type = "user", .act = "deployment.restart", .caller = stranger},
       {.type = "user", .act = "tenant.create", .caller = stranger}},
      {"tenants-are-apart",
       {.type = "user", .act = "membership.invite", .caller = stranger},
       {.type = "user", .act = "tenant.register", .caller = stranger}},
      {"keys-stay-in-their-tenant", {"api_key", "user.suspend", "system"}, {"api_key", "deployment.restart"}},
      {"strangers-do-nothing-weighty",
       {.type = "anonymous", .act = "user.ban", .tenant = "system"},
       {.type = "anonymous", .act = "user.register", .tenant = "system"}},
      {"keys-do-nothing-critical", {"api_key", "tenant.archive"}, {"user", "tenant.archive"}},
      {"own-rights",
       {.type = "user", .act = "user.change_role", .tenant = "system", .id = "amy", .caller = platform_admin},
       {.type = "user", .act = "user.change_role", .tenant = "system", .id = "bob", .caller = platform_admin}},
      {"the-owner-amends",
       {.type = "service", .act = "constitution.amend", .tenant = "system"},
       {.type = "user", .act = "constitution.amend", .tenant = "system", .caller = owner}},
      {"production-is-not-destroyed-alone",
       {.type = "user", .act = "deployment.delete", .state = R"({"environment":"production"})"},
       {.type = "user", .act = "deployment.delete", .state = R"({"environment":"development"})"}},
      {"data-does-not-move-alone",
       {.type = "user", .act = "tenant.set_data_region", .caller = owner},
       {.type = "user", .act = "tenant.change_tier", .caller = owner}},
      {"hipaa-keys-expire",
       {.type = "user", .act = "api_key.create", .input = endless, .law = "HIPAA"},
       {.type = "user", .act = "api_key.create", .input = ending, .law = "HIPAA"}},
      {"hipaa-webhooks-are-encrypted",
       {.type = "user", .act = "webhook_endpoint.create", .input = plain_hook, .law = "HIPAA"},
       {.type = "user", .act = "webhook_endpoint.create", .input = safe_hook, .law = "HIPAA"}},
      {"hipaa-people-destroy",
       {.type = "api_key", .act = "deployment.delete", .law = "HIPAA"},
       {.type = "api_key", .act = "deployment.delete", .law = "GDPR"}},
      {"hipaa-ai-changes-little",
       {.type = "ai", .act = "deployment.deploy", .law = "HIPAA"},
       {.type = "ai", .act = "deployment.deploy"}},
      {"pci-dss-keys-expire",
       {.type = "user", .act = "api_key.create", .input = endless, .law = "PCI-DSS"},
       {.type = "user", .act = "api_key.create", .input = endless, .law = "GDPR"}},
      {"pci-dss-webhooks-are-encrypted",
       {.type = "user", .act = "webhook_endpoint.update", .input = plain_hook, .law = "PCI-DSS"},
       {.type = "user", .act = "webhook_endpoint.update", .input = "{}", .law = "PCI-DSS"}},
      {"pci-dss-people-keep-secrets",
       {.type = "api_key", .act = "secret.rotate", .law = "PCI-DSS"},
       {.type = "api_key", .act = "secret.rotate"}},
      {"gdpr-data-stays-in-the-union",
       {.type = "user", .act = "tenant.set_data_region", .input = R"({"region":"us-east"})", .law = "GDPR"},
       {.type = "user", .act = "tenant.set_data_region", .input = R"({"region":"eu-central"})", .law = "GDPR"}},
      {"gdpr-webhooks-are-encrypted",
       {.type = "user", .act = "webhook_endpoint.create", .input = plain_hook, .law = "gdpr"},
       {.type = "user", .act = "webhook_endpoint.create", .input = plain_hook}},
      {"gdpr-people-decide-on-people",
       {.type = "api_key", .act = "membership.invite", .law = "GDPR"},
       {.type = "user", .act = "membership.invite", .law = "GDPR"}}};
  return rows;
}

const std::shared_ptr<const constitution::Words>& words() {
  static const auto made =
      std::make_shared<const constitution::Words>(core::kinds(), test::sample_gates("production-destruction"));
  return made;
}

std::shared_ptr<const constitution::Constitution> loaded(const std::string& text) {
  auto made = constitution::Constitution::load(text, "1.0.0", words());
  if (!made) FAIL(core::to_line(made.error()));
  return *made;
}

const constitution::Constitution& shipped() {
  static const auto made = loaded(std::string(constitution::genesis_text()));
  return *made;
}

// One forbid of the shipped text, and a permit of everything.
std::shared_ptr<const constitution::Constitution> alone(const std::string& rule) {
  for (std::uint32_t i = 0; i < shipped().engine().size(); ++i) {
    if (shipped().rules()[i].id != rule) continue;
    const auto span = shipped().engine().policy(i).span;
    return loaded("@id(\"all\") @en(\"All.\") @ar(\"الكل\") permit (principal, action, resource);\n" +
                  shipped().text().substr(span.begin, span.end - span.begin));
  }
  FAIL("there is no rule " << rule);
  return nullptr;
}

struct Outcome {
  core::DecisionRecord decision;
  core::Error told;
  std::string read;
};

Outcome ask(const std::shared_ptr<const constitution::Constitution>& text, const Asked& asked) {
  INFO(asked.type << " " << asked.act);
  const auto dot = asked.act.find('.');
  const auto* kind = core::find_kind(asked.act.substr(0, dot));
  REQUIRE(kind);
  const int row = kind->command_row(asked.act.substr(dot + 1));
  REQUIRE(row >= 0);
  constitution::Regimes regimes;
  if (!asked.law.empty()) {
    store::Document tenant;
    tenant.key = {asked.tenant, "tenant", asked.tenant};
    tenant.version = 1;
    tenant.body = R"({"compliance":[")" + asked.law + "\"]}";
    regimes.take(tenant);
  }
  const auto rules = constitution::make_rules(std::make_shared<AllRoles>(), text, &regimes);
  const auto input = kind->make_command(std::size_t(row));
  // What a route fills in beside what is asked about here may lack.
  const auto read =
      core::from_json(*kind->commands[std::size_t(row)].type, input.get(), asked.input, core::Reading::stored);
  REQUIRE(read);
  const auto state = kind->make_state();
  REQUIRE(core::from_json(*kind->state, state.get(), asked.state, core::Reading::stored));
  const core::Principal principal{asked.who, asked.type};
  const core::EntityKey key{asked.tenant, std::string(kind->name), asked.id};
  Outcome made;
  const gate::Request request{principal,
                              *kind,
                              kind->commands[std::size_t(row)],
                              key,
                              asked.tenant_status,
                              {},
                              {1'800'000'000'000},
                              asked.caller,
                              true,
                              state.get(),
                              input.get(),
                              &made.read};
  made.decision = gate::decide(rules, request);
  made.told = gate::denied(made.decision, request);
  rules->explain(made.decision, made.told);
  return made;
}

std::string detail(const core::Error& error, std::string_view name) {
  for (const auto& [key, value] : error.details)
    if (key == name) return value;
  return "";
}

}  // namespace

TEST_CASE("each shipped rule alone refuses what breaks it, and names itself in both languages") {
  for (const auto& row : table()) {
    INFO(row.rule);
    const auto text = alone(row.rule);
    const auto refused = ask(text, row.breaks);
    const bool holds = !shipped().find(row.rule)->gate.empty();
    CHECK(refused.decision.answer == (holds ? Answer::hold : Answer::deny));
    CHECK(refused.decision.rules == std::vector<std::string>{row.rule});
    if (!holds) CHECK(refused.told.status == 403);
    CHECK(refused.told.code ==
          (shipped().find(row.rule)->code.empty() ? "gate.denied" : shipped().find(row.rule)->code));
    CHECK(detail(refused.told, "rule") == row.rule);
    CHECK(detail(refused.told, "rule_en") == shipped().find(row.rule)->en);
    CHECK(detail(refused.told, "rule_ar") == shipped().find(row.rule)->ar);
    CHECK(ask(text, row.passes).decision.answer == Answer::allow);
  }
}

TEST_CASE("no shipped rule is without its row") {
  std::set<std::string> rows, rules;
  for (const auto& row : table()) rows.insert(row.rule);
  for (const auto& rule : shipped().rules())
    if (rule.forbids) rules.insert(rule.id);
  CHECK(rows == rules);
}

TEST_CASE("the five rules of AI stand back where a switch is off, it only warns, or the kill switch answers first") {
  for (const char* more : {R"("switches":{"no_ai_without_layer":false,"no_ai_without_limits":false})",
                           R"("switches":{"enforcement":"warning"})", R"("killed_by":"global")"}) {
    INFO(more);
    auto input = asks("", "");
    input.insert(1, std::string(more) + ",");
    for (const char* rule : {"noAIWithoutLayer", "noAIWithoutLimits"}) {
      CHECK(ask(alone(rule), {.type = "user", .act = "ai_execution.request", .input = asks("", "")}).decision.answer ==
            Answer::deny);
      CHECK(ask(alone(rule), {.type = "user", .act = "ai_execution.request", .input = input}).decision.answer ==
            Answer::allow);
    }
  }
}

TEST_CASE("with all of them on, what breaks one is refused and what breaks none passes") {
  const auto all = loaded(std::string(constitution::genesis_text()));
  for (const auto& row : table()) {
    INFO(row.rule);
    const auto refused = ask(all, row.breaks);
    CHECK(refused.decision.answer != Answer::allow);
    const auto& rules = refused.decision.rules;
    CHECK(std::find(rules.begin(), rules.end(), row.rule) != rules.end());
  }
  CHECK(ask(all, {"service", "deployment.deploy"}).decision.answer == Answer::allow);
  CHECK(ask(all, {.type = "service", .act = "deployment.delete", .law = "HIPAA"}).decision.answer == Answer::allow);
}

TEST_CASE("a decision tells what its rules read, and nothing else") {
  const auto all = loaded(std::string(constitution::genesis_text()));
  const auto made = ask(all, {.type = "user", .act = "api_key.create", .input = ending, .law = "HIPAA"});
  CHECK(made.decision.answer == Answer::allow);
  REQUIRE(core::json_valid(made.read));
  CHECK(core::json_part(made.read, "[0]") == std::nullopt);
  CHECK(made.read.find(R"("context.compliance":["HIPAA"])") != std::string::npos);
  CHECK(made.read.find(R"("context.caller.role":"free")") != std::string::npos);
  CHECK(made.read.find(R"("context.input.expires_at":{"__extn":{"fn":"datetime","arg":"2027-01-01T00:00:00.000Z"}})") !=
        std::string::npos);
  CHECK(made.read.find("amy") == std::string::npos);
  CHECK(made.read.size() < 400);
}
