// From a request to a command envelope, and from the host's answer back.
#pragma once
#include "gateway/routes/words.hpp"

namespace nova::gateway {

/// Headers and query of a mutation. Errors: `http.bad_header` naming the header, `input.invalid`.
core::Result<core::CommandEnvelope> envelope_of(Behind& behind, const Request& request, core::EntityKey target,
                                                std::string name);

/// The good answer of a command.
Response answer_response(const host::Answer& answer);

}  // namespace nova::gateway
