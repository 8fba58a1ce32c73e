// Recovery codes: ten of them instead of a lost second factor, each used once (S23). Pure but for making them; any
// thread.
#pragma once
#include "governance/credentials/secret_bytes.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::credentials {

inline constexpr std::size_t recovery_codes = 10;

struct RecoveryCodes {
  std::vector<SecretBytes> codes;   ///< "7K3M-Q2ZP-0VXA-9HTC": shown once. 80 random bits, Crockford's base32
  std::vector<std::string> hashes;  ///< what is stored, in the same order
};

/// `owner` is whom they are for: the same code of another owner has another hash.
RecoveryCodes make_recovery_codes(std::string_view key, std::string_view owner);

/// The place of the given code among the hashes that are left, in time that does not depend on where; the caller
/// removes that hash, so that the code worked once. A person may write it in any case, with spaces or without hyphens,
/// and O for 0, I or L for 1.
std::optional<std::size_t> find_recovery_code(std::string_view key, std::string_view owner, std::string_view given,
                                              const std::vector<std::string>& hashes);

}  // namespace nova::credentials
