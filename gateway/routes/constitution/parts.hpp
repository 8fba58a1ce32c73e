// What the routes of the constitution share.
#pragma once
#include "gateway/routes/routes.hpp"
#include "governance/constitution/standing.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace nova::gateway {

/// A body with a whole text, which the engine for commands is too small for.
struct TextBody {
  std::string text, reason, code;
  std::string from;  ///< the version that the text was compared with; empty: whichever is in force
  std::uint64_t replay = 0;
};
inline constexpr std::size_t text_body_bytes_max = 5 * 512 * 1024;  ///< a text of 1 MiB, escaped
inline constexpr std::uint64_t replay_default = 1000, replay_max = 10'000;

core::Result<TextBody> text_body_of(const Request& request);
std::string text_body_schema(bool amends);

/// The text compiled for this node, or every problem with its place.
core::Result<std::shared_ptr<const constitution::Constitution>> compiled(Behind& behind, const std::string& text);

/// `auth.owner_required` for everybody but the root owner in person: asked before a text is looked at.
core::Status is_owner(const Behind& behind, const Request& request);

Route constitution_route(std::string method, std::string pattern, std::string summary,
                         std::function<void(Request, Reply)> handle);

/// The rules of a text that need not hold under this program any more.
std::vector<constitution::Rule> rules_of(const std::string& text);

/// A JSON array of what a recorded decision's rules say, each with `id`, `en` and `ar`, by that version's text.
std::string explained(Behind& behind, const std::string& version, const std::vector<std::string>& rules);

void add_decisions(Router& router, Behind& behind);
void add_constitution_amend(Router& router, Behind& behind);
void add_constitution_plan(Router& router, Behind& behind);

}  // namespace nova::gateway
