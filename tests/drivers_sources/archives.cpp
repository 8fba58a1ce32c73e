#include "tests/drivers_sources/archives.hpp"

#include <cstdio>
#include <cstring>

namespace nova::sources::archives {

std::string entry(const std::string& name, const std::string& content, char type, const std::string& link,
                  unsigned mode) {
  char head[512] = {};
  std::snprintf(head, 100, "%s", name.c_str());
  std::snprintf(head + 100, 8, "%07o", mode);
  std::snprintf(head + 108, 8, "%07o", 0u);
  std::snprintf(head + 116, 8, "%07o", 0u);
  std::snprintf(head + 124, 12, "%011zo", content.size());
  std::snprintf(head + 136, 12, "%011o", 0u);
  head[156] = type;
  std::snprintf(head + 157, 100, "%s", link.c_str());
  std::memcpy(head + 257, "ustar\00000", 8);
  std::memset(head + 148, ' ', 8);
  unsigned sum = 0;
  for (const char c : head) sum += static_cast<unsigned char>(c);
  std::snprintf(head + 148, 8, "%06o", sum);
  std::string out(head, sizeof head);
  out += content;
  out.resize((out.size() + 511) / 512 * 512, '\0');
  return out;
}

std::string end() { return std::string(1024, '\0'); }

}  // namespace nova::sources::archives
