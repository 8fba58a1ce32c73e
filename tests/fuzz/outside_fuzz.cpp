// An outside provider that says anything at all: as its metadata, its keys, its token, the claims of a token that is
// rightly signed, or GitHub's two answers. Nobody comes in by what is not signed for this client and this question, and
// whoever comes in is named.
#include "governance/credentials/ed25519.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/oidc/id_token.hpp"
#include "governance/identity/outside/provider.hpp"

#include "core/json.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace nova;
using namespace nova::identity;

namespace {

void must(bool holds) {
  if (!holds) std::abort();
}

struct Still final : core::Clock {
  core::Timestamp now() const override { return {1769850000000}; }
  std::chrono::nanoseconds monotonic() const override { return {}; }
};

enum Place : std::uint8_t { metadata, keys, token, claims, header, account, addresses, places };

const credentials::Ed25519Key& key() {
  static const auto made = *credentials::Ed25519Key::from_seed(std::string(32, 'k'));
  return made;
}

std::string signed_token(std::string_view head, std::string_view body) {
  const auto text = credentials::to_base64url(head) + "." + credentials::to_base64url(body);
  return text + "." + credentials::to_base64url(key().sign(text));
}

constexpr std::string_view good_claims =
    R"({"iss":"https://p.example","aud":"nova","sub":"7","nonce":"n","iat":1769850000,"exp":1769850300})";

struct World {
  Place place;
  std::string_view text;

  std::string answer(const std::string& url) const {
    if (url.ends_with("/.well-known/openid-configuration"))
      return place == metadata ? std::string(text)
                               : R"({"issuer":"https://p.example","authorization_endpoint":"https://p.example/auth",)"
                                 R"("token_endpoint":"https://p.example/token","jwks_uri":"https://p.example/jwks"})";
    if (url.ends_with("/jwks"))
      return place == keys ? std::string(text) : R"({"keys":[)" + key().public_key().to_jwk() + "]}";
    if (url.ends_with("/user")) return place == account ? std::string(text) : R"({"id":7})";
    if (url.ends_with("/user/emails")) return std::string(text);
    if (url.ends_with("/login/oauth/access_token")) return R"({"access_token":"t"})";
    if (place == token) return std::string(text);
    const auto head = R"({"alg":"EdDSA","kid":")" + key().id() + "\"}";
    return R"({"id_token":")" +
           signed_token(place == header ? text : std::string_view(head), place == claims ? text : good_claims) + "\"}";
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  const World world{Place(bytes[0] % places), {reinterpret_cast<const char*>(bytes) + 1, size - 1}};
  const bool github = world.place == account || world.place == addresses;
  static Still clock;
  const auto provider = std::make_shared<Provider>(
      ProviderConfig{.name = "p",
                     .title = "P",
                     .protocol = github ? Protocol::github : Protocol::oidc,
                     .issuer = "https://p.example",
                     .client_id = "nova",
                     .client_secret = [] { return core::Result<std::string>(std::string("s")); },
                     .scopes = {"openid"}},
      [&world](const FetchRequest& request, const std::function<void(core::Result<FetchAnswer>)>& done) {
        must(is_provider_url(request.url));
        done(FetchAnswer{200, world.answer(request.url)});
      },
      clock);
  int answers = 0;
  provider->endpoints([&](core::Result<Provider::Endpoints> known) {
    if (!known) return void(++answers);
    provider->person(*known, {"code", "https://n.example/cb", "v", "n"}, [&](core::Result<OutsidePerson> person) {
      ++answers;
      if (!person) return;
      must(!person->subject.empty() && person->subject.size() <= 255);
      // Without the key nobody can have signed: a token of any bytes, and keys of any bytes, let nobody in.
      must(world.place != token);
      if (world.place == claims) {
        must(core::json_text(world.text, "iss") == "https://p.example");
        must(core::json_text(world.text, "nonce") == "n");
        must(core::json_text(world.text, "sub") == person->subject);
      }
    });
  });
  must(answers == 1);  // each question is answered once
  (void)credentials::id_token_key(world.text);
  return 0;
}
