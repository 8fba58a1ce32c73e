// What the supervision tree looks like at one moment: values for the API, the console and the CLI. No actor library
// here.
#pragma once
#include "core/describe/describe.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace nova::supervision {

enum class NodeKind : std::uint8_t { worker, supervisor };
inline const std::vector<std::string_view>& names_of(const NodeKind*) {
  static const std::vector<std::string_view> names = {"worker", "supervisor"};
  return names;
}

/// One supervised thing and what is below it.
struct TreeNode {
  std::string name;
  NodeKind kind = NodeKind::worker;
  std::string state;           ///< a Phase by name: "running", "waiting", "quarantined" ...
  bool answers = true;         ///< false: alive, but it did not answer within the deadline
  std::string lifetime;        ///< "permanent", "transient", "temporary"; empty at the root
  std::string strategy;        ///< of supervisors: "one_for_one" ..., "dynamic"
  std::uint32_t restarts = 0;  ///< automatic ones of this child
  std::string last_error;
  std::chrono::milliseconds age{0};      ///< since the state began
  std::optional<std::uint64_t> mailbox;  ///< messages that wait, where the actor can say it
  std::uint64_t children_count = 0;  ///< all of them; `children` holds at most `children_shown_max`, the unwell first
  std::vector<TreeNode> children;
};
const core::Record& describe(const TreeNode*);

/// Children of one dynamic supervisor in a snapshot. A page for people; the list of entities is asked from the store.
inline constexpr std::size_t children_shown_max = 100;

/// Asks for the tree. Returns at once; `done` is called exactly once, from an actor's thread, at the latest when
/// `deadline` has passed. What does not answer by then stands in the tree with `answers` false.
using SnapshotSource = std::function<void(std::chrono::milliseconds deadline, std::function<void(TreeNode)> done)>;

}  // namespace nova::supervision
