// Bytes as text: base64, base64url, base32 and hexadecimal (RFC 4648), and percent escapes (RFC 3986).
//
// Reading is strict: every byte string has exactly one text. Refused are padding where none belongs (or its absence
// where it does), letters of another alphabet, the other case, white space, and bits of the last character that no byte
// uses. Pure; any thread; linear. The time depends on the length alone where texts are valid.
#pragma once
#include <optional>
#include <string>
#include <string_view>

namespace nova::credentials {

/// RFC 4648 section 5, without padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);

/// RFC 4648 section 4, with padding.
std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

/// RFC 4648 section 4, without padding, as the PHC form of password hashes has it.
std::string to_base64_unpadded(std::string_view bytes);
std::optional<std::string> from_base64_unpadded(std::string_view text);

/// RFC 4648 section 6, upper case, without padding, as authenticator apps expect it.
std::string to_base32(std::string_view bytes);
std::optional<std::string> from_base32(std::string_view text);

/// Lower case.
std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);

/// All but the unreserved characters of RFC 3986 as "%20".
std::string percent_encode(std::string_view text);

}  // namespace nova::credentials
