// A plan in a file: what was to be changed, on which intent it stands, and the exact manifests. Another person may
// apply it; the node refuses when the intent moved since.
#pragma once
#include "cli/text/table.hpp"
#include "core/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace nova::cli {

inline constexpr const char* plan_format = "webnova.io/plan/v1";

/// {"format","created_at","manifests":[...],"base":[...],"changes":[...]} from the request and the node's answer.
nlohmann::ordered_json make_plan(const nlohmann::ordered_json& manifests, const nlohmann::ordered_json& changes,
                                 const std::string& now);
/// A person reads it before it is applied, and it may hold values of secrets: mode 0600.
core::Status write_plan(const std::string& file, const nlohmann::ordered_json& plan);
/// True when the file looks like a plan and not like a manifest.
bool is_plan_file(const std::string& file);
/// Errors: `plan.invalid`.
core::Result<nlohmann::ordered_json> read_plan(const std::string& file);

/// The differences for people: one block per entity, one line per field, `+` new, `-` gone, `~` changed.
std::string plan_text(const nlohmann::ordered_json& changes, const Paint& paint);
bool has_changes(const nlohmann::ordered_json& changes);

}  // namespace nova::cli
