// Tokens that the node makes for itself, each in a file that only the node's user can read: the operator's, and the one
// that enrols the root owner.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace nova::node {

inline constexpr std::string_view operator_prefix = "nova_op_";   // so that scanners for leaked secrets can know it
inline constexpr std::string_view enrolment_prefix = "nova_en_";  // good once, until there is an owner

/// Reads the token, or makes one (256 random bits, written 0600 and synced before its name appears). Errors:
/// `token.exposed` when others may read the file, `token.damaged`, `token.cannot_write`.
core::Result<std::string> token_file(const std::string& file, std::string_view prefix);

/// How long a token that was written into a file is good, where it is good for a time at all.
inline constexpr std::chrono::hours enrolment_life{24};

/// When the file was written; 0 where there is none.
core::Timestamp written_at(const std::string& file);

inline constexpr std::size_t secret_bytes_max = 4096;

/// What an operator wrote into a file of mode 0600, without the line's end. Errors: `secret.exposed` when others may
/// read it, `secret.unreadable`.
core::Result<std::string> secret_file(const std::string& file);

}  // namespace nova::node
