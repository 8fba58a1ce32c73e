// The node's log: one line an event, for eyes or as JSON. Any thread. Text is made printable; secrets never come here.
#pragma once
#include "core/result.hpp"
#include "node/config/config.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::node {

/// Opens the log as configured (an empty file: stderr). Errors: `log.cannot_open`.
core::Status open_log(const LogPart& part, const std::string& file);
void set_log_level(LogLevel level);
/// After rotation from outside (SIGHUP): the same path is opened anew.
void reopen_log();

using LogFields = std::vector<std::pair<std::string, std::string>>;
void log(LogLevel level, std::string_view message, const LogFields& fields = {});

}  // namespace nova::node
