#include "governance/cedar/eval/program.hpp"

namespace nova::cedar {
namespace {

class NoEntities final : public Entities {
 public:
  const EntityView* find(const EntityUid&) const override { return nullptr; }
};

// Kinds whose value depends on the request or on stored entities, whatever their operands are.
bool needs_data(ExprKind kind) {
  switch (kind) {
    case ExprKind::variable:
    case ExprKind::in:
    case ExprKind::is_in:
    case ExprKind::has_tag:
    case ExprKind::get_tag:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::uint32_t Program::intern(const Text& name) {
  const auto found = interned_.find(name.view());
  if (found != interned_.end()) return found->second;
  const Text kept = copy(arena_, name.view());
  names_.push_back(kept);
  const auto at = static_cast<std::uint32_t>(names_.size() - 1);
  interned_.emplace(kept.view(), at);
  return at;
}

Program::NodeId Program::add(const Expr& expr) {
  const auto id = static_cast<NodeId>(nodes_.size());
  nodes_.emplace_back();
  spans_.emplace_back();
  fill(id, expr);
  return id;
}

void Program::fill(NodeId id, const Expr& expr) {
  Node made;
  made.kind = expr.kind;
  made.count = static_cast<std::uint32_t>(expr.args.size());
  made.children = static_cast<NodeId>(nodes_.size());
  if (expr.names.size() == 1) {
    made.data = intern(expr.names[0]);
  } else if (expr.names.size() > 1) {
    made.data = static_cast<std::uint32_t>(names_.size());
    for (const Text& name : expr.names) names_.push_back(copy(arena_, name.view()));
  }
  switch (expr.kind) {
    case ExprKind::literal:
      made.data = static_cast<std::uint32_t>(constants_.size());
      constants_.push_back(copy(arena_, expr.value));
      break;
    case ExprKind::variable:
      made.which = static_cast<std::uint16_t>(expr.variable);
      break;
    case ExprKind::call:
      made.which = static_cast<std::uint16_t>(expr.function);
      break;
    case ExprKind::has:
      made.which = static_cast<std::uint16_t>(expr.names.size());
      break;
    case ExprKind::like:
      made.data = static_cast<std::uint32_t>(patterns_.size());
      patterns_.emplace_back(expr.pattern.begin(), expr.pattern.end());
      break;
    default:
      break;
  }
  nodes_[id] = made;
  spans_[id] = expr.span;
  nodes_.resize(nodes_.size() + expr.args.size());
  spans_.resize(nodes_.size());
  for (std::size_t i = 0; i < expr.args.size(); ++i) fill(made.children + static_cast<NodeId>(i), *expr.args[i]);
  fold(id);
}

// A node over constants alone is computed once. One that fails stays as it is and fails whenever it is reached.
void Program::fold(NodeId id) {
  const Node node_now = nodes_[id];
  if (node_now.kind == ExprKind::literal || needs_data(node_now.kind)) return;
  for (std::uint32_t i = 0; i < node_now.count; ++i) {
    const Node& child = nodes_[node_now.children + i];
    if (child.kind != ExprKind::literal) return;
    const bool is_access = node_now.kind == ExprKind::attribute || node_now.kind == ExprKind::has;
    if (is_access && constants_[child.data].kind != Kind::record) return;
  }
  if (node_now.kind == ExprKind::has && node_now.which > 1) return;
  static const NoEntities no_entities;
  const Request nobody;
  Arena scratch;
  Evaluator evaluator(*this, nobody, no_entities, scratch);
  Value value;
  if (!evaluator.evaluate(id, value)) return;
  Node made;
  made.data = static_cast<std::uint32_t>(constants_.size());
  constants_.push_back(copy(arena_, value));
  nodes_[id] = made;
}

}  // namespace nova::cedar
