// A schema as it is written, before names are resolved: what both formats are read into.
#pragma once
#include "governance/cedar/syntax/source.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nova::cedar {

/// A place in Cedar syntax is a span; in JSON it is a path.
struct Place {
  Span span;
  std::string path;
};

struct RawType;

struct RawAttribute {
  std::string name;
  bool is_required = true;
  std::unique_ptr<RawType> type;
  Span span;
};

struct RawType {
  enum class Kind { built_in, extension, set, record, entity, common, entity_or_common } kind = Kind::entity_or_common;
  std::string name;                      // of all but sets and records
  std::unique_ptr<RawType> element;      // of a set
  std::vector<RawAttribute> attributes;  // of a record
  Span span;
};

struct RawEntity {
  std::string name;
  std::vector<std::string> parents;
  std::shared_ptr<const RawType> shape;  // nullptr: no attributes; shared by names declared together
  std::shared_ptr<const RawType> tags;
  std::optional<std::vector<std::string>> ids;
  Place place;
};

struct RawGroup {
  std::optional<std::string> type;  // none: an action of the own namespace
  std::string id;
};

struct RawAction {
  std::string id;
  std::vector<RawGroup> groups;
  bool has_applies_to = false;
  std::vector<std::string> principals, resources;
  std::shared_ptr<const RawType> context;
  Place place;
};

struct RawCommon {
  std::string name;
  std::shared_ptr<const RawType> type;
  Place place;
};

struct RawNamespace {
  std::string name;  // empty: outside every namespace
  std::vector<RawEntity> entities;
  std::vector<RawAction> actions;
  std::vector<RawCommon> commons;
  Place place;
};

using RawSchema = std::vector<RawNamespace>;

/// Cedar syntax; reports faults and gives what could be read.
RawSchema parse_raw_schema(std::string_view text, Diagnostics& found);

}  // namespace nova::cedar
