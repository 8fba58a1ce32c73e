// Passkeys from options to session: what is good once, for whom, where, and for how long.
#include "core/json.hpp"
#include "governance/credentials/encoding.hpp"
#include "tests/credentials/authenticator.hpp"
#include "tests/identity/world.hpp"

#include <map>

using namespace nova;
using namespace nova::testing;
using credentials::to_base64url;
using credentials::testing::Authenticator;
using credentials::testing::client_data;
using identity::Passkeys;

namespace {

constexpr unsigned present = 1, verified = 4, may_leave = 8;
const std::string site = "https://node.example";

std::string challenge_of(const Passkeys::Begun& begun) {
  const auto text = core::json_text(begun.options, "challenge");
  REQUIRE(text);
  const auto bytes = credentials::from_base64url(*text);
  REQUIRE(bytes);
  return *bytes;
}

std::string reason_of(const core::Error& error) {
  for (const auto& [name, value] : error.details)
    if (name == "reason") return value;
  return {};
}

/// An authenticator in somebody's hand, with what a page and its browser do around it.
struct Key {
  explicit Key(World& in, char letter = 'i') : world(in) { made.id = std::string(16, letter); }

  core::Result<std::string> enrol(const std::string& user, unsigned flags = present | verified,
                                  const std::string& name = "key") {
    auto begun = world.identity->passkeys().begin_enrol(user, "amy@example.org", site);
    REQUIRE(begun);
    const auto data = client_data("webauthn.create", challenge_of(*begun), site);
    const auto object = made.attestation_none(made.data_with_credential(flags, count));
    owner = user;
    return world.answer<std::string>([&](auto done) {
      world.identity->passkeys().enrol(user, {begun->ceremony, name, to_base64url(data), to_base64url(object)}, done);
    });
  }

  Passkeys::Assertion sign(const Passkeys::Begun& begun, const std::string& origin = site,
                           unsigned flags = present | verified, const std::string& rp_id = "node.example") {
    const auto data = made.data(flags, ++count, rp_id);
    const auto client = client_data("webauthn.get", challenge_of(begun), origin);
    return {begun.ceremony,
            to_base64url(made.id),
            to_base64url(client),
            to_base64url(data),
            to_base64url(made.assertion(data, client)),
            to_base64url(owner)};
  }

  World& world;
  Authenticator made{Authenticator::Kind::es256};
  std::uint32_t count = 1;
  std::string owner;
};

struct Door : World {
  Passkeys::Begun begin(const std::string& origin = site) {
    auto begun = identity->passkeys().begin_sign_in(origin);
    REQUIRE(begun);
    return *begun;
  }
  core::Result<identity::Tokens> enter(const Passkeys::Assertion& answered) {
    return answer<identity::Tokens>([&](auto done) {
      identity->login_with_passkey(answered, {{}, {}, "test", {}}, done);
    });
  }
  std::string refused(const Passkeys::Assertion& answered) {
    const auto tokens = enter(answered);
    REQUIRE_FALSE(tokens);
    CHECK((tokens.error().status == 401 || tokens.error().status == 410));
    return tokens.error().code + "/" + reason_of(tokens.error());
  }
  /// The flow of a sign-in whose password was right; its methods.
  std::pair<std::string, std::string> flow_of(const std::string& email) {
    const auto tokens = login(email, password);
    REQUIRE_FALSE(tokens);
    REQUIRE(tokens.error().code == "auth.mfa_required");
    std::map<std::string, std::string> details(tokens.error().details.begin(), tokens.error().details.end());
    return {details["flow"], details["methods"]};
  }
};

}  // namespace

TEST_CASE("passkey: enrolled, it signs in by itself, again and again") {
  Door door;
  const auto amy = door.person("amy@example.org");
  Key key(door);
  REQUIRE(key.enrol(amy));
  for (int i = 0; i < 2; ++i) {
    const auto tokens = door.enter(key.sign(door.begin()));
    REQUIRE(tokens);
    CHECK(tokens->user == amy);
    const auto session = door.store->document({"system", "session", tokens->session});
    REQUIRE((session && *session));
    CHECK(core::json_text((*session)->body, "method") == "passkey");
  }
}

TEST_CASE("passkey: options ask for a discoverable credential, a verified person, and none that is enrolled") {
  Door door;
  const auto amy = door.person("amy@example.org");
  Key key(door);
  REQUIRE(key.enrol(amy));
  const auto begun = door.identity->passkeys().begin_enrol(amy, "amy@example.org", site);
  REQUIRE(begun);
  const auto is = [&](const char* path) { return core::json_text(begun->options, path).value_or(""); };
  CHECK(is("rp.id") == "node.example");
  CHECK(is("user.id") == to_base64url(amy));
  CHECK(is("user.name") == "amy@example.org");
  CHECK(is("authenticatorSelection.residentKey") == "required");
  CHECK(is("authenticatorSelection.userVerification") == "required");
  CHECK(is("attestation") == "none");
  CHECK(is("excludeCredentials[0].id") == to_base64url(key.made.id));
  CHECK(challenge_of(*begun).size() == 32);
  const auto sign_in = door.begin();
  CHECK(core::json_text(sign_in.options, "userVerification") == "required");
  CHECK(core::json_text(sign_in.options, "rpId") == "node.example");
  CHECK(sign_in.options.find("allowCredentials") == std::string::npos);  // it would tell who has which
}

TEST_CASE("passkey: a challenge is good once, whatever came of it") {
  Door door;
  const auto amy = door.person("amy@example.org");
  Key key(door);
  REQUIRE(key.enrol(amy));
  const auto begun = door.begin();
  const auto answered = key.sign(begun);
  REQUIRE(door.enter(answered));
  CHECK(door.refused(answered) == "auth.flow_expired/");
  CHECK(door.refused(key.sign(begun)) == "auth.flow_expired/");
  const auto wasted = door.begin();
  CHECK(door.refused(key.sign(wasted, "https://evil.example")) == "auth.mfa_failed/origin");
  CHECK(door.refused(key.sign(wasted)) == "auth.flow_expired/");
}

TEST_CASE("passkey: a challenge is good for five minutes, for its purpose, and with its own ceremony") {
  Door door;
  const auto amy = door.person("amy@example.org");
  Key key(door);
  REQUIRE(key.enrol(amy));
  const auto late = door.begin();
  door.clock.pass(identity::ceremony_life);
  CHECK(door.refused(key.sign(late)) == "auth.flow_expired/");
  auto crossed = key.sign(door.begin());
  crossed.ceremony = door.begin().ceremony;
  CHECK(door.refused(crossed) == "auth.mfa_failed/challenge");
  const auto enrolling = door.identity->passkeys().begin_enrol(amy, "amy", site);
  REQUIRE(enrolling);
  CHECK(door.refused(key.sign(*enrolling)) == "auth.flow_expired/");
  auto invented = key.sign(door.begin());
  invented.ceremony = "invented";
  CHECK(door.refused(invented) == "auth.flow_expired/");
}

TEST_CASE("passkey: an answer for another page, domain or purpose, or without a verified person, opens nothing") {
  Door door;
  const auto amy = door.person("amy@example.org");
  Key key(door);
  REQUIRE(key.enrol(amy));
  CHECK(door.refused(key.sign(door.begin(), "https://evil.example")) == "auth.mfa_failed/origin");
  // It began on one page of the house and ended on another.
  CHECK(door.refused(key.sign(door.begin(), "https://id.node.example")) == "auth.mfa_failed/origin");
  CHECK(door.enter(key.sign(door.begin("https://id.node.example"), "https://id.node.example")));
  CHECK(door.refused(key.sign(door.begin(), site, present | verified, "evil.example")) == "auth.mfa_failed/rp_id");
  CHECK(door.refused(key.sign(door.begin(), site, present)) == "auth.mfa_failed/user_verification");
  CHECK(door.refused(key.sign(door.begin(), site, verified)) == "auth.mfa_failed/user_presence");
  auto changed = key.sign(door.begin());
  changed.authenticator_data = key.sign(door.begin()).authenticator_data;
  CHECK(door.refused(changed) == "auth.mfa_failed/signature");
  auto garbled = key.sign(door.begin());
  garbled.signature = "*";
  CHECK(door.refused(garbled) == "auth.mfa_failed/malformed");
  const auto foreign = door.identity->passkeys().begin_sign_in("http://127.0.0.1:7480");
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == "passkey.wrong_origin");
  CHECK(foreign.error().remedy == "open https://node.example/signin");
}

TEST_CASE("passkey: one that nobody enrolled, or with another's name on it, opens nothing") {
  Door door;
  const auto amy = door.person("amy@example.org"), ben = door.person("ben@example.org");
  Key key(door), stranger(door, 's');
  REQUIRE(key.enrol(amy));
  stranger.owner = amy;
  CHECK(door.refused(stranger.sign(door.begin())) == "auth.mfa_failed/");
  auto renamed = key.sign(door.begin());
  renamed.user_handle = to_base64url(ben);
  CHECK(door.refused(renamed) == "auth.mfa_failed/user_handle");
  renamed = key.sign(door.begin());
  renamed.user_handle.clear();
  CHECK(door.refused(renamed) == "auth.mfa_failed/user_handle");
  // The same id with another key behind it.
  stranger.made.id = key.made.id;
  CHECK(door.refused(stranger.sign(door.begin())) == "auth.mfa_failed/signature");
}

TEST_CASE("passkey: a counter that goes back is refused and leaves an alarm") {
  Door door;
  const auto amy = door.person("amy@example.org");
  Key key(door);
  const auto id = key.enrol(amy);
  REQUIRE(id);
  key.count = 10;
  REQUIRE(door.enter(key.sign(door.begin())));
  key.count = 4;
  CHECK(door.refused(key.sign(door.begin())) == "auth.mfa_failed/sign_count");
  const auto document = door.store->document({"system", "passkey", *id});
  REQUIRE((document && *document));
  CHECK(core::json_text((*document)->body, "sign_count") == "11");
  CHECK(core::json_text((*document)->body, "alarmed_at") != "1970-01-01T00:00:00.000Z");
  key.count = 11;
  CHECK(door.enter(key.sign(door.begin())));
}

TEST_CASE("passkey: a registration without a verified person, of another's ceremony, or twice is refused") {
  Door door;
  const auto amy = door.person("amy@example.org"), ben = door.person("ben@example.org");
  Key key(door);
  const auto unverified = key.enrol(amy, present);
  REQUIRE_FALSE(unverified);
  CHECK(reason_of(unverified.error()) == "user_verification");
  REQUIRE(key.enrol(amy));
  const auto twice = key.enrol(ben);
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code == "passkey.exists");
  CHECK(twice.error().status == 409);

  const auto begun = door.identity->passkeys().begin_enrol(amy, "amy", site);
  REQUIRE(begun);
  Key other(door, 'o');
  const auto data = client_data("webauthn.create", challenge_of(*begun), site);
  const auto object = other.made.attestation_none(other.made.data_with_credential(present | verified, 1));
  const Passkeys::NewCredential given{begun->ceremony, "x", to_base64url(data), to_base64url(object)};
  for (const auto& [user, code] : {std::pair{ben, "auth.mfa_failed"}, {amy, "auth.flow_expired"}}) {
    const auto stolen =
        door.answer<std::string>([&](auto done) { door.identity->passkeys().enrol(user, given, done); });
    REQUIRE_FALSE(stolen);
    CHECK(stolen.error().code == code);
  }
}

TEST_CASE("passkey: the password alone opens nothing once there is one, and the passkey is the second step") {
  Door door;
  const auto amy = door.person("amy@example.org"), ben = door.person("ben@example.org");
  Key key(door), bens(door, 'b');
  REQUIRE(key.enrol(amy));
  REQUIRE(bens.enrol(ben));
  const auto [flow, methods] = door.flow_of("amy@example.org");
  CHECK(methods == "passkey");
  const auto step = [&](Key& with, const std::string& began_with, const std::string& shown_with) {
    const auto begun = door.identity->begin_passkey_step(began_with, site);
    REQUIRE(begun);
    const auto answered = with.sign(*begun);
    return door.answer<identity::Tokens>([&](auto done) {
      door.identity->login_with_flow_passkey(shown_with, answered, {{}, {}, "test", {}}, done);
    });
  };
  CHECK_FALSE(step(bens, flow, flow));  // somebody else's
  const auto [second, same] = door.flow_of("amy@example.org");
  CHECK_FALSE(step(key, second, flow));  // of another sign-in
  const auto tokens = step(key, flow, flow);
  REQUIRE(tokens);
  CHECK(tokens->user == amy);
  CHECK_FALSE(step(key, flow, flow));  // it completed
  CHECK_FALSE(door.identity->begin_passkey_step("invented.flow.token", site));
}

TEST_CASE("passkey: who may not act does not come in by it, and a removed one opens nothing") {
  Door door;
  const auto amy = door.person("amy@example.org"), ben = door.person("ben@example.org");
  Key key(door), bens(door, 'b');
  REQUIRE(key.enrol(amy));
  const auto id = bens.enrol(ben);
  REQUIRE(id);
  door.tell(amy, "suspend", R"({"reason":"a test"})");
  const auto tokens = door.enter(key.sign(door.begin()));
  REQUIRE_FALSE(tokens);
  CHECK(tokens.error().code == "user.suspended");
  const auto remove = [&](const core::Principal& who) {
    return door.answer<host::Answer>([&](auto done) { door.identity->passkeys().remove(who, *id, "", done); });
  };
  CHECK_FALSE(remove({door.person("eve@example.org"), "user"}));
  CHECK(remove({ben, "user"}));
  CHECK(door.refused(bens.sign(door.begin())) == "auth.mfa_failed/");
  CHECK(door.login("ben@example.org", password));
  CHECK(bens.enrol(ben));  // its credential is free again
}

TEST_CASE("passkey: a lock is for the account, whichever way in is tried") {
  Door door;
  const auto amy = door.person("amy@example.org");
  Key key(door);
  REQUIRE(key.enrol(amy));
  REQUIRE(door.enter(key.sign(door.begin())));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(door.login("amy@example.org", "guess " + std::to_string(i)));
  const auto locked = door.enter(key.sign(door.begin()));
  REQUIRE_FALSE(locked);
  CHECK(locked.error().code == "auth.locked");
  CHECK(locked.error().status == 403);
  // The same for who came by an outside provider.
  const auto outside = door.answer<identity::Tokens>([&](auto done) {
    door.identity->came_in(amy, {{}, {}, "test", {}}, "oidc", done);
  });
  REQUIRE_FALSE(outside);
  CHECK(outside.error().code == "auth.locked");
  door.clock.pass(std::chrono::minutes(15));
  CHECK(door.enter(key.sign(door.begin())));
}

TEST_CASE("passkey: the owner's is hardware, stands alone, and the last one stays") {
  Door door;
  const auto olga = door.owner("olga@example.org");
  Key key(door), second(door, 's');
  const auto leaving = key.enrol(olga, present | verified | may_leave);
  REQUIRE_FALSE(leaving);
  CHECK(leaving.error().code == "passkey.not_hardware");
  const auto id = key.enrol(olga);
  REQUIRE(id);
  const auto [flow, methods] = door.flow_of("olga@example.org");
  CHECK(methods == "passkey");
  const auto coded = door.answer<identity::Tokens>(
      [&, flow = flow](auto done) { door.identity->login_with_code(flow, "123456", {}, done); });
  REQUIRE_FALSE(coded);
  CHECK(coded.error().code == "auth.method_disabled");
  const auto remove = [&](const core::Principal& who) {
    return door.answer<host::Answer>([&](auto done) { door.identity->passkeys().remove(who, *id, "", done); });
  };
  const auto last = remove({olga, "user"});
  REQUIRE_FALSE(last);
  CHECK(last.error().code == "passkey.last_of_owner");
  REQUIRE(second.enrol(olga));
  CHECK(remove({olga, "user"}));
  CHECK(door.enter(second.sign(door.begin())));
}

TEST_CASE("passkey: there are at most twenty of one person") {
  Door door;
  const auto amy = door.person("amy@example.org");
  for (std::size_t i = 0; i < identity::passkeys_max; ++i) REQUIRE(Key(door, char('a' + i)).enrol(amy));
  const auto more = door.identity->passkeys().begin_enrol(amy, "amy", site);
  REQUIRE_FALSE(more);
  CHECK(more.error().code == "passkey.limit");
}

TEST_CASE("passkey: ceremonies under way are bounded, each purpose by itself, and make room when they are over") {
  identity::Ceremonies ceremonies;
  core::Timestamp now{1'000'000};
  for (std::size_t i = 0; i < identity::ceremonies_max; ++i)
    REQUIRE(ceremonies.begin({identity::Purpose::sign_in, {}, {}, {}, "c"}, now));
  CHECK_FALSE(ceremonies.begin({identity::Purpose::sign_in, {}, {}, {}, "c"}, now));
  CHECK(ceremonies.begin({identity::Purpose::enrol, "amy", {}, {}, "c"}, now));
  CHECK(ceremonies.begin({identity::Purpose::sign_in, {}, {}, {}, "c"}, now + identity::ceremony_life));
}
