#include "governance/cedar/data/entity_json.hpp"

#include "governance/cedar/data/value_reader.hpp"
#include "governance/cedar/syntax/source.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace nova::cedar {
namespace {

bool has(const std::vector<Text>& sorted, const Text& name) {
  return std::binary_search(sorted.begin(), sorted.end(), name);
}

bool is_declared(const EntityType& type, const EntityUid& uid) { return !type.is_enumerated || has(type.ids, uid.id); }

class EntitiesReader {
 public:
  EntitiesReader(const Schema* schema, Arena& arena) : schema_(schema), arena_(arena), values_(arena, schema) {
    empty_ = make_record(arena_, {});
  }

  bool read(const Json& json, std::vector<EntityData>& out) {
    if (!json.is(JsonKind::array)) return values_.fail("expected an array of entities");
    out.reserve(json.size);
    for (std::size_t i = 0; i < json.size; ++i) {
      values_.enter("[" + std::to_string(i) + "]");
      EntityData entity;
      if (!one(json.items[i], entity)) return false;
      out.push_back(entity);
      values_.leave();
    }
    return true;
  }
  core::Error error() const { return values_.error("cedar.entities_invalid", "entities"); }

 private:
  bool one(const Json& json, EntityData& out) {
    const Json *uid = nullptr, *attributes = nullptr, *parents = nullptr, *tags = nullptr;
    for (const JsonMember& member : json.object()) {
      const std::string_view key = member.key.view();
      const Json*& place = key == "uid" ? uid : key == "attrs" ? attributes : key == "parents" ? parents : tags;
      if (&place == &tags && key != "tags") return values_.fail("unknown key " + in_backticks(key));
      place = &member.value;
    }
    if (uid == nullptr || attributes == nullptr || parents == nullptr) {
      return values_.fail("an entity needs `uid`, `attrs` and `parents`");
    }
    if (!values_.entity(*uid, out.uid) || !parents_of(*parents, out)) return false;
    if (!attributes->is(JsonKind::object)) return values_.fail("`attrs` is no object");
    if (tags != nullptr && !tags->is(JsonKind::object)) return values_.fail("`tags` is no object");
    out.tags = empty_;
    if (schema_ == nullptr) return untyped(*attributes, tags, out);
    return is_action_type(out.uid.type.view()) ? action(*attributes, tags, out) : typed(*attributes, tags, out);
  }

  bool parents_of(const Json& json, EntityData& out) {
    if (!json.is(JsonKind::array)) return values_.fail("`parents` is no array");
    const auto parents = arena_.list<EntityUid>(json.size);
    for (std::size_t i = 0; i < parents.size(); ++i) {
      if (!values_.entity(json.items[i], parents[i])) return false;
    }
    out.parents = parents;
    return true;
  }

  // Records, never escapes: `{"__entity": ...}` as a whole is no record of attributes.
  bool untyped(const Json& attributes, const Json* tags, EntityData& out) {
    if (!values_.read(attributes, nullptr, out.attributes)) return false;
    if (tags != nullptr && !values_.read(*tags, nullptr, out.tags)) return false;
    return (out.attributes.kind == Kind::record && out.tags.kind == Kind::record) ||
           values_.fail("`attrs` and `tags` are records");
  }

  bool typed(const Json& attributes, const Json* tags, EntityData& out) {
    const EntityType* const type = schema_->find_entity_type(out.uid.type);
    if (type == nullptr) return values_.fail("the type of " + in_backticks(to_text(out.uid)) + " is not declared");
    if (!is_declared(*type, out.uid))
      return values_.fail(in_backticks(to_text(out.uid)) + " is none of the declared entities of its type");
    for (const EntityUid& parent : out.parents) {
      if (!has(type->parents, parent.type) && !has(type->ancestors, parent.type)) {
        return values_.fail("the type of the parent " + in_backticks(to_text(parent)) +
                            " is not declared for this entity");
      }
      const EntityType* const above = schema_->find_entity_type(parent.type);
      if (above == nullptr || !is_declared(*above, parent))
        return values_.fail(in_backticks(to_text(parent)) + " is not declared");
    }
    if (!values_.read(attributes, type->shape, out.attributes)) return false;
    if (tags == nullptr || tags->size == 0) return true;
    if (type->tags == nullptr) return values_.fail("the type of " + in_backticks(to_text(out.uid)) + " has no tags");
    const auto fields = arena_.list<Field>(tags->size);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      fields[i].key = Text(tags->members[i].key.view());
      if (!values_.read(tags->members[i].value, type->tags, fields[i].value)) return false;
    }
    out.tags = make_record(arena_, fields);
    return true;
  }

  // Actions belong to the schema: what is said of them here must be what it says.
  bool action(const Json& attributes, const Json* tags, EntityData& out) {
    const Action* const declared = schema_->find_action(out.uid);
    if (declared == nullptr) return values_.fail("the action " + in_backticks(to_text(out.uid)) + " is not declared");
    if (attributes.size > 0 || (tags != nullptr && tags->size > 0))
      return values_.fail("actions have no attributes and no tags");
    out.attributes = empty_;
    std::vector<EntityUid> above;
    for (const EntityUid& parent : out.parents) {
      above.push_back(parent);
      if (const Action* const group = schema_->find_action(parent)) {
        above.insert(above.end(), group->ancestors.begin(), group->ancestors.end());
      }
    }
    std::sort(above.begin(), above.end());
    above.erase(std::unique(above.begin(), above.end()), above.end());
    if (above != declared->ancestors) {
      return values_.fail("the groups of " + in_backticks(to_text(out.uid)) + " differ from the schema's");
    }
    out.parents = declared->ancestors;
    return true;
  }

  const Schema* schema_;
  Arena& arena_;
  ValueReader values_;
  Value empty_;
};

core::Error refused(std::string message, std::string remedy = {}) {
  core::Error error;
  error.code = "cedar.request_invalid";
  error.status = 400;
  error.message = std::move(message);
  error.remedy = std::move(remedy);
  return error;
}

core::Status check_entity(const EntityUid& uid, const std::vector<Text>& types, const Schema& schema,
                          const Action& action) {
  const EntityType* const type = schema.find_entity_type(uid.type);
  if (type == nullptr && !schema.has_action_type(uid.type)) {
    return refused("the type of " + in_backticks(to_text(uid)) + " is not declared");
  }
  if (!has(types, uid.type)) {
    return refused("the action " + in_backticks(to_text(action.uid)) + " does not apply to " +
                   in_backticks(to_text(uid)));
  }
  if (type != nullptr && !is_declared(*type, uid)) {
    return refused(in_backticks(to_text(uid)) + " is none of the declared entities of its type");
  }
  return core::ok();
}

}  // namespace

core::Status read_entity_list(const Json& json, const Schema* schema, Arena& arena, std::vector<EntityData>& out) {
  EntitiesReader reader(schema, arena);
  if (!reader.read(json, out)) return reader.error();
  return core::ok();
}

core::Result<EntityStore> read_entities(const Json& json, const Schema* schema, std::shared_ptr<Arena> arena) {
  std::vector<EntityData> entities;
  if (auto done = read_entity_list(json, schema, *arena, entities); !done) return std::move(done).error();
  if (schema != nullptr) {
    const Value empty = make_record(*arena, {});
    // The parents of an action are given as all its groups, so that it makes no difference whether an entity is listed.
    for (const Action& action : schema->actions()) entities.push_back({action.uid, empty, empty, action.ancestors});
  }
  return EntityStore::make(std::move(arena), entities);
}

core::Status check_request(const Request& request, const Schema& schema) {
  const Action* const action = schema.find_action(request.action);
  if (action == nullptr) return refused("the action " + in_backticks(to_text(request.action)) + " is not declared");
  if (auto checked = check_entity(request.principal, action->principals, schema, *action); !checked) return checked;
  return check_entity(request.resource, action->resources, schema, *action);
}

core::Result<Request> read_request(const Json& json, const Schema* schema, bool check_types, Arena& arena) {
  ValueReader values(arena, schema);
  Request request;
  const auto part = [&](std::string_view key, EntityUid& out) {
    const Json* const given = json.find(key);
    values.enter(key);
    if (given == nullptr ? !values.fail("is missing") : !values.entity(*given, out)) return false;
    values.leave();
    return true;
  };
  const auto failed = [&] { return values.error("cedar.request_invalid", "request"); };
  if (!part("principal", request.principal) || !part("action", request.action) || !part("resource", request.resource)) {
    return failed();
  }
  const Type* context_type = nullptr;
  if (schema != nullptr) {
    const Action* const action = schema->find_action(request.action);
    if (action == nullptr) return refused("the action " + in_backticks(to_text(request.action)) + " is not declared");
    context_type = action->context;
    if (check_types) {
      if (auto checked = check_request(request, *schema); !checked) return std::move(checked).error();
    }
  }
  values.enter("context");
  const Json* const context = json.find("context");
  Json empty;
  empty.kind = JsonKind::object;
  empty.members = nullptr;
  const Json& given = context == nullptr ? empty : *context;
  if (!given.is(JsonKind::object)) return values.fail("is no object"), failed();
  if (!values.read(given, context_type, request.context)) return failed();
  if (request.context.kind != Kind::record) return values.fail("is no record"), failed();
  return request;
}

}  // namespace nova::cedar
