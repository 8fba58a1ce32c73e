// The one place of this room that draws from the kernel, alone in its file: a simulation links its own, which repeats.
#include "governance/credentials/random.hpp"

#include <sys/random.h>

#include <stdexcept>

namespace nova::credentials {

SecretBytes random_bytes(std::size_t size) {
  if (size > random_bytes_max) throw std::logic_error("random_bytes: too many at once");
  std::string bytes(size, '\0');
  if (getrandom(bytes.data(), size, 0) != static_cast<ssize_t>(size)) throw std::runtime_error("getrandom failed");
  return SecretBytes(std::move(bytes));
}

}  // namespace nova::credentials
