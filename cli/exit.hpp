// What a script learns from novactl's exit code. A contract: numbers never change their meaning.
#pragma once
#include "core/error.hpp"

#include <string_view>

namespace nova::cli {

enum Exit : int {
  exit_ok = 0,
  exit_failed = 1,       ///< the work was tried and failed, or something unforeseen happened
  exit_usage = 2,        ///< the command line or an input file is wrong; nothing was done
  exit_denied = 3,       ///< not signed in, or not allowed (401, 403); the decision of `policy authorize` is deny
  exit_held = 4,         ///< waits for a person's approval (202)
  exit_conflict = 5,     ///< the thing is in another state or version than assumed (409, 412)
  exit_not_found = 6,    ///< no such thing (404, 410)
  exit_unavailable = 7,  ///< no node answers, or it cannot serve right now (429, 502, 503, 504)
  exit_timeout = 8,      ///< a condition was not met in time
  exit_changes = 10,     ///< `plan --exit-code` and `policy diff --exit-code` only: there are changes
};

int exit_of(const core::Error& error);

/// The table of codes as shown in help.
std::string_view exit_help();

}  // namespace nova::cli
