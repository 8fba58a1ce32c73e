// roles: what each role may do, and what somebody may do and why.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace nova::cli {
namespace {

constexpr const char* roles_examples =
    "  novactl roles list                                  platform roles, and the matrix of a tenant's roles\n"
    "  novactl roles why                                   what you may do, with the reason for each\n"
    "  novactl roles why amy@example.org --tenant clinic   what somebody may do there, too\n";

bool holds(const Json& list, const Json& word) {
  return list.is_array() && std::find(list.begin(), list.end(), word) != list.end();
}

std::string word_of(const Json& value) { return value.is_string() ? value.get<std::string>() : std::string(); }

// One row for each permission, one column for each role that holds any.
std::string permissions_text(const Session& session, const Json& answer) {
  std::string subscribers;
  std::vector<const Json*> staff;
  std::vector<std::string> headings = {"PERMISSION"};
  for (const auto& role : at(answer, "platform_roles")) {
    if (flag_at(role, "subscriber")) {
      subscribers += (subscribers.empty() ? "" : ", ") + text_at(role, "name");
      continue;
    }
    staff.push_back(&role);
    headings.push_back(text_at(role, "name"));
  }
  Table table(headings);
  for (const auto& permission : at(answer, "platform_permissions")) {
    std::vector<std::string> cells = {word_of(permission)};
    for (const auto* role : staff) cells.push_back(holds(at(*role, "permissions"), permission) ? "yes" : "");
    table.row(std::move(cells));
  }
  return "Platform roles (the subscribers' " + safe(subscribers) + " hold no permission by role)\n" +
         table.text(session.paint());
}

std::string matrix_text(const Session& session, const Json& answer) {
  const auto& roles = at(answer, "tenant_capability_matrix.roles");
  std::vector<std::string> headings = {"CAPABILITY"};
  for (const auto& role : roles) headings.push_back(word_of(role));
  Table table(headings);
  for (const auto& row : at(answer, "tenant_capability_matrix.capabilities")) {
    std::vector<std::string> cells = {text_at(row, "code")};
    for (const auto& role : roles) cells.push_back(holds(at(row, "allow"), role) ? "yes" : "");
    table.row(std::move(cells));
  }
  return "Roles in a tenant\n" + table.text(session.paint());
}

core::Result<int> list(Session& session) {
  const auto answer = session.get("/v1/roles");
  if (!answer) return answer.error();
  session.print(*answer, permissions_text(session, *answer) + "\n" + matrix_text(session, *answer));
  return exit_ok;
}

std::string why_table(const Session& session, const char* heading, const Json& items) {
  Table table({heading, "ALLOWED", "REASON"});
  for (const auto& item : items)
    table.row({text_at(item, "name"), flag_at(item, "allow") ? "yes" : "no", text_at(item, "reason")});
  return table.text(session.paint());
}

core::Result<int> why(Session& session, const std::string& user) {
  const auto tenant = session.tenant_or("");
  if (!tenant) return tenant.error();
  std::string path = "/api/permissions/me";
  if (!user.empty() && user != "me") {
    const auto id = user_id(session, user);
    if (!id) return id.error();
    path = "/api/permissions/user/" + url_part(*id);
  }
  if (!tenant->empty() && *tenant != "-") path += "?tenant=" + url_part(*tenant);
  const auto answer = session.get(path);
  if (!answer) return answer.error();
  std::string text;
  if (const auto role = text_at(*answer, "role"); !role.empty())
    text = "Role " + safe(role) + (flag_at(*answer, "root_owner") ? " (the root owner)" : "") + ", " +
           safe(text_at(*answer, "status")) + "\n";
  if (const auto there = text_at(*answer, "tenant_role"); !there.empty())
    text += "In tenant " + safe(text_at(*answer, "tenant")) + ": " + safe(there) + "\n";
  text += why_table(session, "PERMISSION", at(*answer, "permissions"));
  if (const auto& capabilities = at(*answer, "capabilities"); capabilities.is_array())
    text += "\n" + why_table(session, "CAPABILITY", capabilities);
  session.print(*answer, text);
  return exit_ok;
}

}  // namespace

void add_roles(CLI::App& app, Chosen& chosen) {
  auto* roles = app.add_subcommand("roles", "What roles may do, and what somebody may do and why");
  roles->fallthrough();
  roles->require_subcommand(1);
  roles->footer(std::string("Examples:\n") + roles_examples);
  add_verb(*roles, chosen, "list", "Show roles, permissions and the tenants' matrix", roles_examples, list);
  auto user = std::make_shared<std::string>();
  auto* verb = add_verb(*roles, chosen, "why", "Show what somebody may do, with the reason for each", roles_examples,
                        [user](Session& session) { return why(session, *user); });
  verb->add_option("USER", *user, "an address or an id; left out: you");
}

}  // namespace nova::cli
