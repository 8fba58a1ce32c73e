#include "governance/constitution/reads.hpp"

#include "core/json.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <array>

namespace nova::constitution {
namespace {

using cedar::Kind;
using cedar::ScopeOp;
using cedar::Value;

bool admits(const cedar::ActionPart& part, const ActionWords& action) {
  if (part.op == ScopeOp::any) return true;
  return std::any_of(part.entities.begin(), part.entities.end(), [&](const cedar::EntityUid& uid) {
    return uid == action.uid || std::binary_search(action.groups.begin(), action.groups.end(), uid);
  });
}

bool admits(const cedar::ScopePart& part, const cedar::Text& principal) {
  if (part.op == ScopeOp::any) return true;
  if (part.op == ScopeOp::is || part.op == ScopeOp::is_in) return part.type == principal;
  return part.entity == nullptr || part.entity->type == principal;
}

std::string name_of(const Path& path) {
  std::string out(cedar::name_of(path.root));
  for (const auto& name : path.names) out.append(".").append(name.view());
  return out;
}

void append_extension(std::string& out, std::string_view function, const std::string& argument) {
  out.append("{\"__extn\":{\"fn\":\"").append(function).append("\",\"arg\":\"").append(argument).append("\"}}");
}

/// What was found of a chain so far.
struct Found {
  bool there = false;
  Value value;
};

Found below(Value at, std::span<const cedar::Text> names) {
  for (const auto& name : names) {
    const auto* field = at.kind == Kind::record ? at.record->find(name) : nullptr;
    if (!field) return {};
    at = *field;
  }
  return {true, at};
}

}  // namespace

Reads::Reads(const cedar::Authorizer& engine, const Words& words) {
  // Any order: a table.
  for (const auto& [row, action] : words.actions()) {
    auto& mine = all_[row];
    for (const auto& principal : Words::principal_types()) {
      std::vector<NamedPath> paths;
      for (std::uint32_t number = 0; number < engine.size(); ++number) {
        const auto& policy = engine.policy(number);
        if (policy.conditions.empty() || !admits(policy.action, action) || !admits(policy.principal, principal))
          continue;
        for (auto& path : paths_of(policy))
          if (!follows_from_event(path)) paths.push_back({name_of(path), std::move(path)});
      }
      std::sort(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
      paths.erase(
          std::unique(paths.begin(), paths.end(), [](const auto& a, const auto& b) { return a.name == b.name; }),
          paths.end());
      const bool input = std::any_of(paths.begin(), paths.end(), [](const NamedPath& one) {
        return one.path.root == cedar::Variable::context &&
               (one.path.names.empty() || one.path.names[0].view() == "input");
      });
      mine.by_principal.push_back({principal, std::move(paths), input});
    }
  }
}

const std::vector<NamedPath>& Reads::of(const core::CommandRow& command, const cedar::Text& principal) const {
  static const std::vector<NamedPath> none;
  const auto* found = find(command, principal);
  return found ? found->paths : none;
}

bool Reads::reads_input(const core::CommandRow& command, const cedar::Text& principal) const {
  const auto* found = find(command, principal);
  return found && found->input;
}

const Reads::OfCommand::Of* Reads::find(const core::CommandRow& command, const cedar::Text& principal) const {
  const auto found = all_.find(&command);
  if (found == all_.end()) return nullptr;
  for (const auto& one : found->second.by_principal)
    if (one.principal == principal) return &one;
  return nullptr;
}

void Reads::write(std::string& out, const core::CommandRow& command, const cedar::Text& principal, const Value& context,
                  const cedar::Entities& entities, cedar::Arena& arena, const cedar::EntityUid& resource) const {
  const auto& paths = of(command, principal);
  out.clear();
  if (paths.empty()) return;
  const auto* view = entities.find(resource);
  // Paths with one beginning stand together: `resource.state` is made once.
  cedar::Text last;
  Found first;
  out = "{";
  for (const auto& [name, path] : paths) {
    Found found;
    if (path.root == cedar::Variable::context) {
      found = below(context, path.names);
    } else if (view && !path.names.empty()) {
      if (last.data == nullptr || !(last == path.names[0])) {
        last = path.names[0];
        first.there = view->attribute(last, arena, first.value);
      }
      if (first.there) found = below(first.value, std::span(path.names).subspan(1));
    }
    const auto before = out.size();
    if (before > 1) out += ',';
    out.append("\"").append(name).append("\":");
    if (found.there)
      append_json(out, found.value);
    else
      out += "null";
    if (out.size() >= read_bytes_max) out.resize(before);
  }
  out += "}";
  if (out.size() == 2) out.clear();
}

bool follows_from_event(const Path& path) {
  if (path.root == cedar::Variable::context && path.names.size() == 2)
    return path.names[0].view() == "caller" && path.names[1].view() == "id";
  if (path.names.size() != 1) return false;
  const auto name = path.names[0].view();
  if (path.root == cedar::Variable::context) return name == "impact" || name == "now";
  return name == "tenant" || name == "id" || name == "exists";
}

void append_json(std::string& out, const Value& value) {
  switch (value.kind) {
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::integer:
      out += std::to_string(value.integer);
      return;
    case Kind::string:
      out += core::json_escape(value.text());
      return;
    case Kind::datetime:
      return append_extension(out, "datetime", core::to_rfc3339({value.integer}));
    case Kind::duration:
      return append_extension(out, "duration", std::to_string(value.integer) + "ms");
    case Kind::set: {
      out += '[';
      bool more = false;
      for (const auto& item : value.set->view()) {
        if (std::exchange(more, true)) out += ',';
        append_json(out, item);
      }
      out += ']';
      return;
    }
    case Kind::record: {
      out += '{';
      bool more = false;
      for (const auto& field : value.record->view()) {
        if (std::exchange(more, true)) out += ',';
        out.append(core::json_escape(field.key.view())).append(":");
        append_json(out, field.value);
      }
      out += '}';
      return;
    }
    default:
      // Described structs have no value of another kind (values.hpp).
      out += "null";
  }
}

}  // namespace nova::constitution
