// The grammar of policies:
//
//   Policies   = Policy*
//   Policy     = Annotation* ( "permit" | "forbid" ) "(" Scope ")" Condition* ";"
//   Annotation = "@" AnyIdent ( "(" String ")" )?
//   Scope      = Principal "," Action "," Resource ","?
//   Principal  = "principal" Part("?principal")?
//   Resource   = "resource" Part("?resource")?
//   Part(s)    = "==" ( Entity | s ) | "in" ( Entity | s ) | "is" Name ( "in" ( Entity | s ) )?
//   Action     = "action" ( "==" Entity | "in" ( Entity | "[" list(Entity) "]" ) )?
//   Condition  = ( "when" | "unless" ) "{" Expr "}"
#include "governance/cedar/syntax/parser.hpp"

#include "governance/cedar/syntax/expression_parser.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace nova::cedar {
namespace {

class PolicyParser {
 public:
  PolicyParser(TokenStream& tokens, Arena& arena) : tokens_(tokens), arena_(arena) {}

  std::vector<Policy> policies() {
    std::vector<Policy> out;
    while (!tokens_.at_end() && !tokens_.found().is_full()) {
      Policy policy;
      if (read(policy)) {
        policy.id = "policy" + std::to_string(out.size());
      } else {
        skip();
      }
      out.push_back(std::move(policy));
    }
    return out;
  }

 private:
  // A fault is local to its policy: go on behind the `;` that ends it.
  void skip() {
    while (!tokens_.at_end() && !tokens_.is(";")) tokens_.take();
    tokens_.take_if(";");
  }

  bool read(Policy& out) {
    const Span begin = tokens_.peek().span;
    if (!annotations(out)) return false;
    if (!tokens_.is("permit") && !tokens_.is("forbid")) return tokens_.fail_expected("`permit` or `forbid`");
    out.effect = tokens_.take().text == "permit" ? Effect::permit : Effect::forbid;
    if (!tokens_.expect("(") || !scope_part("principal", "?principal", out.principal) || !tokens_.expect(","))
      return false;
    if (!action(out.action) || !tokens_.expect(",")) return false;
    if (!scope_part("resource", "?resource", out.resource)) return false;
    tokens_.take_if(",");
    if (!tokens_.expect(")") || !conditions(out)) return false;
    if (!tokens_.is(";")) return tokens_.fail_expected("`;`, `when` or `unless`");
    out.span = {begin.begin, tokens_.take().span.end};
    return true;
  }

  bool annotations(Policy& out) {
    std::vector<Annotation> all;
    while (tokens_.take_if("@")) {
      // Reserved words are fine as keys.
      if (tokens_.peek().kind != TokenKind::identifier) return tokens_.fail_expected("an annotation's name");
      const Span place = tokens_.peek().span;
      Annotation made{arena_.copy(tokens_.take().text), {}, false};
      if (tokens_.take_if("(")) {
        const auto value = expressions().string();
        if (!value || !tokens_.expect(")")) return false;
        made.value = *value;
        made.has_value = true;
      }
      if (std::any_of(all.begin(), all.end(), [&](const Annotation& a) { return a.key == made.key; })) {
        return tokens_.fail_at(place, "the annotation `@" + std::string(made.key) + "` stands twice");
      }
      if (all.size() == annotations_max) return tokens_.fail_at(place, "too many annotations on one policy");
      all.push_back(made);
    }
    out.annotations = arena_.copy(all);
    return true;
  }

  bool scope_part(std::string_view variable, std::string_view slot, ScopePart& out) {
    const Span begin = tokens_.peek().span;
    if (!tokens_.expect(variable)) return false;
    if (tokens_.take_if("is")) {
      const auto type = expressions().name();
      if (!type) return false;
      out.type = copy(arena_, *type);
      out.op = ScopeOp::is;
      if (tokens_.take_if("in")) {
        out.op = ScopeOp::is_in;
        if (!entity_or_slot(slot, out)) return false;
      }
    } else if (tokens_.is("==") || tokens_.is("in")) {
      out.op = tokens_.take().text == "in" ? ScopeOp::in : ScopeOp::equal;
      if (!entity_or_slot(slot, out)) return false;
    } else if (!tokens_.is(",") && !tokens_.is(")")) {
      return tokens_.fail_expected("`==`, `in`, `is` or the end of this part of the scope");
    }
    out.span = {begin.begin, tokens_.previous().span.end};
    return true;
  }

  bool entity_or_slot(std::string_view slot, ScopePart& out) {
    if (tokens_.peek().kind == TokenKind::slot) {
      if (tokens_.peek().text != slot) return tokens_.fail_expected("`" + std::string(slot) + "`");
      tokens_.take();
      out.is_slot = true;
      return true;
    }
    out.entity = expressions().entity();
    return out.entity != nullptr;
  }

  bool action(ActionPart& out) {
    const Span begin = tokens_.peek().span;
    if (!tokens_.expect("action")) return false;
    std::vector<EntityUid> entities;
    if (tokens_.take_if("==")) {
      out.op = ScopeOp::equal;
      if (!action_entity(entities)) return false;
    } else if (tokens_.take_if("in")) {
      out.op = ScopeOp::in;
      out.is_list = tokens_.take_if("[");
      if (!out.is_list && !action_entity(entities)) return false;
      while (out.is_list && !tokens_.is("]")) {
        if (!action_entity(entities)) return false;
        if (!tokens_.take_if(",")) break;
      }
      if (out.is_list && !tokens_.expect("]")) return false;
    } else if (!tokens_.is(",")) {
      return tokens_.fail_expected("`==`, `in` or `,`");
    }
    out.entities = arena_.copy(entities);
    out.span = {begin.begin, tokens_.previous().span.end};
    return true;
  }

  bool action_entity(std::vector<EntityUid>& out) {
    const Span place = tokens_.peek().span;
    const EntityUid* const uid = expressions().entity();
    if (uid == nullptr) return false;
    if (!is_action_type(uid->type.view())) {
      return tokens_.fail_at(place, in_backticks(to_text(*uid)) + " is no action: its type must end in `Action`");
    }
    out.push_back(*uid);
    return true;
  }

  bool conditions(Policy& out) {
    std::vector<Condition> all;
    while (tokens_.is("when") || tokens_.is("unless")) {
      Condition made;
      made.is_unless = tokens_.take().text == "unless";
      if (!tokens_.expect("{")) return false;
      made.body = expressions().expression();
      if (made.body == nullptr) return false;
      if (!tokens_.is("}")) return tokens_.fail_expected("an operator or `}`");
      tokens_.take();
      all.push_back(made);
    }
    out.conditions = arena_.copy(all);
    return true;
  }

  ExpressionParser expressions() { return ExpressionParser(tokens_, arena_); }

  // Each is compared with the others of its policy.
  static constexpr std::size_t annotations_max = 1000;

  TokenStream& tokens_;
  Arena& arena_;
};

core::Error link_error(std::string message, std::string remedy) {
  core::Error error = core::refusal("cedar.link_invalid", std::move(message));
  error.status = 400;
  error.remedy = std::move(remedy);
  return error;
}

}  // namespace

core::Result<PolicySet> parse_policies(std::string text) {
  PolicySet set;
  set.source = std::move(text);
  Diagnostics found(set.source);
  TokenStream tokens(tokenize(set.source, found), found);
  if (found.is_empty()) set.policies = PolicyParser(tokens, *set.arena).policies();
  if (!found.is_empty()) return found.error("cedar.policy_syntax");
  return set;
}

core::Result<const Expr*> parse_expression(std::string_view text, Arena& arena) {
  Diagnostics found(text);
  TokenStream tokens(tokenize(text, found), found);
  const Expr* made = nullptr;
  if (found.is_empty()) made = ExpressionParser(tokens, arena).expression();
  if (made != nullptr && !tokens.at_end()) tokens.fail_expected("the end of the expression");
  if (!found.is_empty()) return found.error("cedar.policy_syntax");
  return made;
}

Linker::Linker(PolicySet& set) : set_(set) {
  policies_.reserve(set.policies.size());
  for (std::size_t i = 0; i < set.policies.size(); ++i) policies_.emplace(set.policies[i].id, i);
  for (const Link& link : set.links) links_.insert(link.id);
}

core::Status Linker::add(std::string_view template_id, std::string new_id, const EntityUid* principal,
                         const EntityUid* resource) {
  const auto found = policies_.find(template_id);
  if (found == policies_.end()) {
    return link_error("there is no template " + in_backticks(template_id), "name a template of this policy set");
  }
  const Policy& base = set_.policies[found->second];
  if (!base.is_template()) {
    return link_error("the policy " + in_backticks(template_id) + " has no slot", "link templates only");
  }
  if (base.principal.is_slot != (principal != nullptr) || base.resource.is_slot != (resource != nullptr)) {
    return link_error("the values do not fit the slots of " + in_backticks(template_id),
                      "give a value to each slot that the template has, and to no other");
  }
  if (policies_.count(new_id) > 0 || !links_.insert(new_id).second) {
    return link_error("the id " + in_backticks(new_id) + " is taken", "choose an id that is unused");
  }
  const auto keep = [&](const EntityUid* uid) -> const EntityUid* {
    return uid == nullptr ? nullptr : set_.arena->make<EntityUid>(copy(*set_.arena, *uid));
  };
  set_.links.push_back({std::move(new_id), found->second, keep(principal), keep(resource)});
  return core::ok();
}

core::Status link(PolicySet& set, std::string_view template_id, std::string new_id, const EntityUid* principal,
                  const EntityUid* resource) {
  return Linker(set).add(template_id, std::move(new_id), principal, resource);
}

}  // namespace nova::cedar
