// A stream that ends when who reads it may no longer: what was allowed at its beginning is asked again before each
// piece leaves, so that nothing that comes after a suspension, a revocation or a removal is heard, and while nothing
// comes, so that the stream ends within a second of it (S20).
#pragma once
#include "core/result.hpp"
#include "gateway/http.hpp"

#include <functional>
#include <memory>

namespace nova::gateway {

/// `may` is asked on whatever thread brings a piece; a fraction of a microsecond for each.
std::shared_ptr<Stream> guarded(std::shared_ptr<Stream> stream, std::function<core::Status()> may);

}  // namespace nova::gateway
