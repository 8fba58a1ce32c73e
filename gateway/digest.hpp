// SHA-256, and comparing secrets without telling how much of them was right.
#pragma once
#include <array>
#include <string>
#include <string_view>

namespace nova::gateway {

using Sha256 = std::array<unsigned char, 32>;

Sha256 sha256(std::string_view bytes);
std::string to_hex(const Sha256& digest);

/// In time that does not depend on where two digests differ.
bool same(const Sha256& a, const Sha256& b);

}  // namespace nova::gateway
