#include "governance/gates/gates.hpp"

#include "core/authority/authority.hpp"
#include "core/describe/codec.hpp"
#include "core/ids.hpp"

#include <algorithm>
#include <set>

namespace nova::gates {

using core::field;
using core::optional_field;
using core::record;

namespace {

struct File {
  std::map<std::string, Gate> gates;
};
const core::Record& describe(const File*) {
  static const auto row = record<File>("gates", "All gates.", {field("gates", &File::gates, "by name")});
  return row;
}

/// Looks through what was read and keeps what is wrong with it.
class Check {
 public:
  void file(const File& file) {
    if (file.gates.size() > gates_max) wrong("gates", "has more than " + std::to_string(gates_max) + " gates");
    for (const auto& [name, gate] : file.gates) this->gate("gates." + name, name, gate);
  }
  std::vector<core::Problem> problems;

 private:
  void wrong(std::string path, std::string message) { problems.push_back({std::move(path), std::move(message)}); }

  void gate(const std::string& path, const std::string& name, const Gate& gate) {
    if (!core::is_name(name, 63)) wrong(path, "is no name: 1 to 63 of a-z, 0-9, hyphen, dot or underscore");
    if (gate.expiry < expiry_min || gate.expiry > expiry_max) wrong(path + ".expiry", "must be 1m to 7d");
    if (gate.reminder.count() != 0 && (gate.reminder < expiry_min || gate.reminder >= gate.expiry))
      wrong(path + ".reminder", "must be at least 1m and shorter than the expiry");
    if (gate.groups.empty()) wrong(path + ".groups", "needs at least one group: nobody could open it");
    if (gate.groups.size() > groups_max) wrong(path + ".groups", "has more than " + std::to_string(groups_max));
    if (gate.escalation.size() > levels_max) wrong(path + ".escalation", "has more than " + std::to_string(levels_max));
    std::set<std::string> names;
    for (std::size_t i = 0; i < gate.groups.size(); ++i) {
      const auto at = path + ".groups[" + std::to_string(i) + "]";
      if (!names.insert(gate.groups[i].name).second) wrong(at + ".name", "stands twice");
      group(at, gate.groups[i]);
    }
    levels(path, gate);
  }

  void group(const std::string& path, const Group& group) {
    if (group.roles.empty() && group.permissions.empty())
      wrong(path, "names neither roles nor permissions: nobody could be in it");
    if (group.roles.size() > names_max || group.permissions.size() > names_max)
      wrong(path, "names more than " + std::to_string(names_max) + " roles or permissions");
    for (std::size_t i = 0; i < group.roles.size(); ++i)
      role(path + ".roles[" + std::to_string(i) + "]", group.roles[i]);
    for (std::size_t i = 0; i < group.permissions.size(); ++i) {
      const std::string& right = group.permissions[i];
      if (!core::is_platform_permission(right) && !core::is_tenant_capability(right))
        wrong(path + ".permissions[" + std::to_string(i) + "]",
              "`" + core::printable(right) + "` is no permission of the platform and no capability of a tenant");
    }
  }

  void role(const std::string& path, const std::string& role) {
    const auto shown = "`" + core::printable(role) + "`";
    if (!core::is_approver_role(role))
      wrong(path, shown + " is no role: root_owner, platform:<role> or tenant:<role>");
    else if (!core::sees_approvals(role))
      wrong(path, shown + " cannot open approvals: it does not hold `platform:read`");
  }

  void levels(const std::string& path, const Gate& gate) {
    std::chrono::milliseconds waited{0};
    for (std::size_t i = 0; i < gate.escalation.size(); ++i) {
      const auto& level = gate.escalation[i];
      const auto at = path + ".escalation[" + std::to_string(i) + "]";
      if (std::size_t(level.level) != i + 1) wrong(at + ".level", "must be " + std::to_string(i + 1) + ", in order");
      if (level.timeout < expiry_min) wrong(at + ".timeout", "must be at least 1m");
      waited += std::clamp(level.timeout, std::chrono::milliseconds(0), expiry_max);
      if (waited >= gate.expiry) wrong(at + ".timeout", "comes after the expiry");
      role(at + ".role", level.role);
    }
  }
};

}  // namespace

const core::Record& describe(const Group*) {
  static const auto row =
      record<Group>("group", "People of whom some must agree.",
                    {field("name", &Group::name, "its name"),
                     optional_field("quorum", &Group::quorum, "how many of them must say yes"),
                     field("roles", &Group::roles, "who is in it, by role"),
                     field("permissions", &Group::permissions, "who is in it, by what their role may do")});
  return row;
}
const core::Record& describe(const Level*) {
  static const auto row =
      record<Level>("level", "Who is asked next.",
                    {field("level", &Level::level, "from 1 on"), field("role", &Level::role, "who may decide then too"),
                     field("timeout", &Level::timeout, "after so long without a decision")});
  return row;
}
const core::Record& describe(const Gate*) {
  static const auto row = record<Gate>(
      "gate", "What a held act waits for.",
      {field("en", &Gate::en, "what it asks for, in English"), field("ar", &Gate::ar, "the same in Arabic"),
       optional_field("expiry", &Gate::expiry, "how long it waits"),
       optional_field("reminder", &Gate::reminder, "how often those who may decide are reminded"),
       optional_field("second_factor", &Gate::second_factor, "a yes needs a fresh code"),
       field("groups", &Gate::groups, "all of them are needed"),
       field("escalation", &Gate::escalation, "who is asked next, and when")});
  return row;
}

core::Result<std::shared_ptr<const Gates>> Gates::parse(std::string_view json) {
  constexpr auto remedy = "nothing of it is used; docs/approvals.md describes every key";
  auto file = core::from_json<File>(json);
  if (!file) {
    file.error().code = "gates.invalid";
    return std::move(file.error()).fix(remedy);
  }
  Check check;
  check.file(*file);
  if (!check.problems.empty()) {
    auto error = core::invalid_input(std::move(check.problems));
    error.code = "gates.invalid";
    return std::move(error).fix(remedy);
  }
  auto made = std::make_shared<Gates>();
  made->gates_ = std::move(file->gates);
  return std::shared_ptr<const Gates>(std::move(made));
}

std::shared_ptr<const Gates> Gates::completed(const Gates& shipped) const {
  auto made = std::make_shared<Gates>(*this);
  for (const auto name : asked_by_program)
    if (const auto* gate = shipped.find(name)) made->gates_.emplace(name, *gate);
  return made;
}

const Gate* Gates::find(std::string_view name) const {
  const auto found = gates_.find(std::string(name));
  return found == gates_.end() ? nullptr : &found->second;
}

std::string Gates::bytes_of(std::string_view name) const {
  const auto* gate = find(name);
  return gate ? core::to_json(*gate) : std::string();
}

Together together(const Gates& gates, const std::vector<std::string>& names) {
  Together all;
  const bool several = names.size() > 1;
  for (const auto& name : names) {
    const auto* gate = gates.find(name);
    if (!gate) continue;
    for (auto group : gate->groups) {
      if (several) group.name = core::Name(name + "." + group.name);
      all.groups.push_back(std::move(group));
    }
    for (auto level : gate->escalation) {
      const auto same = std::find_if(all.escalation.begin(), all.escalation.end(), [&](const Level& other) {
        return std::int64_t(other.level) == std::int64_t(level.level) && other.role == level.role;
      });
      if (same == all.escalation.end())
        all.escalation.push_back(std::move(level));
      else
        same->timeout = std::min(same->timeout, level.timeout);
    }
    all.expiry = all.expiry.count() == 0 ? gate->expiry : std::min(all.expiry, gate->expiry);
    if (gate->reminder.count() != 0)
      all.reminder = all.reminder.count() == 0 ? gate->reminder : std::min(all.reminder, gate->reminder);
    all.second_factor = all.second_factor || gate->second_factor;
  }
  std::stable_sort(all.escalation.begin(), all.escalation.end(),
                   [](const Level& a, const Level& b) { return std::int64_t(a.level) < std::int64_t(b.level); });
  return all;
}

}  // namespace nova::gates
