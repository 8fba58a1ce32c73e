#include "governance/credentials/webauthn/webauthn.hpp"

#include "governance/credentials/encoding.hpp"
#include "governance/credentials/webauthn/authenticator_data.hpp"
#include "tests/credentials/authenticator.hpp"
#include "tests/credentials/webauthn_vectors.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::credentials;
using namespace nova::credentials::testing;

namespace {

constexpr unsigned up = 1, uv = 4, be = 8, bs = 16, at = 64, ed = 128;
const RelyingParty party{"node.example", {"https://node.example", "https://node.example:8443"}};
const RelyingParty w3c{"example.org", {"https://example.org"}};
const std::string challenge(32, 'c');

template <class T>
std::string reason(const core::Result<T>& result) {
  if (result) return "ok";
  CHECK(result.error().code == "auth.mfa_failed");
  CHECK(result.error().status == 401);
  return result.error().details.at(0).second;
}

struct Registration {
  std::string client = client_data("webauthn.create", challenge);
  std::string object;
  core::Result<RegisteredCredential> run(UserVerification verification = UserVerification::required,
                                         const RelyingParty& by = party, std::string_view asked = challenge) const {
    return verify_registration(by, verification, asked, {client, object});
  }
};

struct Assertion {
  std::string client = client_data("webauthn.get", challenge);
  std::string data;
  std::string signature;
  std::string key;
  std::uint32_t stored_count = 0;
  bool backup_eligible = false;
  core::Result<Asserted> run(UserVerification verification = UserVerification::required,
                             std::string_view asked = challenge) const {
    return verify_assertion(party, verification, asked, {key, stored_count, backup_eligible},
                            {client, data, signature});
  }
};

Registration registration(const Authenticator& authenticator, unsigned flags = up | uv) {
  Registration made;
  made.object = authenticator.attestation_none(authenticator.data_with_credential(flags, 0));
  return made;
}

Assertion assertion(const Authenticator& authenticator, unsigned flags = up | uv, std::uint32_t count = 0) {
  Assertion made;
  made.data = authenticator.data(flags, count);
  made.signature = authenticator.assertion(made.data, made.client);
  made.key = authenticator.cose_key();
  return made;
}

const Authenticator& es256() {
  static const Authenticator authenticator(Authenticator::Kind::es256);
  return authenticator;
}

}  // namespace

TEST_CASE("webauthn: the vectors of W3C section 16") {
  struct Row {
    const vectors::Ceremony &registration, &assertion;
    Attestation attestation;
    bool verified;
  };
  for (const auto& row : {Row{vectors::none_registration, vectors::none_assertion, Attestation::none, false},
                          Row{vectors::self_registration, vectors::self_assertion, Attestation::self, true}}) {
    const auto client = *from_hex(row.registration.client_data), object = *from_hex(row.registration.object);
    const auto made =
        verify_registration(w3c, UserVerification::preferred, *from_hex(row.registration.challenge), {client, object});
    REQUIRE(made);
    CHECK(made->attestation == row.attestation);
    CHECK(made->algorithm == CoseAlgorithm::es256);
    CHECK(made->user_verified == row.verified);
    CHECK(made->backup_eligible);
    CHECK(made->backed_up);
    const auto got = *from_hex(row.assertion.client_data), data = *from_hex(row.assertion.object),
               signature = *from_hex(row.assertion.signature);
    const auto asserted =
        verify_assertion(w3c, UserVerification::preferred, *from_hex(row.assertion.challenge),
                         {made->public_key, made->sign_count, made->backup_eligible}, {got, data, signature});
    REQUIRE(asserted);
    CHECK(asserted->sign_count == 0);
    CHECK_FALSE(asserted->user_verified);
  }
  const auto made = verify_registration(
      w3c, UserVerification::preferred, *from_hex(vectors::none_registration.challenge),
      {*from_hex(vectors::none_registration.client_data), *from_hex(vectors::none_registration.object)});
  CHECK(to_hex(made->id) == "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4");
  CHECK(to_hex(made->aaguid) == "8446ccb9ab1db374750b2367ff6f3a1f");
  CHECK(reason(verify_registration(w3c, UserVerification::preferred,
                                   *from_hex(vectors::cross_origin_registration.challenge),
                                   {*from_hex(vectors::cross_origin_registration.client_data),
                                    *from_hex(vectors::cross_origin_registration.object)})) == "cross_origin");
}

TEST_CASE("webauthn: each kind of key registers and signs in") {
  for (const auto& [kind, algorithm] : {std::pair(Authenticator::Kind::es256, CoseAlgorithm::es256),
                                        std::pair(Authenticator::Kind::eddsa, CoseAlgorithm::eddsa),
                                        std::pair(Authenticator::Kind::rs256, CoseAlgorithm::rs256)}) {
    const Authenticator authenticator(kind);
    const auto made = registration(authenticator).run();
    REQUIRE(made);
    CHECK(made->id == authenticator.id);
    CHECK(made->algorithm == algorithm);
    CHECK(made->public_key == authenticator.cose_key());
    CHECK(made->aaguid == std::string(16, 'm'));
    CHECK(made->attestation == Attestation::none);
    auto signing = assertion(authenticator);
    CHECK(signing.run());
    signing.signature = Authenticator(kind).assertion(signing.data, signing.client);
    CHECK(reason(signing.run()) == "signature");
    Registration self;
    const auto data = authenticator.data_with_credential(up | uv, 0);
    self.object = authenticator.attestation_self(data, self.client);
    CHECK(self.run()->attestation == Attestation::self);
    self.object = Authenticator(kind).attestation_self(data, self.client);
    CHECK(reason(self.run()) == "attestation");
  }
}

TEST_CASE("webauthn: a change of any byte of an assertion is refused") {
  const auto good = assertion(es256(), up | uv, 7);
  REQUIRE(good.run());
  const auto each = [&](std::string Assertion::*part) {
    for (std::size_t place = 0; place < (good.*part).size(); ++place)
      for (const int flip : {1, 4, 0x80}) {
        auto changed = good;
        (changed.*part)[place] = static_cast<char>((changed.*part)[place] ^ flip);
        if (changed.run()) FAIL(place);
      }
    auto cut = good;
    (cut.*part).pop_back();
    CHECK_FALSE(cut.run());
    auto longer = good;
    (longer.*part) += '\0';
    CHECK_FALSE(longer.run());
  };
  each(&Assertion::client);
  each(&Assertion::data);
  each(&Assertion::signature);
  each(&Assertion::key);
}

TEST_CASE("webauthn: a change of any byte of a self-attested registration is refused") {
  Registration good;
  good.object = es256().attestation_self(es256().data_with_credential(up | uv, 0), good.client);
  REQUIRE(good.run());
  for (std::size_t place = 0; place < good.object.size(); ++place)
    for (const int flip : {1, 4, 0x80}) {
      auto changed = good;
      changed.object[place] = static_cast<char>(changed.object[place] ^ flip);
      // Only the format's name may become another, whose statement is not looked at.
      if (const auto made = changed.run(); made && made->attestation != Attestation::unchecked) FAIL(place);
    }
}

TEST_CASE("webauthn: the client data must be of this ceremony") {
  const auto with = [](std::string client) {
    auto changed = registration(es256());
    changed.client = std::move(client);
    return reason(changed.run());
  };
  const std::string create = "webauthn.create", home = "https://node.example";
  CHECK(with(client_data(create, challenge, "https://node.example:8443")) == "ok");
  CHECK(with(client_data(create, challenge, home, R"(,"crossOrigin":false,"new":{"a":[1]})")) == "ok");
  CHECK(with(client_data("webauthn.get", challenge)) == "type");
  CHECK(with(client_data("payment.get", challenge)) == "type");
  CHECK(with(client_data(create, std::string(32, 'x'))) == "challenge");
  CHECK(with(client_data(create, challenge.substr(1))) == "challenge");
  CHECK(with(client_data(create, "")) == "challenge");
  for (const auto* origin :
       {"http://node.example", "https://node.example/", "https://NODE.example", "https://evil.example",
        "https://node.example.evil.example", "https://a.node.example", "", "null"})
    CHECK(with(client_data(create, challenge, origin)) == "origin");
  CHECK(with(client_data(create, challenge, home, R"(,"crossOrigin":true)")) == "cross_origin");
  for (const auto& json : {std::string(), std::string("[]"), client_data(create, challenge) + "x",
                           client_data(create, challenge, home, R"(,"origin":"https://node.example")"),
                           client_data(create, challenge, home, R"(,"crossOrigin":"no")"),
                           client_data(create, challenge, home, ",\"more\":\"" + std::string(20'000, 'a') + "\"")})
    CHECK(with(json) == "client_data");
  CHECK(with("{}") == "type");
  CHECK(with(R"({"type":null,"challenge":null,"origin":null})") == "type");
}

TEST_CASE("webauthn: a challenge that can be guessed is a bug of the caller") {
  for (const std::string_view weak : {"", "short"}) {
    CHECK_THROWS_AS(registration(es256()).run(UserVerification::required, party, weak), std::invalid_argument);
    CHECK_THROWS_AS(assertion(es256()).run(UserVerification::required, weak), std::invalid_argument);
  }
  CHECK(make_challenge().size() == challenge_bytes);
  CHECK(make_challenge().view() != make_challenge().view());
}

TEST_CASE("webauthn: another relying party's answer is refused") {
  auto made = registration(es256());
  CHECK(reason(made.run(UserVerification::required, {"evil.example", party.origins})) == "rp_id");
  auto signing = assertion(es256());
  signing.data = es256().data(up | uv, 0, "evil.example");
  signing.signature = es256().assertion(signing.data, signing.client);
  CHECK(reason(signing.run()) == "rp_id");
}

TEST_CASE("webauthn: presence always, verification where it is required") {
  CHECK(reason(registration(es256(), 0).run()) == "user_presence");
  CHECK(reason(registration(es256(), uv).run()) == "user_presence");
  CHECK(reason(registration(es256(), up).run()) == "user_verification");
  const auto touched = registration(es256(), up).run(UserVerification::preferred);
  REQUIRE(touched);
  CHECK_FALSE(touched->user_verified);
  CHECK(reason(assertion(es256(), uv).run()) == "user_presence");
  CHECK(reason(assertion(es256(), up).run()) == "user_verification");
  CHECK_FALSE(assertion(es256(), up).run(UserVerification::preferred)->user_verified);
  CHECK(assertion(es256(), up | uv).run(UserVerification::preferred)->user_verified);
}

TEST_CASE("webauthn: the counter grows, or there is none") {
  const auto with = [](std::uint32_t stored, std::uint32_t sent) {
    auto signing = assertion(es256(), up | uv, sent);
    signing.stored_count = stored;
    return reason(signing.run());
  };
  CHECK(with(0, 0) == "ok");
  CHECK(with(0, 1) == "ok");
  CHECK(with(7, 8) == "ok");
  CHECK(with(7, 4'000'000'000u) == "ok");
  CHECK(with(7, 7) == "sign_count");
  CHECK(with(7, 6) == "sign_count");
  CHECK(with(7, 0) == "sign_count");
  CHECK(assertion(es256(), up | uv, 8).run()->sign_count == 8);
  // A wrong signature tells nothing of counters.
  auto wrong = assertion(es256(), up | uv, 1);
  wrong.stored_count = 7;
  wrong.signature = assertion(es256()).signature;
  CHECK(reason(wrong.run()) == "signature");
}

TEST_CASE("webauthn: a key that may leave its device is told, and does not change") {
  CHECK_FALSE(registration(es256()).run()->backup_eligible);
  const auto synced = registration(es256(), up | uv | be | bs).run();
  CHECK(synced->backup_eligible);
  CHECK(synced->backed_up);
  CHECK(reason(registration(es256(), up | uv | bs).run()) == "malformed");
  auto signing = assertion(es256(), up | uv | be);
  CHECK(reason(signing.run()) == "backup");
  signing.backup_eligible = true;
  CHECK(signing.run());
  CHECK_FALSE(signing.run()->backed_up);
}

TEST_CASE("webauthn: attestation of others is not looked at, an odd one is refused") {
  const auto data = es256().data_with_credential(up | uv, 0);
  const auto with = [&](const std::string& format, const std::string& statement) {
    Registration made;
    made.object = cbor_map({{cbor_text("fmt"), cbor_text(format)},
                            {cbor_text("attStmt"), statement},
                            {cbor_text("authData"), cbor_bytes(data)}});
    return made.run();
  };
  CHECK(with("none", cbor_map({}))->attestation == Attestation::none);
  CHECK(reason(with("none", cbor_map({{cbor_text("sig"), cbor_bytes("x")}}))) == "attestation");
  CHECK(with("tpm", cbor_map({{cbor_text("ver"), cbor_text("2.0")}}))->attestation == Attestation::unchecked);
  CHECK(with("packed", cbor_map({{cbor_text("alg"), cbor_int(-7)},
                                 {cbor_text("sig"), cbor_bytes("x")},
                                 {cbor_text("x5c"), cbor_list({cbor_bytes("x")})}}))
            ->attestation == Attestation::unchecked);
  for (const auto& statement :
       {cbor_map({}), cbor_map({{cbor_text("alg"), cbor_int(-7)}}), cbor_map({{cbor_text("sig"), cbor_bytes("x")}}),
        cbor_map({{cbor_text("alg"), cbor_int(-7)}, {cbor_text("sig"), cbor_bytes("")}}),
        cbor_map({{cbor_text("alg"), cbor_int(-7)}, {cbor_text("sig"), cbor_text("x")}})})
    CHECK(reason(with("packed", statement)) == "attestation");
  // Signed rightly, but said to be of another algorithm.
  Registration lying;
  lying.object = cbor_map(
      {{cbor_text("fmt"), cbor_text("packed")},
       {cbor_text("attStmt"), cbor_map({{cbor_text("alg"), cbor_int(-8)},
                                        {cbor_text("sig"), cbor_bytes(es256().assertion(data, lying.client))}})},
       {cbor_text("authData"), cbor_bytes(data)}});
  CHECK(reason(lying.run()) == "attestation");
  CHECK(reason(with("none", cbor_list({}))) == "malformed");
}

TEST_CASE("webauthn: malformed objects are refused") {
  const auto data = es256().data_with_credential(up | uv, 0);
  const auto good = es256().attestation_none(data);
  for (std::size_t size = 0; size < good.size(); ++size) {
    Registration cut;
    cut.object = good.substr(0, size);
    if (reason(cut.run()) != "malformed") FAIL(size);
  }
  const auto with = [&](const std::string& authenticator_data) {
    Registration made;
    made.object = es256().attestation_none(authenticator_data);
    return reason(made.run());
  };
  CHECK(with(data) == "ok");
  CHECK(with(es256().data(up | uv, 0)) == "malformed");  // no credential
  CHECK(with(data + "x") == "malformed");
  CHECK(with("") == "malformed");
  auto extended = data;
  extended[32] = static_cast<char>(up | uv | at | ed);
  CHECK(with(extended) == "malformed");
  CHECK(with(extended + cbor_map({{cbor_text("credProtect"), cbor_int(2)}})) == "ok");
  CHECK(with(extended + cbor_int(2)) == "malformed");
  CHECK(with(extended + cbor_map({}) + "x") == "malformed");
  Authenticator odd = es256();
  odd.id.clear();
  CHECK(with(odd.data_with_credential(up | uv, 0)) == "malformed");
  odd.id = std::string(credential_id_bytes_max, 'i');
  CHECK(with(odd.data_with_credential(up | uv, 0)) == "ok");
  odd.id += 'i';
  CHECK(with(odd.data_with_credential(up | uv, 0)) == "malformed");
  Registration more;
  more.object = cbor_map({{cbor_text("fmt"), cbor_text("none")},
                          {cbor_text("new"), cbor_int(0)},
                          {cbor_text("attStmt"), cbor_map({})},
                          {cbor_text("authData"), cbor_bytes(data)}});
  CHECK(reason(more.run()) == "malformed");
}

TEST_CASE("webauthn: only whole keys of known algorithms") {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  const std::string x = es256().cose_key().substr(10, 32), y = es256().cose_key().substr(45, 32);
  const auto ec = [](int type, int algorithm, int curve, const std::string& first, const std::string& second) {
    return cbor_map({{cbor_int(1), cbor_int(type)},
                     {cbor_int(3), cbor_int(algorithm)},
                     {cbor_int(-1), cbor_int(curve)},
                     {cbor_int(-2), first},
                     {cbor_int(-3), second}});
  };
  const auto rsa = [](const std::string& n, const std::string& e) {
    return cbor_map({{cbor_int(1), cbor_int(3)},
                     {cbor_int(3), cbor_int(-257)},
                     {cbor_int(-1), cbor_bytes(n)},
                     {cbor_int(-2), cbor_bytes(e)}});
  };
  const std::string e = std::string("\x01\x00\x01", 3);
  const auto n = [](std::size_t size) { return "\xff" + std::string(size - 2, 'n') + "\x01"; };
  CHECK(CredentialKey::from(ec(2, -7, 1, cbor_bytes(x), cbor_bytes(y))));
  CHECK(CredentialKey::from(rsa(n(256), e)));
  CHECK(CredentialKey::from(rsa(n(512), e)));
  auto beside = y;
  beside[31] = static_cast<char>(beside[31] ^ 1);
  for (const auto& wrong : {ec(2, -7, 1, cbor_bytes(x), cbor_bytes(beside)),  // not on the curve
                            ec(2, -7, 1, cbor_bytes(std::string(32, '\0')), cbor_bytes(std::string(32, '\0'))),
                            ec(2, -7, 1, cbor_bytes(std::string(32, '\xff')), cbor_bytes(y)),
                            ec(2, -7, 2, cbor_bytes(x), cbor_bytes(y)),
                            ec(1, -7, 1, cbor_bytes(x), cbor_bytes(y)),
                            ec(2, -35, 1, cbor_bytes(x), cbor_bytes(y)),
                            ec(2, -8, 1, cbor_bytes(x), cbor_bytes(y)),
                            ec(2, -7, 1, cbor_bytes(x.substr(1)), cbor_bytes(y)),
                            ec(2, -7, 1, cbor_bytes(x), cbor_bytes(y + "y")),
                            ec(2, -7, 1, cbor_bytes(x), std::string("\xf5")),  // compressed
                            ec(2, -7, 1, cbor_text(std::string(32, 'x')), cbor_bytes(y)),
                            cbor_map(Pairs{{cbor_int(1), cbor_int(2)},
                                           {cbor_int(-1), cbor_int(1)},
                                           {cbor_int(-2), cbor_bytes(x)},
                                           {cbor_int(-3), cbor_bytes(y)}}),
                            cbor_map(Pairs{{cbor_int(1), cbor_int(2)},
                                           {cbor_int(3), cbor_int(-7)},
                                           {cbor_int(4), cbor_list({})},
                                           {cbor_int(-1), cbor_int(1)},
                                           {cbor_int(-2), cbor_bytes(x)},
                                           {cbor_int(-3), cbor_bytes(y)}}),
                            rsa(n(255), e),
                            rsa(n(513), e),
                            rsa(std::string(1, '\0') + n(255), e),
                            rsa(n(255) + "\x02", e),
                            rsa(n(256), std::string("\x03")),
                            rsa(n(256), std::string("\x00\x01\x00\x01", 4)),
                            rsa(n(256), ""),
                            cbor_map({}),
                            cbor_list({}),
                            std::string(),
                            std::string(2000, '\0')})
    CHECK(CredentialKey::from(wrong).error().code == "input.invalid");
}
