// Policies as the evaluator runs them: one array of 16-byte nodes, with names, constants and patterns beside it.
#pragma once
#include "governance/cedar/data/entities.hpp"
#include "governance/cedar/syntax/ast.hpp"
#include "governance/cedar/values/value.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace nova::cedar {

/// Who wants to do what with which thing. `context` is a record. All of it is the caller's and outlives the evaluation.
struct Request {
  EntityUid principal;
  EntityUid action;
  EntityUid resource;
  Value context;
};

/// Why an expression has no value, and where. A value of its own, made without allocation; text is made on demand.
struct Failure {
  Fault fault = Fault::none;
  Span span;
  Kind kind = Kind::boolean;          ///< of the operand that does not fit (Fault::type)
  std::string_view name;              ///< the attribute, tag or function
  const EntityUid* entity = nullptr;  ///< that is missing, or lacks the attribute
};
std::string describe(const Failure& failure);

/// An attribute or tag that was looked at, for explanations.
struct Read {
  const EntityUid* entity = nullptr;  ///< nullptr: of the context or another record
  std::string_view name;
  bool is_tag = false;
  bool is_there = false;
  Value value;
};

class Program {
 public:
  using NodeId = std::uint32_t;

  /// Compiles the expression behind those that are there; parts that are constant are computed now.
  NodeId add(const Expr& expr);

  struct Node {
    ExprKind kind = ExprKind::literal;
    std::uint16_t which = 0;     // variable, function, or how many names a chain of `has` has
    std::uint32_t count = 0;     // of the children
    std::uint32_t children = 0;  // the first of them; they lie side by side
    std::uint32_t data = 0;      // first name, constant or pattern
  };

  const Node& node(NodeId id) const { return nodes_[id]; }
  Span span(NodeId id) const { return spans_[id]; }
  const Text& name(std::uint32_t i) const { return names_[i]; }
  const Value& constant(std::uint32_t i) const { return constants_[i]; }
  const std::vector<PatternElement>& pattern(std::uint32_t i) const { return patterns_[i]; }
  std::size_t size() const { return nodes_.size(); }

 private:
  void fill(NodeId id, const Expr& expr);
  void fold(NodeId id);
  std::uint32_t intern(const Text& name);

  std::vector<Node> nodes_;
  std::vector<Span> spans_;
  std::vector<Text> names_;  // a name once, but lists (record keys, chains of `has`) stand together
  std::unordered_map<std::string_view, std::uint32_t> interned_;
  std::vector<Value> constants_;
  std::vector<std::vector<PatternElement>> patterns_;
  Arena arena_;  // of names and constants
};

/// One evaluation: a request, its entities, and memory for values made on the way.
class Evaluator {
 public:
  Evaluator(const Program& program, const Request& request, const Entities& entities, Arena& scratch)
      : program_(program), request_(request), entities_(entities), scratch_(scratch) {}

  /// True and `out`, or false and failure().
  bool evaluate(Program::NodeId id, Value& out);
  const Failure& failure() const { return failure_; }

  bool is_in(const EntityUid& child, const EntityUid& ancestor);
  const EntityView* view(const EntityUid& uid);
  /// From now on every attribute that is read is noted there.
  void trace(std::vector<Read>* reads) { reads_ = reads; }

 private:
  using Node = Program::Node;
  bool fail(Fault fault, Program::NodeId id, std::string_view name = {}, const EntityUid* entity = nullptr);
  bool fail_type(Program::NodeId id, const Value& value);
  bool boolean(Program::NodeId id, bool& out);
  bool integer(Program::NodeId id, std::int64_t& out);
  bool string(Program::NodeId id, Value& out) { return expect(id, Kind::string, out); }
  bool expect(Program::NodeId id, Kind kind, Value& out);
  bool logic(const Node& node, Value& out);
  bool arithmetic(Program::NodeId id, const Node& node, Value& out);
  bool ordering(Program::NodeId id, const Node& node, Value& out);
  bool membership(Program::NodeId id, const EntityUid& child, Program::NodeId right, Value& out);
  bool sets(const Node& node, Value& out);
  bool attribute(Program::NodeId id, const Node& node, Value& out);
  bool has(Program::NodeId id, const Node& node, Value& out);
  bool tags(Program::NodeId id, const Node& node, Value& out);
  bool build(const Node& node, Value& out);
  bool invoke(Program::NodeId id, const Node& node, Value& out);
  bool less_common(Program::NodeId id, const Node& node, Value& out);
  bool look_up(const Value& holder, const Text& name, bool& is_there, Value& out);
  void note(const EntityUid* entity, const Text& name, bool is_tag, bool is_there, const Value& value);

  const Program& program_;
  const Request& request_;
  const Entities& entities_;
  Arena& scratch_;
  Failure failure_;
  std::vector<Read>* reads_ = nullptr;
  struct Known {
    const EntityView* view = nullptr;
    bool is_looked_up = false;
  };
  Known principal_, action_, resource_;
};

/// The whole text against the pattern; at most length times pattern steps.
bool matches(std::string_view text, const std::vector<PatternElement>& pattern);

}  // namespace nova::cedar
