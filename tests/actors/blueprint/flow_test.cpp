// The way from a blueprint to a deployment, by what the kinds send each other: they may not include one another, so
// only a test can see that one's words are the other's.
#include "actors/blueprint/blueprint.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;

namespace {

// Decides a command of any kind as the host would, strictly read; the first work it asks for.
core::SendCommand sent_by(const core::SendCommand& command) {
  const auto* kind = core::find_kind(command.kind);
  REQUIRE(kind);
  INFO(command.kind << "." << command.name << " " << command.body.text);
  const int row = kind->command_row(command.name);
  REQUIRE(row >= 0);
  const auto body = kind->make_command(std::size_t(row));
  const auto read =
      core::from_json(*kind->commands[std::size_t(row)].type, body.get(), command.body.text, core::Reading::command);
  if (!read) FAIL(core::to_line(read.error()));
  core::Context context;
  context.self = {command.tenant, command.kind, command.id};
  context.now = core::Timestamp{1769850000000};
  context.principal = core::system_principal();
  context.command_id = "command-1";
  const auto state = kind->make_state();
  const auto decision = kind->decide(state.get(), std::size_t(row), body.get(), context);
  if (decision.refused) FAIL(core::to_line(*decision.refused));
  REQUIRE_FALSE(decision.asks.works.empty());
  const auto& work = decision.asks.works[0];
  if (work.driver != "command") return {"", work.driver, "", work.verb, {work.payload}};
  const auto send = core::from_json<core::SendCommand>(work.payload);
  REQUIRE(send);
  return *send;
}

}  // namespace

TEST_CASE("flow: what a blueprint asks its platform, and the platform its deployment, is what those take") {
  const core::SendCommand apply{"clinic", "blueprint", "front", "apply", {R"({"services":{
      "web":{"source":{"path":"web","digest":"sha256:0000000000000000000000000000000000000000000000000000000000000000"},
             "run":["python3","web.py"],"port":7481,"health":{"http":"/"},"needs":["api"],"env":{"LANG":"C"},
             "secrets":{"KEY":"secret://clinic/blueprint/front/services.web.secrets.KEY@1"}},
      "api":{"run":["python3","api.py"],"port":7482,"scale":2},"worker":{"run":["python3","w.py"],"every":"30s"}}})"}};
  const auto provision = sent_by(apply);
  CHECK(provision.kind == "platform");
  CHECK(provision.name == "provision");
  CHECK(provision.id == "front");
  const auto deploy = sent_by(provision);
  CHECK(deploy.kind == "deployment");
  CHECK(deploy.name == "deploy");
  CHECK(deploy.id == "front-development");
  CHECK(core::json_text(deploy.body.text, "services.web.secrets.KEY") ==
        "secret://clinic/blueprint/front/services.web.secrets.KEY@1");
  const auto fetch = sent_by(deploy);
  CHECK(fetch.kind == "sources");
  CHECK(fetch.name == "fetch");
  CHECK(fetch.body.text.find("sha256:") != std::string::npos);
}
