#include "core/decision.hpp"

namespace nova::core {

Error wrong_state(std::string_view state, std::initializer_list<std::string_view> allowed) {
  std::string list;
  for (const auto name : allowed) list.append(list.empty() ? "" : ", ").append(name);
  auto error = refusal("entity.wrong_state", "it is `" + std::string(state) + "`, and this needs `" + list + "`");
  return std::move(error).with("state", std::string(state)).with("allowed", list);
}

}  // namespace nova::core
