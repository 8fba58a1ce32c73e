// A text on its way into the store: parts that fit into events.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace nova::constitution {

/// "sha256:<64 hex digits>" of a text.
std::string content_address(std::string_view text);

struct DraftParts {
  std::string digest;              ///< of the whole
  std::vector<std::string> parts;  ///< bodies of the command `draft`, in order
};

/// The text as it is stored: lines end in `\n`.
std::string normal_text(std::string_view text);

/// `text` is normal and not empty. A part never splits a character, and escaped it fits into an event.
DraftParts draft_of(std::string_view text);

}  // namespace nova::constitution
