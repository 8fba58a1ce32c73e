// What the routes of sovereign decisions, policies and emergencies share. Every change is a command that the gate
// judges like any other; what a caller may not choose is filled in here.
#pragma once
#include "core/kind.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/routes.hpp"

#include <functional>
#include <string>
#include <vector>

namespace nova::gateway::sovereign {

inline constexpr std::size_t body_bytes_max = 64 * 1024;

/// The tenant that the request names; else `system`, for what is about the installation.
core::Result<core::EntityKey> target_of(const Request& request, std::string_view kind);
core::Result<core::EntityKey> new_target(Behind& behind, const Request& request, std::string_view kind);

/// Ids of all policies in force, those of other nodes included; `decision.policies_unavailable` where they cannot be
/// known: what cannot be looked at is not taken for a yes.
core::Result<std::vector<std::string>> active_policies(Behind& behind);

/// The user behind a key; empty for others.
std::string person_behind(Behind& behind, const core::Principal& principal);

/// Sends the command with `over` laid over the request's body. `status` is that of a good answer. `needed`: what lies
/// in `system` does not exist for those who may not see that tenant; these paths are no secret, so they are told what
/// they lack instead.
void send(Behind& behind, const Request& request, core::EntityKey key, const std::string& command,
          const std::string& over, const Reply& reply, int status = 200, const core::Access* needed = nullptr);
/// Of what is the root owner's alone.
extern const core::Access owner_only;

/// Takes `code` out of the body and proves it, or what else is fresh: then `go` with the request as it is then and how
/// it was proved, empty where nothing was. A code that is wrong is answered here.
void with_factor(Behind& behind, Request request, const Reply& reply,
                 std::function<void(Request, const std::string& factor)> go);

/// A page of the kind's entities in the tenant that the request names, for who may read them.
void list(Behind& behind, const Request& request, const Reply& reply, const core::Kind& kind,
          const std::function<bool(const store::Document&)>& keep = {});
void one(Behind& behind, const Request& request, const Reply& reply, const core::Kind& kind);

Route row(std::string method, std::string pattern, std::string summary, std::function<void(Request, Reply)> handle);
/// A row that sends a command; its schema is the command's without what is filled in, with `code` where `coded`.
Route order(Route route, const core::Kind& kind, std::string_view command,
            std::initializer_list<std::string_view> filled, bool coded = false);
extern const std::vector<QueryParam> paged;

void add_decisions(Router& router, Behind& behind);
void add_policies(Router& router, Behind& behind);
void add_emergency(Router& router, Behind& behind);

}  // namespace nova::gateway::sovereign
