// JSON as YAML for people: block style, texts quoted where YAML would read them as something else.
#pragma once
#include <nlohmann/json_fwd.hpp>

#include <string>

namespace nova::cli {

std::string to_yaml(const nlohmann::ordered_json& value);

}  // namespace nova::cli
