// Which limit a request falls under and whom it is counted for (S24), and what the answer says of it. Before the
// handler, on the I/O thread.
#pragma once
#include "gateway/gateway.hpp"
#include "gateway/http.hpp"
#include "gateway/router.hpp"
#include "governance/limits/limits.hpp"

#include <optional>
#include <string_view>
#include <unordered_map>

namespace nova::gateway {

/// I/O thread, save the constructor. Some 500 ns for a caller that was here before.
class RateGuard {
 public:
  /// Without `options.limits`, or when those are not enforced, everything passes and nothing is counted.
  explicit RateGuard(const Options& options);

  /// Finds out each route's policy; once, when all rows are there.
  void learn(const Router& router);

  /// Counts the request: open routes and the node's own service principals never; a route that is counted by address
  /// for its address; others for the key or the user behind it, or the address when nobody was recognised (`known`). A
  /// key's own limits hold beside them, on every route that it is counted for.
  /// Fills `head.rate`. `rate.limited` (429) with the route, and the seconds after which the next one passes.
  core::Status take(Request& head, const Router::Found& found, bool known);

  /// The same with all nodes together, for the few requests where that is worth a round trip; nothing when it passes.
  /// A worker; blocks.
  std::optional<core::Error> take_shared(Request& request) const;
  bool is_shared(const Request& request) const;

  /// Who is at the other end, behind proxies that are trusted.
  limits::Address client_of(const Request& head) const;

 private:
  struct Counted {
    limits::Subject subject;
    limits::KeyedBy keyed_by = limits::KeyedBy::ip;
    limits::Tier tier = limits::Tier::free;
    std::string_view name;
    limits::OwnLimits own = {};  ///< of a key
    std::string tenant = {};     ///< that it is counted for; empty: none
  };
  Counted counted(const Request& head, const Router::Found& found, bool known);
  limits::Tier tier_of_user(const std::string& user) const;
  limits::PolicyId policy_of(const Route* route) const;

  const Options& options_;
  limits::Limits* limits_;
  std::optional<limits::SubjectCache> subjects_;
  std::unordered_map<const Route*, limits::PolicyId> policies_;
};

/// X-RateLimit-Limit, -Remaining and -Reset (seconds until nothing counts any more).
void add_rate(Response& response, const std::optional<Rate>& rate);

}  // namespace nova::gateway
