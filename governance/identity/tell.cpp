#include "governance/identity/tell.hpp"

namespace nova::identity {

void tell(const Parts& parts, core::EntityKey to, std::string name, std::string body, core::Principal as,
          host::Host::Done done) {
  constexpr std::chrono::seconds command_limit{10};
  core::CommandEnvelope command;
  const auto now = parts.clock->now();
  command.id = core::new_uuid(now);
  command.target = std::move(to);
  command.name = std::move(name);
  command.body = std::move(body);
  command.principal = std::move(as);
  command.correlation = command.id;
  command.deadline = now + command_limit;
  parts.host->submit(std::move(command), std::move(done));
}

}  // namespace nova::identity
