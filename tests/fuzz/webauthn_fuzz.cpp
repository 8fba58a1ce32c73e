// Any bytes as CBOR, as a credential's key, as what a browser and an authenticator answer: nothing breaks, CBOR that is
// accepted is written the same again, and nobody signs in without the key.
#include "governance/credentials/digest.hpp"
#include "governance/credentials/webauthn/authenticator_data.hpp"
#include "governance/credentials/webauthn/cbor.hpp"
#include "governance/credentials/webauthn/webauthn.hpp"
#include "tests/credentials/authenticator.hpp"

#include <cstdlib>

using namespace nova::credentials;
using namespace nova::credentials::testing;

namespace {

const std::string challenge(32, 'c');
const RelyingParty party{"node.example", {"https://node.example"}};

void must(bool holds) {
  if (!holds) std::abort();
}

std::string written(const cbor::Value& value) {
  using Kind = cbor::Value::Kind;
  std::vector<std::string> items;
  std::vector<std::pair<std::string, std::string>> pairs;
  switch (value.kind) {
    case Kind::integer:
      return cbor_int(value.integer);
    case Kind::bytes:
      return cbor_bytes(value.view);
    case Kind::text:
      return cbor_text(value.view);
    case Kind::list:
      for (const auto& item : value.items) items.push_back(written(item));
      return cbor_list(items);
    case Kind::map:
      for (std::size_t i = 0; i < value.keys.size(); ++i)
        pairs.emplace_back(written(value.keys[i]), written(value.items[i]));
      return cbor_map(pairs);
    case Kind::boolean:
      return value.integer ? "\xf5" : "\xf4";
    case Kind::null:
      return "\xf6";
  }
  return {};
}

void registration(std::string_view object) {
  static const auto client = client_data("webauthn.create", challenge);
  const auto made = verify_registration(party, UserVerification::preferred, challenge, {client, object});
  if (!made) return;
  must(!made->id.empty() && made->id.size() <= credential_id_bytes_max && made->aaguid.size() == 16);
  must(CredentialKey::from(made->public_key)->algorithm() == made->algorithm);
  must(made->backup_eligible || !made->backed_up);
}

// Three bytes each are an edit of a good object: where, and what stands there then.
std::string edited(std::string object, std::string_view edits) {
  for (; edits.size() >= 3; edits.remove_prefix(3)) {
    const auto place = static_cast<unsigned char>(edits[0]) << 8 | static_cast<unsigned char>(edits[1]);
    object[static_cast<std::size_t>(place) % object.size()] = edits[2];
  }
  return object;
}

void edited_registration(const Authenticator& authenticator, std::string_view edits) {
  static const auto client = client_data("webauthn.create", challenge);
  static const auto good = authenticator.attestation_self(authenticator.data_with_credential(5, 1), client);
  const auto object = edited(good, edits);
  registration(object);
  const auto made = verify_registration(party, UserVerification::required, challenge, {client, object});
  must(object != good || made.ok());
  must(object == good || !made || made->attestation != Attestation::self);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  static const Authenticator authenticator(Authenticator::Kind::es256);
  static const auto key = authenticator.cose_key();
  static const auto client = client_data("webauthn.get", challenge);
  static const auto data = authenticator.data(5, 1);
  static const std::string id_hash(view_of(sha256(party.id)));
  if (const auto value = cbor::read(text)) must(written(*value) == text);
  if (const auto first = cbor::read_first(text)) must(written(first->first) == text.substr(0, first->second));
  (void)CredentialKey::from(text);
  (void)read_authenticator_data(text);
  registration(text);
  edited_registration(authenticator, text);
  // The same behind the one thing that a fuzzer does not guess, with each format of statement.
  registration(authenticator.attestation_none(id_hash + std::string(text)));
  if (const auto value = cbor::read_first(text); value && value->first.is(cbor::Value::Kind::map))
    registration(cbor_map({{cbor_text("fmt"), cbor_text("packed")},
                           {cbor_text("attStmt"), written(value->first)},
                           {cbor_text("authData"), cbor_bytes(id_hash + std::string(text.substr(value->second)))}}));
  const auto asserted = [&](std::string_view json, std::string_view authenticator_data, std::string_view signature) {
    return verify_assertion(party, UserVerification::preferred, challenge, {key, 0, false},
                            {json, authenticator_data, signature})
        .ok();
  };
  must(!asserted(text, data, "") && !asserted(client, id_hash + std::string(text), "") &&
       !asserted(client, data, text));
  return 0;
}
