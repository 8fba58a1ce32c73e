// The operator's token: made at first start, in a file only the node's user can read.
#pragma once
#include "core/result.hpp"

#include <string>

namespace nova::node {

/// Reads the token, or makes one (256 random bits, written 0600 and synced before its name appears). Errors:
/// `token.exposed` when others may read the file, `token.damaged`, `token.cannot_write`.
core::Result<std::string> operator_token(const std::string& file);

}  // namespace nova::node
