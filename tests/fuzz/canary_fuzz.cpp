// A target with a planted bug that a few seconds find. If this one passes, the alarm itself is broken: fuzzing finds
// nothing.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > 2 && bytes[0] == 'n' && bytes[1] == 'o' && bytes[2] == 'v') std::abort();
  return 0;
}
