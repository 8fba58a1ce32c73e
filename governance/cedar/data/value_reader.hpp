// JSON data (attributes, tags, contexts) as values, with or without a type that says what is meant.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/values/value.hpp"

#include <string>
#include <string_view>

namespace nova::cedar {

/// Reads values into an arena. After a failure, error() says what is wrong and where. One thread at a time.
class ValueReader {
 public:
  /// `schema` (may be nullptr) knows the ids of enumerated types.
  ValueReader(Arena& arena, const Schema* schema) : arena_(arena), schema_(schema) {}

  /// `expected` nullptr: nothing is guessed, escapes (`__entity`, `__extn`) must stand. With a type the value must be
  /// of it, records without missing or surplus attributes.
  bool read(const Json& json, const Type* expected, Value& out);
  /// `{"type","id"}`, or the same under `__entity`.
  bool entity(const Json& json, EntityUid& out);

  const std::string& message() const { return message_; }
  core::Error error(std::string code, std::string_view root) const;
  bool fail(std::string message);
  void enter(std::string_view part) { path_.push_back(std::string(part)); }
  void leave() { path_.pop_back(); }

 private:
  bool plain_entity(const Json& json, EntityUid& out);
  bool typed_entity(const Json& json, const Type& expected, Value& out);
  bool extension(const Json& json, TypeKind expected, Value& out);
  bool call_function(const Json& json, Value& out);
  bool array(const Json& json, const Type* element, Value& out);
  bool record(const Json& json, const Type* expected, Value& out);
  bool untyped(const Json& json, Value& out);

  Arena& arena_;
  const Schema* schema_;
  std::string message_;
  std::string failed_at_;
  std::vector<std::string> path_;
};

}  // namespace nova::cedar
