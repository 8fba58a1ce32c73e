// A list that was read; apart because it holds JSON values. Only for sources.
#pragma once
#include "cli/session.hpp"

#include <nlohmann/json.hpp>

namespace nova::cli {

struct Session::Listing {
  Json items = Json::array();
  std::string next;
};

}  // namespace nova::cli
