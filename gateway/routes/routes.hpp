// The areas of the API. Each file adds its rows; none knows a socket.
#pragma once
#include "core/kind.hpp"
#include "gateway/access.hpp"
#include "gateway/document_cache.hpp"
#include "gateway/gateway.hpp"
#include "gateway/log_tail.hpp"
#include "gateway/router.hpp"

#include <functional>
#include <string>

namespace nova::gateway {

/// What stands behind the routes; outlives them.
struct Behind {
  const Options& options;
  store::EventStore& store;
  host::Host& host;
  core::Clock& clock;
  DocumentCache& cache;
  LogTail& tail;
  Scheduler& scheduler;
  const ReadGuard& guard;
  std::function<bool()> draining;
  std::function<ServerStats()> stats;
};

void add_commands(Router& router, Behind& behind);
void add_resources(Router& router, Behind& behind);
void add_events(Router& router, Behind& behind);
void add_why(Router& router, Behind& behind);
void add_apply(Router& router, Behind& behind);
void add_tree(Router& router, Behind& behind);
void add_logs(Router& router, Behind& behind);
void add_sources(Router& router, Behind& behind);
/// Accounts and sessions, where the node knows people.
void add_auth(Router& router, Behind& behind);
void add_second_factor(Router& router, Behind& behind);
void add_passkeys(Router& router, Behind& behind);
void add_device_login(Router& router, Behind& behind);
void add_auth_methods(Router& router, Behind& behind);
/// The page for people without the console.
void add_signin_page(Router& router, Behind& behind);
void add_by_mail(Router& router, Behind& behind);
void add_outside(Router& router, Behind& behind);
/// Who is calling; and where the node knows people, who others are.
void add_people(Router& router, Behind& behind);
void add_permissions(Router& router, Behind& behind);
/// Accounts and their rights, for who governs the installation.
void add_owner(Router& router, Behind& behind);
void add_api_keys(Router& router, Behind& behind);
/// Where events go, and their deliveries; where the node sends any.
void add_webhooks(Router& router, Behind& behind);
/// Tenants, and what is left of their quotas.
void add_tenants(Router& router, Behind& behind);
/// Secrets by their paths.
void add_vault(Router& router, Behind& behind);
/// What waits for people, where anything does.
void add_approvals(Router& router, Behind& behind);
/// Layers, agents, outside providers, limits of tiers, permissions of AI and requests to it.
void add_ai(Router& router, Behind& behind);
/// Rate limits, where the node has any.
void add_limits(Router& router, Behind& behind);
/// What stops AI and effects, where the node has switches.
void add_kill_switch(Router& router, Behind& behind);
/// Where the node has a constitution.
void add_constitution(Router& router, Behind& behind);
void add_dead_letters(Router& router, Behind& behind);
void add_node(Router& router, Behind& behind);
/// Last: describes all rows before it.
void add_descriptions(Router& router, Behind& behind);

}  // namespace nova::gateway
