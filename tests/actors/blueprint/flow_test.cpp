// The way from a blueprint to a deployment, by what the kinds send each other: they may not include one another, so
// only a test can see that one's words are the other's.
#include "actors/blueprint/blueprint.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/work.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;

namespace {

// An entity that takes commands as the host would bring them, strictly read.
class Taker {
 public:
  explicit Taker(const core::SendCommand& to) : kind_(core::find_kind(to.kind)) {
    REQUIRE(kind_);
    state_ = kind_->make_state();
    context_.self = {to.tenant, to.kind, to.id};
    context_.now = core::Timestamp{1769850000000};
    context_.principal = core::system_principal();
    context_.command_id = "command-1";
  }

  /// What it asks for.
  std::vector<core::DoAsk> take(const std::string& name, const std::string& body) {
    INFO(context_.self.kind << "." << name << " " << body);
    const int row = kind_->command_row(name);
    REQUIRE(row >= 0);
    const auto read_into = kind_->make_command(std::size_t(row));
    const auto& type = *kind_->commands[std::size_t(row)].type;
    const auto read = core::from_json(type, read_into.get(), body, core::Reading::command);
    if (!read) FAIL(core::to_line(read.error()));
    const auto decision = kind_->decide(state_.get(), std::size_t(row), read_into.get(), context_);
    if (decision.refused) FAIL(core::to_line(*decision.refused));
    for (const auto& event : decision.events) kind_->evolve(state_.get(), event.row, event.value.get());
    REQUIRE_FALSE(decision.asks.works.empty());
    return decision.asks.works;
  }

 private:
  const core::Kind* kind_;
  std::shared_ptr<void> state_;
  core::Context context_;
};

core::SendCommand sent_with(const core::DoAsk& work) {
  if (work.driver != "command") return {"", work.driver, "", work.verb, {work.payload}};
  const auto send = core::from_json<core::SendCommand>(work.payload);
  REQUIRE(send);
  return *send;
}

core::SendCommand sent_by(const core::SendCommand& command) {
  return sent_with(Taker(command).take(command.name, command.body.text).front());
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
  // Its tenant's quotas first, one after the other.
  Taker platform(provision);
  auto works = platform.take(provision.name, provision.body.text);
  for (const char* resource : {"projects", "deployments"}) {
    const auto reserve = sent_with(works.back());
    CHECK(reserve.kind == "tenant");
    CHECK(reserve.name == "reserve_quota");
    CHECK(core::json_text(reserve.body.text, "resource") == resource);
    works = platform.take("settle", core::to_json(core::Settle{works.back().id, core::Outcome::done, {}, {}, {"{}"}}));
  }
  const auto deploy = sent_with(works.back());
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
