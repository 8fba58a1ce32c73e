// How an installation gets its root owner (S20): a token in the state folder, for whoever can read it there.
#pragma once
#include "core/result.hpp"
#include "governance/identity/identity.hpp"
#include "node/parts.hpp"

namespace nova::node {

/// Makes the token where there is no owner yet, or takes its file away where there is one; `parts.enrolment` and the
/// words on enrolment in `made` hold it then. A token that lay there for a day opens nothing any more: the next start
/// makes another. Who tries to become the owner without a good one is on record. Errors: those of `token_file`.
core::Status open_enrolment(Parts& parts, identity::Parts& made);

}  // namespace nova::node
