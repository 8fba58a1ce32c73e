// Bounds on what is read. Each one ends in an ordinary error that names it.
#pragma once
#include <cstddef>

namespace nova::cedar {

/// Bytes of one text of policies, of a schema, or of a JSON document. Offsets are 32 bits wide.
constexpr std::size_t text_size_max = 64 * 1024 * 1024;
/// Brackets and `if` inside each other in policy or schema text. Each level costs the parser a dozen calls.
constexpr std::size_t nesting_max = 200;
/// Height of an expression's tree; `&&` and `||` chains are flat and do not count. Everything that walks a tree
/// recurses once a level, and the stack must bear it under sanitizers too.
constexpr std::size_t expression_height_max = 800;
/// Nesting of JSON data (entities, contexts, schemas). Policies in JSON form nest two levels for each of an expression.
constexpr std::size_t json_depth_max = 200;
constexpr std::size_t json_policy_depth_max = 2000;
/// Errors that one text reports; what follows is mostly an echo.
constexpr std::size_t errors_max = 20;
/// Bytes of a quotation in an error's text.
constexpr std::size_t quotation_size_max = 80;

}  // namespace nova::cedar
