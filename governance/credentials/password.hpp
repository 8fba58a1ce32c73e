// Passwords: the rule for new ones (S23), and scrypt (RFC 7914) for what is stored of them.
//
// Stored text: "$scrypt$ln=15,r=8,p=1$<salt>$<hash>" (PHC string form; 16 and 32 bytes, base64 without padding). It is
// a secret of the vault, never part of an event. Default cost: N = 2^15, r = 8, p = 1, that is 32 MiB and about 70 ms
// of a core, so run it off the actors' threads and bound how many run at once.
#pragma once
#include "core/result.hpp"
#include "governance/credentials/secret_bytes.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nova::credentials {

inline constexpr std::size_t password_characters_min = 8;
inline constexpr std::size_t password_bytes_max = 1024;  // far beyond any phrase; a bound on what is hashed

/// Whether it may become a password: at least 8 characters (Unicode code points), at most 1024 bytes, UTF-8 without
/// control characters. `input.invalid` naming `field` otherwise, never repeating the text. A password is compared as
/// the bytes that were sent: nothing is normalised, trimmed or folded, so that no library's tables decide who may come
/// in.
core::Status check_new_password(std::string_view password, std::string_view field = "password");

/// What one scrypt costs: 128 * r * 2^log2_n bytes of memory, and time in proportion to that times p.
struct ScryptCost {
  unsigned log2_n = 15;
  unsigned r = 8;
  unsigned p = 1;
  friend bool operator==(const ScryptCost&, const ScryptCost&) = default;
};

/// Bounds on the parameters of stored text: damage or malice there must not cost a node its memory or its hours.
inline constexpr unsigned scrypt_log2_n_min = 10, scrypt_log2_n_max = 18;
inline constexpr unsigned scrypt_r_max = 16, scrypt_p_max = 4;
inline constexpr std::uint64_t scrypt_memory_bytes_max = 64 * 1024 * 1024;

bool is_allowed(const ScryptCost& cost);

/// The function itself (RFC 7914): `size` bytes, at most 64. Throws when there is no memory for it.
SecretBytes scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost, std::size_t size);

/// Passwords under one cost. Any thread.
class Passwords {
 public:
  /// Throws std::invalid_argument when the cost is not allowed.
  explicit Passwords(ScryptCost cost = {});

  /// The text to store, with a salt of its own. One scrypt. Does not judge the password: `check_new_password` does.
  SecretBytes hash(std::string_view password) const;

  struct Verdict {
    bool right = false;
    bool needs_rehash = false;  ///< right, but stored at another cost: store `hash(given)` instead
    bool damaged = false;       ///< what is stored is no such text; nobody can come in by it
  };

  /// Always exactly one scrypt: without a stored text (no such user, no password), with a damaged one, and when `given`
  /// cannot be a password (too long, or with a zero byte), it is spent on a hash that nothing matches. So a caller asks
  /// once on every path and tells an unknown user nothing by the time.
  Verdict verify(const std::optional<std::string>& stored, std::string_view given) const;

  /// How many scrypts ran: for metrics, and for tests that hold callers to one.
  std::uint64_t runs() const { return runs_.load(std::memory_order_relaxed); }

 private:
  SecretBytes run(std::string_view password, std::string_view salt, const ScryptCost& cost) const;

  ScryptCost cost_;
  mutable std::atomic<std::uint64_t> runs_{0};
};

}  // namespace nova::credentials
