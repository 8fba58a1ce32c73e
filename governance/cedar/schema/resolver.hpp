// Names to definitions, types to shared trees, groups to their closure: from what is written to a Schema.
#pragma once
#include "governance/cedar/schema/raw.hpp"
#include "governance/cedar/schema/schema.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::cedar {

/// Makes one schema. Equal types become one tree, so that comparing types is comparing pointers, and a schema whose
/// types refer to each other many times costs no more than what is written.
class SchemaResolver {
 public:
  /// `text` is what the spans refer to.
  SchemaResolver(const RawSchema& raw, std::string_view text) : raw_(raw), text_(text) {}
  core::Result<Schema> run();

 private:
  struct Common {
    const RawCommon* raw = nullptr;
    const RawNamespace* space = nullptr;
    const Type* resolved = nullptr;
    bool is_open = false;  // being resolved: to meet it again is a circle
  };

  void collect();
  void check_shadows();
  void entities();
  void actions();
  void close_entity_types();
  void close_actions();
  const Type* type(const RawType& raw, std::size_t depth);
  const Type* named(const RawType& raw, std::size_t depth);
  const Type* built_in(std::string_view name) const;
  const Type* common(const std::string& full_name, std::size_t depth);
  const Type* entity(const std::string& full_name);
  const Type* record_or_report(const RawType* raw, std::string_view what);
  std::vector<Text> entity_names(const std::vector<std::string>& names);
  std::string in_space(std::string_view name) const;
  bool is_entity(const std::string& full_name) const;
  const Type* share(const Type& type);
  void report(std::string message);
  void report_at(const Place& place, std::string message);

  const RawSchema& raw_;
  std::string_view text_;
  Schema schema_;
  std::map<std::string, const RawEntity*> entity_raw_;
  std::map<std::string, Common> commons_;
  std::map<std::pair<std::string, std::string>, const RawAction*> action_raw_;
  std::map<std::string, bool> action_types_;
  struct TypeOrder {
    bool operator()(const Type* a, const Type* b) const;
  };
  std::map<const Type*, const Type*, TypeOrder> shared_;
  const RawNamespace* space_ = nullptr;  // whose declarations are being resolved
  const Place* place_ = nullptr;
  std::vector<core::Problem> problems_;
};

}  // namespace nova::cedar
