#include "cli/verbs/people/people.hpp"

#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "core/time.hpp"

#include <nlohmann/json.hpp>

namespace nova::cli {

std::string user_path(const std::string& id) {
  return "/v1/tenants/" + std::string(people_tenant) + "/users/" + url_part(id);
}

core::Result<std::string> tenant_of(Session& session) {
  const auto chosen = session.tenant_or("");
  if (!chosen) return chosen.error();
  if (!chosen->empty() && *chosen != "-") return *chosen;
  const auto self = session.get("/v1/whoami");
  if (!self) return self.error();
  if (const auto own = text_at(*self, "key.tenant"); !own.empty()) return own;
  const auto& items = at(*self, "tenants");
  if (items.is_array() && items.size() == 1) return text_at(items.front(), "tenant");
  auto error = core::refusal("cli.no_tenant", "this belongs to a tenant, and none was chosen");
  error.status = 400;
  return std::move(error).fix("say which with --tenant");
}

core::Result<std::string> user_id(Session& session, const std::string& word) {
  if (word == "me") {
    const auto self = session.get("/v1/whoami");
    if (!self) return self.error();
    if (text_at(*self, "type") == "user") return text_at(*self, "principal");
    return core::refusal("user.not_found", "the caller is no person").fix("name an address or an id");
  }
  if (word.find('@') == std::string::npos) return word;
  const auto found = session.get("/v1/users?email=" + url_part(word));
  if (!found) return found.error();
  const auto& items = at(*found, "items");
  if (items.is_array() && !items.empty()) return text_at(items.front(), "id");
  return core::refusal("user.not_found", "nobody has the address `" + core::printable(word) + "`")
      .fix("see: novactl users list");
}

core::Result<int> order(Session& session, const std::string& path, const Json& body, const std::string& what,
                        const std::string& done) {
  const auto answer = session.mutate(path, body);
  if (!answer) return answer.error();
  const bool unchanged = at(*answer, "events").is_array() && at(*answer, "events").empty();
  std::string text = safe(what) + " " + (unchanged ? "was so already" : done);
  const auto status = safe(text_at(*answer, "status"));
  if (!status.empty()) text += ": " + session.paint().status(status);
  session.print(*answer, text + (session.globals().dry_run ? " (dry run)" : "") + "\n");
  return exit_ok;
}

core::Result<std::string> moment_of(const std::string& text) {
  if (core::parse_rfc3339(text)) return text;
  if (const auto span = core::parse_duration(text); span && span->count() > 0)
    return core::to_rfc3339(core::system_clock().now() + *span);
  auto error = core::refusal("cli.bad_time", "`" + core::printable(text) + "` is no time");
  error.status = 400;
  return std::move(error).fix("write a span such as 90d, or 2030-01-31T00:00:00Z");
}

}  // namespace nova::cli
