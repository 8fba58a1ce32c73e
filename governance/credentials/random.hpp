// Random bytes from the kernel. Any thread; a system call each, below a microsecond.
#pragma once
#include "governance/credentials/secret_bytes.hpp"

#include <cstddef>

namespace nova::credentials {

inline constexpr std::size_t random_bytes_max = 256;  // what getrandom(2) never cuts short

/// Throws when the kernel has no randomness, which a node cannot go on without.
SecretBytes random_bytes(std::size_t size);

}  // namespace nova::credentials
