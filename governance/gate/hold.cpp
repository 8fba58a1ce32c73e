#include "governance/gate/hold.hpp"

#include "core/error.hpp"
#include "governance/credentials/digest.hpp"

namespace nova::gate {
namespace {

// Money that an act may spend is bound here once there are ledgers to reserve it in.
constexpr std::string_view no_budget = "budget:none";

void add(std::string& bytes, std::string_view part) {
  bytes.append(std::to_string(part.size())).append(":").append(part).append("\n");
}

}  // namespace

std::string digest_of(const core::CommandEnvelope& command, std::uint64_t intent_version, std::string_view basis,
                      core::Timestamp deadline) {
  std::string bytes;
  bytes.reserve(command.body.size() + basis.size() + 512);
  add(bytes, "nova-act-1");
  add(bytes, command.target.tenant);
  add(bytes, command.target.kind);
  add(bytes, command.target.id);
  add(bytes, command.name);
  add(bytes, command.body.empty() ? std::string_view("{}") : std::string_view(command.body));  // read alike
  add(bytes, command.principal.type);
  add(bytes, command.principal.id);
  add(bytes, std::to_string(command.expected_version));
  add(bytes, std::to_string(command.expected_intent_version));
  add(bytes, std::to_string(intent_version));
  add(bytes, basis);
  add(bytes, no_budget);
  add(bytes, std::to_string(deadline.ms));
  return "sha256:" + credentials::to_hex(credentials::sha256(bytes));
}

core::Error stale(const Release& release, std::string what_changed) {
  auto error = core::refusal("approval.stale", "what was agreed to in `" + release.approval.id +
                                                   "` is no longer what would be done: " + std::move(what_changed));
  error.status = 409;
  return std::move(error).with("approval", release.approval.id).fix("ask again; nothing was done");
}

}  // namespace nova::gate
