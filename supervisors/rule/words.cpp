#include "supervisors/rule/words.hpp"

#include <set>

namespace nova::supervision {
namespace {

core::Error invalid(std::string message) { return core::refusal("supervision.invalid_spec", std::move(message)); }

}  // namespace

core::Status check(const ChildSpec& child, AutoShutdown auto_shutdown) {
  if (child.id.empty()) return invalid("a child has no id");
  if (child.shutdown < milliseconds(0) || child.shutdown > shutdown_max)
    return invalid("the shutdown time of child `" + child.id + "` is not between 0 and 1 h");
  if (child.significant && child.lifetime == Lifetime::permanent)
    return invalid("child `" + child.id + "` is permanent and so cannot be significant");
  if (child.significant && auto_shutdown == AutoShutdown::never)
    return invalid("child `" + child.id + "` is significant, but its supervisor never shuts down by itself");
  return core::ok();
}

core::Status check(const SupervisorSpec& spec) {
  if (spec.on_excess == Excess::quarantine && spec.strategy != Strategy::one_for_one)
    return invalid("quarantine leaves siblings alone and so goes with one_for_one only");
  if (spec.children.size() > children_max) return invalid("more than 1000 children in one table");
  std::set<std::string_view> ids;
  for (const auto& child : spec.children) {
    if (auto status = check(child, spec.auto_shutdown); !status) return status;
    if (!ids.insert(child.id).second) return invalid("two children have the id `" + child.id + "`");
  }
  return core::ok();
}

std::string_view name_of(Strategy value) {
  constexpr std::string_view names[] = {"one_for_one", "one_for_all", "rest_for_one"};
  return names[std::size_t(value)];
}

std::string_view name_of(Lifetime value) {
  constexpr std::string_view names[] = {"permanent", "transient", "temporary"};
  return names[std::size_t(value)];
}

std::string_view name_of(Exit value) {
  constexpr std::string_view names[] = {"normal", "shutdown", "killed", "error"};
  return names[std::size_t(value)];
}

std::string_view name_of(Phase value) {
  constexpr std::string_view names[] = {"down",    "waiting", "starting",    "running", "stopping",
                                        "killing", "done",    "quarantined", "stuck"};
  return names[std::size_t(value)];
}

bool is_restarted(Lifetime lifetime, Exit exit) {
  if (lifetime == Lifetime::temporary) return false;
  return lifetime == Lifetime::permanent || exit == Exit::killed || exit == Exit::error;
}

}  // namespace nova::supervision
