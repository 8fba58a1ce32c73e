// An authenticator in a few lines, on keys of OpenSSL: what it answers is verified in tests. Also a writer of CBOR,
// which the product does not need.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

struct evp_pkey_st;

namespace nova::credentials::testing {

// Encoded values; containers take encoded ones, in the order that they are given.
std::string cbor_int(std::int64_t number);
std::string cbor_bytes(std::string_view bytes);
std::string cbor_text(std::string_view text);
std::string cbor_list(const std::vector<std::string>& items);
std::string cbor_map(const std::vector<std::pair<std::string, std::string>>& pairs);

std::string client_data(std::string_view type, std::string_view challenge,
                        std::string_view origin = "https://node.example", std::string_view more = {});

/// A credential for the relying party "node.example".
class Authenticator {
 public:
  enum class Kind { es256, eddsa, rs256 };
  explicit Authenticator(Kind kind);

  std::string cose_key() const;
  std::string sign(std::string_view message) const;

  // Flags of section 6.1; the caller adds 64 for a credential, 128 for extensions.
  std::string data(unsigned flags, std::uint32_t count, std::string_view rp_id = "node.example") const;
  std::string data_with_credential(unsigned flags, std::uint32_t count) const;

  std::string attestation_none(std::string_view authenticator_data) const;
  std::string attestation_self(std::string_view authenticator_data, std::string_view client_data_json) const;
  std::string assertion(std::string_view authenticator_data, std::string_view client_data_json) const;

  std::string id = std::string(16, 'i');

 private:
  std::string number(const char* name) const;

  Kind kind_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace nova::credentials::testing
