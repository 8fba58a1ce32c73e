// SHA-256 in the form in which content is named.
#pragma once
#include <string>
#include <string_view>

namespace nova::sources {

std::string digest_of(std::string_view bytes);  ///< "sha256:<64 hex digits>"
bool is_digest(std::string_view text);

}  // namespace nova::sources
