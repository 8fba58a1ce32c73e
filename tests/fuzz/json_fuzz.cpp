// Any bytes as a command and as a stored document: nothing breaks, and what is accepted is written so that it is read
// the same.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/problem.hpp"
#include "core/service/check.hpp"
#include "tests/core/sample/everything.hpp"

#include <cstdlib>

using namespace nova;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  for (const auto reading : {core::Reading::command, core::Reading::stored}) {
    const auto read = core::from_json<sample::Everything>(text, reading);
    if (!read) {
      if (!core::json_valid(core::to_problem_json(read.error()))) std::abort();
      continue;
    }
    const auto json = core::to_json(*read);
    const auto again = core::from_json<sample::Everything>(json, core::Reading::stored);
    if (!again || core::to_json(*again) != json) std::abort();
  }
  if (const auto service = core::from_json<service::Service>(text); service && service->secrets.empty())
    (void)service::check({{"one", *service}});
  if (const auto compact = core::json_compact(text); compact && core::json_compact(*compact) != *compact) std::abort();
  (void)core::parse_problem(text, 500);
  return 0;
}
