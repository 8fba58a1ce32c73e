// A QR code (ISO/IEC 18004) as text for a terminal.
#pragma once
#include <string>
#include <string_view>

namespace nova::cli {

/// Two modules a character, one above the other, with a quiet border; each line ends with a newline. With `colour` it
/// is dark on light in every terminal; without, it fits those with a dark background. Empty when `text` is too long for
/// one (some 2,900 bytes).
std::string qr_code(std::string_view text, bool colour);

}  // namespace nova::cli
