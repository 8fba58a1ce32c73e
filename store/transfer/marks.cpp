#include "store/transfer/marks.hpp"

namespace nova::store::transfer {

core::Error refused_by(const std::string& mark, const std::string& value, const std::string& store) {
  if (mark == mark_moved)
    return core::unavailable("store.moved", "`" + store + "` was moved to `" + core::printable(value) + "`")
        .fix(
            "let the configuration name the new store; to go back to this one and lose what was written since, run "
            "`novactl store reopen`")
        .with("moved_to", value);
  return core::unavailable("store.unfinished", "`" + store + "` is not complete: " + core::printable(value))
      .fix("run the same command again, which begins anew, or name the store that was in use before");
}

core::Error not_empty(const std::string& store) {
  auto error = core::refusal("store.not_empty", "`" + store + "` holds something already, and nothing was done to it");
  error.status = 409;
  return std::move(error).fix("name an empty place, or move this one away first");
}

core::Error older_schema(const std::string& store) {
  auto error = core::refusal("store.older_schema", "`" + store + "` was written by an older version");
  error.status = 409;
  return std::move(error).fix("start and stop the node of this version on it once, which brings it forward");
}

}  // namespace nova::store::transfer
