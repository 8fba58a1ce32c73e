// Passkeys of people (S23, WebAuthn): enrolling, listing, renaming, removing, and signing in with one.
#include "core/json.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/signin/auth.hpp"

namespace nova::gateway {

namespace auth {

using core::field;
using core::optional_field;
using core::record;

using CeremonyName = core::Text<1, 128, core::Shape::line>;
using Encoded = core::Text<0, 12000, core::Shape::line>;  ///< base64url

struct NothingBody {};
struct BeginEnrolBody {
  core::Text<0, 254> label;
};
struct FlowBody {
  core::Text<1, 512> flow;
};
struct EnrolPasskeyBody {
  CeremonyName ceremony;
  core::Text<0, 64> name;
  Encoded client_data_json, attestation_object;
};
struct AssertionBody {
  CeremonyName ceremony;
  Encoded credential_id, client_data_json, authenticator_data, signature, user_handle;
  core::Label device;
};
struct FlowAssertionBody {
  core::Text<1, 512> flow;
  CeremonyName ceremony;
  Encoded credential_id, client_data_json, authenticator_data, signature, user_handle;
  core::Label device;
};
struct RenameBody {
  core::Text<1, 64> name;
};

const core::Record& describe(const NothingBody*) {
  static const auto row = record<NothingBody>("nothing", "No fields.", {});
  return row;
}
const core::Record& describe(const BeginEnrolBody*) {
  static const auto row = record<BeginEnrolBody>(
      "begin_enrol", "A new passkey.", {optional_field("label", &BeginEnrolBody::label, "what authenticators show")});
  return row;
}
const core::Record& describe(const FlowBody*) {
  static const auto row = record<FlowBody>("flow", "A sign-in under way.",
                                           {field("flow", &FlowBody::flow, "what the first step answered")});
  return row;
}
const core::Record& describe(const EnrolPasskeyBody*) {
  static const auto row = record<EnrolPasskeyBody>(
      "enrol_passkey", "What the authenticator made.",
      {field("ceremony", &EnrolPasskeyBody::ceremony, "what the options came with"),
       optional_field("name", &EnrolPasskeyBody::name, "what to call it"),
       field("client_data_json", &EnrolPasskeyBody::client_data_json, "clientDataJSON, base64url"),
       field("attestation_object", &EnrolPasskeyBody::attestation_object, "attestationObject, base64url")});
  return row;
}

template <class Body>
std::vector<core::Field> assertion_fields() {
  return {field("ceremony", &Body::ceremony, "what the options came with"),
          field("credential_id", &Body::credential_id, "rawId, base64url"),
          field("client_data_json", &Body::client_data_json, "clientDataJSON, base64url"),
          field("authenticator_data", &Body::authenticator_data, "authenticatorData, base64url"),
          field("signature", &Body::signature, "base64url"),
          optional_field("user_handle", &Body::user_handle, "userHandle, base64url"),
          optional_field("device", &Body::device, "for the list of sessions")};
}

const core::Record& describe(const AssertionBody*) {
  static const auto row =
      record<AssertionBody>("passkey_answer", "What the authenticator signed.", assertion_fields<AssertionBody>());
  return row;
}
const core::Record& describe(const FlowAssertionBody*) {
  static const auto row = [] {
    auto fields = assertion_fields<FlowAssertionBody>();
    fields.insert(fields.begin(), field("flow", &FlowAssertionBody::flow, "what the first step answered"));
    return record<FlowAssertionBody>("flow_passkey_answer", "What the authenticator signed.", std::move(fields));
  }();
  return row;
}
const core::Record& describe(const RenameBody*) {
  static const auto row =
      record<RenameBody>("rename_passkey", "Another name.", {field("name", &RenameBody::name, "what to call it")});
  return row;
}

}  // namespace auth

namespace {

using namespace auth;

template <class Body>
identity::Passkeys::Assertion assertion_of(const Body& body) {
  return {body.ceremony,           body.credential_id, body.client_data_json,
          body.authenticator_data, body.signature,     body.user_handle};
}

void answer_begun(const Reply& reply, const std::string& request_id,
                  const core::Result<identity::Passkeys::Begun>& begun) {
  if (!begun) return reply(problem(begun.error(), request_id));
  std::string out;
  core::JsonWriter(out).object().field("ceremony", begun->ceremony).raw_field("options", begun->options).end();
  reply(json(200, std::move(out)));
}

std::string origin_of(const Request& request) { return std::string(request.header("origin").substr(0, 255)); }

// Removed ones are history, which events tell; here are those that open something.
void list(Behind& behind, const Request& request, const Reply& reply) {
  if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& [id, line] : behind.options.identities.book->passkeys(request.principal.id)) {
    auto seen = reads_for(behind, request).get({"system", "passkey", id});
    if (!seen) return reply_error(request, reply, seen.error());
    if (seen->document) writer.raw(item_json(behind, *seen->document));
  }
  writer.end().end();
  reply(json(200, std::move(out)));
}

void add_sign_in(Router& router, identity::Identity& identity) {
  add_open(router, "/api/auth/passkey/options",
           "What to ask of an authenticator in order to sign in with a passkey alone", *core::type_of<NothingBody>(),
           [&identity](Request request, Reply reply) {
             if (!body_of<NothingBody>(request, reply)) return;
             if (auto open = identity.method_open("passkey"); !open) return reply_error(request, reply, open.error());
             answer_begun(reply, request.id, identity.passkeys().begin_sign_in(origin_of(request)));
           });
  add_open(router, "/api/auth/passkey/login", "Signs in with a passkey alone", *core::type_of<AssertionBody>(),
           [&identity](Request request, Reply reply) {
             auto body = body_of<AssertionBody>(request, reply);
             if (!body) return;
             identity.login_with_passkey(
                 assertion_of(*body), {{}, {}, body->device, request.client},
                 [reply, id = request.id, cookies = console::wants_cookies(request)](
                     core::Result<identity::Tokens> tokens) { answer_tokens(reply, id, std::move(tokens), cookies); });
           });
  add_open(router, "/api/auth/login/passkey/options", "The same for the second step of signing in",
           *core::type_of<FlowBody>(), [&identity](Request request, Reply reply) {
             if (auto body = body_of<FlowBody>(request, reply))
               answer_begun(reply, request.id, identity.begin_passkey_step(body->flow, origin_of(request)));
           });
  add_open(router, "/api/auth/login/passkey", "The second step of signing in: a passkey for the flow of the first one",
           *core::type_of<FlowAssertionBody>(), [&identity](Request request, Reply reply) {
             auto body = body_of<FlowAssertionBody>(request, reply);
             if (!body) return;
             identity.login_with_flow_passkey(
                 body->flow, assertion_of(*body), {{}, {}, body->device, request.client},
                 [reply, id = request.id, cookies = console::wants_cookies(request)](
                     core::Result<identity::Tokens> tokens) { answer_tokens(reply, id, std::move(tokens), cookies); });
           });
}

}  // namespace

void add_passkeys(Router& router, Behind& behind) {
  auto& identity = *behind.options.identities.identity;
  add_sign_in(router, identity);

  auto shown = signed_in("GET", "/api/auth/passkeys", "One's own passkeys");
  shown.handle = [&behind](Request request, Reply reply) { list(behind, request, reply); };
  router.add(std::move(shown));

  add_own<BeginEnrolBody>(router, "/api/auth/passkeys/options", "What to ask of an authenticator for a new passkey",
                          [&identity](const Request& request, BeginEnrolBody body, Reply reply) {
                            const auto& user = request.principal.id;
                            answer_begun(
                                reply, request.id,
                                identity.passkeys().begin_enrol(
                                    user, body.label.empty() ? user : std::string(body.label), origin_of(request)));
                          });
  add_own<EnrolPasskeyBody>(router, "/api/auth/passkeys", "Takes a new passkey",
                            [&identity](const Request& request, EnrolPasskeyBody body, Reply reply) {
                              identity.passkeys().enrol(
                                  request.principal.id,
                                  {body.ceremony, body.name, body.client_data_json, body.attestation_object},
                                  [reply, id = request.id](const core::Result<std::string>& made) {
                                    if (!made) return reply(problem(made.error(), id));
                                    std::string out;
                                    core::JsonWriter(out).object().field("id", *made).end();
                                    reply(json(201, std::move(out)));
                                  });
                            });
  add_own<RenameBody>(router, "/api/auth/passkeys/{id}/rename", "Calls one's own passkey otherwise",
                      [&identity](const Request& request, RenameBody body, Reply reply) {
                        identity.passkeys().rename(request.principal, request.param("id"), body.name,
                                                   [reply, id = request.id](core::Result<host::Answer> done) {
                                                     reply(done ? answer_response(*done) : problem(done.error(), id));
                                                   });
                      });

  auto gone = signed_in("DELETE", "/api/auth/passkeys/{id}", "Does without a passkey; not the owner's last");
  gone.handle = [&identity](Request request, Reply reply) {
    if (auto person = is_person(request); !person) return reply_error(request, reply, person.error());
    identity.passkeys().remove(request.principal, request.param("id"), "by its user",
                               [reply, id = request.id](core::Result<host::Answer> done) {
                                 reply(done ? answer_response(*done) : problem(done.error(), id));
                               });
  };
  router.add(std::move(gone));
}

}  // namespace nova::gateway
