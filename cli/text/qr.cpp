#include "cli/text/qr.hpp"

#include <qrencode.h>

namespace nova::cli {
namespace {

constexpr int border = 2;  // the standard has 4; apps read 2, and a terminal has few lines

struct Code {
  QRcode* made;
  ~Code() { QRcode_free(made); }
  bool is_dark(int x, int y) const {
    const bool inside = x >= 0 && y >= 0 && x < made->width && y < made->width;
    return inside && (made->data[y * made->width + x] & 1) != 0;
  }
};

}  // namespace

std::string qr_code(std::string_view text, bool colour) {
  const Code code{
      QRcode_encodeData(int(text.size()), reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_L)};
  if (!code.made) return {};
  std::string out;
  for (int y = -border; y < code.made->width + border; y += 2) {
    // White ink on black ground: what is inked is light.
    if (colour) out += "\x1b[97;40m";
    for (int x = -border; x < code.made->width + border; ++x) {
      const bool above = !code.is_dark(x, y), below = !code.is_dark(x, y + 1) && y + 1 < code.made->width + border;
      out += above ? (below ? "█" : "▀") : (below ? "▄" : " ");
    }
    if (colour) out += "\x1b[0m";
    out += '\n';
  }
  return out;
}

}  // namespace nova::cli
