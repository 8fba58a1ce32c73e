#include "governance/credentials/password.hpp"

#include "core/text.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <stdexcept>

namespace nova::credentials {
namespace {

constexpr std::size_t salt_bytes = 16;
constexpr std::size_t hash_bytes = 32;
constexpr std::string_view mark = "$scrypt$";
constexpr std::size_t stored_bytes_max = 128;  // the longest honest one has 95

struct Stored {
  ScryptCost cost;
  std::string salt;
  std::string hash;
};

// Takes "ln=15" off the front: the name, and a number without leading zeros.
bool take_number(std::string_view& text, std::string_view name, unsigned& number) {
  if (!text.starts_with(name)) return false;
  text.remove_prefix(name.size());
  if (text.starts_with('0')) return false;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
  return true;
}

std::optional<Stored> parse(std::string_view text) {
  if (text.size() > stored_bytes_max || !text.starts_with(mark)) return std::nullopt;
  text.remove_prefix(mark.size());
  Stored stored;
  if (!take_number(text, "ln=", stored.cost.log2_n) || !take_number(text, ",r=", stored.cost.r) ||
      !take_number(text, ",p=", stored.cost.p) || !text.starts_with('$') || !is_allowed(stored.cost))
    return std::nullopt;
  text.remove_prefix(1);
  const auto mid = text.find('$');
  if (mid == std::string_view::npos) return std::nullopt;
  auto salt = from_base64_unpadded(text.substr(0, mid));
  auto hash = from_base64_unpadded(text.substr(mid + 1));
  if (!salt || salt->size() != salt_bytes || !hash || hash->size() != hash_bytes) return std::nullopt;
  stored.salt = std::move(*salt);
  stored.hash = std::move(*hash);
  return stored;
}

std::size_t characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) count += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  return count;
}

}  // namespace

core::Status check_new_password(std::string_view password, std::string_view field) {
  const auto wrong = [&](std::string what) { return core::invalid_input(std::string(field), std::move(what)); };
  if (password.size() > password_bytes_max)
    return wrong("must have at most " + std::to_string(password_bytes_max) + " bytes");
  if (!core::has_shape(core::Shape::line, password)) return wrong("must be UTF-8 without control characters");
  if (characters(password) < password_characters_min)
    return wrong("must have at least " + std::to_string(password_characters_min) + " characters");
  return core::ok();
}

bool is_allowed(const ScryptCost& cost) {
  if (cost.log2_n < scrypt_log2_n_min || cost.log2_n > scrypt_log2_n_max) return false;
  if (cost.r < 1 || cost.r > scrypt_r_max || cost.p < 1 || cost.p > scrypt_p_max) return false;
  return (std::uint64_t{128} * cost.r << cost.log2_n) <= scrypt_memory_bytes_max;
}

SecretBytes scrypt(std::string_view password, std::string_view salt, const ScryptCost& cost, std::size_t size) {
  if (size > 64 || cost.log2_n > scrypt_log2_n_max) throw std::logic_error("scrypt: beyond its bounds");
  std::string hash(size, '\0');
  // OpenSSL counts its blocks beside the large table too.
  constexpr std::uint64_t slack = 1024 * 1024;
  const auto n = std::uint64_t{1} << cost.log2_n;
  if (EVP_PBE_scrypt(password.data() ? password.data() : "", password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data() ? salt.data() : ""), salt.size(), n, cost.r,
                     cost.p, scrypt_memory_bytes_max + slack, reinterpret_cast<unsigned char*>(hash.data()), size) != 1)
    throw std::runtime_error("scrypt failed");
  return SecretBytes(std::move(hash));
}

Passwords::Passwords(ScryptCost cost) : cost_(cost) {
  if (!is_allowed(cost)) throw std::invalid_argument("the cost of scrypt is beyond its bounds");
}

SecretBytes Passwords::run(std::string_view password, std::string_view salt, const ScryptCost& cost) const {
  runs_.fetch_add(1, std::memory_order_relaxed);
  return scrypt(password, salt, cost, hash_bytes);
}

SecretBytes Passwords::hash(std::string_view password) const {
  const auto salt = random_bytes(salt_bytes);
  const auto hashed = run(password, salt.view(), cost_);
  std::string text(mark);
  text.reserve(stored_bytes_max);
  text += "ln=" + std::to_string(cost_.log2_n) + ",r=" + std::to_string(cost_.r) + ",p=" + std::to_string(cost_.p);
  text += "$" + to_base64_unpadded(salt.view()) + "$" + to_base64_unpadded(hashed.view());
  return SecretBytes(std::move(text));
}

Passwords::Verdict Passwords::verify(const std::optional<std::string>& stored, std::string_view given) const {
  // HMAC pads its key with zeros, so for scrypt a password and the same with zeros behind it are one.
  const bool possible = given.size() <= password_bytes_max && given.find('\0') == std::string_view::npos;
  auto known = stored ? parse(*stored) : std::nullopt;
  const bool real = known.has_value();
  if (!real) known = Stored{cost_, std::string(random_bytes(salt_bytes).view()), std::string(hash_bytes, '\0')};
  const auto hashed = run(possible ? given : std::string_view(), known->salt, known->cost);
  const bool equal = same(hashed.view(), known->hash);
  Verdict verdict;
  verdict.right = equal && real && possible;
  verdict.needs_rehash = verdict.right && known->cost != cost_;
  verdict.damaged = stored && !real;
  return verdict;
}

}  // namespace nova::credentials
