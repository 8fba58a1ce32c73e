// YAML as operators write it, turned into JSON with the line of each path, so that every later problem can name its
// place. Used for node configuration and for manifests.
#pragma once
#include "core/result.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nova::yaml {

struct Place {
  int line = 0;    ///< from 1
  int column = 0;  ///< from 1
};

struct Document {
  std::string json;  ///< compact
  Place start;
  std::map<std::string, Place> places;  ///< "spec.services.api.port", "spec.compliance[0]" -> where its value stands

  /// The place of `path`, or of its nearest known ancestor.
  Place find(std::string path) const;
};

inline constexpr std::size_t text_bytes_max = 1 << 20;
inline constexpr int depth_max = 32;
inline constexpr std::size_t nodes_max =
    100'000;  ///< after aliases are followed, so that they cannot multiply without end

/// All documents of a stream; empty ones are left out. Plain scalars true, false, null, ~, integers and decimals get
/// their JSON type, quoted ones stay text. Errors: `yaml.invalid` with file, line and column; duplicate keys and
/// non-text keys are refused.
core::Result<std::vector<Document>> read(std::string_view text, std::string_view file);

/// "clinic.yaml:12:7: `spec.services.api.port` must be ..." for each problem of an error.
std::string describe_problems(const core::Error& error, const Document& document, std::string_view file);

}  // namespace nova::yaml
