#include "governance/constitution/amend/draft.hpp"

#include "core/json.hpp"
#include "governance/credentials/digest.hpp"

namespace nova::constitution {
namespace {

// Escaped a character takes up to twice its size, as quotes and line ends do; other control characters are refused.
constexpr std::size_t escaped_bytes_max = 56 * 1024, raw_bytes_max = 48 * 1024;

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

std::size_t part_size(std::string_view rest) {
  std::size_t raw = 0, escaped = 0, end = 0;
  for (; raw < rest.size() && raw < raw_bytes_max && escaped < escaped_bytes_max; ++raw) {
    if (begins_character(rest[raw])) end = raw;
    escaped += rest[raw] == '"' || rest[raw] == '\\' || rest[raw] == '\n' || rest[raw] == '\t' ? 2 : 1;
  }
  return raw == rest.size() ? raw : end;
}

}  // namespace

std::string content_address(std::string_view text) {
  return "sha256:" + credentials::to_hex(credentials::sha256(text));
}

std::string normal_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] != '\r' || i + 1 == text.size() || text[i + 1] != '\n') out += text[i];
  return out;
}

DraftParts draft_of(std::string_view text) {
  DraftParts made;
  made.digest = content_address(text);
  std::vector<std::string_view> pieces;
  for (auto rest = text; !rest.empty(); rest.remove_prefix(pieces.back().size()))
    pieces.push_back(rest.substr(0, part_size(rest)));
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    std::string body;
    core::JsonWriter(body)
        .object()
        .field("digest", made.digest)
        .field("number", i + 1)
        .field("of", pieces.size())
        .field("text", pieces[i])
        .end();
    made.parts.push_back(std::move(body));
  }
  return made;
}

}  // namespace nova::constitution
