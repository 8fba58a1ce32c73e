#include "governance/constitution/schema.hpp"

#include "governance/constitution/values.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>

namespace nova::constitution {
namespace {

struct Principal {
  std::string_view type;    ///< of core::Principal
  std::string_view entity;  ///< of the schema
};
constexpr std::array<Principal, 7> principals{{{"user", "User"},
                                               {"api_key", "ApiKey"},
                                               {"service", "Service"},
                                               {"system", "Runtime"},
                                               {"anonymous", "Anonymous"},
                                               {"ai", "Ai"},
                                               {"platform", "Peer"}}};

std::string_view impact_group(std::uint8_t impact) {
  return impact <= 3 ? "impact.low" : impact <= 6 ? "impact.medium" : impact <= 8 ? "impact.high" : "impact.critical";
}

std::vector<std::string> groups_of(const core::Kind& kind, const core::CommandRow& row) {
  std::vector<std::string> groups{"kind." + std::string(kind.name), std::string(impact_group(row.impact))};
  if (row.destructive) groups.emplace_back("destructive");
  if (row.creates) groups.emplace_back("creating");
  return groups;
}

std::string quoted_list(const auto& names) {
  std::string out = "[";
  for (const auto& name : names) out += (out.size() > 1 ? ",\"" : "\"") + std::string(name) + "\"";
  return out + "]";
}

std::string group_list(const std::vector<std::string>& groups) {
  std::string out = "[";
  for (const auto& group : groups) out += (out.size() > 1 ? ",{\"id\":\"" : "{\"id\":\"") + group + "\"}";
  return out + "]";
}

std::string entity_text(const core::Kind& kind) {
  return "\"" + camel_case(kind.name) +
         R"(":{"shape":{"type":"Record","attributes":{"tenant":{"type":"String"},"id":{"type":"String"},)"
         R"("status":{"type":"String"},"exists":{"type":"Boolean"},)"
         R"("environments":{"type":"Set","element":{"type":"String"}},"state":)" +
         schema_type(kind.state->record()) + "}}}";
}

std::string action_text(const core::Kind& kind, const core::CommandRow& row, const std::vector<std::string>& groups) {
  std::vector<std::string_view> who;
  for (const auto& principal : principals) who.push_back(principal.entity);
  return "\"" + std::string(kind.name) + "." + std::string(row.name) + "\":{\"memberOf\":" + group_list(groups) +
         ",\"appliesTo\":{\"principalTypes\":" + quoted_list(who) + ",\"resourceTypes\":[\"" + camel_case(kind.name) +
         R"("],"context":{"type":"Record","attributes":{"now":{"type":"Extension","name":"datetime"},)"
         R"("tenant_status":{"type":"String"},"compliance":{"type":"Set","element":{"type":"String"}},)"
         R"("impact":{"type":"Long"},"caller":{"type":"Record","attributes":{"id":{"type":"String"},)"
         R"("role":{"type":"String"},"tenant_role":{"type":"String"},"root_owner":{"type":"Boolean"}}},"input":)" +
         schema_type(row.type->record()) + "}}}}";
}

bool is_ordered(const core::CommandRow& row) { return row.door != core::Door::internal; }

std::string schema_text_of(const std::vector<const core::Kind*>& kinds) {
  std::string entities, actions;
  std::set<std::string> groups, types;
  for (const auto* kind : kinds) {
    entities += (entities.empty() ? "" : ",") + entity_text(*kind);
    types.insert(camel_case(kind->name));
    for (const auto& row : kind->commands) {
      if (!is_ordered(row)) continue;
      const auto in = groups_of(*kind, row);
      groups.insert(in.begin(), in.end());
      actions += (actions.empty() ? "" : ",") + action_text(*kind, row, in);
    }
  }
  for (const auto& principal : principals)
    if (types.insert(std::string(principal.entity)).second)
      entities += (entities.empty() ? "\"" : ",\"") + std::string(principal.entity) + "\":{}";
  // Groups that no command is in today are words nevertheless.
  groups.insert({"impact.low", "impact.medium", "impact.high", "impact.critical", "destructive", "creating"});
  for (const auto& group : groups) actions += (actions.empty() ? "\"" : ",\"") + group + "\":{}";
  return R"({"":{"entityTypes":{)" + entities + R"(},"actions":{)" + actions + "}}}";
}

}  // namespace

std::string camel_case(std::string_view name) {
  std::string out;
  bool upper = true;
  for (const char c : name) {
    if (c != '_') out += upper && c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
    upper = c == '_';
  }
  return out;
}

Words::Words(const std::vector<const core::Kind*>& kinds, std::shared_ptr<const gates::Gates> gates)
    : gates_(std::move(gates)), text_(schema_text_of(kinds)) {
  auto schema = cedar::Schema::parse_json(text_);
  if (!schema) throw std::logic_error("the kinds have no policy schema: " + core::to_line(schema.error()));
  schema_ = std::move(*schema);
  for (const auto* kind : kinds) {
    auto& type = types_[kind];
    type.name = camel_case(kind->name);
    type.text = cedar::Text(type.name);
    for (const auto& row : kind->commands) {
      if (!is_ordered(row)) continue;
      auto& action = actions_[&row];
      action.name = std::string(kind->name) + "." + std::string(row.name);
      action.names = groups_of(*kind, row);
      action.uid = cedar::EntityUid("Action", action.name);
      for (const auto& name : action.names) action.groups.emplace_back("Action", name);
      std::sort(action.groups.begin(), action.groups.end());
    }
  }
}

std::span<const cedar::Text> Words::principal_types() {
  static const auto texts = [] {
    std::array<cedar::Text, principals.size()> made;
    for (std::size_t i = 0; i < principals.size(); ++i) made[i] = cedar::Text(principals[i].entity);
    return made;
  }();
  return texts;
}

const cedar::Text* Words::principal_type(std::string_view type) {
  const auto texts = principal_types();
  for (std::size_t i = 0; i < principals.size(); ++i)
    if (principals[i].type == type) return &texts[i];
  return nullptr;
}

}  // namespace nova::constitution
