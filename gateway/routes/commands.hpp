// From a request to a command envelope, and from the host's answer back.
#pragma once
#include "core/json.hpp"
#include "gateway/routes/words.hpp"

#include <functional>

namespace nova::gateway {

/// Headers and query of a mutation. Errors: `http.bad_header` naming the header, `input.invalid`.
core::Result<core::CommandEnvelope> envelope_of(Behind& behind, const Request& request, core::EntityKey target,
                                                std::string name);

/// The tenant of a request to what belongs to one: by the path, by `?tenant=`, or by the header that stands for it
/// (S19). `tenant.required`.
core::Result<std::string> named_tenant(const Request& request);

/// The id of what a request makes: a repeat with an idempotency key must reach the same entity, so it follows from that
/// key (UUIDv8, RFC 9562, 5.8); without one it is new each time.
std::string made_id(Behind& behind, const Request& request, std::string_view kind, const std::string& tenant);

/// A command whose answer holds a secret that no other answer does. A repeat makes and shows nothing: `again` is told.
struct ShownOnce {
  std::function<void(core::JsonWriter&)> write;  ///< the fields with the secret, beside the answer's own; called once
  core::Error again;                             ///< gets the entity's `id`
  int status = 200;
  /// Asked about a refusal; true: it goes on by itself, and the caller is told nothing of this one.
  std::function<bool(const core::Error&)> takes_over = {};
};
void submit_shown_once(Behind& behind, core::CommandEnvelope command, ShownOnce shown, const std::string& request_id,
                       const Reply& reply);

/// The good answer of a command.
Response answer_response(const host::Answer& answer);

}  // namespace nova::gateway
