#include "core/error.hpp"

#include <array>
#include <cstdio>

namespace nova::core {
namespace {

struct Known {
  std::string_view code;
  int status;
};

// Spec README, "Common refusals", and the codes whose shape would say otherwise.
constexpr std::array known = {
    Known{"auth.required", 401},
    Known{"auth.owner_required", 403},
    Known{"access.denied", 403},
    Known{"field.protected", 403},
    Known{"entity.not_found", 404},
    Known{"entity.duplicate", 409},
    Known{"entity.wrong_state", 409},
    Known{"entity.version_mismatch", 412},
    Known{"entity.gone", 410},
    Known{"input.invalid", 400},
    Known{"input.too_large", 413},
    Known{"confirm.required", 400},
    Known{"gate.held", 202},
    Known{"gate.denied", 403},
    Known{"quota.exceeded", 429},
    Known{"rate.limited", 429},
    Known{"killswitch.active", 503},
    Known{"safe_mode.active", 503},
    Known{"maintenance.active", 503},
    Known{"vault.sealed", 503},
    Known{"audit.unavailable", 503},
    Known{"store.read_only", 503},
    Known{"store.unavailable", 503},
    Known{"store.conflict", 409},
    Known{"entity.parked", 503},
    Known{"node.draining", 503},
    Known{"idempotency.mismatch", 422},
    Known{"idempotency.in_flight", 409},
    Known{"upstream.failed", 502},
    Known{"tenant.suspended", 403},
    Known{"tenant.over_quota_on_downgrade", 403},
    Known{"tenant.reservation_spent", 409},
    Known{"user.root_owner_immutable", 403},
    Known{"user.one_owner_only", 403},
    Known{"membership.last_owner", 403},
    Known{"membership.rank", 403},
    Known{"auth.bad_credentials", 401},
    Known{"auth.locked", 403},
    Known{"auth.enrolment_over", 409},
    Known{"auth.mfa_required", 401},
    Known{"auth.mfa_failed", 401},
    Known{"auth.too_many_attempts", 429},
    Known{"auth.method_disabled", 403},
    Known{"auth.factor_required", 403},
    Known{"passkey.last_of_owner", 403},
    Known{"passkey.not_hardware", 403},
    Known{"passkey.limit", 409},
    Known{"secret.foreign", 403},
    Known{"http.method_not_allowed", 405},
    Known{"internal.bug", 500},
};

bool ends_with_word(std::string_view code, std::string_view ending) {
  return code.size() >= ending.size() && code.substr(code.size() - ending.size()) == ending;
}

}  // namespace

int status_of(std::string_view code) {
  for (const auto& k : known)
    if (k.code == code) return k.status;
  const auto dot = code.find('.');
  const auto reason = dot == std::string_view::npos ? code : code.substr(dot + 1);
  if (ends_with_word(reason, "not_found")) return 404;
  for (std::string_view ending : {"_taken", "exists", "duplicate", "in_use", "conflict"})
    if (ends_with_word(reason, ending)) return 409;
  if (reason.starts_with("already_") || reason.starts_with("duplicate_") || reason == "wrong_state" ||
      reason.starts_with("not_running") || reason.starts_with("no_previous"))
    return 409;
  for (std::string_view ending : {"expired", "revoked", "too_late", "gone"})
    if (ends_with_word(reason, ending)) return 410;
  if (reason.find("limit") != std::string_view::npos || reason.find("quota") != std::string_view::npos) return 429;
  if (reason.find("unavailable") != std::string_view::npos) return 503;
  if (reason.starts_with("not_owner") || reason.find("denied") != std::string_view::npos ||
      reason.find("forbidden") != std::string_view::npos)
    return 403;
  return 400;
}

Error refusal(std::string code, std::string message) {
  Error error;
  error.status = status_of(code);
  error.retryable = error.status == 503 || error.status == 429;
  error.code = std::move(code);
  error.message = std::move(message);
  return error;
}

Error invalid_input(std::vector<Problem> problems) {
  auto error = refusal("input.invalid");
  if (problems.size() != 1)
    error.message = std::to_string(problems.size()) + " fields are not valid";
  else if (problems[0].path.empty())
    error.message = problems[0].message;
  else
    error.message = "`" + problems[0].path + "` " + problems[0].message;
  error.problems = std::move(problems);
  return error;
}

Error invalid_input(std::string path, std::string message) {
  return invalid_input({Problem{std::move(path), std::move(message)}});
}

Error unavailable(std::string code, std::string message) {
  Error error;
  error.code = std::move(code);
  error.status = 503;
  error.message = std::move(message);
  error.retryable = true;
  return error;
}

std::string to_line(const Error& error) {
  std::string line = error.code;
  if (!error.message.empty()) line += ": " + printable(error.message);
  for (const auto& [name, value] : error.details) line += ", " + name + "=" + printable(value);
  if (!error.remedy.empty()) line += " (" + printable(error.remedy) + ")";
  return line;
}

std::string printable(std::string_view text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      safe += escaped;
      continue;
    }
    safe += c;
  }
  return safe;
}

}  // namespace nova::core
