#include "governance/identity/device_logins.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "governance/credentials/digest.hpp"
#include "governance/credentials/encoding.hpp"
#include "governance/credentials/random.hpp"
#include "governance/identity/tell.hpp"

#include <algorithm>

namespace nova::identity {
namespace {

constexpr std::string_view letters = "BCDFGHJKLMNPQRSTVWXZ";
constexpr std::size_t code_letters = 8;
constexpr std::size_t secret_bytes = 32;
constexpr int start_tries = 4;  // of 26 thousand million codes, some thousand are in use

core::EntityKey key_of(const std::string& id) { return {"system", "device_login", id}; }

std::string id_of(const Parts& parts, const std::string& user_code) {
  return credentials::keyed_hash(parts.keys->lookup(), "device." + user_code).substr(0, 32);
}

std::string make_user_code() {
  std::string code;
  while (code.size() < code_letters) {
    const auto bytes = credentials::random_bytes(code_letters);
    // Bytes beyond the last whole run of letters would make the first ones likelier.
    for (const unsigned char byte : bytes.view())
      if (byte < 256 / letters.size() * letters.size() && code.size() < code_letters)
        code += letters[byte % letters.size()];
  }
  return code;
}

core::Error unknown_code() {
  return core::refusal("auth.code_not_found", "no program waits with this code")
      .fix("compare it with what the program shows; a code is good for ten minutes");
}

core::Error expired_code() {
  return core::refusal("auth.code_expired", "this code is over").fix("begin again where the program runs");
}

// RFC 8628, 3.5: 400 whatever it is, and a word that programs know.
core::Error grant_error(std::string word, std::string message) {
  auto error = core::refusal("auth.device_" + (word == "authorization_pending" ? std::string("pending") : word),
                             std::move(message));
  error.status = 400;
  error.retryable = word == "authorization_pending" || word == "slow_down";
  return error.with("error", word);
}

}  // namespace

std::optional<std::string> parse_user_code(std::string_view text) {
  std::string code;
  for (const char c : text) {
    if (c == '-' || c == ' ') continue;
    const char upper = c >= 'a' && c <= 'z' ? char(c - 'a' + 'A') : c;
    if (letters.find(upper) == letters.npos || code.size() == code_letters) return std::nullopt;
    code += upper;
  }
  if (code.size() != code_letters) return std::nullopt;
  return code;
}

void DeviceLogins::start(const std::string& device, Done<Started> done) { start(device, start_tries, std::move(done)); }

void DeviceLogins::start(const std::string& device, int tries_left, Done<Started> done) {
  const auto code = make_user_code();
  const auto id = id_of(parts_, code);
  Started started;
  started.user_code = code.substr(0, 4) + "-" + code.substr(4);
  started.device_code = id + "." + credentials::to_base64url(credentials::random_bytes(secret_bytes).view());
  started.interval = poll_interval;
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("device", core::clean_text(device, 255))
      .field("code_hash", credentials::keyed_hash(parts_.keys->lookup(), started.device_code))
      .end();
  tell(parts_, key_of(id), "start", std::move(body), core::system_principal(),
       [this, id, device, tries_left, started, done = std::move(done)](core::Result<host::Answer> answer) mutable {
         if (!answer) {
           // Somebody had this code before.
           if (answer.error().code == "entity.wrong_state" && tries_left > 1)
             return start(device, tries_left - 1, std::move(done));
           return done(std::move(answer).error());
         }
         const auto line = parts_.book->device(id);
         if (line) started.expires_in = std::chrono::seconds((line->expires_at.ms - line->started_at.ms) / 1000);
         done(std::move(started));
       });
}

core::Result<DeviceLogins::Waiting> DeviceLogins::look_up(const std::string& user_code) const {
  const auto code = parse_user_code(user_code);
  if (!code) return unknown_code();
  const auto id = id_of(parts_, *code);
  const auto line = parts_.book->device(id);
  if (!line) return unknown_code();
  if (line->status == "expired" || parts_.clock->now() >= line->expires_at) return expired_code();
  if (line->status != "pending") return core::wrong_state(line->status, {"pending"});
  return Waiting{id, line->device, line->started_at, line->expires_at};
}

void DeviceLogins::answer(const std::string& user, const std::string& user_code, bool approve, Done<Waiting> done) {
  auto waiting = look_up(user_code);
  if (!waiting) return done(std::move(waiting).error());
  std::string body;
  core::JsonWriter(body).object().field("user", user).end();
  tell(parts_, key_of(waiting->id), approve ? "approve" : "deny", std::move(body), core::system_principal(),
       [shown = *waiting, done = std::move(done)](core::Result<host::Answer> answer) {
         if (!answer) return done(std::move(answer).error());
         done(shown);
       });
}

// Each question that comes too soon makes the next one wait longer (RFC 8628, 3.5).
bool DeviceLogins::is_too_soon(const std::string& id, core::Timestamp now, core::Timestamp until) {
  std::lock_guard lock(mutex_);
  if (const auto found = polled_.find(id); found != polled_.end()) {
    auto& polled = found->second;
    const bool soon = now - polled.last < polled.interval;
    polled.last = now;
    if (soon) polled.interval += poll_interval;
    return soon;
  }
  if (polled_.size() >= polled_max) std::erase_if(polled_, [&](const auto& one) { return one.second.until <= now; });
  if (polled_.size() >= polled_max)
    polled_.erase(std::min_element(polled_.begin(), polled_.end(),
                                   [](const auto& a, const auto& b) { return a.second.until < b.second.until; }));
  polled_.emplace(id, Polled{now, until, poll_interval});
  return false;
}

void DeviceLogins::redeem(const std::string& device_code, Done<Approved> done) {
  const auto id = device_code.substr(0, device_code.find('.'));
  const auto line = parts_.book->device(id);
  // Who does not hold the code learns nothing of it, and cannot slow down who does.
  if (!line || !credentials::same(credentials::keyed_hash(parts_.keys->lookup(), device_code), line->code_hash))
    return done(grant_error("invalid_grant", "this code was never given"));
  const auto now = parts_.clock->now();
  if (line->status == "redeemed") return done(grant_error("invalid_grant", "this code was used"));
  if (line->status == "denied") return done(grant_error("access_denied", "somebody turned this sign-in away"));
  if (line->status == "expired" || now >= line->expires_at)
    return done(grant_error("expired_token", "nobody answered in time").fix("begin again"));
  if (is_too_soon(id, now, line->expires_at))
    return done(grant_error("slow_down", "this was asked again too soon").fix("wait five seconds longer each time"));
  if (line->status == "pending") return done(grant_error("authorization_pending", "nobody has answered yet"));
  Approved approved{line->user, line->device};
  tell(parts_, key_of(id), "redeem", "{}", core::system_principal(),
       [approved = std::move(approved), done = std::move(done)](core::Result<host::Answer> answer) mutable {
         if (!answer) {
           if (answer.error().status < 500) return done(grant_error("invalid_grant", "this code was used"));
           return done(std::move(answer).error());
         }
         done(std::move(approved));
       });
}

}  // namespace nova::identity
