// How ends are written into CAF's exit reasons and read out of them. Only for the sources of this folder.
#pragma once
#include "supervisors/rule/words.hpp"

#include <caf/error.hpp>

#include <string>

namespace nova::supervision {

/// The reason a supervisor ends with; its text survives the way to its parent.
caf::error reason_of(Outcome outcome, const std::string& text);

/// Why, for people: the text of the reason, cut and printable; empty for a plain normal end or shutdown.
std::string text_of(const caf::error& reason);

}  // namespace nova::supervision
