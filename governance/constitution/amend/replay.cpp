#include "governance/constitution/amend/replay.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/kind.hpp"
#include "governance/cedar/data/value_reader.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/constitution/gatekeeper.hpp"
#include "governance/gate/hold.hpp"

#include <algorithm>
#include <memory>

namespace nova::constitution {
namespace {

using cedar::Value;

constexpr int examples_of_a_sort = 3;

/// Values at their places: what was recorded by path, as the records that policies walk.
struct Tree {
  std::map<std::string, Tree, std::less<>> below;
  bool there = false;
  Value value;

  void put(std::string_view path, Value what) {
    const auto dot = path.find('.');
    auto& next = below[std::string(path.substr(0, dot))];
    if (dot == path.npos) {
      next.there = true;
      next.value = what;
      return;
    }
    next.put(path.substr(dot + 1), what);
  }

  Value made(cedar::Arena& arena) const {
    if (there) return value;
    std::vector<cedar::Field> fields;
    for (const auto& [name, part] : below) fields.push_back({cedar::copy(arena, name), part.made(arena)});
    const auto list = arena.list<cedar::Field>(fields.size());
    std::copy(fields.begin(), fields.end(), list.begin());
    return cedar::make_record(arena, list);
  }
};

class Recorded final : public cedar::EntityView {
 public:
  Recorded(Value attributes, std::span<const cedar::EntityUid> ancestors)
      : attributes_(attributes), ancestors_(ancestors) {}
  bool attribute(const cedar::Text& name, cedar::Arena&, Value& out) const override {
    const auto* found = attributes_.record->find(name);
    if (found) out = *found;
    return found != nullptr;
  }
  bool tag(const cedar::Text&, cedar::Arena&, Value&) const override { return false; }
  std::span<const cedar::EntityUid> ancestors() const override { return ancestors_; }

 private:
  Value attributes_;
  std::span<const cedar::EntityUid> ancestors_;
};

class Pair final : public cedar::Entities {
 public:
  Pair(const cedar::EntityUid& resource, const Recorded& thing, const cedar::EntityUid& action, const Recorded& act)
      : resource_(resource), thing_(thing), action_(action), act_(act) {}
  const cedar::EntityView* find(const cedar::EntityUid& uid) const override {
    if (uid == resource_) return &thing_;
    return uid == action_ ? &act_ : nullptr;
  }

 private:
  const cedar::EntityUid& resource_;
  const Recorded& thing_;
  const cedar::EntityUid& action_;
  const Recorded& act_;
};

// The value of a path is known when it was recorded, or something that holds it was, or that this was not there.
bool is_known(const cedar::Json& read, std::string_view path) {
  for (const auto& member : read.object()) {
    const auto key = member.key.view();
    if (path == key || (path.starts_with(key) && path[key.size()] == '.')) return true;
  }
  return false;
}

// What was denied, and what was held, is written down by the runtime: who asked for what, and nothing that it was
// judged by. What roles and switches said is not the text's.
bool is_refusal(const core::StoredEvent& event) {
  if (event.type == "approval.requested") return true;
  if (event.type != "denial.noted") return false;
  const auto rules = core::json_keys(event.body, "rules");
  return std::any_of(rules.begin(), rules.end(), [&](const std::string& at) {
    const auto rule = core::json_text(event.body, "rules" + at).value_or("");
    return !rule.starts_with("access.") && !rule.starts_with("builtin.") && !rule.starts_with("killswitch.");
  });
}

}  // namespace

struct Replay::Question {
  const core::StoredEvent& event;
  const core::EventMeta& meta;
  const core::Kind& kind;
  const core::CommandRow& row;
  const cedar::Text& principal;
  const cedar::Json& read;
};

Replay::Replay(const Constitution& next) : next_(next), reads_(next.engine(), next.words()) {}

bool Replay::add(const core::StoredEvent& event) {
  if (is_refusal(event)) {
    ++result_.decisions;
    ++result_.lacking;
    return true;
  }
  const auto meta = core::from_json<core::EventMeta>(event.meta, core::Reading::stored);
  if (!meta || !meta->decision) return false;
  const auto dot = meta->command.find('.');
  const auto* kind = core::find_kind(meta->command.substr(0, dot));
  const int row = kind && dot != std::string::npos ? kind->command_row(meta->command.substr(dot + 1)) : -1;
  // Facts of the runtime are asked of nobody.
  if (row >= 0 && kind->commands[std::size_t(row)].door == core::Door::internal) return false;
  // No text forbids the owner another text, so none would have decided otherwise.
  const auto& rules = meta->decision->rules;
  if (std::find(rules.begin(), rules.end(), owner_amends_rule) != rules.end()) return false;
  ++result_.decisions;
  const auto* principal = Words::principal_type(meta->principal_type);
  if (row < 0 || !principal) {
    ++result_.lacking;
    return true;
  }
  arena_.clear();
  const auto text = core::json_part(event.meta, "decision.read").value_or("{}");
  const auto read = cedar::read_json(text, arena_);
  const cedar::Json nothing;
  ask({event, *meta, *kind, kind->commands[std::size_t(row)], *principal, read ? *read : nothing});
  return true;
}

void Replay::ask(const Question& question) {
  bool lacks = false;
  for (const auto& [name, path] : reads_.of(question.row, question.principal))
    if (!is_known(question.read, name)) {
      lacks = true;
      ++result_.lacked[name];
    }
  if (lacks) {
    ++result_.lacking;
    return;
  }
  Tree context, thing;
  cedar::ValueReader reader(arena_, nullptr);
  for (const auto& member : question.read.object()) {
    const auto key = member.key.view();
    Value value;
    if (member.value.is(cedar::JsonKind::null) || !reader.read(member.value, nullptr, value)) continue;
    if (key.starts_with("context.")) context.put(key.substr(8), value);
    if (key.starts_with("resource.")) thing.put(key.substr(9), value);
  }
  // Records that are there in any case, whatever was read of them.
  for (const auto* name : {"caller", "input"}) context.below.try_emplace(name);
  thing.below.try_emplace("state");
  const auto& entity = question.event.entity;
  context.put("now", Value::counted(cedar::Kind::datetime, question.event.at.ms));
  context.put("caller.id", Value::of(std::string_view(question.meta.principal)));
  context.put("impact", Value::of(std::int64_t{question.row.impact}));
  thing.put("tenant", Value::of(std::string_view(entity.tenant)));
  thing.put("id", Value::of(std::string_view(entity.id)));
  thing.put("exists", Value::of(question.event.version > 1));

  const auto& action = next_.words().of(question.row);
  const cedar::EntityUid resource(
      next_.words().type_of(question.kind),
      cedar::copy(arena_, entity.tenant == "system" ? entity.id : entity.tenant + "/" + entity.id));
  const Recorded shown(thing.made(arena_), {}), act(cedar::make_record(arena_, {}), action.groups);
  const Pair entities(resource, shown, action.uid, act);
  next_.engine().decide(
      {{question.principal, cedar::Text(question.meta.principal)}, action.uid, resource, context.made(arena_)},
      entities, scratch_, answer_);
  std::vector<std::string> rules;
  for (const auto number : answer_.reasons) rules.push_back(next_.rules()[number].id);
  if (!answer_.failures.empty())
    return note(question, "deny", {"gate.rule_failed:" + next_.rules()[answer_.failures.front().policy].id});
  if (answer_.decision == cedar::Decision::allow) return note(question, "allow", std::move(rules));
  if (rules.empty()) return note(question, "deny", {"gate.no_permit"});
  const bool held = std::all_of(answer_.reasons.begin(), answer_.reasons.end(),
                                [&](auto number) { return next_.names_gate(number); });
  note(question, held ? "hold" : "deny", std::move(rules));
}

void Replay::note(const Question& question, std::string after, std::vector<std::string> rules) {
  const auto& decision = *question.meta.decision;
  std::string before(core::name_of(decision.answer));
  // It was held, and people released it: the text said hold.
  for (const auto& rule : decision.rules)
    if (before == "allow" && rule.starts_with(gate::approved_prefix)) before = "hold";
  if (before == after) {
    ++result_.same;
    return;
  }
  ++(after == "allow" ? result_.now_allowed : after == "hold" ? result_.now_held : result_.now_denied);
  std::string sort = after;
  for (const auto& rule : rules) sort += ' ' + rule;
  if (result_.examples.size() >= examples_max || ++shown_[sort] > examples_of_a_sort) return;
  result_.examples.push_back({question.event.position, question.event.at, question.meta.principal,
                              question.meta.principal_type, question.meta.command,
                              core::to_string(question.event.entity), std::move(before), std::move(after),
                              decision.rules, std::move(rules)});
}

}  // namespace nova::constitution
