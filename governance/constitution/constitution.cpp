#include "governance/constitution/constitution.hpp"

#include "core/ids.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/validate/validator.hpp"
#include "governance/credentials/digest.hpp"

#include <algorithm>
#include <set>

namespace nova::constitution {
namespace {

bool looks_at_input(const cedar::Expr& expr) {
  using cedar::ExprKind;
  if ((expr.kind == ExprKind::attribute || expr.kind == ExprKind::has) && expr.args[0]->kind == ExprKind::variable &&
      expr.args[0]->variable == cedar::Variable::context)
    return expr.names[0].view() == "input";
  // The context as a whole, compared or passed on.
  if (expr.kind == ExprKind::variable) return expr.variable == cedar::Variable::context;
  return std::any_of(expr.args.begin(), expr.args.end(), [](const auto* part) { return looks_at_input(*part); });
}

std::string_view annotation(const cedar::Policy& policy, std::string_view key) {
  for (const auto& one : policy.annotations)
    if (one.key == key) return one.value;
  return {};
}

constexpr auto remedy = "nothing of it is used; the words that it may use are at /v1/constitution/schema";

/// One text, read policy by policy.
class Reading {
 public:
  Reading(const cedar::PolicySet& set, const gates::Gates* gates) : found(set.source), gates_(gates) {}

  void read(const cedar::Policy& policy, std::vector<Rule>& rules) {
    Rule rule{std::string(annotation(policy, "id")),   policy.effect == cedar::Effect::forbid,
              std::string(annotation(policy, "en")),   std::string(annotation(policy, "ar")),
              std::string(annotation(policy, "gate")), paths_of(policy),
              std::string(annotation(policy, "code"))};
    if (rule.id.empty()) found.report(policy.span, "needs @id(\"...\")");
    if (rule.en.empty() || rule.ar.empty())
      found.report(policy.span, "needs a sentence for people: @en(\"...\") and @ar(\"...\")");
    if (!rule.id.empty() && !ids_.insert(rule.id).second)
      found.report(policy.span, cedar::in_backticks(rule.id) + " stands twice");
    if (policy.is_template()) found.report(policy.span, "is a template; write it out");
    gate(policy, rule);
    if (!rule.code.empty() && (!rule.forbids || !core::is_name(rule.code, 63) || rule.code.find('.') == rule.code.npos))
      found.report(policy.span, "has a @code that is none: a forbid's, in words like `ai.no_layer`");
    rules.push_back(std::move(rule));
  }

  cedar::Diagnostics found;

 private:
  // A name that nobody knows would hold an act for ever, and a permit has nothing to lift.
  void gate(const cedar::Policy& policy, const Rule& rule) {
    const auto names_one = std::any_of(policy.annotations.begin(), policy.annotations.end(),
                                       [](const cedar::Annotation& one) { return one.key == "gate"; });
    if (!names_one) return;
    if (!rule.forbids) found.report(policy.span, "is a permit: only a forbid may name a gate");
    if (!gates_ || !gates_->find(rule.gate))
      found.report(policy.span, "names the gate " + cedar::in_backticks(rule.gate) + ", which is none of the gates");
  }

  const gates::Gates* gates_;
  std::set<std::string> ids_;
};

}  // namespace

core::Result<std::shared_ptr<const Constitution>> Constitution::load(std::string text, std::string version,
                                                                     std::shared_ptr<const Words> words,
                                                                     std::shared_ptr<const gates::Gates> gates) {
  if (text.size() > text_size_max)
    return core::refusal("constitution.too_large", "a constitution has at most 1 MiB")
        .with("bytes", std::to_string(text.size()));
  auto set = cedar::parse_policies(text);
  if (!set) {
    set.error().code = "constitution.invalid";
    return std::move(set).error();
  }
  auto made = std::shared_ptr<Constitution>(new Constitution());
  if (!gates) gates = words->gates();
  Reading reading(*set, gates.get());
  for (const auto& policy : set->policies) {
    reading.read(policy, made->rules_);
    for (const auto& condition : policy.conditions)
      made->reads_input_ = made->reads_input_ || looks_at_input(*condition.body);
  }
  for (const auto& fault : cedar::validate(*set, words->schema()).errors)
    reading.found.report(fault.span, fault.message);
  if (!reading.found.is_empty()) return reading.found.error("constitution.invalid", remedy);
  made->text_ = std::move(text);
  made->version_ = std::move(version);
  made->digest_ = credentials::to_hex(credentials::sha256(made->text_));
  made->words_ = std::move(words);
  made->gates_ = std::move(gates);
  made->engine_ = std::make_shared<const cedar::Authorizer>(std::move(*set));
  return std::shared_ptr<const Constitution>(std::move(made));
}

bool Constitution::names_gate(std::uint32_t number) const {
  return !annotation(engine_->policy(number), "gate").empty();
}

std::shared_ptr<const Constitution> Constitution::named(std::string version) const {
  auto made = std::shared_ptr<Constitution>(new Constitution(*this));
  made->version_ = std::move(version);
  return made;
}

const Rule* Constitution::find(std::string_view id) const {
  for (const auto& rule : rules_)
    if (rule.id == id) return &rule;
  return nullptr;
}

}  // namespace nova::constitution
