#include "governance/credentials/webauthn/authenticator_data.hpp"

#include "governance/credentials/webauthn/cbor.hpp"

#include <string>

namespace nova::credentials {
namespace {

constexpr std::size_t fixed_bytes = 37, hash_bytes = 32, aaguid_bytes = 16;
enum Flag : unsigned {
  present = 1,
  verified = 4,
  eligible = 8,
  backed = 16,
  has_credential = 64,
  has_extensions = 128
};

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return number;
}

core::Error malformed(std::string what) { return core::invalid_input("authenticator_data", std::move(what)); }

// Takes the credential off the front of `rest`.
core::Result<AttestedCredential> take_credential(std::string_view& rest) {
  if (rest.size() < aaguid_bytes + 2) return malformed("ends inside the credential");
  AttestedCredential credential;
  credential.aaguid = rest.substr(0, aaguid_bytes);
  const std::size_t size = big_endian(rest.substr(aaguid_bytes, 2));
  rest.remove_prefix(aaguid_bytes + 2);
  if (size == 0 || size > credential_id_bytes_max || size > rest.size())
    return malformed("the credential's id has no length that it may have");
  credential.id = rest.substr(0, size);
  rest.remove_prefix(size);
  const auto key = cbor::read_first(rest);
  if (!key) return key.error();
  credential.public_key = rest.substr(0, key->second);
  rest.remove_prefix(key->second);
  return credential;
}

}  // namespace

core::Result<AuthenticatorData> read_authenticator_data(std::string_view bytes) {
  if (bytes.size() < fixed_bytes || bytes.size() > cbor::bytes_max) return malformed("too short or too long");
  const unsigned flags = static_cast<unsigned char>(bytes[hash_bytes]);
  AuthenticatorData data;
  data.rp_id_hash = bytes.substr(0, hash_bytes);
  data.user_present = flags & present;
  data.user_verified = flags & verified;
  data.backup_eligible = flags & eligible;
  data.backed_up = flags & backed;
  data.sign_count = big_endian(bytes.substr(hash_bytes + 1, 4));
  if (data.backed_up && !data.backup_eligible) return malformed("backed up, but not eligible for it");
  auto rest = bytes.substr(fixed_bytes);
  if (flags & has_credential) {
    auto credential = take_credential(rest);
    if (!credential) return std::move(credential).error();
    data.credential = *credential;
  }
  if (flags & has_extensions) {
    const auto extensions = cbor::read_first(rest);
    if (!extensions) return extensions.error();
    if (!extensions->first.is(cbor::Value::Kind::map)) return malformed("extensions that are no map");
    rest.remove_prefix(extensions->second);
  }
  if (!rest.empty()) return malformed("more bytes than it says");
  return data;
}

}  // namespace nova::credentials
