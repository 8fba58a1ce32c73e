// Hands one mail to one server (RFC 5321) over libcurl. Blocks; for a driver's own thread.
#pragma once
#include "core/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace nova::mail {

enum class Tls : std::uint8_t {
  starttls,  ///< must be offered and succeed (RFC 3207)
  tls,       ///< from the first byte (RFC 8314)
  none,      ///< for a server on this machine
};

struct Server {
  std::string host;
  std::uint16_t port = 587;
  Tls tls = Tls::starttls;
  std::string ca_file;   ///< PEM; empty: the machine's
  std::string username;  ///< empty: none asked for
  /// Read anew for each mail, so that it may be changed under a running node. Wiped after use.
  std::function<core::Result<std::string>()> password;
  std::chrono::milliseconds limit{30'000};  ///< for all of it; connecting has a third
};

struct Delivery {
  bool taken = false;
  bool later = false;   ///< worth another try
  std::string code;     ///< when not taken: mail.refused, mail.deferred, mail.deferred_tls, _login, _slow, _unreachable
  std::string message;  ///< holds neither address nor password
};

/// `mail` is what `compose` made. Ends early when `stop` says so, which is asked once a second at least.
Delivery deliver(const Server& server, const std::string& from, const std::string& to, std::string_view mail,
                 const std::function<bool()>& stop);

}  // namespace nova::mail
