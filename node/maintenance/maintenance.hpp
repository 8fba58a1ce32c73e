// What is done to a node's store and folder from outside of it, at the request of novactl: move, backup, restore. It
// opens the stores themselves; no node needs to run, and for a backup one may.
#pragma once
#include "node/config/config.hpp"

#include <iosfwd>
#include <string>
#include <vector>

namespace nova::node {

/// One request, one answer: `in` holds a JSON object with `verb` and its fields (cli/verbs/maintain.cpp), `out` gets
/// the result, or a problem document (RFC 9457) and the answer is 1. With `progress` set, `err` gets lines for people.
int maintain(std::istream& in, std::ostream& out, std::ostream& err, const std::vector<Override>& overrides);

}  // namespace nova::node
