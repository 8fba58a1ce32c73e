// A schema after names are resolved: what entities, actions and contexts look like.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/values/value.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cedar {

struct Json;

enum class TypeKind : std::uint8_t {
  never,    ///< of no value: the elements of `[]`
  is_true,  ///< a boolean that is known
  is_false,
  boolean,
  integer,
  string,
  set,
  record,
  entity,
  any_entity,  ///< of any type; permissive mode only
  decimal,
  datetime,
  duration,
  ipaddr,
};

struct Type;

struct AttributeType {
  Text name;
  const Type* type = nullptr;
  bool is_required = true;
};

struct Type {
  TypeKind kind = TypeKind::never;
  bool is_open = false;                       ///< of a record: there may be more attributes (permissive mode only)
  const Type* element = nullptr;              ///< of a set
  std::span<const AttributeType> attributes;  ///< of a record, in Text's order
  Text entity;                                ///< of an entity: its type's name
  const AttributeType* find(const Text& name) const;
};

/// Types that need nothing else.
const Type* simple_type(TypeKind kind);
/// The type as in a schema: "Set<Long>", "{a?: String}", "User".
std::string to_text(const Type& type);
/// The kind of extension values that the type has, for decimal, datetime, duration and ipaddr.
bool is_extension(TypeKind kind);
Kind value_kind(TypeKind kind);
TypeKind type_kind(Kind extension);

struct EntityType {
  Text name;
  const Type* shape = nullptr;  ///< a record
  const Type* tags = nullptr;   ///< nullptr: no tags
  bool is_enumerated = false;
  std::vector<Text> ids;        ///< of an enumerated type, sorted
  std::vector<Text> parents;    ///< as declared, sorted
  std::vector<Text> ancestors;  ///< types that an entity of this one can be below, sorted; itself only if declared so
};

struct Action {
  EntityUid uid;
  bool has_applies_to = false;
  std::vector<Text> principals;      ///< sorted
  std::vector<Text> resources;       ///< sorted
  const Type* context = nullptr;     ///< a record
  std::vector<EntityUid> parents;    ///< sorted
  std::vector<EntityUid> ancestors;  ///< groups it is in, transitively; sorted
};

/// Copies share what they point to, which never changes; any thread may read.
class Schema {
 public:
  /// Cedar syntax. Fails with `cedar.schema_syntax` or `cedar.schema_invalid`, one problem a fault, path "line:column".
  /// Costs a sort of the names, and for hierarchies and groups what their closure holds.
  static core::Result<Schema> parse(std::string_view text);
  /// The JSON format. Fails with `cedar.json_invalid` (path "line:column") or `cedar.schema_invalid` (path of keys).
  static core::Result<Schema> parse_json(std::string_view text);
  static core::Result<Schema> from_json(const Json& json);
  /// Whichever it is: a text whose first character that is not white space is `{` is JSON. Fails as the two above.
  static core::Result<Schema> parse_either(std::string_view text);

  /// nullptr: not declared. Lookups here are logarithmic.
  const EntityType* find_entity_type(const Text& name) const;
  const Action* find_action(const EntityUid& uid) const;
  /// Of an entity type or of actions.
  bool has_type(const Text& name) const { return find_entity_type(name) != nullptr || has_action_type(name); }
  bool has_action_type(const Text& name) const;
  /// Whether an entity of type `child` can be in one of type `ancestor` (every type is in itself).
  bool can_be_in(const Text& child, const Text& ancestor) const;
  /// Whether the action is the group or below it.
  bool action_in(const EntityUid& action, const EntityUid& group) const;

  const std::vector<EntityType>& entity_types() const { return entity_types_; }  ///< in Text's order
  const std::vector<Action>& actions() const { return actions_; }                ///< in EntityUid's order

 private:
  friend class SchemaResolver;
  std::shared_ptr<Arena> arena_ = std::make_shared<Arena>();
  std::vector<EntityType> entity_types_;
  std::vector<Action> actions_;
};

}  // namespace nova::cedar
