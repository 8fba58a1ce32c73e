// One line of `policy check --batch`: a whole case (schema, policies, entities, requests) in, its answers out.
#pragma once
#include <string>
#include <string_view>

namespace nova::cedar {

/// Answers one JSON object of the batch contract with one JSON object, without a line break. Never fails: what cannot
/// be used is refused in the answer, with the stage (`line`, `schema`, `policies`, `entities`, `request`) and a
/// message. Pure; any thread.
std::string answer_batch_line(std::string_view line);

}  // namespace nova::cedar
