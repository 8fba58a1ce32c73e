// Device authorisation (RFC 8628): a program without a browser gets a short code for a person to type elsewhere, and
// asks with a long one until they answered.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"
#include "governance/authority/book.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace nova::identity {

struct Parts;

inline constexpr std::chrono::seconds poll_interval{5};
/// Those whose last question is remembered; beyond them the one that will be over first is forgotten.
inline constexpr std::size_t polled_max = 4096;

/// Eight of 20 consonants, 34 bits: no vowels, so that no words come out, and nothing that looks like a digit (RFC
/// 8628, 6.1). "WDJBMJHT" of "wdjb-mjht"; none when it cannot be one.
std::optional<std::string> parse_user_code(std::string_view text);

/// Any thread; each function with a completion returns at once and answers once, on a thread that must not be blocked.
class DeviceLogins {
 public:
  template <class T>
  using Done = std::function<void(core::Result<T>)>;

  explicit DeviceLogins(const Parts& parts) : parts_(parts) {}  ///< `parts` outlives it

  struct Started {
    std::string device_code;
    std::string user_code;  ///< "WDJB-MJHT"
    std::chrono::seconds expires_in{}, interval{};
  };
  /// `device`: what the program says of itself.
  void start(const std::string& device, Done<Started> done);

  /// What the person who typed a code is shown before they answer. `auth.code_not_found` (404), `auth.code_expired`
  /// (410).
  struct Waiting {
    std::string id, device;
    core::Timestamp started_at, expires_at;
  };
  core::Result<Waiting> look_up(const std::string& user_code) const;
  /// The same refusals; answered before: `entity.wrong_state` (409).
  void answer(const std::string& user, const std::string& user_code, bool approve, Done<Waiting> done);

  /// Who let it in, once: whoever holds the code gets one session. Refusals have the names of RFC 8628, 3.5, as the
  /// detail `error`: `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, and `invalid_grant` for a
  /// code that was never given or was used.
  struct Approved {
    std::string user, device;
  };
  void redeem(const std::string& device_code, Done<Approved> done);

 private:
  struct Polled {
    core::Timestamp last, until;
    std::chrono::seconds interval{};
  };
  bool is_too_soon(const std::string& id, core::Timestamp now, core::Timestamp until);
  void start(const std::string& device, int tries_left, Done<Started> done);

  const Parts& parts_;
  std::mutex mutex_;
  std::map<std::string, Polled> polled_;
};

}  // namespace nova::identity
