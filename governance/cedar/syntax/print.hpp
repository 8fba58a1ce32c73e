// Trees to policy text, and policy text to well laid out policy text.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <string>
#include <string_view>

namespace nova::cedar {

/// Text that parses back to the same tree, with parentheses only where they are needed. Links are not part of it.
std::string to_text(const Expr& expr);
std::string to_text(const Policy& policy);
std::string to_text(const PolicySet& set);

/// The same tokens and comments in the house layout: one policy a block, scope on one line or one part a line, one
/// operand of `&&` and `||` a line when a condition is longer than `width`. Formatting twice changes nothing more.
/// Fails as parse_policies does.
core::Result<std::string> format_policies(std::string_view text, std::size_t width = 100);

}  // namespace nova::cedar
