#include "cli/verbs/settled.hpp"

#include "cli/json.hpp"
#include "core/time.hpp"

#include <nlohmann/json.hpp>

#include <condition_variable>
#include <mutex>

namespace nova::cli {
namespace {

using Clock = std::chrono::steady_clock;

// Applying a blueprint whose services did not change makes no new revision. The workflow needs a moment to find that
// out.
constexpr milliseconds no_revision_after{3'000};

std::string path_of(const std::string& tenant, const std::string& deployment) {
  return "/v1/tenants/" + url_part(tenant) + "/deployments/" + url_part(deployment);
}

bool is_missing(const core::Error& error) { return error.status == 404 && error.code != "http.not_found"; }

const Json& revision_of(const Json& deployment, std::int64_t number) {
  static const Json none;
  for (const auto& revision : at(deployment, "state.revisions"))
    if (number_at(revision, "number") == number) return revision;
  return none;
}

core::Error rollout_failed(const std::string& deployment, std::int64_t number, const std::string& state,
                           const std::string& reason) {
  auto error = core::refusal("deployment.rollout_failed", "revision " + std::to_string(number) + " of `" + deployment +
                                                              "` is " + state + (reason.empty() ? "" : ": " + reason));
  error.status = 500;
  return std::move(error).fix("see: novactl why deployment/" + deployment + "; novactl logs deployment/" + deployment);
}

bool is_well(const Json& deployment) {
  const bool moves = number_at(deployment, "state.candidate") != 0 ||
                     !text_at(deployment, "state.restarting").empty() || !at(deployment, "state.restart_queue").empty();
  return text_at(deployment, "status") == "running" && text_at(deployment, "state.health") == "healthy" && !moves;
}

// What the platform says when the deployment refused what was asked of it.
core::Status refused_by_deployment(Session& session, const std::string& tenant, const Json& deployment) {
  const auto platform =
      session.get("/v1/tenants/" + url_part(tenant) + "/platforms/" + url_part(text_at(deployment, "state.platform")));
  if (!platform) return core::ok();
  const Json& environments = at(*platform, "state.environments");
  const auto environment = text_at(deployment, "state.environment");
  if (!environments.is_object() || !environments.contains(environment)) return core::ok();
  const auto why = text_at(environments.at(environment), "last_error");
  if (why.empty()) return core::ok();
  auto error = core::refusal("deployment.rollout_failed", "the deployment refused the blueprint: " + why);
  error.status = 409;
  return error;
}

core::Result<Look> look_at(Session& session, const std::string& tenant, const std::string& deployment, Seen before,
                           bool changed, bool may_be_unchanged) {
  const auto item = session.get(path_of(tenant, deployment));
  if (!item && is_missing(item.error())) return Look{{}, "it does not exist yet"};
  if (!item) return item.error();
  const auto number = number_at(*item, "state.last_revision");
  const auto status = text_at(*item, "status");
  const bool has_new = number > before.last_revision;
  if (changed && !has_new) {
    if (may_be_unchanged) {
      if (auto refused = refused_by_deployment(session, tenant, *item); !refused) return std::move(refused).error();
      if (is_well(*item)) return Look{"runs revision " + std::to_string(number) + "; its services did not change", {}};
    }
    return Look{{}, "no new revision yet"};
  }
  const Json& revision = revision_of(*item, number);
  const auto state = text_at(revision, "state");
  if (state == "failed" || state == "rolled_back" || state == "cancelled")
    return rollout_failed(deployment, number, state, text_at(revision, "reason"));
  if (status == "failed") return rollout_failed(deployment, number, status, text_at(*item, "reason"));
  if (is_well(*item)) return Look{"is healthy: revision " + std::to_string(number), {}};
  const auto reason = text_at(*item, "reason");
  return Look{{}, "revision " + std::to_string(number) + " is " + status + (reason.empty() ? "" : ": " + reason)};
}

}  // namespace

void pause_for(milliseconds span) {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  never.wait_for(lock, span, [] { return false; });
}

core::Result<std::string> wait_until(const std::string& what, milliseconds limit,
                                     const std::function<core::Result<Look>()>& look) {
  const auto deadline = Clock::now() + limit;
  std::string missing = "it was not looked at";
  for (;;) {
    auto seen = look();
    if (!seen && seen.error().status != 503) return std::move(seen).error();
    if (seen && seen->done) return *seen->done;
    missing = seen ? seen->missing : core::to_line(seen.error());
    if (Clock::now() + look_pause > deadline) break;
    pause_for(look_pause);
  }
  auto error = core::refusal("wait.timeout", what + " did not happen within " + core::to_text(limit) + ": " + missing);
  error.status = 408;
  return error;
}

core::Result<Seen> look(Session& session, const std::string& tenant, const std::string& deployment) {
  const auto item = session.get(path_of(tenant, deployment));
  if (item) return Seen{number_at(*item, "state.last_revision")};
  if (is_missing(item.error())) return Seen{};
  return item.error();
}

core::Result<std::string> wait_settled(Session& session, const std::string& tenant, const std::string& deployment,
                                       Seen before, bool changed, milliseconds limit) {
  const auto begun = Clock::now();
  return wait_until("`deployment/" + deployment + "` healthy", limit, [&] {
    return look_at(session, tenant, deployment, before, changed, Clock::now() - begun > no_revision_after);
  });
}

}  // namespace nova::cli
