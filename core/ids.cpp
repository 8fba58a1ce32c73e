#include "core/ids.hpp"

namespace nova::core {

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

std::string to_string(const EntityKey& key) { return key.tenant + "/" + key.kind + "/" + key.id; }

bool is_name(std::string_view text, std::size_t size_max) {
  if (text.empty() || text.size() > size_max) return false;
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (!plain(text.front()) || !plain(text.back())) return false;
  for (const char c : text)
    if (!plain(c) && c != '-' && c != '.' && c != '_') return false;
  return true;
}

}  // namespace nova::core
