// Recorded decisions asked again under another text.
#pragma once
#include "core/envelope.hpp"
#include "governance/constitution/constitution.hpp"
#include "governance/constitution/reads.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace nova::constitution {

/// A decision that would be another.
struct Changed {
  std::uint64_t position = 0;
  core::Timestamp at;
  std::string who, who_type, act, resource;
  std::string before, after;  ///< "allow", "deny", "hold"
  std::vector<std::string> rules_before, rules_after;
};

struct Replayed {
  std::uint64_t decisions = 0;  ///< looked at: recorded, and asked of a constitution at all
  std::uint64_t same = 0;
  std::uint64_t now_denied = 0, now_held = 0, now_allowed = 0;
  std::uint64_t lacking = 0;  ///< the text reads what was not recorded with them, or they speak of what is unknown
  std::map<std::string, std::uint64_t> lacked;  ///< paths, by how many decisions lack them
  std::vector<Changed> examples;                ///< at most `examples_max`, each rule that decides differently first
};
inline constexpr std::size_t examples_max = 20;

/// One thread. What roles said is taken as it was; the constitution alone is asked again.
class Replay {
 public:
  explicit Replay(const Constitution& next);

  /// True when the event carries a decision that counts. About ten microseconds.
  bool add(const core::StoredEvent& event);
  const Replayed& result() const { return result_; }

 private:
  struct Question;
  void ask(const Question& question);
  void note(const Question& question, std::string after, std::vector<std::string> rules);

  const Constitution& next_;
  const Reads reads_;
  cedar::Arena arena_;
  cedar::Scratch scratch_;
  cedar::Answer answer_;
  Replayed result_;
  std::map<std::string, int> shown_;  ///< examples by the rules that decide now
};

}  // namespace nova::constitution
