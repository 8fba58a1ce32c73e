// A node: the parts of the product wired together. Nothing is decided here; who needs whom stands in `node.cpp`.
#pragma once
#include "core/result.hpp"
#include "node/config/config.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace nova::node {

enum class Leave : std::uint8_t {
  services_running,  ///< SIGTERM: services live on, the next start finds them again
  nothing_running,   ///< SIGINT: services are stopped in order first
};

/// Owned by main. `open` takes the store and binds the port, so whatever cannot work is one clear error before anything
/// runs; `start` serves; `stop` drains and ends in order. One thread calls these.
class Node {
 public:
  static core::Result<std::unique_ptr<Node>> open(const Loaded& configuration, const std::string& program_dir);
  virtual ~Node() = default;

  virtual core::Status start() = 0;
  virtual std::string url() const = 0;
  /// True when all that was under way finished within the configured time.
  virtual bool stop(Leave leave) = 0;
};

}  // namespace nova::node
