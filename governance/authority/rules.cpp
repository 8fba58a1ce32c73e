#include "governance/authority/rules.hpp"

#include "governance/authority/judge.hpp"

namespace nova::authority {
namespace {

using Answer = core::DecisionRecord::Answer;

// Whether the object stands in, or names, an environment beside those.
bool leaves(const std::set<std::string, std::less<>>& environments, const core::Type* type, const void* object) {
  if (!type || !object || type->tag != core::Tag::record) return false;
  const auto& record = type->record();
  const auto foreign = [&](const std::string& name) { return !name.empty() && !environments.contains(name); };
  if (const auto* one = record.find("environment"); one && one->type->tag == core::Tag::text)
    if (foreign(one->type->get_text(one->in(object)))) return true;
  bool found = false;
  if (const auto* all = record.find("environments"); all && all->type->tag == core::Tag::map)
    all->type->each(all->in(object), [&](const std::string& name, const void*) { found = found || foreign(name); });
  return found;
}

class RoleRules final : public gate::Rules {
 public:
  RoleRules(const Book& book, ServiceLimits limits) : book_(book), limits_(std::move(limits)) {}

  core::DecisionRecord decide(const gate::Request& request) const override {
    auto decision = judged(request);
    decision.constitution = "roles-1";
    decision.authority = book_.sequence();
    return decision;
  }

 private:
  core::DecisionRecord judged(const gate::Request& request) const {
    if (auto first = gate::decide_first(request)) return std::move(*first);
    if (request.principal.type == "system") return gate::decision_of(Answer::allow, "builtin.runtime");
    if (request.principal.type == "service") return service(request);
    if (is_root_owners(request)) return gate::decision_of(Answer::deny, std::string(gate::root_owner_rule));
    const auto verdict =
        judge(book_, {request.principal, request.command.access, request.resource.tenant, request.owner, request.now});
    if (verdict.allow) return gate::decision_of(Answer::allow, "access." + verdict.rule);
    if (!sees_tenant(book_, request.principal, request.resource.tenant, request.now))
      return gate::decision_of(Answer::deny, std::string(gate::foreign_tenant_rule));
    auto decision = gate::decision_of(Answer::deny, "access." + verdict.rule);
    decision.rules.push_back(verdict.missing.empty() ? std::string(gate::owner_only_rule)
                                                     : std::string(gate::missing_prefix) + verdict.missing);
    return decision;
  }

  // Sessions, factors, profile: who manages people manages others' (S20).
  bool is_root_owners(const gate::Request& request) const {
    const auto& access = request.command.access;
    return access.own && access.permission == "users:update" && !request.owner.empty() &&
           request.owner == book_.root_owner() && request.principal.id != request.owner;
  }

  core::DecisionRecord service(const gate::Request& request) const {
    if (!limits_.tenants.empty() && !limits_.tenants.contains(request.resource.tenant))
      return gate::decision_of(Answer::deny, "service.other_tenant");
    const auto& environments = limits_.environments;
    if (!environments.empty() && (leaves(environments, request.kind.state, request.state) ||
                                  leaves(environments, request.command.type, request.input)))
      return gate::decision_of(Answer::deny, "service.other_environment");
    return gate::decision_of(Answer::allow, "service." + request.principal.id);
  }

  const Book& book_;
  const ServiceLimits limits_;
};

}  // namespace

std::shared_ptr<const gate::Rules> make_role_rules(const Book& book, ServiceLimits limits) {
  return std::make_shared<RoleRules>(book, std::move(limits));
}

}  // namespace nova::authority
