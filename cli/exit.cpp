#include "cli/exit.hpp"

namespace nova::cli {

int exit_of(const core::Error& error) {
  if (error.code == "wait.timeout" || error.code == "client.timeout" || error.code == "auth.device_expired_token")
    return exit_timeout;
  if (error.code == "gate.held") return exit_held;
  switch (error.status) {
    case 202:
      return exit_held;
    case 400:
    case 413:
    case 414:
    case 415:
    case 422:
      return exit_usage;
    case 401:
    case 403:
      return exit_denied;
    case 404:
    case 410:
      return exit_not_found;
    case 409:
    case 412:
    case 428:
      return exit_conflict;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return exit_unavailable;
    default:
      return exit_failed;
  }
}

std::string_view exit_help() {
  return "Exit codes:\n"
         "  0  done                    5  conflict: another state or version\n"
         "  1  failed                  6  not found\n"
         "  2  wrong usage or input    7  no node answers, or it cannot serve now\n"
         "  3  denied                  8  not in time\n"
         "  4  held for approval      10  plan or policy diff --exit-code: changes\n";
}

}  // namespace nova::cli
