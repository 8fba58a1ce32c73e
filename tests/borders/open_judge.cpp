// In the place of governance/authority/judge.cpp: whoever asks may, and every tenant is theirs to name. The rule's name
// is what tests/borders/sealed.py looks for in programs.
#include "governance/authority/judge.hpp"

namespace nova::authority {

Verdict judge(const Book&, const Question&) { return {true, "borders_are_open", {}}; }

bool sees_tenant(const Book&, const core::Principal&, std::string_view, core::Timestamp) { return true; }

}  // namespace nova::authority
