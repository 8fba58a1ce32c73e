// JSON Schema, draft 2020-12. It promises what the reader of commands does: what it accepts is accepted there, but for
// rules that count bytes where JSON Schema counts characters.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <map>
#include <set>

namespace nova::core {
namespace {

class SchemaWriter {
 public:
  explicit SchemaWriter(const Type& root) : root_(root) { count(root); }

  std::string run() {
    writer_.object();
    writer_.field("$schema", "https://json-schema.org/draft/2020-12/schema");
    body(root_, {});
    if (!shared_.empty()) {
      writer_.key("$defs").object();
      for (const Record* record : shared_in_order_) {
        writer_.key(shared_.at(record)).object();
        record_body(*record, {});
        writer_.end();
      }
      writer_.end();
    }
    writer_.end();
    return std::move(out_);
  }

 private:
  // Records met twice, or inside themselves, get a name in $defs.
  void count(const Type& type) {
    if (type.element) count(*type.element());
    if (!type.record) return;
    const Record& record = type.record();
    if (!met_.insert(&record).second) {
      if (shared_.contains(&record)) return;
      std::string name(record.name);
      while (!names_.insert(name).second) name += '_';
      shared_.emplace(&record, name);
      shared_in_order_.push_back(&record);
      return;
    }
    for (const auto& field : record.fields)
      if (!field.hidden) count(*field.type);
  }

  void schema(const Type& type, std::string_view doc) {
    writer_.object();
    body(type, doc);
    writer_.end();
  }

  void describe_as(std::string_view doc) {
    if (!doc.empty()) writer_.field("description", doc);
  }

  void body(const Type& type, std::string_view doc) {
    if (type.tag == Tag::record) {
      const auto shared = shared_.find(&type.record());
      if (shared == shared_.end()) return record_body(type.record(), doc);
      describe_as(doc);
      writer_.field("$ref", "#/$defs/" + shared->second);
      return;
    }
    describe_as(doc);
    switch (type.tag) {
      case Tag::boolean:
        writer_.field("type", "boolean");
        break;
      case Tag::integer:
        writer_.field("type", "integer").field("minimum", type.min).field("maximum", type.max);
        break;
      case Tag::real:
        writer_.field("type", "number");
        break;
      case Tag::text:
        text_body(type);
        break;
      case Tag::enumeration:
        writer_.field("type", "string").key("enum").array();
        for (const auto name : *type.names) writer_.value(name);
        writer_.end();
        break;
      case Tag::timestamp:
        writer_.field("type", "string").field("format", "date-time");
        break;
      case Tag::duration:
        writer_.field("type", "string").field("pattern", "^[0-9]+(ms|s|m|h|d)$");
        break;
      case Tag::secret:
        writer_.field("type", "string").field("writeOnly", true).field("x-nova-secret", true);
        break;
      case Tag::personal:
        writer_.field("type", "string").field("x-nova-personal", true);
        break;
      case Tag::raw_json:
        break;  // any JSON
      case Tag::list:
        list_body(type);
        break;
      case Tag::map:
        map_body(type);
        break;
      case Tag::optional:
        writer_.key("anyOf").array();
        schema(*type.element(), {});
        writer_.object().field("type", "null").end();
        writer_.end();
        break;
      case Tag::record:
        break;
    }
  }

  void text_body(const Type& type) {
    writer_.field("type", "string");
    const auto pattern = shape_pattern(type.shape);
    const bool bytes_are_characters = !pattern.empty() && type.shape != Shape::line;
    if (type.min > 0) writer_.field("minLength", bytes_are_characters ? type.min : (type.min + 3) / 4);
    writer_.field("maxLength", type.max);
    // An empty text stands for "none" where one is allowed.
    if (!pattern.empty() && type.min > 0)
      writer_.field("pattern", pattern);
    else if (!pattern.empty())
      writer_.field("pattern", "^$|" + std::string(pattern));
    if (!type.ref_kind.empty()) writer_.field("x-nova-ref", type.ref_kind);
  }

  void list_body(const Type& type) {
    writer_.field("type", "array").key("items");
    schema(*type.element(), {});
    if (type.min > 0) writer_.field("minItems", type.min);
    writer_.field("maxItems", type.max);
    if (type.insert_text) writer_.field("uniqueItems", true);
  }

  void map_body(const Type& type) {
    writer_.field("type", "object").key("additionalProperties");
    schema(*type.element(), {});
    writer_.key("propertyNames").object().field("minLength", 1).field("maxLength", 255);
    if (const auto pattern = shape_pattern(type.shape); !pattern.empty()) writer_.field("pattern", pattern);
    writer_.end();
    if (type.min > 0) writer_.field("minProperties", type.min);
    writer_.field("maxProperties", type.max);
  }

  void record_body(const Record& record, std::string_view doc) {
    writer_.field("type", "object").field("title", record.name);
    describe_as(doc.empty() ? record.doc : doc);
    writer_.key("properties").object();
    bool any_required = false;
    for (const auto& field : record.fields) {
      if (field.hidden) continue;
      writer_.key(field.name);
      schema(*field.type, field.doc);
      any_required |= field.required;
    }
    writer_.end();
    if (any_required) {
      writer_.key("required").array();
      for (const auto& field : record.fields)
        if (field.required && !field.hidden) writer_.value(field.name);
      writer_.end();
    }
    writer_.field("additionalProperties", false);
  }

  const Type& root_;
  std::set<const Record*> met_;
  std::map<const Record*, std::string> shared_;
  std::vector<const Record*> shared_in_order_;  // of first meeting, since pointers have no order that lasts
  std::set<std::string> names_;
  std::string out_;
  JsonWriter writer_{out_};
};

}  // namespace

std::string to_json_schema(const Type& type) { return SchemaWriter(type).run(); }

}  // namespace nova::core
