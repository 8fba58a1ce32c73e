#include "governance/constitution/paths.hpp"

#include <algorithm>
#include <limits>

namespace nova::constitution {
namespace {

using cedar::Expr;
using cedar::ExprKind;
using cedar::Variable;

bool is_chain(const Expr& expr) {
  if (expr.kind == ExprKind::variable) return expr.variable == Variable::resource || expr.variable == Variable::context;
  return expr.kind == ExprKind::attribute && is_chain(*expr.args[0]);
}

void names_into(const Expr& expr, Path& path) {
  if (expr.kind == ExprKind::variable) {
    path.root = expr.variable;
    return;
  }
  names_into(*expr.args[0], path);
  path.names.push_back(expr.names[0]);
}

bool is_time(const Path& path) {
  return path.root == Variable::context && path.names.size() == 1 && path.names[0].view() == "now";
}

void collect(const Expr& expr, std::vector<Path>& paths) {
  const bool asks = expr.kind == ExprKind::has && is_chain(*expr.args[0]);
  if (is_chain(expr) || asks) {
    Path path;
    names_into(asks ? *expr.args[0] : expr, path);
    if (asks) path.names.insert(path.names.end(), expr.names.begin(), expr.names.end());
    // The entity itself is bound by its address; the context as a whole is not read by its name.
    if (!is_time(path) && (path.root == Variable::context || !path.names.empty())) paths.push_back(std::move(path));
    return;
  }
  for (const auto* part : expr.args) collect(*part, paths);
}

}  // namespace

std::vector<Path> paths_of(const cedar::Policy& policy) {
  std::vector<Path> paths;
  for (const auto& condition : policy.conditions) collect(*condition.body, paths);
  return paths;
}

std::string text_of(const Path& path, const cedar::Value& context, const cedar::EntityView& resource,
                    cedar::Arena& arena) {
  std::string out(cedar::name_of(path.root));
  cedar::Value at = context;
  bool there = true;
  for (std::size_t i = 0; i < path.names.size(); ++i) {
    out.append(".").append(path.names[i].view());
    if (!there) continue;
    if (path.root == Variable::resource && i == 0) {
      there = resource.attribute(path.names[i], arena, at);
    } else {
      const auto* found = at.kind == cedar::Kind::record ? at.record->find(path.names[i]) : nullptr;
      there = found != nullptr;
      if (found) at = *found;
    }
  }
  out += there ? "=" + cedar::to_text(at, std::numeric_limits<std::size_t>::max() / 2) : " is not there";
  return out;
}

}  // namespace nova::constitution
