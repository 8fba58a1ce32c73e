#include "actors/host/effects/command_driver.hpp"

#include "core/describe/codec.hpp"

namespace nova::host {
namespace {

WorkEnd failed(core::Error error, bool retry) {
  WorkEnd end;
  end.outcome = core::Outcome::failed;
  end.retry = retry;
  end.error = std::move(error);
  return end;
}

class CommandDriver final : public WorkDriver {
 public:
  CommandDriver(Host& host, core::Clock& clock) : host_(host), clock_(clock) {}

  std::string_view name() const override { return "command"; }
  Safety safety(std::string_view) const override { return Safety::idempotent; }
  Reach reach(const Work&) const override { return local_reach(); }

  void start(Work work, std::function<void(WorkEnd)> done) override {
    auto send = core::from_json<core::SendCommand>(work.ask.payload, core::Reading::stored);
    if (!send) return done(failed(send.error(), false));
    core::CommandEnvelope command;
    command.id = core::new_uuid(clock_.now());
    command.target = {send->tenant, send->kind, send->id};
    command.name = send->name;
    command.body = send->body.text;
    command.principal = core::system_principal();
    command.idempotency_key = work.id;
    command.cause = work.cause;
    host_.submit(std::move(command), [done = std::move(done)](core::Result<Answer> answer) {
      if (!answer) return done(failed(answer.error(), answer.error().retryable));
      // Nothing was done, and a workflow that took it for done would go on.
      if (!answer->held.empty())
        return done(failed(core::refusal("gate.held", "people must agree to this first: " + answer->key.id), false));
      WorkEnd end;
      end.result = core::to_json(*answer);
      done(std::move(end));
    });
  }

 private:
  Host& host_;
  core::Clock& clock_;
};

}  // namespace

std::unique_ptr<WorkDriver> make_command_driver(Host& host, core::Clock& clock) {
  return std::make_unique<CommandDriver>(host, clock);
}

}  // namespace nova::host
