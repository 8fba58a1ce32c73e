// An outside provider whose keys rotate, on a clock that is moved by hand.
#include "governance/identity/outside/provider.hpp"
#include "governance/credentials/ed25519.hpp"
#include "governance/credentials/encoding.hpp"
#include "tests/testkit/catch.hpp"

#include <map>

using namespace nova;
using namespace nova::identity;

namespace {

struct HandClock final : core::Clock {
  core::Timestamp time{1769850000000};
  core::Timestamp now() const override { return time; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(time.ms); }
};

struct World {
  HandClock clock;
  credentials::Ed25519Key key = credentials::Ed25519Key::generate();  // signs
  std::string published = key.public_key().to_jwk();
  std::map<std::string, int> asked;
  bool away = false;
  std::shared_ptr<Provider> provider = std::make_shared<Provider>(
      ProviderConfig{"p",
                     "P",
                     Protocol::oidc,
                     "https://p.example",
                     "nova",
                     [] { return core::Result<std::string>(std::string("secret")); },
                     {"openid"}},
      [this](FetchRequest request, std::function<void(core::Result<FetchAnswer>)> done) {
        const auto path = request.url.substr(std::string("https://p.example").size());
        ++asked[path];
        if (away) return done(core::unavailable("http.connect_failed", "nobody there"));
        done(FetchAnswer{200, body(path)});
      },
      clock);

  std::string token() const {
    const auto seconds = clock.time.ms / 1000;
    const auto text =
        credentials::to_base64url(R"({"alg":"EdDSA","kid":")" + key.id() + "\"}") + "." +
        credentials::to_base64url(R"({"iss":"https://p.example","aud":"nova","sub":"7","nonce":"n","iat":)" +
                                  std::to_string(seconds) + R"(,"exp":)" + std::to_string(seconds + 60) + "}");
    return text + "." + credentials::to_base64url(key.sign(text));
  }
  std::string body(const std::string& path) const {
    if (path == "/jwks") return R"({"keys":[)" + published + "]}";
    if (path == "/token") return R"({"id_token":")" + token() + "\"}";
    return R"({"issuer":"https://p.example","authorization_endpoint":"https://p.example/auth",)"
           R"("token_endpoint":"https://p.example/token","jwks_uri":"https://p.example/jwks"})";
  }
  std::string sign_in() {
    std::string came;
    provider->endpoints([&](core::Result<Provider::Endpoints> known) {
      if (!known) return void(came = known.error().code);
      provider->person(*known, {"code", "https://n.example/cb", "v", "n"}, [&](core::Result<OutsidePerson> person) {
        came = person ? person->subject : person.error().code;
      });
    });
    return came;
  }
};

}  // namespace

TEST_CASE("provider: a new key is looked for once, and soon enough") {
  World world;
  CHECK(world.sign_in() == "7");
  CHECK(world.sign_in() == "7");
  CHECK(world.asked["/jwks"] == 1);
  world.key = credentials::Ed25519Key::generate();
  // It signs already, and is not published yet: nobody makes the node ask again and again.
  world.clock.time = world.clock.time + refetch_pause;
  for (int i = 0; i < 5; ++i) CHECK(world.sign_in() == "auth.provider_key_unknown");
  CHECK(world.asked["/jwks"] == 2);
  world.published = world.key.public_key().to_jwk();
  CHECK(world.sign_in() == "auth.provider_key_unknown");
  world.clock.time = world.clock.time + refetch_pause;
  CHECK(world.sign_in() == "7");
  CHECK(world.asked["/jwks"] == 3);
}

TEST_CASE("provider: what is known of it is known for an hour") {
  World world;
  CHECK(world.sign_in() == "7");
  world.clock.time = world.clock.time + (metadata_life - std::chrono::milliseconds(1));
  CHECK(world.sign_in() == "7");
  CHECK(world.asked["/.well-known/openid-configuration"] == 1);
  world.clock.time = world.clock.time + std::chrono::milliseconds(1);
  CHECK(world.sign_in() == "7");
  CHECK(world.asked["/.well-known/openid-configuration"] == 2);
  CHECK(world.asked["/jwks"] == 2);
}

TEST_CASE("provider: one that is away is said to be, and is no worse afterwards") {
  World world;
  world.away = true;
  CHECK(world.sign_in() == "auth.provider_unavailable");
  world.away = false;
  CHECK(world.sign_in() == "7");
}

TEST_CASE("provider: it answers over TLS, or on this machine") {
  for (const char* good : {"https://p.example/x", "http://127.0.0.1:80/x", "http://localhost/", "http://[::1]:9"})
    CHECK(is_provider_url(good));
  for (const char* bad :
       {"", "https://", "http://p.example", "http://127.0.0.1.evil.example/", "http://localhost.evil/", "https://a@b/",
        "https://a/#x", "file:///x", "javascript:x", "https://a b/"})
    CHECK_FALSE(is_provider_url(bad));
}
