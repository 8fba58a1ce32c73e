// What a node writes down of those who may not do, or read, what they asked for.
#include "governance/authority/judge.hpp"
#include "governance/gate/standing.hpp"
#include "node/parts.hpp"

namespace nova::node {

std::string status_of(const Parts& parts, const std::string& tenant) {
  if (const auto line = parts.book.tenant(tenant)) return line->status;
  // Another node may have made it a moment ago. Of a store that cannot be read, the turn itself will say so.
  if (!parts.follower || tenant.empty()) return {};
  const auto there = parts.store->document({tenant, "tenant", tenant});
  return there && *there ? (*there)->status : std::string();
}

audit::Parts denial_parts(Parts& parts) {
  audit::Parts made;
  made.tenant_exists = [&parts](const std::string& tenant) { return parts.book.tenant(tenant).has_value(); };
  made.submit = [&parts](core::CommandEnvelope command, std::function<void(core::Status)> done) {
    parts.host->submit(std::move(command), [done = std::move(done)](core::Result<host::Answer> answer) {
      done(answer ? core::ok() : core::Status(std::move(answer).error()));
    });
  };
  return made;
}

void note_denied_read(const Parts& parts, const ReadAsked& asked, const core::Error& told) {
  std::string rule = "read." + told.code;
  for (const auto& [name, value] : told.details)
    if (name == "missing") rule = std::string(gate::missing_prefix) + value;
  const auto caller = authority::caller_of(parts.book, asked.who, asked.tenant);
  parts.denials->note({asked.who,
                       asked.tenant,
                       asked.act,
                       asked.path.substr(0, asked.path.find('?')),
                       told.code,
                       {rule},
                       parts.constitution->now()->version,
                       gate::standing_of(caller, status_of(parts, asked.tenant))});
}

}  // namespace nova::node
