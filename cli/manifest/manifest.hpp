// Manifests: YAML files in the envelope operators know (apiVersion, kind, metadata, spec), with the place of every
// field.
#pragma once
#include "core/result.hpp"
#include "drivers/yaml/yaml.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

namespace nova::cli {

inline constexpr std::size_t manifests_max = 100;  ///< in one command; a mebibyte of text in each file at most

struct Manifest {
  std::string json;  ///< the document as it goes to the node
  std::string kind, name, tenant;
  yaml::Document document;       ///< for the places
  std::string file;              ///< as a person wrote it; "-" is standard input
  std::filesystem::path folder;  ///< sources are relative to it

  /// "clinic.yaml:12:7" of a path such as "spec.services.api.port".
  std::string place(const std::string& path) const;
};

/// Reads files, folders (their *.yaml and *.yml in order of name) and "-". `tenant` fills in where metadata names none.
/// Errors: `manifest.not_readable`, `yaml.invalid`, `input.invalid` with file, line and path.
core::Result<std::vector<Manifest>> read_manifests(const std::vector<std::string>& files, std::istream& standard_in,
                                                   const std::string& tenant);

/// One source of a service that lies beside a manifest.
struct LocalSource {
  std::size_t manifest = 0;
  std::string path;    ///< of the field: "spec.services.api.source"
  std::string folder;  ///< as written
};
std::vector<LocalSource> local_sources(const std::vector<Manifest>& manifests);
/// Puts the digest of a packed folder into the manifest.
void set_source(Manifest& manifest, const LocalSource& source, const std::string& digest);

/// Paths of a node's problems ("manifests[1].spec.services.api.port") become places of files, each on its own line.
core::Error with_places(core::Error error, const std::vector<Manifest>& manifests);

}  // namespace nova::cli
