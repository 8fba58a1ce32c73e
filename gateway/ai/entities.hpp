// What the AI areas of the API share: entities of the tenant `system` under paths of their own. Every change is the
// kind's command and passes the gate like any other.
#pragma once
#include "core/kind.hpp"
#include "gateway/routes/commands.hpp"
#include "gateway/routes/routes.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace nova::gateway::ai {

inline constexpr std::size_t body_bytes_max = 64 * 1024;

/// Sends the command and answers it, with `status` when it made something. What lies in `system` does not exist for
/// those who may not see that tenant; `needed` says what they lack instead, since these paths are no secret.
void submit(Behind& behind, core::Result<core::CommandEnvelope> command, const Request& request, const Reply& reply,
            int status = 200, const core::Access* needed = nullptr);
extern const core::Access owner_only, configuring;

/// True for the owner, the operator and who reads the whole installation.
bool sees_everything(Behind& behind, const Request& request);

/// The document as the node knows it, whoever asks; none: there is none. For handlers that judge themselves what of it
/// is told.
core::Result<std::shared_ptr<const store::Document>> known(Behind& behind, const core::EntityKey& key);

/// A page of the kind's entities in `system`; `item` writes one, or nothing for those that the caller is not told of.
void list(Behind& behind, const Request& request, const Reply& reply, std::string_view kind,
          const std::function<std::string(const store::Document&)>& item);

/// One entity of `system`, by `{id}`.
core::Result<core::EntityKey> named(const Request& request, std::string_view kind);

/// JSON Schema of the command's body.
std::string schema_of(std::string_view kind, std::string_view command);

/// A row whose handler judges, or whose command does.
Route row(std::string method, std::string pattern, std::string summary, std::function<void(Request, Reply)> handle);
/// The same with a JSON body.
Route with_body(Route route, std::string schema);
extern const std::vector<QueryParam> paged;

void add_sovereignty(Router& router, Behind& behind);
void add_subscribers(Router& router, Behind& behind);
void add_permissions(Router& router, Behind& behind);
void add_executions(Router& router, Behind& behind);
void add_records(Router& router, Behind& behind);

}  // namespace nova::gateway::ai
