// Layers, their power, agents and outside providers, under the paths that the documents name (S01, S08). Reading them
// is the owner's and the platform's own people's; subscribers are told of layers what their visibility says.
#include "core/json.hpp"
#include "gateway/ai/entities.hpp"

#include <array>
#include <optional>

namespace nova::gateway::ai {
namespace {

constexpr std::string_view base = "/api/owner/ai-sovereignty/";

struct Area {
  std::string_view path;
  std::string_view kind;
  std::string_view what;  ///< for summaries
  std::string_view remove;
};
constexpr std::array areas = {Area{"layers", "ai_layer", "layer", "delete"},
                              Area{"agents", "ai_agent", "agent", "remove"},
                              Area{"external-providers", "external_ai", "outside provider", "remove"}};

// ---- what subscribers are told

std::string tier_of(Behind& behind, const Request& request) {
  const auto user =
      request.principal.type == "user" ? behind.options.identities.book->user(request.principal.id) : std::nullopt;
  return user ? user->role : std::string();
}

bool tier_sees_layers(Behind& behind, const Request& request) {
  const auto tier = tier_of(behind, request);
  if (!core::is_name(tier)) return false;
  const auto limits = known(behind, {"system", "subscriber_limit", tier});
  return limits && (*limits)->status == "active" && core::json_text((*limits)->body, "limits.can_see_layers") == "true";
}

// Empty: they are not told that it is there. Cost is told where the layer says so, and usage never.
std::string shown_to_subscribers(const store::Document& layer) {
  const auto visibility = core::json_text(layer.body, "profile.subscriber_visibility").value_or("hidden");
  const auto type = core::json_text(layer.body, "type").value_or("");
  if (visibility == "hidden" || type == "INTERNAL_SOVEREIGN" || layer.status == "deleted") return {};
  std::string out;
  core::JsonWriter writer(out);
  writer.object().field("id", layer.key.id).field("status", layer.status).field("type", type);
  for (const char* name : {"name", "name_ar", "purpose", "purpose_ar"})
    writer.field(name, core::json_text(layer.body, std::string("profile.") + name).value_or(""));
  if (visibility == "full")
    for (const char* name : {"level", "max_tokens_per_request", "max_requests_per_minute"})
      if (const auto figure = core::json_int(layer.body, std::string("power.") + name)) writer.field(name, *figure);
  if (visibility == "full" && core::json_text(layer.body, "power.subscriber_can_see_cost") == "true")
    if (const auto cost = core::json_int(layer.body, "power.cost_per_request")) writer.field("cost_per_request", *cost);
  writer.end();
  return out;
}

// ---- reading

core::Status need_operator(Behind& behind, const Request& request) {
  return behind.guard.may_read(request.principal, core::access::operating, {});
}

void read_list(Behind& behind, const Area& area, const Request& request, const Reply& reply) {
  const bool everything = sees_everything(behind, request);
  if (!everything && area.kind != "ai_layer")
    return reply_error(request, reply, need_operator(behind, request).error());
  const bool some = everything || tier_sees_layers(behind, request);
  const auto type = std::string(request.query_value("type").value_or(""));
  list(behind, request, reply, area.kind, [&](const store::Document& document) {
    if (!type.empty() && core::json_text(document.body, "type") != type) return std::string();
    if (everything) return item_json(behind, document);
    return some ? shown_to_subscribers(document) : std::string();
  });
}

void read_one(Behind& behind, const Area& area, const Request& request, const Reply& reply) {
  const auto key = named(request, area.kind);
  if (!key) return reply_error(request, reply, key.error());
  const bool everything = sees_everything(behind, request);
  if (!everything && area.kind != "ai_layer")
    return reply_error(request, reply, need_operator(behind, request).error());
  const auto document = known(behind, *key);
  if (!document || !*document) return reply_error(request, reply, not_found(*key));
  if (everything) return reply(json(200, item_json(behind, **document)));
  const auto shown = tier_sees_layers(behind, request) ? shown_to_subscribers(**document) : std::string();
  if (shown.empty()) return reply_error(request, reply, not_found(*key));
  reply(json(200, shown));
}

// ---- changing

void change(Behind& behind, const Area& area, const char* command, const Request& request, const Reply& reply) {
  const auto key = named(request, area.kind);
  if (!key) return reply_error(request, reply, key.error());
  submit(behind, envelope_of(behind, request, *key, command), request, reply);
}

void create(Behind& behind, const Area& area, const Request& request, const Reply& reply) {
  const auto id = made_id(behind, request, area.kind, "system");
  submit(behind, envelope_of(behind, request, {"system", std::string(area.kind), id}, "create"), request, reply, 201);
}

void remove(Behind& behind, const Area& area, const Request& request, const Reply& reply) {
  const auto key = named(request, area.kind);
  if (!key) return reply_error(request, reply, key.error());
  auto command = envelope_of(behind, request, *key, std::string(area.remove));
  if (command) {
    command->body.clear();
    core::JsonWriter(command->body)
        .object()
        .field("reason", request.query_value("reason").value_or("deleted through the API"))
        .end();
  }
  submit(behind, std::move(command), request, reply);
}

void add_area(Router& router, Behind& behind, const Area& area) {
  const auto path = std::string(base) + std::string(area.path);
  const auto what = std::string(area.what);
  auto all = row("GET", path, "Lists every " + what + " that the caller may know of",
                 [&behind, &area](Request request, Reply reply) { read_list(behind, area, request, reply); });
  all.query = paged;
  if (area.kind == "ai_layer") all.query.push_back({"type", "only those of this type: `HYBRID`"});
  router.add(std::move(all));
  router.add(row("GET", path + "/{id}", "One " + what,
                 [&behind, &area](Request request, Reply reply) { read_one(behind, area, request, reply); }));
  router.add(with_body(row("POST", path, "Makes a new " + what,
                           [&behind, &area](Request request, Reply reply) { create(behind, area, request, reply); }),
                       schema_of(area.kind, "create")));
  router.add(
      with_body(row("PATCH", path + "/{id}", "Changes one " + what + "; what is left out stays",
                    [&behind, &area](Request request, Reply reply) { change(behind, area, "update", request, reply); }),
                schema_of(area.kind, "update")));
  auto gone = row("DELETE", path + "/{id}", "Ends one " + what,
                  [&behind, &area](Request request, Reply reply) { remove(behind, area, request, reply); });
  gone.query = {{"reason", "why"}, {"dry_run", "decide and answer, change nothing", "boolean"}};
  router.add(std::move(gone));
}

// ---- power

std::string power_json(const store::Document& layer) {
  const auto power = core::json_part(layer.body, "power");
  if (!power) return {};
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("layer", layer.key.id)
      .field("status", layer.status)
      .field("version", layer.version)
      .raw_field("power", *power)
      .end();
  return out;
}

void set_power(Behind& behind, const std::string& layer, const std::string& power, const Request& request,
               const Reply& reply) {
  const core::EntityKey key{"system", "ai_layer", layer};
  if (!core::is_name(layer)) return reply_error(request, reply, not_found(key));
  auto command = envelope_of(behind, request, key, "set_power");
  if (command) {
    command->body.clear();
    core::JsonWriter(command->body).object().raw_field("power", power).end();
  }
  submit(behind, std::move(command), request, reply);
}

// The whole of a layer's power is said at once: what is left out is what the layer has now.
void patch_power(Behind& behind, const Request& request, const Reply& reply) {
  const auto key = named(request, "ai_layer");
  if (!key) return reply_error(request, reply, key.error());
  std::string power = "{}";
  // Whoever may not change it is told so by the gate, and nothing of what it is.
  if (const auto layer = known(behind, *key); layer && *layer)
    power = core::json_part((*layer)->body, "power").value_or("{}");
  const auto merged = core::json_merge(power, request.body.empty() ? "{}" : request.body);
  if (!merged) return reply_error(request, reply, core::invalid_input("", "must be a JSON object"));
  set_power(behind, key->id, *merged, request, reply);
}

void post_power(Behind& behind, const Request& request, const Reply& reply) {
  const auto layer = core::json_text(request.body, "layer").value_or("");
  const auto power = core::json_part(request.body, "power");
  if (!power) return reply_error(request, reply, core::invalid_input("power", "is missing"));
  set_power(behind, layer, *power, request, reply);
}

void add_power(Router& router, Behind& behind) {
  const auto path = std::string(base) + "power-configs";
  auto all = row("GET", path, "The power of every layer that has one", [&behind](Request request, Reply reply) {
    if (auto may = need_operator(behind, request); !may) return reply_error(request, reply, may.error());
    list(behind, request, reply, "ai_layer", power_json);
  });
  all.query = paged;
  router.add(std::move(all));
  router.add(with_body(row("POST", path, "Says what bounds a layer: {layer, power}",
                           [&behind](Request request, Reply reply) { post_power(behind, request, reply); }),
                       {}));
  router.add(with_body(row("PATCH", path + "/{id}", "Changes what bounds a layer; what is left out stays",
                           [&behind](Request request, Reply reply) { patch_power(behind, request, reply); }),
                       {}));
}

}  // namespace

void add_sovereignty(Router& router, Behind& behind) {
  for (const auto& area : areas) add_area(router, behind, area);
  add_power(router, behind);
}

}  // namespace nova::gateway::ai
