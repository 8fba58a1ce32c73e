// Any bytes as a token, as the header or claims of a rightly signed one, and as stored keys: nobody comes in without
// the key, and what is accepted is written the same again.
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/jwt.hpp"

#include <cstdlib>

using namespace nova;
using namespace nova::credentials;

namespace {

const Ed25519Key& key() {
  static const auto made = *Ed25519Key::from_seed(std::string(32, 'k'));
  return made;
}

void must(bool holds) {
  if (!holds) std::abort();
}

std::string sign(std::string_view header, std::string_view claims) {
  auto token = to_base64url(header) + "." + to_base64url(claims);
  return token + "." + to_base64url(key().sign(token));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  static const KeyRing ring(key());
  must(!verify_jwt(text, ring, {"i", "a", {0}}));
  if (const auto header = read_jwt_header(text)) {
    must(header->alg == "EdDSA" && !header->kid.empty() && (header->typ.empty() || header->typ == "JWT"));
    must(!verify_jwt(sign(text, "{}"), ring, {"i", "a", {0}}));
  }
  if (const auto claims = read_jwt_claims(text)) {
    must(claims->ext.size() <= jwt_ext_max && claims->exp >= 0 && !claims->sub.empty());
    const auto token = sign(R"({"alg":"EdDSA","kid":")" + key().id() + "\"}", text);
    const core::Timestamp now{claims->iat * 1000};
    const auto read = verify_jwt(token, ring, {claims->iss, claims->aud, now});
    if (read) must(*read == *claims && *verify_jwt(sign_jwt(*read, key()), ring, {read->iss, read->aud, now}) == *read);
  }
  if (const auto keys = KeyRing::parse(text))
    must(KeyRing::parse(keys->serialise().view())->signing().id() == keys->signing().id());
  return 0;
}
