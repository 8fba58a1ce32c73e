// Manifests as operators write them, read into the commands that make them true. Pure but for facts, which come in.
#pragma once
#include "core/envelope.hpp"
#include "core/kind.hpp"
#include "core/result.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::gateway {

inline constexpr std::size_t manifests_max = 100;  // of one apply
inline constexpr std::size_t diffs_max = 500;      // lines of one resource

/// One difference between what is and what shall be; values are JSON, "null" where there is none.
struct Difference {
  std::string path, from, to;
};

/// A manifest as a command on its entity.
struct Wanted {
  std::size_t index = 0;  ///< in the request
  core::EntityKey key;
  const core::Kind* kind = nullptr;
  const core::CommandRow* command = nullptr;
  std::string body;  ///< of the command
  bool exists = false;
  std::uint64_t version = 0, intent_version = 0;  ///< of the entity as it was read
  std::optional<std::uint64_t> base;              ///< intent version that a plan was made of
  std::string deployment;                         ///< that follows from a blueprint
  std::vector<Difference> differences;
  bool has_secrets = false;
  std::string at() const { return "manifests[" + std::to_string(index) + "]"; }
};

/// What reading manifests asks of the node.
struct Known {
  std::function<core::Result<std::shared_ptr<const store::Document>>(const core::EntityKey&)> document;
  std::function<bool(const std::string& reference, const std::string& value)> is_secret;  ///< may be empty
};

/// Reads the request's body and tries each manifest's command on the entity's present state, without gate or store.
/// Tenants come first, otherwise the order is kept. Errors: `input.invalid` with a problem for every wrong place
/// ("manifests[0].spec.services.api.port"), `plan.stale` (409), an entity's refusal with the detail `manifest`.
core::Result<std::vector<Wanted>> read_manifests(std::string_view body, const Known& known, core::Timestamp now,
                                                 const core::Principal& principal);

/// The error of one manifest as the client sees it: paths lead into the request, the detail `manifest` counts from 0.
core::Error in_manifest(core::Error error, const Wanted& wanted);

}  // namespace nova::gateway
