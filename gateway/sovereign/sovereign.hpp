// The areas of the API under /api/sovereign.
#pragma once

namespace nova::gateway {

class Router;
struct Behind;

/// Decisions and policies (S07), emergencies, incidents and windows for sensitive operations (S09), where the node
/// knows people.
void add_sovereign(Router& router, Behind& behind);

}  // namespace nova::gateway
