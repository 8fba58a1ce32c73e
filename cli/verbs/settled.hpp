// Waiting for what a command set going.
#pragma once
#include "cli/session.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <string>

namespace nova::cli {

using std::chrono::milliseconds;

/// Between two looks at an entity: a person does not notice it, a node does not feel it.
inline constexpr milliseconds look_pause{200};

/// What a deployment looked like before a command, to tell its new revision from the old one.
struct Seen {
  std::int64_t last_revision = 0;
};
/// A deployment that does not exist has seen nothing.
core::Result<Seen> look(Session& session, const std::string& tenant, const std::string& deployment);

/// Waits until the revision that follows `before` (or, with `changed` false, the present one) runs and is healthy, and
/// says so in words. Errors: `deployment.rollout_failed` with the revision's reason; `wait.timeout` with the last
/// state.
core::Result<std::string> wait_settled(Session& session, const std::string& tenant, const std::string& deployment,
                                       Seen before, bool changed, milliseconds limit);

/// One look: done with words, an error that ends the wait, or what is still missing.
struct Look {
  std::optional<std::string> done;
  std::string missing;
};
/// Looks again and again until it is done or `limit` has passed: then `wait.timeout` says what was missing last. A node
/// that does not answer in between is waited for.
core::Result<std::string> wait_until(const std::string& what, milliseconds limit,
                                     const std::function<core::Result<Look>()>& look);

void pause_for(milliseconds span);

}  // namespace nova::cli
