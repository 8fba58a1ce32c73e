// Which ways of coming in are open (S23), and the owner's switch for each.
#include "core/json.hpp"
#include "core/text.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/signin/auth.hpp"

#include <algorithm>

namespace nova::gateway {
namespace {

std::vector<std::string> methods_of(const identity::Identity& identity) {
  std::vector<std::string> methods = {"password", "passkey", "device"};
  for (const auto& [name, provider] : identity.outside().providers()) methods.push_back(name);
  return methods;
}

// Anybody: a page must know what to offer before somebody is there.
void list(const authority::Book& book, const std::vector<std::string>& methods, const Reply& reply) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& name : methods) {
    const auto line = book.method(name);
    const bool closed = line && line->closed;
    writer.object().field("id", name).field("status", closed ? "closed" : "open");
    if (closed) writer.field("reason", line->reason);
    writer.end();
  }
  writer.end().end();
  reply(json(200, std::move(out)));
}

void tell(Behind& behind, const std::vector<std::string>& methods, const std::string& command, const Request& request,
          const Reply& reply) {
  const auto& method = request.param("method");
  if (std::find(methods.begin(), methods.end(), method) == methods.end())
    return reply_error(
        request, reply,
        core::refusal("auth_method.not_found", "nobody comes in by `" + core::printable(method.substr(0, 64)) + "`")
            .fix("GET /api/auth/methods lists the ways there are"));
  auto envelope = envelope_of(behind, request, {"system", "auth_method", method}, command);
  if (!envelope) return reply_error(request, reply, envelope.error());
  behind.host.submit(std::move(*envelope), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

}  // namespace

void add_auth_methods(Router& router, Behind& behind) {
  const auto methods = methods_of(*behind.options.identities.identity);
  auto listed = signed_in("GET", "/api/auth/methods", "The ways of coming in, and which of them are open");
  listed.anonymous = true;
  listed.handle = [&behind, methods](Request, Reply reply) { list(*behind.options.identities.book, methods, reply); };
  router.add(std::move(listed));

  const auto* kind = core::find_kind("auth_method");
  for (const std::string command : {"disable", "enable"}) {
    auto route = signed_in("POST", "/api/auth/methods/{method}/" + command,
                           command == "disable" ? "Nobody comes in this way any more; the root owner"
                                                : "People may come in this way again; the root owner");
    route.enrolling = false;  // this is the owner's work
    route.body = Body::json;
    route.body_bytes_max = auth_bytes_max;
    if (const int row = kind ? kind->command_row(command) : -1; row >= 0)
      route.body_schema = core::to_json_schema(*kind->commands[std::size_t(row)].type);
    route.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
    route.handle = [&behind, methods, command](Request request, Reply reply) {
      tell(behind, methods, command, request, reply);
    };
    router.add(std::move(route));
  }
}

}  // namespace nova::gateway
