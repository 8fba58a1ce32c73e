// Which things a verb is about: one by its name, or many by a filter that the node applies, the same for lists and for
// acts.
#pragma once
#include "cli/session.hpp"

#include <string>
#include <vector>

namespace nova::cli {

/// "status=failed,parent=platform/clinic" as a query. Errors: `cli.bad_selector`.
core::Result<std::string> selector_query(const std::string& selector);

/// What a person wrote to say what is meant.
struct Selection {
  std::vector<std::string> words;  ///< KIND ID, KIND/ID; with a selector KIND alone
  std::string selector;
  int expect = -1;  ///< how many the selector must match; -1: not said
};

/// The things meant, at least one. With a selector their number is printed, and unless a person at a terminal is asked,
/// `expect` must name it: `confirm.count_differs`, `confirm.required`.
core::Result<std::vector<Address>> select(Session& session, const Selection& selection,
                                          const std::string& default_kind = {});

}  // namespace nova::cli
