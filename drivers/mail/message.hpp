// A mail as the bytes that go over the wire (RFC 5322, RFC 2047, RFC 2045): pure, any thread, linear.
//
// Nothing that somebody outside chose stands in it but the address it goes to, and that only when it can be nothing
// else. The body is base64, so that no line is too long, none begins with a dot, and any language passes any server.
#pragma once
#include "core/result.hpp"
#include "core/time.hpp"

#include <string>
#include <string_view>

namespace nova::mail {

struct Message {
  std::string from;  ///< address; its domain names the message too
  std::string to;
  std::string subject, body;  ///< UTF-8
  std::string id;             ///< unique and stable: a copy of the mail has the same
  std::string language;       ///< RFC 5646: "ar"
  core::Timestamp at;
};

/// True for local@domain of RFC 5321 as a dot-string, without quotes, comments and literals; above ASCII any UTF-8 (RFC
/// 6531). Nothing of it can end a header line or an SMTP command.
bool is_address(std::string_view text);
std::string_view domain_of(std::string_view address);

/// With CRLF, headers and body. `mail.invalid_address` or `mail.invalid_message` (400).
core::Result<std::string> compose(const Message& message);

}  // namespace nova::mail
