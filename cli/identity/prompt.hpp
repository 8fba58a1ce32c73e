// Questions to the person at the terminal.
#pragma once
#include "cli/session.hpp"
#include "core/result.hpp"

#include <string>

namespace nova::cli {

inline constexpr std::size_t line_bytes_max = 4096;

/// One line of standard input, whoever writes it. `cli.no_input` when there is none, `what` says of what.
core::Result<std::string> read_line(Terminal& terminal, const std::string& what);
/// Asks, on the error stream, and reads the answer. Without a terminal: `cli.no_terminal` with the remedy.
core::Result<std::string> ask_line(Terminal& terminal, const std::string& question, const std::string& remedy);
/// The same for what nobody shall read over a shoulder: nothing that is typed is shown. A signal meanwhile leaves the
/// terminal as it was.
core::Result<std::string> ask_secret(Terminal& terminal, const std::string& question, const std::string& remedy);

}  // namespace nova::cli
