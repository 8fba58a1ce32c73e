// Emergencies, incidents and windows for sensitive operations (S09). The documents spell out no paths for them.
#include "actors/emergency/emergency.hpp"
#include "actors/incident/incident.hpp"
#include "actors/sensitive_session/sensitive_session.hpp"
#include "gateway/signin/auth.hpp"
#include "gateway/signin/step_up.hpp"
#include "gateway/sovereign/parts.hpp"

#include <nlohmann/json.hpp>

namespace nova::gateway::sovereign {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* emergency_base = "/api/sovereign/emergency";
constexpr const char* window_base = "/api/sovereign/sensitive-sessions";
constexpr const char* incident_base = "/api/sovereign/incidents";

const core::EntityKey the_emergency{"system", "emergency", "main"};

// ---- emergencies

void now(Behind& behind, const Request& request, const Reply& reply) {
  if (auto may = behind.guard.may_read(request.principal, emergency::kind().read, "system"); !may)
    return reply_error(request, reply, may.error());
  auto seen = reads_for(behind, request).get(the_emergency);
  if (!seen) return reply_error(request, reply, seen.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object();
  const bool any = bool(seen->document);
  writer.field("status", any ? std::string_view(seen->document->status) : std::string_view("normal"));
  for (const char* name : {"active", "ended", "held", "problems", "works"}) {
    const auto part = any ? core::json_part(seen->document->body, name) : std::nullopt;
    writer.raw_field(name, part.value_or(std::string_view(name) == "works" ? "{}" : "[]"));
  }
  for (const char* name : {"halted", "not_halted", "restored", "not_restored"})
    writer.field(name, any ? core::json_int(seen->document->body, name).value_or(0) : 0);
  writer.end();
  reply(json(200, std::move(out)));
}

void activate(Behind& behind, const Request& request, const Reply& reply) {
  send(behind, request, the_emergency, "activate", "{}", reply, 200, &owner_only);
}

void let_go(Behind& behind, const char* command, Request asked, const Reply& reply) {
  // Who may not do it at all is told that before a code is used up.
  if (auto may = behind.guard.may_read(asked.principal, owner_only, {});
      !may && asked.principal.type != "service" && asked.principal.type != "system")
    return reply_error(asked, reply, may.error());
  with_factor(behind, std::move(asked), reply,
              [&behind, command, reply](const Request& request, const std::string& factor) {
                std::string over;
                core::JsonWriter(over).object().field("factor", factor).end();
                send(behind, request, the_emergency, command, over, reply, 200, &owner_only);
              });
}

// ---- windows

const core::Access& maintaining() {
  const auto& kind = sensitive_session::kind();
  return kind.commands.at(std::size_t(kind.command_row("begin"))).access;
}

core::EntityKey window_of(const Request& request) { return {"system", "sensitive_session", request.param("id")}; }

void tell_window(Behind& behind, Request request, const char* command, std::string body, const Reply& reply) {
  request.body = std::move(body);
  send(behind, request, window_of(request), command, "{}", reply, 200, &maintaining());
}

// A wrong proof counts, and what is answered is that it was wrong.
void note_failure(Behind& behind, Request request, core::Error why, const Reply& reply) {
  const bool counts = why.code == "auth.bad_credentials" || why.code == "auth.mfa_failed";
  if (!counts) return reply_error(request, reply, why);
  request.body = "{}";
  auto command = envelope_of(behind, request, window_of(request), "note_failure");
  if (!command) return reply_error(request, reply, why);
  command->idempotency_key.clear();
  behind.host.submit(std::move(*command),
                     [reply, why = std::move(why), id = request.id](const core::Result<host::Answer>& answer) {
                       reply(problem(answer ? why : answer.error(), id));
                     });
}

core::Result<std::string> word_of(const Request& request, const char* name) {
  const auto body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
  if (!body.is_object()) return core::invalid_input("", "must be a JSON object");
  for (const auto& [key, value] : body.items())
    if (key != name || !value.is_string()) return core::invalid_input(key, "is not known here, or no text");
  return body.value(name, std::string());
}

/// The caller's own window in the status in which the proof is asked for, so that nothing is tried against others.
bool is_their_window(Behind& behind, const Request& request, const Reply& reply, std::string_view status) {
  const auto key = window_of(request);
  if (auto person = is_person(request); !person) return reply_error(request, reply, person.error()), false;
  if (auto may = behind.guard.may_read(request.principal, maintaining(), {}); !may)
    return reply_error(request, reply, may.error()), false;
  if (!core::is_name(key.id)) return reply_error(request, reply, not_found(key)), false;
  const auto seen = existing(behind, request, key);
  if (!seen) return reply_error(request, reply, seen.error()), false;
  if (core::json_text(seen->document->body, "by") != request.principal.id)
    return reply_error(request, reply, core::refusal("access.denied", "it is somebody else's window")), false;
  if (seen->document->status != status)
    return reply_error(request, reply, core::wrong_state(seen->document->status, {status})), false;
  return true;
}

void verify_password(Behind& behind, const Request& request, const Reply& reply) {
  auto password = word_of(request, "password");
  if (!password) return reply_error(request, reply, password.error());
  if (!is_their_window(behind, request, reply, "pending")) return;
  behind.options.identities.identity->check_password(request.principal, std::move(*password),
                                                     [&behind, request, reply](const core::Result<bool>& right) {
                                                       if (!right)
                                                         return note_failure(behind, request, right.error(), reply);
                                                       tell_window(behind, request, "verify_password", "{}", reply);
                                                     });
}

void verify_code(Behind& behind, const Request& request, const Reply& reply) {
  auto code = word_of(request, "code");
  if (!code) return reply_error(request, reply, code.error());
  if (!is_their_window(behind, request, reply, "otp_sent")) return;
  prove_fresh(behind, request, *code, [&behind, request, reply](core::Result<std::string> factor) {
    if (!factor) return note_failure(behind, request, factor.error(), reply);
    tell_window(behind, request, "verify_code", "{\"factor\":" + core::json_escape(*factor) + "}", reply);
  });
}

void plain_window(Behind& behind, const char* command, const Request& request, const Reply& reply) {
  if (!core::is_name(request.param("id"))) return reply_error(request, reply, not_found(window_of(request)));
  send(behind, request, window_of(request), command, "{}", reply, 200, &maintaining());
}

Route in_system(Route route) {
  route.query.erase(route.query.begin());  // `tenant`: these are the installation's
  return route;
}

void add_windows(Router& router, Behind& behind) {
  const auto& kind = sensitive_session::kind();
  const std::string each = std::string(window_base) + "/{id}";
  auto all = row("GET", window_base, "Windows for sensitive operations, open and over",
                 [&behind](Request request, Reply reply) { list(behind, request, reply, sensitive_session::kind()); });
  all.query.assign(paged.begin() + 1, paged.end());
  router.add(std::move(all));
  router.add(in_system(row("GET", each, "One window", [&behind](Request request, Reply reply) {
    one(behind, request, reply, sensitive_session::kind());
  })));
  router.add(in_system(
      order(row("POST", window_base, "Asks for a window of 15 minutes for one operation",
                [&behind](Request request, Reply reply) {
                  const auto id = made_id(behind, request, "sensitive_session", "system");
                  send(behind, request, {"system", "sensitive_session", id}, "begin", "{}", reply, 201, &maintaining());
                }),
            kind, "begin", {})));
  const auto proof = [&](const char* path, const char* name, const char* summary,
                         std::function<void(Request, Reply)> handle) {
    auto route = in_system(row("POST", each + "/" + path, summary, std::move(handle)));
    route.body = Body::json;
    route.body_bytes_max = auth_bytes_max;
    route.body_schema = std::string(R"({"type":"object","additionalProperties":false,"properties":{")") + name +
                        R"(":{"type":"string"}}})";
    router.add(std::move(route));
  };
  proof("verify-password", "password", "Proves the password; whose window it is",
        [&behind](Request request, Reply reply) { verify_password(behind, request, reply); });
  proof("verify-code", "code", "Proves the second factor, and opens the window",
        [&behind](Request request, Reply reply) { verify_code(behind, request, reply); });
  for (const auto& [command, summary] : {std::pair{"complete", "The work is done"}, {"cancel", "It is not needed"}})
    router.add(in_system(order(row("POST", each + "/" + command, summary,
                                   [&behind, command = command](Request request, Reply reply) {
                                     plain_window(behind, command, request, reply);
                                   }),
                               kind, command, {})));
}

void add_incidents(Router& router, Behind& behind) {
  const auto& kind = incident::kind();
  const std::string each = std::string(incident_base) + "/{id}";
  auto all = row("GET", incident_base, "Incidents with their downtime and post-mortems",
                 [&behind](Request request, Reply reply) { list(behind, request, reply, incident::kind()); });
  all.query = paged;
  router.add(std::move(all));
  router.add(row("GET", each, "One incident",
                 [&behind](Request request, Reply reply) { one(behind, request, reply, incident::kind()); }));
  router.add(order(row("POST", incident_base, "Tells of an incident",
                       [&behind](Request request, Reply reply) {
                         auto key = new_target(behind, request, "incident");
                         if (!key) return reply_error(request, reply, key.error());
                         send(behind, request, std::move(*key), "open", "{}", reply, 201);
                       }),
                   kind, "open", {}));
  for (const auto& [path, command, summary] :
       {std::tuple{"investigate", "investigate", "Looks into it"},
        {"resolve", "resolve", "It is over; of a high or critical one after its post-mortem is signed"},
        {"dismiss", "dismiss", "It was none"},
        {"post-mortem", "write_post_mortem", "Writes what was learnt"},
        {"post-mortem/submit", "submit_post_mortem", "Asks for a signature"},
        {"post-mortem/sign", "sign_post_mortem", "Signs it; somebody who did not write it"},
        {"post-mortem/return", "return_post_mortem", "Asks for a better one"},
        {"post-mortem/close", "close_post_mortem", "Its remedies are in place"}})
    router.add(order(row("POST", each + "/" + path, summary,
                         [&behind, command = command](Request request, Reply reply) {
                           auto key = target_of(request, "incident");
                           if (!key) return reply_error(request, reply, key.error());
                           send(behind, request, std::move(*key), command, "{}", reply);
                         }),
                     kind, command, {}));
}

}  // namespace

void add_emergency(Router& router, Behind& behind) {
  const auto& kind = emergency::kind();
  const std::string base = emergency_base;
  router.add(in_system(row("GET", base, "What is halted now, by which switches, and what could not be done",
                           [&behind](Request request, Reply reply) { now(behind, request, reply); })));
  router.add(in_system(order(row("POST", base + "/activate", "Halts it now; the root owner",
                                 [&behind](Request request, Reply reply) { activate(behind, request, reply); }),
                             kind, "activate", {})));
  router.add(in_system(
      order(row("POST", base + "/lift", "Lifts one control; the root owner, with a second factor",
                [&behind](Request request, Reply reply) { let_go(behind, "lift", std::move(request), reply); }),
            kind, "lift", {"factor"}, true)));
  router.add(in_system(order(
      row("POST", base + "/restore", "RESTORE_NORMAL: lifts all, and starts again what was halted; the root owner",
          [&behind](Request request, Reply reply) { let_go(behind, "restore", std::move(request), reply); }),
      kind, "restore", {"factor"}, true)));
  add_windows(router, behind);
  add_incidents(router, behind);
}

}  // namespace nova::gateway::sovereign
