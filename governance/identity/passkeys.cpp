#include "governance/identity/passkeys.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/webauthn/authenticator_data.hpp"
#include "governance/identity/tell.hpp"

#include <algorithm>

namespace nova::identity {
namespace {

using credentials::CoseAlgorithm;
using credentials::from_base64url;
using credentials::to_base64url;
using credentials::UserVerification;

constexpr std::string_view site = "WebNova";
constexpr std::size_t name_bytes_max = 64;
// The best first: authenticators take the first that they can.
constexpr CoseAlgorithm algorithms[] = {CoseAlgorithm::eddsa, CoseAlgorithm::es256, CoseAlgorithm::rs256};

core::EntityKey key_of(const std::string& id) { return {"system", "passkey", id}; }

// One answer for what is unknown, removed, another's or wrong: who asks learns nothing of who has which key.
core::Error not_right() { return core::refusal("auth.mfa_failed", "this passkey opens nothing here"); }

core::Error no_passkey(const std::string& id) {
  return core::refusal("passkey.not_found", "there is no passkey `" + core::printable(id) + "`");
}

core::Error malformed() { return not_right().with("reason", "malformed"); }

bool is_counter(const core::Error& error) {
  return std::find(error.details.begin(), error.details.end(),
                   std::pair<std::string, std::string>("reason", "sign_count")) != error.details.end();
}

std::string credential_key(const Parts& parts, const std::string& credential_id) {
  return credentials::keyed_hash(parts.keys->lookup(), "passkey." + credential_id);
}

void write_known(core::JsonWriter& writer, std::string_view member, const authority::Book& book,
                 const std::string& user) {
  writer.key(member).array();
  for (const auto& [id, line] : book.passkeys(user))
    writer.object().field("type", "public-key").field("id", line.credential_id).end();
  writer.end();
}

std::string timeout_ms() { return std::to_string(std::chrono::milliseconds(ceremony_life).count()); }

}  // namespace

bool Passkeys::has_any(const std::string& user) const { return !parts_.book->passkeys(user).empty(); }

bool Passkeys::alone_counts_for(const std::string& user) const {
  return parts_.book->root_owner() == user && has_any(user);
}

core::Status Passkeys::check_origin(const std::string& origin) const {
  const auto& origins = party_.origins;
  if (origin.empty() || std::find(origins.begin(), origins.end(), origin) != origins.end()) return core::ok();
  auto error = core::refusal("passkey.wrong_origin", "passkeys are not for pages of `" + core::printable(origin) + "`");
  error.status = 403;
  if (origins.empty()) return error;
  return std::move(error).with("origin", origins.front()).fix("open " + origins.front() + "/signin");
}

// A page that said where it stands is held to that; what says nothing is no browser, or one that hides it.
credentials::RelyingParty Passkeys::party_at(const std::string& origin) const {
  if (origin.empty()) return party_;
  return {party_.id, {origin}};
}

core::Result<Passkeys::Begun> Passkeys::begin_enrol(const std::string& user, const std::string& label,
                                                    const std::string& origin) {
  if (auto fine = check_origin(origin); !fine) return std::move(fine).error();
  if (parts_.book->passkeys(user).size() >= passkeys_max)
    return core::refusal("passkey.limit", "there are " + std::to_string(passkeys_max) + " passkeys already")
        .fix("remove one that is not used any more");
  auto challenge = credentials::make_challenge();
  Begun begun;
  core::JsonWriter writer(begun.options);
  writer.object().key("rp").object().field("id", party_.id).field("name", site).end();
  writer.key("user").object().field("id", to_base64url(user)).field("name", label).field("displayName", label).end();
  writer.field("challenge", to_base64url(challenge.view())).key("pubKeyCredParams").array();
  for (const auto algorithm : algorithms)
    writer.object().field("type", "public-key").field("alg", std::int64_t(algorithm)).end();
  writer.end().key("timeout").raw(timeout_ms());
  write_known(writer, "excludeCredentials", *parts_.book, user);
  writer.key("authenticatorSelection")
      .object()
      .field("residentKey", "required")
      .field("requireResidentKey", true)
      .field("userVerification", "required")
      .end()
      .field("attestation", "none")
      .end();
  auto name = ceremonies_.begin({Purpose::enrol, user, {}, origin, std::move(challenge).take()}, parts_.clock->now());
  if (!name) return std::move(name).error();
  begun.ceremony = std::move(*name);
  return begun;
}

namespace {

// Without a user the authenticator offers what it keeps for this domain.
std::string request_options(const credentials::RelyingParty& party, std::string_view challenge,
                            const authority::Book& book, const std::string& user) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("rpId", party.id).field("challenge", to_base64url(challenge)).key("timeout").raw(timeout_ms());
  if (!user.empty()) write_known(writer, "allowCredentials", book, user);
  writer.field("userVerification", "required").end();
  return out;
}

}  // namespace

core::Result<Passkeys::Begun> Passkeys::begin_sign_in(const std::string& origin) {
  if (auto fine = check_origin(origin); !fine) return std::move(fine).error();
  auto challenge = credentials::make_challenge();
  Begun begun;
  begun.options = request_options(party_, challenge.view(), *parts_.book, {});
  auto name = ceremonies_.begin({Purpose::sign_in, {}, {}, origin, std::move(challenge).take()}, parts_.clock->now());
  if (!name) return std::move(name).error();
  begun.ceremony = std::move(*name);
  return begun;
}

core::Result<Passkeys::Begun> Passkeys::begin_second_factor(const std::string& user, const std::string& flow,
                                                            const std::string& origin) {
  if (auto fine = check_origin(origin); !fine) return std::move(fine).error();
  auto challenge = credentials::make_challenge();
  Begun begun;
  begun.options = request_options(party_, challenge.view(), *parts_.book, user);
  auto name =
      ceremonies_.begin({Purpose::second_factor, user, flow, origin, std::move(challenge).take()}, parts_.clock->now());
  if (!name) return std::move(name).error();
  begun.ceremony = std::move(*name);
  return begun;
}

void Passkeys::enrol(const std::string& user, const NewCredential& given, Done<std::string> done) {
  const auto now = parts_.clock->now();
  const auto ceremony = ceremonies_.take(given.ceremony, Purpose::enrol, now);
  if (!ceremony) return done(ceremony.error());
  if (ceremony->user != user) return done(not_right());
  const auto client_data = from_base64url(given.client_data_json), object = from_base64url(given.attestation_object);
  if (!client_data || !object) return done(malformed());
  const auto made = credentials::verify_registration(party_at(ceremony->origin), UserVerification::required,
                                                     ceremony->challenge, {*client_data, *object});
  if (!made) return done(made.error());
  const auto id = core::new_uuid(now);
  auto name = core::clean_text(given.name, name_bytes_max);
  if (name.empty()) name = "passkey";
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("user", user)
      .field("of_owner", parts_.book->root_owner() == user)
      .field("name", name)
      .field("credential_key", credential_key(parts_, made->id))
      .key("credential")
      .object()
      .field("id", to_base64url(made->id))
      .field("public_key", to_base64url(made->public_key))
      .field("algorithm", std::int64_t(made->algorithm))
      .field("aaguid", credentials::to_hex(std::string_view(made->aaguid)))
      .field("backup_eligible", made->backup_eligible)
      .end()
      .field("sign_count", std::uint64_t(made->sign_count))
      .field("backed_up", made->backed_up)
      .end();
  tell(parts_, key_of(id), "enrol", std::move(body), core::system_principal(),
       [id, done = std::move(done)](core::Result<host::Answer> answer) {
         if (!answer) return done(std::move(answer).error());
         done(id);
       });
}

void Passkeys::prove_sign_in(const Assertion& given, Done<std::string> done) {
  const auto ceremony = ceremonies_.take(given.ceremony, Purpose::sign_in, parts_.clock->now());
  if (!ceremony) return done(ceremony.error());
  prove(*ceremony, given, std::move(done));
}

void Passkeys::prove_second_factor(const std::string& user, const std::string& flow, const Assertion& given,
                                   Done<std::string> done) {
  const auto ceremony = ceremonies_.take(given.ceremony, Purpose::second_factor, parts_.clock->now());
  if (!ceremony) return done(ceremony.error());
  if (ceremony->user != user || ceremony->flow != flow) return done(not_right());
  prove(*ceremony, given, std::move(done));
}

void Passkeys::prove(const Ceremony& ceremony, const Assertion& given, Done<std::string> done) {
  const auto id = from_base64url(given.credential_id), client_data = from_base64url(given.client_data_json),
             data = from_base64url(given.authenticator_data), signature = from_base64url(given.signature);
  if (!id || !client_data || !data || !signature) return done(malformed());
  const auto entity = parts_.book->passkey_by_credential(credential_key(parts_, *id));
  const auto line = entity.empty() ? std::nullopt : parts_.book->passkey(entity);
  if (!line || line->status != "active") return done(not_right());
  if (!ceremony.user.empty() && line->user != ceremony.user) return done(not_right());
  // A credential that the browser found by itself names its user (section 7.2, step 6).
  const bool handle_needed = ceremony.user.empty();
  if (given.user_handle.empty() ? handle_needed : from_base64url(given.user_handle) != line->user)
    return done(not_right().with("reason", "user_handle"));
  const auto key = from_base64url(line->public_key);
  if (!key) return done(core::unavailable("passkey.damaged", "what is stored of this passkey cannot be read"));
  const auto asserted = credentials::verify_assertion(
      party_at(ceremony.origin), UserVerification::required, ceremony.challenge,
      {*key, std::uint32_t(line->sign_count), line->backup_eligible}, {*client_data, *data, *signature});
  if (!asserted) {
    // Nobody else can make an answer whose signature is right: worth an alarm.
    if (is_counter(asserted.error())) {
      const auto shown = credentials::read_authenticator_data(*data);
      std::string alarm;
      core::JsonWriter(alarm).object().field("sign_count", std::uint64_t(shown ? shown->sign_count : 0)).end();
      tell(parts_, key_of(entity), "alarm", std::move(alarm), core::system_principal(), [](auto) {});
    }
    return done(asserted.error());
  }
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("sign_count", std::uint64_t(asserted->sign_count))
      .field("backed_up", asserted->backed_up)
      .end();
  tell(parts_, key_of(entity), "use", std::move(body), core::system_principal(),
       [user = line->user, done = std::move(done)](core::Result<host::Answer> answer) {
         if (!answer) return done(std::move(answer).error());
         done(user);
       });
}

void Passkeys::remove(const core::Principal& caller, const std::string& id, const std::string& reason,
                      Done<host::Answer> done) {
  if (!core::is_name(id)) return done(no_passkey(id));
  std::string other;
  if (const auto line = parts_.book->passkey(id))
    for (const auto& [left, its] : parts_.book->passkeys(line->user))
      if (left != id) other = left;
  std::string body;
  core::JsonWriter writer(body);
  writer.object().field("reason", reason);
  if (!other.empty()) writer.field("other", other);
  writer.end();
  tell(parts_, key_of(id), "remove", std::move(body), caller, std::move(done));
}

void Passkeys::rename(const core::Principal& caller, const std::string& id, const std::string& name,
                      Done<host::Answer> done) {
  if (!core::is_name(id)) return done(no_passkey(id));
  std::string body;
  core::JsonWriter(body).object().field("name", name).end();
  tell(parts_, key_of(id), "rename", std::move(body), caller, std::move(done));
}

}  // namespace nova::identity
