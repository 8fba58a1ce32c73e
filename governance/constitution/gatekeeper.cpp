#include "governance/constitution/gatekeeper.hpp"

#include "governance/constitution/reads.hpp"
#include "governance/constitution/values.hpp"

#include <algorithm>
#include <array>

namespace nova::constitution {
namespace {

using Answer = core::DecisionRecord::Answer;
using cedar::Value;

constexpr std::string_view failed_prefix = "gate.rule_failed:";

/// What a request shows of one entity, read when a policy asks for it.
class Resource final : public cedar::EntityView {
 public:
  explicit Resource(const gate::Request& request) : request_(request) {}

  bool attribute(const cedar::Text& name, cedar::Arena& scratch, Value& out) const override {
    static const cedar::Text tenant("tenant"), id("id"), status("status"), exists("exists"), state("state"),
        environments("environments");
    if (name == tenant) {
      out = Value::of(std::string_view(request_.resource.tenant));
    } else if (name == id) {
      out = Value::of(std::string_view(request_.resource.id));
    } else if (name == status) {
      const auto word = request_.kind.summarise(request_.state).status;
      out = Value::of(scratch.copy(word));
    } else if (name == exists) {
      out = Value::of(request_.exists);
    } else if (name == environments) {
      out = environments_of(request_.kind.state->record(), request_.state, scratch);
    } else if (name == state) {
      out = value_of(request_.kind.state->record(), request_.state, scratch);
    } else {
      return false;
    }
    return true;
  }
  bool tag(const cedar::Text&, cedar::Arena&, Value&) const override { return false; }
  std::span<const cedar::EntityUid> ancestors() const override { return {}; }

 private:
  const gate::Request& request_;
};

/// An action with its groups.
class Act final : public cedar::EntityView {
 public:
  explicit Act(const ActionWords& words) : words_(words) {}
  bool attribute(const cedar::Text&, cedar::Arena&, Value&) const override { return false; }
  bool tag(const cedar::Text&, cedar::Arena&, Value&) const override { return false; }
  std::span<const cedar::EntityUid> ancestors() const override { return words_.groups; }

 private:
  const ActionWords& words_;
};

class Seen final : public cedar::Entities {
 public:
  Seen(const gate::Request& request, const cedar::EntityUid& resource, const ActionWords& action)
      : uid_(resource), resource_(request), action_uid_(action.uid), action_(action) {}
  const cedar::EntityView* find(const cedar::EntityUid& uid) const override {
    if (uid == uid_) return &resource_;
    return uid == action_uid_ ? &action_ : nullptr;
  }
  const Resource& resource() const { return resource_; }

 private:
  const cedar::EntityUid& uid_;
  const Resource resource_;
  const cedar::EntityUid& action_uid_;
  const Act action_;
};

Value record(cedar::Arena& arena, std::initializer_list<cedar::Field> fields) {
  const auto list = arena.list<cedar::Field>(fields.size());
  std::copy(fields.begin(), fields.end(), list.begin());
  return cedar::make_record(arena, list);
}

// Whatever a text says, the owner may bring another: the route before it has seen a fresh second factor.
bool is_owners_amendment(const gate::Request& request) {
  return request.kind.name == "constitution" && request.principal.type == "user" && request.caller.root_owner;
}

void lift(core::DecisionRecord& decision) {
  decision.answer = Answer::allow;
  decision.rules = {std::string(owner_amends_rule)};
}

class ConstitutionRules final : public gate::Rules {
 public:
  ConstitutionRules(std::shared_ptr<const gate::Rules> roles, std::shared_ptr<const Constitution> constitution,
                    const Regimes* regimes)
      : roles_(std::move(roles)),
        constitution_(std::move(constitution)),
        regimes_(regimes),
        reads_(constitution_->engine(), constitution_->words()) {}

  core::DecisionRecord decide(const gate::Request& request) const override {
    auto decision = roles_->decide(request);
    decision.constitution = constitution_->version();
    if (decision.answer != Answer::allow || request.command.door == core::Door::internal) return decision;
    const auto* principal = Words::principal_type(request.principal.type);
    if (!principal) {
      deny(decision, "gate.unknown_principal");
      return decision;
    }

    thread_local cedar::Scratch scratch;
    thread_local cedar::Answer answer;
    asking(request, *principal, [&](const cedar::Request& question, const Seen& entities, cedar::Arena& arena) {
      constitution_->engine().decide(question, entities, scratch, answer);
      if (request.read)
        reads_.write(*request.read, request.command, *principal, question.context, entities, arena, question.resource);
      const bool amends = answer.decision == cedar::Decision::deny && is_owners_amendment(request);
      if (amends) {
        leave_gates(answer);
        if (answer.reasons.empty()) return lift(decision);
      }
      settle(decision, answer, [&] { return amends || !satisfied_permits(question, entities).empty(); });
    });
    return decision;
  }

  gate::HoldTerms terms(const gate::Request& request, const core::DecisionRecord& decision) const override {
    gate::HoldTerms terms;
    const auto* gates = constitution_->gates();
    const auto* principal = Words::principal_type(request.principal.type);
    if (!gates || !principal) return terms;
    std::vector<const Rule*> reading;
    std::vector<std::string> names;
    for (const auto& id : decision.rules) {
      const auto* rule = constitution_->find(id);
      if (!rule || rule->gate.empty()) continue;
      terms.rules.push_back({rule->id, rule->en, rule->ar, rule->gate});
      if (std::find(names.begin(), names.end(), rule->gate) == names.end()) names.push_back(rule->gate);
      reading.push_back(rule);
    }
    terms.life = gates::together(*gates, names).expiry;
    auto& basis = terms.basis;
    basis = constitution_->version() + "\n" + constitution_->digest() + "\n";
    for (const auto& name : names) basis += "gate " + name + " " + gates->bytes_of(name) + "\n";
    asking(request, *principal, [&](const cedar::Request& question, const Seen& entities, cedar::Arena& arena) {
      for (const auto number : satisfied_permits(question, entities))
        reading.push_back(&constitution_->rules()[number]);
      for (const auto* rule : reading) {
        basis += "rule " + rule->id + "\n";
        for (const auto& path : rule->reads)
          basis += text_of(path, question.context, entities.resource(), arena) + "\n";
      }
    });
    return terms;
  }

  void explain(const core::DecisionRecord& decision, core::Error& error) const override {
    for (const auto& id : decision.rules) {
      const auto* rule = constitution_->find(id);
      if (!rule || !rule->forbids) continue;
      error.message = rule->en;
      if (!rule->code.empty() && error.code == "gate.denied") error.code = rule->code;
      error.with("rule", rule->id).with("rule_en", rule->en).with("rule_ar", rule->ar);
      return;
    }
  }

 private:
  // The question as the engine is asked it; all of it ends with the call.
  template <class Ask>
  void asking(const gate::Request& request, const cedar::Text& principal, Ask ask) const {
    thread_local cedar::Arena arena;
    arena.clear();
    const auto& words = constitution_->words();
    const auto& action = words.of(request.command);
    // A user is one thing as who acts and as what is acted on; ids of a tenant's own things repeat in others.
    const auto& id = request.resource.id;
    const cedar::EntityUid resource(
        words.type_of(request.kind),
        request.resource.tenant == "system" ? cedar::Text(id) : cedar::copy(arena, request.resource.tenant + "/" + id));
    const Seen entities(request, resource, action);
    ask(cedar::Request{{principal, cedar::Text(request.principal.id)},
                       action.uid,
                       resource,
                       context_of(request, principal, arena)},
        entities, arena);
  }

  // What stands in the way of an amendment: not a plain forbid, a failure or the lack of a permit; a gate does.
  void leave_gates(cedar::Answer& answer) const {
    std::erase_if(answer.reasons, [&](auto number) { return constitution_->rules()[number].gate.empty(); });
    answer.failures.clear();
  }

  // Cedar names the permits only where nothing forbids. Asked for what is held, so seldom.
  std::vector<std::uint32_t> satisfied_permits(const cedar::Request& question, const Seen& entities) const {
    cedar::Scratch scratch;
    std::vector<std::uint32_t> permits;
    for (const auto& outcome : constitution_->engine().explain(question, entities, scratch).outcomes) {
      if (constitution_->rules()[outcome.policy].forbids) continue;
      if (outcome.condition == cedar::ConditionOutcome::scope) {
        if (outcome.result == cedar::ConditionOutcome::Result::held) permits.push_back(outcome.policy);
      } else if (outcome.result != cedar::ConditionOutcome::Result::held) {
        permits.pop_back();  // the scope before it held
      }
    }
    return permits;
  }

  static void deny(core::DecisionRecord& decision, std::string rule) {
    decision.answer = Answer::deny;
    decision.rules = {std::move(rule)};
  }

  template <class Permitted>
  void settle(core::DecisionRecord& decision, const cedar::Answer& answer, Permitted permitted) const {
    const auto& rules = constitution_->rules();
    // Cedar skips a policy that has no value; a gate that did would be open to whoever makes a forbid fail.
    if (!answer.failures.empty())
      return deny(decision, std::string(failed_prefix) + rules[answer.failures.front().policy].id);
    if (answer.decision == cedar::Decision::allow) {
      for (const auto number : answer.reasons) decision.rules.push_back(rules[number].id);
      return;
    }
    if (answer.reasons.empty()) return deny(decision, "gate.no_permit");
    const bool gated = std::all_of(answer.reasons.begin(), answer.reasons.end(),
                                   [&](const auto number) { return !rules[number].gate.empty(); });
    // Nobody waits for a yes to what nobody allows.
    if (gated && !permitted()) return deny(decision, "gate.no_permit");
    decision.answer = gated ? Answer::hold : Answer::deny;
    decision.rules.clear();
    for (const auto number : answer.reasons) decision.rules.push_back(rules[number].id);
  }

  Value context_of(const gate::Request& request, const cedar::Text& principal, cedar::Arena& arena) const {
    static const cedar::Text now("now"), tenant_status("tenant_status"), impact("impact"), caller("caller"),
        input("input"), compliance("compliance"), id("id"), role("role"), tenant_role("tenant_role"),
        root_owner("root_owner");
    const auto who = record(arena, {{id, Value::of(std::string_view(request.principal.id))},
                                    {role, Value::of(std::string_view(request.caller.platform_role))},
                                    {tenant_role, Value::of(std::string_view(request.caller.tenant_role))},
                                    {root_owner, Value::of(request.caller.root_owner)}});
    const cedar::Field when{now, Value::counted(cedar::Kind::datetime, request.now.ms)},
        status{tenant_status, Value::of(request.tenant_status)}, laws{compliance, laws_of(request, arena)},
        weight{impact, Value::of(std::int64_t{request.command.impact})}, whose{caller, who};
    if (!reads_.reads_input(request.command, principal)) return record(arena, {when, status, laws, weight, whose});
    return record(
        arena,
        {when, status, laws, weight, whose, {input, value_of(request.command.type->record(), request.input, arena)}});
  }

  // Copied: what a tenant is under may change while this is decided.
  Value laws_of(const gate::Request& request, cedar::Arena& arena) const {
    const auto names = regimes_ ? regimes_->of(request.resource.tenant) : nullptr;
    const auto items = arena.list<Value>(names ? names->size() : 0);
    for (std::size_t i = 0; i < items.size(); ++i) items[i] = Value::of(arena.copy((*names)[i]));
    return cedar::make_set(arena, items);
  }

  const std::shared_ptr<const gate::Rules> roles_;
  const std::shared_ptr<const Constitution> constitution_;
  const Regimes* const regimes_;
  const Reads reads_;
};

class OwnerRules final : public gate::Rules {
 public:
  OwnerRules(std::shared_ptr<const gate::Rules> roles, std::string version)
      : roles_(std::move(roles)), version_(std::move(version)) {}

  core::DecisionRecord decide(const gate::Request& request) const override {
    auto decision = roles_->decide(request);
    decision.constitution = version_;
    if (decision.answer != Answer::allow || request.command.door == core::Door::internal) return decision;
    if (is_owners_amendment(request)) {
      lift(decision);
      return decision;
    }
    decision.answer = Answer::deny;
    decision.rules = {std::string(no_constitution_rule)};
    return decision;
  }

  void explain(const core::DecisionRecord& decision, core::Error& error) const override {
    if (decision.rules.empty() || decision.rules.front() != no_constitution_rule) return;
    error.message = "no constitution is in force: nothing runs but reads and the owner's amendment";
    error.remedy = "the owner amends it, or `novad recover` on the node's host";
  }

 private:
  const std::shared_ptr<const gate::Rules> roles_;
  const std::string version_;
};

}  // namespace

std::shared_ptr<const gate::Rules> make_rules(std::shared_ptr<const gate::Rules> roles,
                                              std::shared_ptr<const Constitution> constitution,
                                              const Regimes* regimes) {
  return std::make_shared<ConstitutionRules>(std::move(roles), std::move(constitution), regimes);
}

std::shared_ptr<const gate::Rules> make_owner_rules(std::shared_ptr<const gate::Rules> roles, std::string version) {
  return std::make_shared<OwnerRules>(std::move(roles), std::move(version));
}

}  // namespace nova::constitution
