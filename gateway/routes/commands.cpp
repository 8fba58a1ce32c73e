// One POST for every open command of every kind, made from the kinds' descriptions.
#include "gateway/routes/commands.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "governance/credentials/digest.hpp"

#include <charconv>

namespace nova::gateway {
namespace {

constexpr std::size_t key_bytes_max = 128;

core::Error bad_header(std::string_view name, std::string message) {
  return http_error(400, "http.bad_header", "the header `" + std::string(name) + "` " + std::move(message));
}

// "5" is the version, "i5" the intent version; a star asks for nothing.
core::Status read_if_match(std::string_view tag, core::CommandEnvelope& command) {
  if (tag == "*") return core::ok();
  const auto wrong = [] {
    return bad_header("If-Match", "must be one quoted version: \"5\", or \"i5\" for what people decided");
  };
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return wrong();
  tag = tag.substr(1, tag.size() - 2);
  const bool intent = tag.front() == 'i';
  if (intent) tag.remove_prefix(1);
  std::int64_t version = 0;
  const auto [end, failed] = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (tag.empty() || failed != std::errc() || end != tag.data() + tag.size() || version < 0) return wrong();
  (intent ? command.expected_intent_version : command.expected_version) = version;
  return core::ok();
}

void run(Behind& behind, const core::Kind& kind, const core::CommandRow& row, const Request& request,
         const Reply& reply) {
  auto key = key_of(request, kind);
  if (!key) return reply_error(request, reply, key.error());
  auto command = envelope_of(behind, request, std::move(*key), std::string(row.name));
  if (!command) return reply_error(request, reply, command.error());
  behind.host.submit_here(std::move(*command), [reply, id = request.id](core::Result<host::Answer> answer) {
    reply(answer ? answer_response(*answer) : problem(answer.error(), id));
  });
}

// Says what the kind can do instead.
void no_such(const core::Kind& kind, const Request& request, const Reply& reply) {
  std::vector<std::string_view> names;
  std::string known;
  for (const auto& row : kind.commands) {
    if (row.door != core::Door::open) continue;
    names.push_back(row.name);
    known += (known.empty() ? "" : ", ") + std::string(row.name);
  }
  const auto meant = core::nearest(request.param("what"), names);
  auto error = core::refusal("http.not_found",
                             "a " + std::string(kind.name) + " knows no command `" + request.param("what") + "`");
  reply_error(request, reply,
              std::move(error).fix(meant.empty() ? "its commands are: " + known
                                                 : "did you mean `" + std::string(meant) + "`?"));
}

}  // namespace

core::Result<core::CommandEnvelope> envelope_of(Behind& behind, const Request& request, core::EntityKey target,
                                                std::string name) {
  core::CommandEnvelope command;
  const auto now = behind.clock.now();
  command.id = core::new_uuid(now);
  command.target = std::move(target);
  command.name = std::move(name);
  if (!request.body.empty()) command.body = request.body;
  command.principal = request.principal;
  command.correlation = command.id;
  command.request_id = request.id;
  command.deadline = now + behind.options.command_limit;
  if (request.has_header("idempotency-key")) {
    const auto key = request.header("idempotency-key");
    if (!is_printable_ascii(key, key_bytes_max))
      return bad_header("Idempotency-Key", "must be 1 to 128 printable ASCII characters");
    command.idempotency_key = key;
    // Keyed, where there is a key: from the hash of a short secret that stands in a body the secret could be guessed.
    const auto* keys = behind.options.identities.keys;
    command.body_hash = credentials::keyed_hash(keys ? keys->lookup() : std::string_view(),
                                                request.method + "\n" + request.target + "\n" + request.body);
  }
  if (request.has_header("if-match"))
    if (auto read = read_if_match(request.header("if-match"), command); !read) return std::move(read).error();
  auto dry_run = flag_query(request, "dry_run");
  if (!dry_run) return std::move(dry_run).error();
  command.dry_run = *dry_run;
  return command;
}

core::Result<std::string> named_tenant(const Request& request) {
  auto tenant = tenant_of(request);
  if (core::is_name(tenant, 63)) return tenant;
  return http_error(400, "tenant.required", "this belongs to a tenant, and none was named")
      .fix("send one of your tenants as the header `X-Tenant-Id`");
}

std::string made_id(Behind& behind, const Request& request, std::string_view kind, const std::string& tenant) {
  const auto idempotency = request.header("idempotency-key");
  if (idempotency.empty()) return core::new_uuid(behind.clock.now());
  constexpr char separator = '\x1f';
  auto hex = credentials::keyed_hash(
      behind.options.identities.keys->lookup(),
      std::string(kind) + ".id." + request.principal.id + separator + tenant + separator + std::string(idempotency));
  hex[12] = '8';
  hex[16] = 'a';
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

void submit_shown_once(Behind& behind, core::CommandEnvelope command, ShownOnce shown, const std::string& request_id,
                       const Reply& reply) {
  auto kept = std::make_shared<ShownOnce>(std::move(shown));
  behind.host.submit(std::move(command), [reply, kept, request_id](core::Result<host::Answer> answer) {
    if (!answer && kept->takes_over && kept->takes_over(answer.error())) return;
    if (!answer) return reply(problem(answer.error(), request_id));
    if (answer->dry_run) return reply(answer_response(*answer));
    // Made already, and good once people have agreed: it is shown now or never.
    const bool held = !answer->held.empty();
    if (answer->replayed || (answer->events.empty() && !held))
      return reply(problem(std::move(kept->again).with("id", answer->key.id), request_id));
    std::string out;
    core::JsonWriter writer(out);
    writer.object()
        .field("id", answer->key.id)
        .field("kind", answer->key.kind)
        .field("tenant", answer->key.tenant)
        .field("version", answer->version)
        .field("status", answer->status);
    if (held) writer.raw_field("approval", answer->held);
    kept->write(writer);
    writer.end();
    auto response = json(held ? 202 : kept->status, std::move(out));
    response.headers.emplace_back("ETag", "\"" + std::to_string(answer->version) + "\"");
    response.headers.emplace_back("Nova-Position", std::to_string(answer->position));
    reply(std::move(response));
  });
}

Response answer_response(const host::Answer& answer) {
  std::string body;
  core::JsonWriter writer(body);
  writer.object()
      .field("id", answer.key.id)
      .field("kind", answer.key.kind)
      .field("tenant", answer.key.tenant)
      .field("version", answer.version)
      .field("intent_version", answer.intent_version)
      .field("position", answer.position)
      .field("status", answer.status)
      .field("reason", answer.reason)
      .key("events")
      .array();
  for (const auto& type : answer.events) writer.value(type);
  writer.end().field("replayed", answer.replayed).field("dry_run", answer.dry_run).key("decision").object();
  writer.field("answer", core::name_of(answer.decision.answer)).key("rules").array();
  for (const auto& rule : answer.decision.rules) writer.value(rule);
  writer.end().field("constitution", answer.decision.constitution).end();
  const bool held = !answer.held.empty();
  if (held) writer.raw_field("approval", answer.held);
  writer.end();
  Response response = json(held ? 202 : 200, std::move(body));
  response.headers = {{"ETag", "\"" + std::to_string(answer.version) + "\""},
                      {"Nova-Position", std::to_string(answer.position)}};
  if (held)
    response.headers.emplace_back("Location", "/v1/tenants/" + answer.key.tenant + "/approvals/" + answer.key.id);
  return response;
}

void add_commands(Router& router, Behind& behind) {
  for (const auto* kind : core::kinds()) {
    const auto paths = paths_of(*kind);
    Route route;
    route.method = "POST";
    route.tag = kind->plural;
    route.kind = kind;
    route.access = std::nullopt;  // the gate's business
    route.body = Body::json;
    route.body_bytes_max = behind.options.command_bytes_max;
    route.query = {{"dry_run", "decide and answer, change nothing", "boolean"}};
    for (const auto& command : kind->commands) {
      if (command.door != core::Door::open) continue;
      route.pattern = paths.one + "/" + std::string(command.name);
      route.summary = command.doc;
      route.command = &command;
      route.at_once = true;
      route.handle = [&behind, kind, row = &command](Request request, Reply reply) {
        run(behind, *kind, *row, request, reply);
      };
      router.add(route);
    }
    route.pattern = paths.one + "/{what}";
    route.hidden = true;
    route.at_once = false;
    route.command = nullptr;
    route.handle = [kind](Request request, Reply reply) { no_such(*kind, request, reply); };
    router.add(std::move(route));
  }
}

}  // namespace nova::gateway
