// Signing in a program without a browser (RFC 8628): it asks, a person who is signed in elsewhere answers.
//
// Bodies are JSON, not forms: a form is what a foreign page can make a browser send. The names of all fields, and the
// words of the refusals (in `error`), are those of the RFC.
#include "core/json.hpp"
#include "gateway/signin/auth.hpp"

namespace nova::gateway {

namespace auth {

using core::field;
using core::optional_field;
using core::record;

struct DeviceBody {
  core::Label device;
  core::Label client_id;
};
struct DeviceTokenBody {
  core::Text<1, 255> device_code;
  core::Label grant_type;
  core::Label client_id;
};
struct UserCodeBody {
  core::Text<1, 32> user_code;
};

const core::Record& describe(const DeviceBody*) {
  static const auto row = record<DeviceBody>(
      "device", "A program that asks to be signed in.",
      {optional_field("device", &DeviceBody::device, "what it is and where it runs, for the person who answers"),
       optional_field("client_id", &DeviceBody::client_id, "what standard clients send; not read")});
  return row;
}
const core::Record& describe(const DeviceTokenBody*) {
  static const auto row = record<DeviceTokenBody>(
      "device_token", "Asking whether a person has answered.",
      {field("device_code", &DeviceTokenBody::device_code, "what the first answer gave"),
       optional_field("grant_type", &DeviceTokenBody::grant_type, "urn:ietf:params:oauth:grant-type:device_code"),
       optional_field("client_id", &DeviceTokenBody::client_id, "what standard clients send; not read")});
  return row;
}
const core::Record& describe(const UserCodeBody*) {
  static const auto row = record<UserCodeBody>("user_code", "The code that a program shows.",
                                               {field("user_code", &UserCodeBody::user_code, "as shown, in any case")});
  return row;
}

}  // namespace auth

namespace {

using namespace auth;
using identity::DeviceLogins;

void answer_started(const identity::Passkeys& passkeys, const Reply& reply, const DeviceLogins::Started& started) {
  const auto& origins = passkeys.party().origins;
  const auto page = (origins.empty() ? std::string() : origins.front()) + "/signin";
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("device_code", started.device_code)
      .field("user_code", started.user_code)
      .field("verification_uri", page)
      // Behind the #, where no server and no log sees it.
      .field("verification_uri_complete", page + "#code=" + started.user_code)
      .field("expires_in", started.expires_in.count())
      .field("interval", started.interval.count())
      .end();
  reply(json(200, std::move(out)));
}

// Section 3.5: programs look at `error`. The rest is as with every refusal.
Response grant_problem(const core::Error& error, const std::string& request_id) {
  auto response = problem(error, request_id);
  for (const auto& [name, value] : error.details) {
    if (name != "error") continue;
    std::string with;
    core::JsonWriter(with).object().field("error", value).field("error_description", error.message).end();
    response.body = core::json_merge(response.body, with).value_or(response.body);
  }
  return response;
}

void answer_waiting(const Reply& reply, const std::string& request_id,
                    const core::Result<DeviceLogins::Waiting>& waiting) {
  if (!waiting) return reply(problem(waiting.error(), request_id));
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("device", waiting->device)
      .field("started_at", core::to_rfc3339(waiting->started_at))
      .field("expires_at", core::to_rfc3339(waiting->expires_at))
      .end();
  reply(json(200, std::move(out)));
}

}  // namespace

void add_device_login(Router& router, Behind& behind) {
  auto& identity = *behind.options.identities.identity;
  auto& devices = identity.device_logins();
  add_open(router, "/api/auth/device", "A program asks to be signed in by a person elsewhere (RFC 8628)",
           *core::type_of<DeviceBody>(), [&identity, &devices](Request request, Reply reply) {
             auto body = body_of<DeviceBody>(request, reply);
             if (!body) return;
             if (auto open = identity.method_open("device"); !open) return reply_error(request, reply, open.error());
             devices.start(body->device,
                           [&identity, reply, id = request.id](core::Result<DeviceLogins::Started> started) {
                             if (!started) return reply(problem(started.error(), id));
                             answer_started(identity.passkeys(), reply, *started);
                           });
           });

  // Asked every five seconds, so it is counted with the API and not with what guesses passwords; the interval bounds
  // it.
  Route token;
  token.method = "POST";
  token.pattern = "/api/auth/device/token";
  token.summary = "Whether the person has answered, and then the tokens (RFC 8628)";
  token.tag = "device";
  token.anonymous = true;
  token.body = Body::json;
  token.body_bytes_max = auth_bytes_max;
  token.body_schema = core::to_json_schema(*core::type_of<DeviceTokenBody>());
  token.handle = [&identity](Request request, Reply reply) {
    auto body = body_of<DeviceTokenBody>(request, reply);
    if (!body) return;
    identity.login_with_device(body->device_code, [reply, id = request.id](core::Result<identity::Tokens> tokens) {
      if (!tokens) return reply(grant_problem(tokens.error(), id));
      answer_tokens(reply, id, std::move(tokens));
    });
  };
  router.add(std::move(token));

  add_own<UserCodeBody>(router, "/api/auth/device/lookup", "What waits with a code, before one answers it",
                        [&devices](const Request& request, const UserCodeBody& body, const Reply& reply) {
                          answer_waiting(reply, request.id, devices.look_up(body.user_code));
                        });
  for (const bool approve : {true, false})
    add_own<UserCodeBody>(router, approve ? "/api/auth/device/approve" : "/api/auth/device/deny",
                          approve ? "Lets the program in, as oneself" : "Turns the program away",
                          [&devices, approve](const Request& request, const UserCodeBody& body, const Reply& reply) {
                            devices.answer(request.principal.id, body.user_code, approve,
                                           [reply, id = request.id](const core::Result<DeviceLogins::Waiting>& shown) {
                                             answer_waiting(reply, id, shown);
                                           });
                          });
}

}  // namespace nova::gateway
