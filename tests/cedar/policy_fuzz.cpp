// Any text as policies: what is accepted prints, formats and goes through JSON to the same trees, and can be evaluated.
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/cedar/json/policy_json.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/syntax/print.hpp"

#include <cstdint>
#include <cstdlib>

using namespace nova::cedar;

namespace {

void require(bool yes) {
  if (!yes) std::abort();
}

void require_same(const PolicySet& a, const PolicySet& b) {
  require(a.policies.size() == b.policies.size());
  for (std::size_t i = 0; i < a.policies.size(); ++i) require(same(a.policies[i], b.policies[i]));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  const auto set = parse_policies(text);
  (void)read_policies_json(text);
  if (!set) {
    require(!set.error().problems.empty());
    return 0;
  }
  const auto printed = parse_policies(to_text(*set));
  require(printed.ok());
  require_same(*set, *printed);
  const auto formatted = format_policies(text);
  require(formatted.ok());
  const auto read = parse_policies(*formatted);
  require(read.ok());
  require_same(*set, *read);
  const std::string json = to_json(*set);
  const auto from_json = read_policies_json(json);
  require(from_json.ok() && to_json(*from_json) == json);

  Arena arena;
  Request request{{"User", "amy"}, {"Action", "view"}, {"Photo", "p"}, make_record(arena, {})};
  Scratch scratch;
  const EntityStore entities;
  const Authorizer authorizer(*set);
  const Explanation explained = authorizer.explain(request, entities, scratch);
  for (const PolicyFailure& failed : explained.answer.failures) require(!describe(failed.failure).empty());
  return 0;
}
