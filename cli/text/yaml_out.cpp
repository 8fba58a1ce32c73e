#include "cli/text/yaml_out.hpp"

#include "cli/text/safe.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

// Plain only when no reader could take it for another type or for syntax.
bool can_stand_plain(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  constexpr std::array<std::string_view, 9> words = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  if (std::find(words.begin(), words.end(), lower) != words.end()) return false;
  const auto first = static_cast<unsigned char>(text.front());
  if (!std::isalpha(first) && first != '/' && first != '_') return false;
  if (text.find(": ") != std::string_view::npos || text.find(" #") != std::string_view::npos || text.back() == ':')
    return false;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c >= 0x20 && c < 0x7f && !std::strchr("{}[],&*|>\"'%@`", c); });
}

std::string scalar(const Json& value) {
  if (!value.is_string()) return value.dump();
  const auto& text = value.get_ref<const std::string&>();
  if (can_stand_plain(text)) return text;
  return safe_json(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

std::string key_text(const std::string& key) { return scalar(Json(key)); }

bool is_inline(const Json& value) { return !value.is_structured() || value.empty(); }

void write(std::string& out, const Json& value, std::size_t depth);

void write_entry(std::string& out, const Json& value, std::size_t depth) {
  if (is_inline(value)) {
    out += ' ' + scalar(value) + '\n';
    return;
  }
  out += '\n';
  write(out, value, depth);
}

void write(std::string& out, const Json& value, std::size_t depth) {
  const std::string indent(depth * 2, ' ');
  if (value.is_object()) {
    for (const auto& [key, child] : value.items()) {
      out += indent + key_text(key) + ':';
      write_entry(out, child, depth + 1);
    }
    return;
  }
  for (const auto& child : value) {
    if (is_inline(child)) {
      out += indent + "- " + scalar(child) + '\n';
      continue;
    }
    std::string block;
    write(block, child, depth + 1);
    block[depth * 2] = '-';  // The dash takes the place of the first line's own indentation.
    out += block;
  }
}

}  // namespace

std::string to_yaml(const nlohmann::ordered_json& value) {
  if (is_inline(value)) return scalar(value) + '\n';
  std::string out;
  write(out, value, 0);
  return out;
}

}  // namespace nova::cli
