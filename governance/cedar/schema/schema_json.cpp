// The JSON format of schemas: {"<namespace>": {"entityTypes", "actions", "commonTypes"?, "annotations"?}}.
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/limits.hpp"
#include "governance/cedar/schema/raw.hpp"
#include "governance/cedar/schema/resolver.hpp"
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/lexer.hpp"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>

namespace nova::cedar {
namespace {

class JsonSchemaReader {
 public:
  RawSchema read(const Json& json) {
    RawSchema out;
    if (!expect(json, JsonKind::object, "a schema")) return out;
    for (const JsonMember& member : json.object()) {
      const Scope scope(*this, member.key.view());
      RawNamespace made;
      made.name = member.key.view();
      made.place.path = path();
      space(member.value, made);
      out.push_back(std::move(made));
    }
    return out;
  }
  const std::vector<core::Problem>& problems() const { return problems_; }

 private:
  // A step of the path for as long as it is in scope.
  class Scope {
   public:
    Scope(JsonSchemaReader& reader, std::string_view part) : reader_(reader), size_(reader.path_.size()) {
      reader.path_ += reader.path_.empty() ? "" : ".";
      reader.path_ += part.empty() ? std::string_view("\"\"") : part;
    }
    Scope(const Scope&) = delete;
    ~Scope() { reader_.path_.resize(size_); }

   private:
    JsonSchemaReader& reader_;
    std::size_t size_;
  };

  std::string path() const { return path_; }

  bool fail(std::string message) {
    if (problems_.size() < errors_max) problems_.push_back({path_.empty() ? "schema" : path_, std::move(message)});
    return false;
  }

  bool expect(const Json& json, JsonKind kind, std::string_view what) {
    return json.is(kind) || fail(std::string(what) + " must be " + std::string(name_of(kind)) + ", not " +
                                 std::string(name_of(json.kind)));
  }

  bool keys(const Json& json, std::initializer_list<std::string_view> known) {
    for (const JsonMember& member : json.object()) {
      if (std::find(known.begin(), known.end(), member.key.view()) == known.end()) {
        return fail("unknown key " + in_backticks(member.key.view()));
      }
    }
    return true;
  }

  bool annotations(const Json& json) {
    const Json* const given = json.find("annotations");
    if (given == nullptr) return true;
    const Scope scope(*this, "annotations");
    if (!expect(*given, JsonKind::object, "annotations")) return false;
    for (const JsonMember& member : given->object()) {
      if (!is_identifier(member.key.view()))
        return fail("not an annotation's name: " + in_backticks(member.key.view()));
      if (!member.value.is(JsonKind::string) && !member.value.is(JsonKind::null))
        return fail("an annotation's value must be a string");
    }
    return true;
  }

  void space(const Json& json, RawNamespace& out) {
    if (!expect(json, JsonKind::object, "a namespace")) return;
    if (!keys(json, {"entityTypes", "actions", "commonTypes", "annotations"}) || !annotations(json)) return;
    if (out.name.empty() && json.find("annotations") != nullptr)
      return void(fail("the empty namespace takes no annotations"));
    const Json* const entities = json.find("entityTypes");
    const Json* const actions = json.find("actions");
    const Json* const commons = json.find("commonTypes");
    if (entities == nullptr || actions == nullptr) return void(fail("a namespace needs `entityTypes` and `actions`"));
    each(*entities, "entityTypes", [&](const JsonMember& m) { entity(m, out); });
    each(*actions, "actions", [&](const JsonMember& m) { action(m, out); });
    if (commons == nullptr) return;
    each(*commons, "commonTypes", [&](const JsonMember& m) {
      RawCommon made;
      made.name = m.key.view();
      made.place.path = path();
      if (type(m.value, made.type, true)) out.commons.push_back(std::move(made));
    });
  }

  template <class Visit>
  void each(const Json& json, std::string_view what, Visit visit) {
    const Scope scope(*this, what);
    if (!expect(json, JsonKind::object, what)) return;
    for (const JsonMember& member : json.object()) {
      const Scope inner(*this, member.key.view());
      visit(member);
    }
  }

  void entity(const JsonMember& member, RawNamespace& out) {
    const Json& json = member.value;
    RawEntity made;
    made.name = member.key.view();
    made.place.path = path();
    if (!expect(json, JsonKind::object, "an entity type") || !annotations(json)) return;
    if (const Json* const ids = json.find("enum")) {
      if (!keys(json, {"enum", "annotations"}) || !strings(*ids, "enum", made.ids.emplace())) return;
    } else {
      if (!keys(json, {"memberOfTypes", "shape", "tags", "annotations"})) return;
      const Json* const parents = json.find("memberOfTypes");
      if (parents != nullptr && !names(*parents, "memberOfTypes", made.parents)) return;
      if (!optional_type(json, "shape", made.shape) || !optional_type(json, "tags", made.tags)) return;
    }
    out.entities.push_back(std::move(made));
  }

  bool optional_type(const Json& json, std::string_view key, std::shared_ptr<const RawType>& out) {
    const Json* const given = json.find(key);
    if (given == nullptr) return true;
    const Scope scope(*this, key);
    return type(*given, out, false);
  }

  bool strings(const Json& json, std::string_view what, std::vector<std::string>& out) {
    const Scope scope(*this, what);
    if (!expect(json, JsonKind::array, what)) return false;
    for (const Json& item : json.array()) {
      if (!expect(item, JsonKind::string, "an element")) return false;
      out.emplace_back(item.text());
    }
    return true;
  }

  bool names(const Json& json, std::string_view what, std::vector<std::string>& out) {
    if (!strings(json, what, out)) return false;
    for (const std::string& name : out) {
      if (!is_type_name(name)) return fail("not the name of a type: " + in_backticks(name));
    }
    return true;
  }

  void action(const JsonMember& member, RawNamespace& out) {
    const Json& json = member.value;
    RawAction made;
    made.id = member.key.view();
    made.place.path = path();
    if (!expect(json, JsonKind::object, "an action") || !annotations(json)) return;
    if (!keys(json, {"memberOf", "appliesTo", "annotations", "attributes"})) return;
    const Json* const groups = json.find("memberOf");
    if (groups != nullptr && !groups->is(JsonKind::null)) {
      if (!expect(*groups, JsonKind::array, "memberOf")) return;
      for (const Json& group : groups->array()) {
        const Json* const id = group.find("id");
        const Json* const type_name = group.find("type");
        if (id == nullptr || !id->is(JsonKind::string) || !keys(group, {"id", "type"}))
          return void(fail("a group is {\"id\": ..., \"type\"?: ...}"));
        RawGroup raw;
        raw.id = id->text();
        if (type_name != nullptr && !type_name->is(JsonKind::null)) {
          if (!type_name->is(JsonKind::string) || !is_type_name(type_name->text()))
            return void(fail("a group's type must be a name"));
          raw.type = std::string(type_name->text());
        }
        made.groups.push_back(std::move(raw));
      }
    }
    if (!applies_to(json.find("appliesTo"), made)) return;
    out.actions.push_back(std::move(made));
  }

  bool applies_to(const Json* json, RawAction& out) {
    if (json == nullptr || json->is(JsonKind::null)) return true;
    const Scope scope(*this, "appliesTo");
    if (!expect(*json, JsonKind::object, "appliesTo") || !keys(*json, {"principalTypes", "resourceTypes", "context"}))
      return false;
    const Json* const principals = json->find("principalTypes");
    const Json* const resources = json->find("resourceTypes");
    if (principals == nullptr || resources == nullptr)
      return fail("`appliesTo` needs `principalTypes` and `resourceTypes`");
    out.has_applies_to = true;
    return names(*principals, "principalTypes", out.principals) && names(*resources, "resourceTypes", out.resources) &&
           optional_type(*json, "context", out.context);
  }

  bool type(const Json& json, std::shared_ptr<const RawType>& out, bool may_have_annotations) {
    auto made = std::make_shared<RawType>();
    if (!type(json, *made, may_have_annotations, false)) return false;
    out = std::move(made);
    return true;
  }

  // `is_attribute`: `required` may stand beside the type, and annotations.
  bool type(const Json& json, RawType& out, bool may_have_annotations, bool is_attribute) {
    if (!expect(json, JsonKind::object, "a type") || !annotations(json)) return false;
    const Json* const kind = json.find("type");
    if (kind == nullptr || !kind->is(JsonKind::string)) return fail("a type needs `type`, a string");
    std::vector<std::string_view> known{"type"};
    if (is_attribute) known.push_back("required");
    if (is_attribute || may_have_annotations) known.push_back("annotations");
    const auto only = [&](std::initializer_list<std::string_view> more) {
      known.insert(known.end(), more.begin(), more.end());
      for (const JsonMember& member : json.object()) {
        if (std::find(known.begin(), known.end(), member.key.view()) == known.end()) {
          return fail("unknown key " + in_backticks(member.key.view()));
        }
      }
      return true;
    };
    const std::string_view word = kind->text();
    using K = RawType::Kind;
    if (word == "Long" || word == "String" || word == "Boolean" || word == "Bool") {
      out.kind = K::built_in;
      out.name = word == "Boolean" ? "Bool" : word;
      return only({});
    }
    if (word == "Set") {
      out.kind = K::set;
      const Json* const element = json.find("element");
      if (!only({"element"})) return false;
      if (element == nullptr) return fail("a set needs `element`");
      const Scope scope(*this, "element");
      out.element = std::make_unique<RawType>();
      return type(*element, *out.element, false, false);
    }
    if (word == "Record") {
      out.kind = K::record;
      return only({"attributes", "additionalAttributes"}) && record(json, out);
    }
    if (word == "Entity" || word == "Extension" || word == "EntityOrCommon") {
      out.kind = word == "Entity" ? K::entity : word == "Extension" ? K::extension : K::entity_or_common;
      const Json* const name = json.find("name");
      if (!only({"name"})) return false;
      if (name == nullptr || !name->is(JsonKind::string)) return fail("`" + std::string(word) + "` needs `name`");
      out.name = name->text();
    } else {
      out.kind = K::common;
      out.name = word;
      if (!only({})) return false;
    }
    const std::string_view bare = out.name.starts_with("__cedar::") ? std::string_view(out.name).substr(9) : out.name;
    return is_type_name(bare) || fail("not the name of a type: " + in_backticks(out.name));
  }

  bool record(const Json& json, RawType& out) {
    const Json* const attributes = json.find("attributes");
    const Json* const more = json.find("additionalAttributes");
    if (more != nullptr && (!more->is(JsonKind::boolean) || more->boolean))
      return fail("`additionalAttributes` may only be false");
    if (attributes == nullptr) return fail("a record needs `attributes`");
    const Scope scope(*this, "attributes");
    if (!expect(*attributes, JsonKind::object, "attributes")) return false;
    for (const JsonMember& member : attributes->object()) {
      const Scope inner(*this, member.key.view());
      RawAttribute made;
      made.name = member.key.view();
      made.type = std::make_unique<RawType>();
      if (!type(member.value, *made.type, false, true)) return false;
      if (const Json* const required = member.value.find("required")) {
        if (!expect(*required, JsonKind::boolean, "required")) return false;
        made.is_required = required->boolean;
      }
      out.attributes.push_back(std::move(made));
    }
    return true;
  }

  std::string path_;
  std::vector<core::Problem> problems_;
};

}  // namespace

core::Result<Schema> Schema::parse_json(std::string_view text) {
  Arena arena;
  auto json = read_json(text, arena);
  if (!json) return std::move(json).error();
  return from_json(*json);
}

core::Result<Schema> Schema::parse_either(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' ? parse_json(text) : parse(text);
}

core::Result<Schema> Schema::from_json(const Json& json) {
  JsonSchemaReader reader;
  const RawSchema raw = reader.read(json);
  if (reader.problems().empty()) return SchemaResolver(raw, {}).run();
  core::Error error;
  error.code = "cedar.schema_invalid";
  error.status = 400;
  error.problems = reader.problems();
  error.message = error.problems[0].path + ": " + error.problems[0].message;
  return error;
}

}  // namespace nova::cedar
