// Links of templates in JSON.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/syntax/ast.hpp"

namespace nova::cedar {

/// Adds each of `[{"templateId", "newId", "values": {"?principal": UID, "?resource": UID}}]` to the set; the JSON is
/// not needed afterwards. Fails with `cedar.link_invalid`, naming the link by its place in the list; the ones before it
/// stay in the set. Linear in both.
core::Status read_links(const Json& json, PolicySet& set);

}  // namespace nova::cedar
