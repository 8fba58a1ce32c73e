// Any text as a line of the batch contract: the answer is one line of valid JSON.
#include "core/json.hpp"
#include "governance/cedar/batch.hpp"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string answer = nova::cedar::answer_batch_line({reinterpret_cast<const char*>(bytes), size});
  if (!nova::core::json_valid(answer, 64 * 1024 * 1024) || answer.find('\n') != std::string::npos) std::abort();
  return 0;
}
