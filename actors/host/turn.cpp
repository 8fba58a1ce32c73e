#include "actors/host/turn.hpp"

#include "core/describe/codec.hpp"
#include "core/work.hpp"
#include "governance/gate/standing.hpp"

#include <set>
#include <unordered_map>

namespace nova::host {
namespace {

constexpr std::string_view decided_type = "decided";  // the event of a command that changed nothing but was allowed

bool type_holds(const core::Type& type, core::Tag wanted, std::set<const core::Type*>& seen) {
  if (type.tag == wanted) return true;
  if (!seen.insert(&type).second) return false;
  if (type.element && type_holds(*type.element(), wanted, seen)) return true;
  if (!type.record) return false;
  for (const auto& field : type.record().fields)
    if (type_holds(*field.type, wanted, seen)) return true;
  return false;
}

bool holds(const core::Kind& kind, core::Tag tag) {
  std::set<const core::Type*> seen;
  if (type_holds(*kind.state, tag, seen)) return true;
  for (const auto& event : kind.events)
    if (type_holds(*event.type, tag, seen)) return true;
  return false;
}

/// What follows from a kind's description, which never changes while the program runs.
struct Known {
  std::string state_hash;
  bool personal = false;
  std::vector<bool> secrets;  ///< of each command: it may bring a secret to be sealed
};

// Asked for at every command: found once by each thread, so that none waits for another.
const Known& known(const core::Kind& kind) {
  thread_local std::unordered_map<const core::Kind*, Known> all;
  const auto [at, fresh] = all.try_emplace(&kind);
  if (fresh) {
    at->second = {core::description_hash(*kind.state), holds(kind, core::Tag::personal), {}};
    for (const auto& command : kind.commands) {
      std::set<const core::Type*> seen;
      at->second.secrets.push_back(type_holds(*command.type, core::Tag::secret, seen));
    }
  }
  return at->second;
}

// Entities of the kind `secret` are there to be named by others; what another entity keeps for itself is not looked at.
bool names_secret(std::string_view reference, const std::string& tenant) {
  return reference.starts_with("secret://" + tenant + "/secret/");
}

core::Error unreadable(const core::EntityKey& key, const core::Error& cause) {
  auto error = core::refusal("entity.unreadable", "`" + core::to_string(key) + "` cannot be read: " + cause.message);
  error.problems = cause.problems;
  return error;
}

core::Context context_of(const Image& image, const TurnInput& input) {
  core::Context context;
  context.self = image.key;
  context.version = image.version;
  context.intent_version = image.intent_version;
  context.now = input.now;
  context.principal = input.command.principal;
  context.command_id = input.command.id;
  context.facts = input.facts;
  context.caller = input.caller;
  return context;
}

// A user is their own, a membership has its user's id, and what else belongs to a user names them as its parent.
std::string owner_of(const Image& image, const core::CommandRow& row) {
  constexpr std::string_view of_user = "user/";
  if (!row.access.own) return {};
  if (image.kind->name == "user" || image.kind->name == "membership") return image.key.id;
  const auto parent = image.kind->summarise(image.state.get()).parent;
  return parent.starts_with(of_user) ? parent.substr(of_user.size()) : std::string();
}

core::Status check_versions(const Image& image, const core::CommandEnvelope& command) {
  const auto moved = [&](std::string_view what, std::int64_t expected, std::uint64_t actual) {
    return core::refusal("entity.version_mismatch", "`" + core::to_string(image.key) + "` was changed meanwhile")
        .with(std::string(what), std::to_string(actual))
        .with("expected", std::to_string(expected))
        .fix("read it again and repeat the change on what it is now");
  };
  if (command.expected_version >= 0 && std::uint64_t(command.expected_version) != image.version)
    return moved("version", command.expected_version, image.version);
  if (command.expected_intent_version >= 0 && std::uint64_t(command.expected_intent_version) != image.intent_version)
    return moved("intent_version", command.expected_intent_version, image.intent_version);
  return core::ok();
}

/// The gate's answer and what its rules read, JSON by path.
struct Judged {
  core::DecisionRecord decision;
  std::string read;
};

// The decision is the last field of the meta, and what was read the last of the decision: text that is JSON already is
// put in its place rather than read and written again.
std::string with_read(std::string meta, const std::string& read) {
  if (read.empty()) return meta;
  constexpr std::size_t ends = 2;  // "}}"
  meta.insert(meta.size() - ends, ",\"read\":" + read);
  return meta;
}

std::string meta_of(const core::CommandEnvelope& command, const Image& after, bool first, const Judged& judged) {
  // Every field is set at each call; what stays from one to the next is the room of its texts.
  thread_local core::EventMeta meta;
  meta.command_id = command.id;
  meta.command.assign(command.target.kind).append(".").append(command.name);
  meta.principal = command.principal.id;
  meta.principal_type = command.principal.type;
  meta.cause = command.cause;
  meta.correlation = command.correlation.empty() ? command.id : command.correlation;
  meta.request_id = command.request_id;
  meta.intent_version = after.intent_version;
  if (first) {
    meta.body_hash = command.body_hash;
    meta.decision = judged.decision;
  } else {
    meta.body_hash.clear();
    meta.decision.reset();
  }
  return first ? with_read(core::to_json(meta), judged.read) : core::to_json(meta);
}

void add_event(Decided& decided, const TurnInput& input, std::string type, std::string body, const Judged& judged) {
  ++decided.after.version;
  const bool first = decided.change.events.empty();
  decided.change.events.push_back({core::new_uuid(input.now), std::move(type), std::move(body),
                                   meta_of(input.command, decided.after, first, judged)});
}

core::Error too_large(const core::EntityKey& key, std::string_view what, std::size_t bytes, std::size_t bytes_max) {
  return core::refusal("entity.too_large", "the " + std::string(what) + " of `" + core::to_string(key) +
                                               "` would take " + std::to_string(bytes) + " bytes, more than " +
                                               std::to_string(bytes_max));
}

core::Status check_sizes(const store::Append& change) {
  if (change.document.body.size() > store::document_bytes_max)
    return too_large(change.key, "state", change.document.body.size(), store::document_bytes_max);
  for (const auto& event : change.events)
    if (event.body.size() > store::event_bytes_max)
      return too_large(change.key, "event", event.body.size(), store::event_bytes_max);
  if (change.events.size() > store::append_events_max)
    return too_large(change.key, "list of events", change.events.size(), store::append_events_max);
  return core::ok();
}

void fill_document(Decided& decided, const TurnInput& input) {
  const Image& after = decided.after;
  auto& document = decided.change.document;
  auto summary = after.kind->summarise(after.state.get());
  document.key = after.key;
  document.version = after.version;
  document.intent_version = after.intent_version;
  document.status = std::move(summary.status);
  document.parent = std::move(summary.parent);
  document.reason = std::move(summary.reason);
  document.body = core::to_json(*after.kind->state, after.state.get(), input.cipher);
  document.state_hash = known(*after.kind).state_hash;
  document.created_at = after.created_at;
  document.updated_at = input.now;
}

Answer answer_of(const Decided& decided, const core::CommandEnvelope& command, core::DecisionRecord decision) {
  Answer answer;
  answer.key = decided.after.key;
  answer.version = decided.after.version;
  answer.intent_version = decided.after.intent_version;
  answer.status = decided.change.document.status;
  answer.reason = decided.change.document.reason;
  for (const auto& event : decided.change.events)
    if (event.type != decided_type) answer.events.push_back(event.type);
  answer.decision = std::move(decision);
  answer.dry_run = command.dry_run;
  return answer;
}

/// The gate's word on a turn: allowed, or held with all that a yes is bound to.
struct Word {
  core::DecisionRecord decision;
  std::optional<gate::Held> held;
};

gate::Held held_act(const Image& image, const TurnInput& input, core::DecisionRecord decision, gate::HoldTerms terms) {
  gate::Held held;
  held.command = input.command;
  held.version = image.version;
  held.intent_version = image.intent_version;
  held.at = input.now;
  held.deadline = input.now + terms.life;
  held.digest = gate::digest_of(input.command, image.intent_version, terms.basis, held.deadline);
  held.decision = std::move(decision);
  held.terms = std::move(terms);
  return held;
}

// The same question is asked again on what is there now: only an act that is held for the same reasons, to the byte, is
// the one that people agreed to.
core::Result<core::DecisionRecord> released(const Image& image, const TurnInput& input, core::DecisionRecord decision,
                                            const gate::HoldTerms* terms) {
  const auto& release = *input.release;
  if (release.deadline < input.now) return gate::stale(release, "its time has passed");
  if (!terms) return gate::stale(release, "the rules do not hold it any more");
  if (gate::digest_of(input.command, image.intent_version, terms->basis, release.deadline) != release.digest)
    return gate::stale(release, "the command, the rules, what they read or the entity was changed");
  decision.answer = core::DecisionRecord::Answer::allow;
  decision.rules.push_back(std::string(gate::approved_prefix) + release.approval.id);
  return decision;
}

// The decision that allows or holds it, or what a denied caller is told; `read` gets what its rules read.
core::Result<Word> asked_of_gate(const Image& image, const TurnInput& input, std::string& read) {
  using Answer = core::DecisionRecord::Answer;
  const auto& row = image.kind->commands[input.prepared.row];
  const auto owner = owner_of(image, row);
  const gate::Request question{input.command.principal,
                               *image.kind,
                               row,
                               image.key,
                               input.tenant_status,
                               owner,
                               input.now,
                               input.caller,
                               image.version != 0,
                               image.state.get(),
                               input.prepared.body.get(),
                               &read};
  auto decision = gate::decide(input.rules, question);
  if (input.read && decision.answer != Answer::allow) *input.read = read.empty() ? gate::standing_of(question) : read;
  if (decision.answer == Answer::deny) {
    auto error = gate::denied(decision, question);
    if (input.rules) input.rules->explain(decision, error);
    if (input.denied) *input.denied = std::move(decision);
    return error;
  }
  if (decision.answer == Answer::allow && !input.release) return Word{std::move(decision), std::nullopt};
  std::optional<gate::HoldTerms> terms;
  if (decision.answer == Answer::hold) terms = input.rules->terms(question, decision);
  if (input.release) {
    auto allowed = released(image, input, std::move(decision), terms ? &*terms : nullptr);
    if (!allowed) return std::move(allowed).error();
    return Word{std::move(*allowed), std::nullopt};
  }
  auto held = held_act(image, input, decision, std::move(*terms));
  return Word{std::move(decision), std::move(held)};
}

}  // namespace

bool holds_personal(const core::Kind& kind) { return known(kind).personal; }

Image blank_image(const core::Kind& kind, core::EntityKey key) {
  Image image;
  image.key = std::move(key);
  image.kind = &kind;
  image.state = kind.make_state();
  return image;
}

bool must_replay(const core::Kind& kind, const store::Document& document) {
  return document.state_hash != known(kind).state_hash;
}

core::Result<Image> image_of(const core::Kind& kind, const store::Document& document, const core::FieldCipher* cipher) {
  Image image = blank_image(kind, document.key);
  auto read = core::from_json(*kind.state, image.state.get(), document.body, core::Reading::stored, cipher);
  if (!read) return unreadable(document.key, read.error());
  image.version = document.version;
  image.intent_version = document.intent_version;
  image.position = document.position;
  image.created_at = document.created_at;
  return image;
}

core::Status replay(Image& image, const std::vector<core::StoredEvent>& events, const core::FieldCipher* cipher) {
  for (const auto& stored : events) {
    if (image.version == 0) image.created_at = stored.at;
    image.version = stored.version;
    image.position = stored.position;
    if (stored.type == decided_type) continue;
    const int row = image.kind->event_row(stored.type);
    if (row < 0)
      return core::refusal("entity.unknown_event", "`" + core::to_string(image.key) + "` holds an event `" +
                                                       stored.type + "` that this version of the program does not know")
          .fix("start the version that wrote it, or a later one");
    auto event = image.kind->make_event(std::size_t(row));
    const auto& description = image.kind->events[std::size_t(row)];
    auto read = core::from_json(*description.type, event.get(), stored.body, core::Reading::stored, cipher);
    if (!read) return unreadable(image.key, read.error());
    image.kind->evolve(image.state.get(), std::size_t(row), event.get());
    if (!description.observation) ++image.intent_version;
  }
  return core::ok();
}

core::Result<Prepared> prepare(const Image& image, const core::CommandEnvelope& command) {
  const auto& kind = *image.kind;
  const int row = kind.command_row(command.name);
  if (row < 0)
    return core::refusal("command.not_found", "`" + std::string(kind.name) + "` has no command `" + command.name + "`");
  const auto& description = kind.commands[std::size_t(row)];
  if (image.version == 0 && !description.creates) {
    return core::refusal(
        std::string(kind.name) + ".not_found",
        "there is no " + std::string(kind.name) + " `" + image.key.id + "` in tenant `" + image.key.tenant + "`");
  }
  Prepared prepared;
  prepared.row = std::size_t(row);
  prepared.body = kind.make_command(prepared.row);
  const std::string_view body = command.body.empty() ? std::string_view("{}") : std::string_view(command.body);
  auto read = core::from_json(*description.type, prepared.body.get(), body, core::Reading::command);
  if (!read) return std::move(read).error();
  if (description.type == core::type_of<core::Settle>())
    prepared.settled_works.push_back(static_cast<core::Settle*>(prepared.body.get())->work_id);
  if (description.type == core::type_of<core::Fire>())
    prepared.fired_timers.push_back(static_cast<core::Fire*>(prepared.body.get())->timer_id);
  if (description.facts) prepared.needs = description.facts(image.key, image.state.get(), prepared.body.get());
  return prepared;
}

bool brings_secrets(const Image& image, const Prepared& prepared) {
  if (!known(*image.kind).secrets[prepared.row]) return false;
  bool any = false;
  core::each_secret(*image.kind->commands[prepared.row].type, prepared.body.get(),
                    [&](const std::string&, const core::Secret& secret) {
                      any |= !secret.plain.empty() || names_secret(secret.ref, image.key.tenant);
                    });
  return any;
}

core::Result<std::optional<gate::Held>> may_turn(const Image& image, const TurnInput& input) {
  std::string read;
  auto word = asked_of_gate(image, input, read);
  if (!word) return std::move(word).error();
  return std::move(word->held);
}

core::Status seal_secrets(const Image& image, Prepared& prepared, store::Vault& vault, bool dry_run) {
  core::Status status = core::ok();
  if (!known(*image.kind).secrets[prepared.row]) return status;
  const auto& type = *image.kind->commands[prepared.row].type;
  const std::string root = core::to_string(image.key) + "/";
  core::each_secret(type, prepared.body.get(), [&](const std::string& path, core::Secret& secret) {
    if (!status) return;
    if (secret.plain.empty() && secret.ref.empty()) return;  // none was given
    if (secret.plain.empty()) {
      // Whoever may name a reference could else read another tenant's secret through a service of their own.
      if (!secret.ref.starts_with("secret://" + image.key.tenant + "/"))
        status = core::refusal("secret.foreign", "`" + path + "` names a secret of another tenant");
      // Better said now than when a service is to be started with it.
      else if (names_secret(secret.ref, image.key.tenant)) {
        auto value = vault.reveal(secret.ref);
        if (value)
          value->assign(value->size(), '\0');
        else
          status = std::move(value).error();
      }
      return;
    }
    if (dry_run) {
      secret.ref = "secret://" + root + path + "@0";
      secret.plain.clear();
      return;
    }
    auto sealed = vault.seal(root + path, secret.plain);
    secret.plain.assign(secret.plain.size(), '\0');
    secret.plain.clear();
    if (!sealed)
      status = std::move(sealed).error();
    else
      secret.ref = std::move(sealed).value();
  });
  return status;
}

core::Result<Decided> take_turn(const Image& image, const TurnInput& input) {
  const auto& kind = *image.kind;
  const auto& command = input.command;
  const auto& row = kind.commands[input.prepared.row];

  Judged judged;
  auto word = asked_of_gate(image, input, judged.read);
  if (!word) return std::move(word).error();
  judged.decision = std::move(word->decision);
  auto versions = check_versions(image, command);
  if (!versions) return std::move(versions).error();

  auto outcome =
      kind.decide(image.state.get(), input.prepared.row, input.prepared.body.get(), context_of(image, input));
  if (outcome.refused && (outcome.events.empty() || word->held)) return std::move(*outcome.refused);

  // Large: made where it is handed back.
  core::Result<Decided> result{Decided{}};
  auto& decided = *result;
  if (word->held) {
    decided.held = std::move(word->held);
    return result;
  }
  decided.refused = std::move(outcome.refused);
  decided.after = image;
  decided.change.key = image.key;
  decided.change.expected_version = image.version;
  decided.change.at = input.now;
  decided.change.asks = std::move(outcome.asks);
  decided.change.settled_works = input.prepared.settled_works;
  decided.change.fired_timers = input.prepared.fired_timers;
  for (const auto& need : input.prepared.needs)
    if (need.strict) {
      const auto fact = input.facts.find(need.key);
      decided.change.guards.push_back({need.key, fact == input.facts.end() ? 0 : fact->second.version});
    }

  const auto& asks = decided.change.asks;
  const bool asks_nothing = asks.works.empty() && asks.keeps.empty() && asks.timers.empty() && asks.claims.empty();
  if (!asks_nothing) {  // only what was asked for has use for them
    decided.change.cause = command.id;
    decided.change.correlation = command.correlation.empty() ? command.id : command.correlation;
  }
  if (outcome.events.empty() && asks_nothing && row.door == core::Door::internal &&
      decided.change.settled_works.empty() && decided.change.fired_timers.empty()) {
    decided.nothing = true;
  }
  if (image.version == 0) decided.after.created_at = input.now;
  if (!outcome.events.empty()) decided.after.state = kind.copy_state(image.state.get());
  for (const auto& event : outcome.events) {
    const auto& event_row = kind.events.at(event.row);
    if (!event_row.observation) ++decided.after.intent_version;
    kind.evolve(decided.after.state.get(), event.row, event.value.get());
    add_event(decided, input, std::string(event_row.name),
              core::to_json(*event_row.type, event.value.get(), input.cipher), judged);
  }
  // What a person ordered leaves a trace also when it was already so; what the runtime tells itself is book-keeping
  // then. Works and keeps are ordered by the position of their event, so they need one.
  if (outcome.events.empty() && (row.door != core::Door::internal || !asks.works.empty() || !asks.keeps.empty()))
    add_event(decided, input, std::string(decided_type), "{}", judged);
  fill_document(decided, input);
  auto sizes = check_sizes(decided.change);
  if (!sizes) return std::move(sizes).error();
  decided.answer = answer_of(decided, command, std::move(judged.decision));
  return result;
}

std::string idempotency_scope(const core::CommandEnvelope& command) {
  // A unit separator cannot occur in any of the parts, so that no two scopes read alike.
  constexpr char separator = '\x1f';
  return command.target.tenant + separator + command.principal.id + separator + command.target.kind + "/" +
         command.target.id + "." + command.name + separator + command.idempotency_key;
}

}  // namespace nova::host
