#include "gateway/routes/manifests.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "gateway/http.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace nova::gateway {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view api_version = "webnova.io/v1";
constexpr std::string_view default_environment = "development";
constexpr std::string_view secret_text = "(secret)";
constexpr std::size_t value_bytes_max = 2000;  // of one side of a difference

// Which commands make a manifest true. Adding a kind of manifest is a row.
struct ManifestKind {
  std::string_view word;
  std::string_view kind;
  std::string_view create;
  std::string_view update;
};
constexpr ManifestKind manifest_kinds[] = {
    {"Tenant", "tenant", "create", "update_settings"},
    {"Blueprint", "blueprint", "apply", "apply"},
};

struct Reading {
  const Known& known;
  core::Timestamp now;
  const core::Principal& principal;
  std::vector<core::Problem> problems;

  void wrong(std::string path, std::string message) { problems.push_back({std::move(path), std::move(message)}); }
};

std::string text_at(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void only(Reading& reading, const Json& object, const std::string& path, const std::set<std::string>& known) {
  for (const auto& [name, value] : object.items())
    if (!known.contains(name)) reading.wrong(path + "." + name, "is not known");
}

const ManifestKind* kind_at(Reading& reading, const Json& manifest, const std::string& path) {
  const auto word = text_at(manifest, "kind");
  std::string words;
  for (const auto& kind : manifest_kinds) {
    if (word == kind.word && core::find_kind(kind.kind)) return &kind;
    words += (words.empty() ? "" : ", ") + std::string(kind.word);
  }
  reading.wrong(path + ".kind", "must be one of " + words);
  return nullptr;
}

// ---- the entity as it is ----

struct Entity {
  std::shared_ptr<const store::Document> document;
  std::shared_ptr<void> state;       // its secrets masked
  std::vector<std::string> secrets;  // their references
};

// Secrets count as equal here: what a value is, only the vault can tell.
void mask_secrets(const core::Type& type, void* object, bool& any) {
  core::each_secret(type, object, [&](const std::string&, core::Secret& secret) {
    any = true;
    secret.plain.clear();
    secret.ref = secret_text;
  });
}

core::Result<Entity> entity_of(Reading& reading, Wanted& wanted) {
  auto document = reading.known.document(wanted.key);
  if (!document) return std::move(document).error();
  Entity entity{std::move(*document), wanted.kind->make_state(), {}};
  if (!entity.document) return entity;
  wanted.exists = true;
  wanted.version = entity.document->version;
  wanted.intent_version = entity.document->intent_version;
  if (auto read =
          core::from_json(*wanted.kind->state, entity.state.get(), entity.document->body, core::Reading::stored);
      !read)
    return std::move(read).error();
  core::each_secret(*wanted.kind->state, entity.state.get(),
                    [&](const std::string&, core::Secret& secret) { entity.secrets.push_back(secret.ref); });
  bool ignored = false;
  mask_secrets(*wanted.kind->state, entity.state.get(), ignored);
  return entity;
}

core::Result<std::map<core::EntityKey, core::Fact>> facts_of(Reading& reading, const Wanted& wanted,
                                                             const Entity& entity, const void* command) {
  std::map<core::EntityKey, core::Fact> facts;
  if (!wanted.command->facts) return facts;
  for (const auto& need : wanted.command->facts(wanted.key, entity.state.get(), command)) {
    auto document = reading.known.document(need.key);
    if (!document) return std::move(document).error();
    if (const auto& d = *document) facts[need.key] = {true, d->version, d->status, d->body};
  }
  return facts;
}

// ---- differences ----

bool is_secret(const Json& value) {
  if (!value.is_string()) return false;
  const auto& text = value.get_ref<const std::string&>();
  return text == secret_text || text.starts_with("secret://");
}

std::string shown(const Json* value) {
  if (!value) return "null";
  if (is_secret(*value)) return core::json_escape(secret_text);
  auto text = value->dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > value_bytes_max) text = core::json_escape("(" + std::to_string(text.size()) + " bytes)");
  return text;
}

bool is_leaf(const Json* value) { return !value || !value->is_structured() || value->empty(); }

const Json* child_of(const Json* whole, const std::string& name) {
  if (!whole || !whole->is_object()) return nullptr;
  const auto found = whole->find(name);
  return found == whole->end() ? nullptr : &*found;
}

const Json* child_of(const Json* list, std::size_t index) {
  return list && list->is_array() && index < list->size() ? &(*list)[index] : nullptr;
}

// One value as it is, as it shall be, and as the manifest gives it.
struct Sides {
  const Json *from, *to, *given;

  template <class Step>
  Sides child(const Step& step) const {
    return {child_of(from, step), child_of(to, step), child_of(given, step)};
  }
};

void compare(const std::string& path, const Sides& sides, std::vector<Difference>& out) {
  const auto* from = sides.from;
  const auto* to = sides.to;
  if (out.size() >= diffs_max || (from && to && *from == *to)) return;
  if (!from && !sides.given) return;  // a default that comes with something new: the manifest does not speak of it
  const bool other_shape = from && to && from->is_structured() && from->type() != to->type();
  if (other_shape || (is_leaf(from) && is_leaf(to))) {
    out.push_back({path, shown(from), shown(to)});
    return;
  }
  const Json& guide = is_leaf(to) ? *from : *to;
  if (guide.is_array()) {
    const std::size_t size =
        std::max(from && from->is_array() ? from->size() : 0, to && to->is_array() ? to->size() : 0);
    for (std::size_t i = 0; i < size; ++i) compare(path + "[" + std::to_string(i) + "]", sides.child(i), out);
    return;
  }
  std::set<std::string> names;
  for (const auto* side : {from, to})
    if (side && side->is_object())
      for (const auto& [name, value] : side->items()) names.insert(name);
  for (const auto& name : names) compare(path.empty() ? name : path + "." + name, sides.child(name), out);
}

// What a manifest speaks of: the fields that command and state have in common, at the state's top or one level below. A
// state keeps more, which would be noise.
Json spoken_of(const Wanted& wanted, const void* state) {
  const auto whole = Json::parse(core::to_json(*wanted.kind->state, state), nullptr, false);
  Json common = Json::object();
  for (const auto& field : wanted.command->type->record().fields) {
    const std::string name(field.name);
    if (whole.contains(name)) common[name] = whole[name];
    for (const auto& part : whole)
      if (!common.contains(name) && part.is_object() && part.contains(name)) common[name] = part[name];
  }
  return common;
}

// ---- secrets ----

// The reference under which the entity holds this very value: the host would seal it to the same one.
std::string reference_of(Reading& reading, const Entity& entity, const std::string& path, const std::string& value) {
  if (!reading.known.is_secret) return {};
  for (const auto& reference : entity.secrets) {
    const auto at = reference.rfind('@');
    if (std::string_view(reference).substr(0, at).ends_with("/" + path) && reading.known.is_secret(reference, value))
      return reference;
  }
  return {};
}

void restore(Json& value, const std::map<std::string, std::string>& plain) {
  if (value.is_string()) {
    if (const auto found = plain.find(value.get_ref<const std::string&>()); found != plain.end()) value = found->second;
    return;
  }
  if (value.is_structured())
    for (auto& element : value) restore(element, plain);
}

// Unchanged secrets become their references in the command's body, so that the host sees what has not changed. New
// values stay; meanwhile they hide behind marks that no text of a command can be.
void recognise_secrets(Reading& reading, Wanted& wanted, const Entity& entity, void* command) {
  std::map<std::string, std::string> plain;
  const auto& type = *wanted.command->type;
  core::each_secret(type, command, [&](const std::string& path, core::Secret& secret) {
    if (secret.plain.empty()) return;
    secret.ref = reference_of(reading, entity, path, secret.plain);
    if (secret.ref.empty()) plain[secret.ref = "\x01" + std::to_string(plain.size())] = secret.plain;
    secret.plain.clear();
  });
  auto body = Json::parse(core::to_json(type, command), nullptr, false);
  restore(body, plain);
  wanted.body = body.dump();
}

// Decides and folds here what the host will decide again, to see what would change.
core::Status try_out(Reading& reading, Wanted& wanted, const Entity& entity, void* command) {
  auto facts = facts_of(reading, wanted, entity, command);
  if (!facts) return std::move(facts).error();
  const core::Context context{wanted.key,        wanted.version, wanted.intent_version, reading.now,
                              reading.principal, "plan",         std::move(*facts)};
  const auto row = std::size_t(wanted.command - wanted.kind->commands.data());
  const auto before = wanted.exists ? spoken_of(wanted, entity.state.get()) : Json::object();
  auto decision = wanted.kind->decide(entity.state.get(), row, command, context);
  if (decision.refused) return in_manifest(std::move(*decision.refused), wanted);
  for (const auto& event : decision.events) wanted.kind->evolve(entity.state.get(), event.row, event.value.get());
  const auto after = spoken_of(wanted, entity.state.get());
  const auto given = Json::parse(wanted.body, nullptr, false);
  compare({}, {&before, &after, &given}, wanted.differences);
  return core::ok();
}

// ---- the commands ----

// An update speaks only of what can be changed; the rest of the spec must be as it is.
void keep_changeable(Reading& reading, const Wanted& wanted, const Entity& entity, Json& spec,
                     const std::string& path) {
  const auto state = Json::parse(entity.document->body, nullptr, false);
  const auto& fields = wanted.command->type->record();
  for (auto at = spec.begin(); at != spec.end();) {
    const auto name = at.key();
    if (fields.find(name)) {
      ++at;
      continue;
    }
    const auto held = state.find(name);
    if (held != state.end() && *held != *at)
      reading.wrong(path + ".spec." + name, "cannot be changed once the " + wanted.key.kind + " exists");
    at = spec.erase(at);
  }
}

core::Status read_command(Reading& reading, const ManifestKind& manifest_kind, Wanted& wanted, Json spec,
                          const std::string& path) {
  auto entity = entity_of(reading, wanted);
  if (!entity) return std::move(entity).error();
  const auto name = wanted.exists ? manifest_kind.update : manifest_kind.create;
  const int row = wanted.kind->command_row(name);
  wanted.command = &wanted.kind->commands.at(std::size_t(row));
  const auto before = reading.problems.size();
  if (wanted.exists && manifest_kind.update != manifest_kind.create) {
    // The spec is read as a whole first, so that a wrong value is found also where it could not be changed anyway.
    const auto& creator = wanted.kind->commands.at(std::size_t(wanted.kind->command_row(manifest_kind.create)));
    auto whole = wanted.kind->make_command(std::size_t(&creator - wanted.kind->commands.data()));
    if (auto read = core::from_json(*creator.type, whole.get(), spec.dump(), core::Reading::command); !read)
      for (const auto& p : in_manifest(read.error(), wanted).problems) reading.problems.push_back(p);
    if (reading.problems.size() == before) keep_changeable(reading, wanted, *entity, spec, path);
  }
  if (reading.problems.size() > before) return core::ok();
  wanted.body = spec.dump();
  auto command = wanted.kind->make_command(std::size_t(row));
  if (auto read = core::from_json(*wanted.command->type, command.get(), wanted.body, core::Reading::command); !read) {
    auto error = in_manifest(std::move(read).error(), wanted);
    if (error.problems.empty()) return error;
    for (auto& p : error.problems) reading.problems.push_back(std::move(p));
    return core::ok();
  }
  core::each_secret(*wanted.command->type, command.get(),
                    [&](const std::string&, core::Secret&) { wanted.has_secrets = true; });
  if (wanted.has_secrets && wanted.exists) recognise_secrets(reading, wanted, *entity, command.get());
  mask_secrets(*wanted.command->type, command.get(), wanted.has_secrets);
  return try_out(reading, wanted, *entity, command.get());
}

core::Status read_manifest(Reading& reading, const Json& manifest, Wanted& wanted) {
  const auto path = wanted.at();
  if (!manifest.is_object()) return reading.wrong(path, "must be an object"), core::ok();
  const auto before = reading.problems.size();
  only(reading, manifest, path, {"apiVersion", "kind", "metadata", "spec"});
  if (text_at(manifest, "apiVersion") != api_version)
    reading.wrong(path + ".apiVersion", "must be " + std::string(api_version));
  const auto* manifest_kind = kind_at(reading, manifest, path);
  const auto metadata = manifest.contains("metadata") ? manifest["metadata"] : Json::object();
  const auto spec = manifest.contains("spec") ? manifest["spec"] : Json::object();
  if (!metadata.is_object()) reading.wrong(path + ".metadata", "must be an object");
  if (!spec.is_object()) reading.wrong(path + ".spec", "must be an object");
  if (reading.problems.size() > before || !manifest_kind) return core::ok();

  wanted.kind = core::find_kind(manifest_kind->kind);
  const bool root = manifest_kind->kind == "tenant";
  only(reading, metadata, path + ".metadata",
       root ? std::set<std::string>{"name", "tenant"} : std::set<std::string>{"name", "tenant", "environment"});
  const auto name = text_at(metadata, "name");
  const auto tenant = root && !metadata.contains("tenant") ? name : text_at(metadata, "tenant");
  if (!core::is_name(name)) reading.wrong(path + ".metadata.name", "must be lower-case letters, digits and hyphens");
  if (!core::is_name(tenant)) reading.wrong(path + ".metadata.tenant", "must name the tenant");
  if (root && tenant != name) reading.wrong(path + ".metadata.tenant", "must be the tenant's own name, or be left out");
  if (reading.problems.size() > before) return core::ok();
  wanted.key = {tenant, std::string(manifest_kind->kind), name};

  Json body = spec;
  if (root && !body.contains("name")) body["name"] = name;
  if (!root) {
    if (metadata.contains("environment")) {
      if (body.contains("environment") && body["environment"] != metadata["environment"])
        return reading.wrong(path + ".spec.environment", "says otherwise than metadata.environment"), core::ok();
      body["environment"] = metadata["environment"];
    }
    if (!body.contains("environment")) body["environment"] = default_environment;
    wanted.deployment = name + "-" + text_at(body, "environment");
  }
  return read_command(reading, *manifest_kind, wanted, std::move(body), path);
}

// A plan's base: what it was made of must be what is.
core::Status check_base(const Json& request, std::vector<Wanted>& all) {
  if (!request.contains("base")) return core::ok();
  if (!request["base"].is_array()) return core::invalid_input("base", "must be a list");
  for (const auto& entry : request["base"]) {
    const auto number = entry.is_object() ? entry.find("intent_version") : entry.end();
    if (!entry.is_object() || number == entry.end() || !number->is_number_unsigned())
      return core::invalid_input("base", "must hold {tenant, kind, id, intent_version}");
    const core::EntityKey key{text_at(entry, "tenant"), text_at(entry, "kind"), text_at(entry, "id")};
    for (auto& wanted : all) {
      if (wanted.key != key) continue;
      wanted.base = number->get<std::uint64_t>();
      if (*wanted.base == wanted.intent_version) continue;
      return http_error(409, "plan.stale", "`" + core::to_string(key) + "` was changed since the plan was made")
          .fix("make the plan again and look at it")
          .with("intent_version", std::to_string(wanted.intent_version));
    }
  }
  return core::ok();
}

core::Result<Json> parse_request(std::string_view body) {
  if (!core::json_valid(body)) return core::invalid_input("body", "must be JSON of at most 32 levels");
  auto request = Json::parse(body, nullptr, false);
  if (!request.is_object() || !request.contains("manifests") || !request["manifests"].is_array())
    return core::invalid_input("manifests", "must be a list of manifests");
  for (const auto& [name, value] : request.items())
    if (name != "manifests" && name != "base") return core::invalid_input(name, "is not known");
  if (request["manifests"].empty() || request["manifests"].size() > manifests_max)
    return core::invalid_input("manifests", "must hold 1 to " + std::to_string(manifests_max) + " manifests");
  return request;
}

}  // namespace

core::Error in_manifest(core::Error error, const Wanted& wanted) {
  for (auto& problem : error.problems)
    problem.path = wanted.at() + ".spec" + (problem.path.empty() ? "" : "." + problem.path);
  return std::move(error).with("manifest", std::to_string(wanted.index));
}

core::Result<std::vector<Wanted>> read_manifests(std::string_view body, const Known& known, core::Timestamp now,
                                                 const core::Principal& principal) {
  auto request = parse_request(body);
  if (!request) return std::move(request).error();
  Reading reading{known, now, principal, {}};
  std::vector<Wanted> all;
  std::set<core::EntityKey> seen;
  std::optional<core::Error> refused;
  for (const auto& manifest : (*request)["manifests"]) {
    Wanted wanted;
    wanted.index = all.size();
    // The first refusal is kept until all manifests were read: a wrong field elsewhere is the more useful answer.
    if (auto read = read_manifest(reading, manifest, wanted); !read && !refused) refused = std::move(read).error();
    if (!wanted.key.id.empty() && !seen.insert(wanted.key).second)
      reading.wrong(wanted.at(), "names `" + core::to_string(wanted.key) + "` a second time");
    all.push_back(std::move(wanted));
  }
  if (!reading.problems.empty()) return core::invalid_input(std::move(reading.problems));
  if (auto base = check_base(*request, all); !base) return std::move(base).error();
  if (refused) return std::move(*refused);
  std::stable_partition(all.begin(), all.end(), [](const Wanted& w) { return w.key.kind == "tenant"; });
  return all;
}

}  // namespace nova::gateway
