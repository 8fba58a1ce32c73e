#include "cli/identity/device.hpp"

#include "cli/json.hpp"
#include "cli/text/safe.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace nova::cli {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr seconds more_each_time{5};  // RFC 8628, 3.5
constexpr seconds interval_min{1}, interval_max{60};
constexpr seconds life_max{3600};

void wait(steady_clock::duration span) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, span, [] { return false; });
}

std::string word_of(const core::Error& error) {
  for (const auto& [name, value] : error.details)
    if (name == "error") return value;
  return {};
}

seconds number(const Json& answer, const char* name, seconds otherwise) {
  const auto& value = at(answer, name);
  return value.is_number_integer() ? seconds(value.get<std::int64_t>()) : otherwise;
}

// What a node that restarts or is asked too often says is no answer of a person.
bool is_passing(const core::Error& error) {
  return error.status == 429 || error.status >= 500 || error.code.starts_with("client.");
}

}  // namespace

core::Result<std::string> sign_in_elsewhere(Session& session, const std::string& device) {
  const auto begun = session.sign_in("/api/auth/device", {{"device", device}});
  if (!begun) return begun.error();
  const auto answer = Json::parse(*begun, nullptr, false);
  const auto code = text_at(answer, "device_code"), shown = text_at(answer, "user_code");
  if (code.empty() || shown.empty()) return core::unavailable("login.bad_answer", "the node's answer holds no code");
  session.note("open       " + safe(text_at(answer, "verification_uri")));
  session.note("and enter  " + safe(shown));
  session.note("or open    " + safe(text_at(answer, "verification_uri_complete")));

  auto interval = std::clamp(number(answer, "interval", more_each_time), interval_min, interval_max);
  const auto end = steady_clock::now() + std::clamp(number(answer, "expires_in", seconds(600)), interval_min, life_max);
  while (steady_clock::now() < end) {
    wait(std::min<steady_clock::duration>(interval, end - steady_clock::now()));
    auto tokens =
        session.sign_in("/api/auth/device/token",
                        {{"grant_type", "urn:ietf:params:oauth:grant-type:device_code"}, {"device_code", code}});
    if (tokens) return tokens;
    const auto word = word_of(tokens.error());
    if (word == "access_denied") {
      // The protocol has one status for all its words; for exit codes this one is a denial.
      auto denied = tokens.error();
      denied.status = 403;
      return denied;
    }
    if (word == "authorization_pending") continue;
    if (word != "slow_down" && !is_passing(tokens.error())) return tokens;
    interval = std::min(interval + more_each_time, interval_max);
  }
  auto error = core::refusal("auth.device_expired_token", "nobody answered in time");
  error.status = 400;
  return std::move(error).fix("begin again: novactl login --device");
}

}  // namespace nova::cli
