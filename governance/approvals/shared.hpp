// What the halves of this room share.
#pragma once
#include "core/ids.hpp"
#include "governance/gates/gates.hpp"

#include <string>

namespace nova::approval {
struct Request;
}

namespace nova::approvals {

/// UUIDv8 (RFC 9562, 5.8) from 32 hex digits or more.
std::string uuid_of(std::string hex);

/// The id of the command that an approval releases: the same at each attempt.
std::string released_id(const core::EntityKey& approval);

/// Who must agree, who is asked next, and with what proof.
void add_deciders(approval::Request& request, const gates::Together& together);

}  // namespace nova::approvals
