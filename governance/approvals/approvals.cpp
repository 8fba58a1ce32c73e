#include "governance/approvals/approvals.hpp"

#include "actors/approval/approval.hpp"
#include "core/authority/approver.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/approvals/proposals.hpp"
#include "governance/approvals/shared.hpp"
#include "governance/authority/judge.hpp"
#include "governance/credentials/digest.hpp"

#include <algorithm>
#include <utility>

namespace nova::approvals {
namespace {

constexpr std::size_t shown_bytes_max = 16 * 1024;    // of a document's 64 KiB
constexpr std::size_t content_bytes_max = 64 * 1024;  // what a secret may hold
constexpr std::chrono::seconds command_limit{10};

// A repeat of the request must find the same approval: by the caller's key, else by the command's own id.
std::string id_of(const core::CommandEnvelope& command, std::string_view lookup_key) {
  if (command.idempotency_key.empty()) return command.id;
  constexpr char separator = '\x1f';
  return uuid_of(credentials::keyed_hash(
      lookup_key, "approval.id" + std::string(1, separator) + command.target.tenant + separator +
                      command.principal.type + separator + command.principal.id + separator + command.target.kind +
                      "/" + command.target.id + "." + command.name + separator + command.idempotency_key));
}

std::string person_behind(const authority::Book& book, const core::Principal& principal) {
  if (principal.type == "user") return principal.id;
  const auto key = authority::is_key(principal) ? authority::key_of(book, principal) : std::nullopt;
  return key ? key->user : std::string();
}

// The body again as a struct: it was read once already, so it reads.
core::RawJson shown(const core::CommandEnvelope& command, std::int64_t& impact) {
  const auto* kind = core::find_kind(command.target.kind);
  const int number = kind ? kind->command_row(command.name) : -1;
  if (number < 0) return {};
  const auto& row = kind->commands[std::size_t(number)];
  impact = row.impact;
  const auto body = kind->make_command(std::size_t(number));
  const auto text = command.body.empty() ? std::string_view("{}") : std::string_view(command.body);
  if (!core::from_json(*row.type, body.get(), text, core::Reading::command)) return {};
  return {shown_body(*row.type, body.get(), shown_bytes_max)};
}

approval::Act act_of(const gate::Held& held, const authority::Book& book) {
  const auto& command = held.command;
  approval::Act act;
  act.target = command.target;
  act.command = command.name;
  act.shown = shown(command, act.impact);
  act.by = command.principal;
  act.person = person_behind(book, command.principal);
  act.digest = held.digest;
  act.constitution = held.decision.constitution;
  act.version = held.version;
  act.intent_version = held.intent_version;
  act.expected_version = command.expected_version;
  act.expected_intent_version = command.expected_intent_version;
  act.idempotency_key = command.idempotency_key;
  act.request_hash = command.body_hash;
  act.correlation = command.correlation.empty() ? command.id : command.correlation;
  act.request_id = command.request_id;
  return act;
}

approval::Request request_of(const gate::Held& held, const authority::Book& book, const gates::Gates& gates) {
  approval::Request request;
  request.act = act_of(held, book);
  request.expires_at = held.deadline;
  std::vector<std::string> names;
  for (const auto& rule : held.terms.rules) {
    request.rules.push_back({rule.id, rule.en, rule.ar, rule.gate});
    if (std::find(names.begin(), names.end(), rule.gate) == names.end()) names.push_back(rule.gate);
  }
  add_deciders(request, gates::together(gates, names));
  return request;
}

// The state that the request makes: what the answer shows is not read again.
approval::State state_of(const approval::Request& request, core::Timestamp at) {
  approval::State state;
  state.act = request.act;
  state.rules = request.rules;
  state.groups = request.groups;
  state.escalation = request.escalation;
  state.second_factor = request.second_factor;
  state.requested_at = at;
  state.expires_at = request.expires_at;
  return state;
}

host::Answer answer_of(host::Answer stored, const approval::State& state, core::DecisionRecord decision) {
  stored.status = "held";
  stored.reason = state.rules.empty() ? std::string() : state.rules.front().en;
  stored.decision = std::move(decision);
  stored.held = held_json(stored.key, state);
  stored.events.clear();
  return stored;
}

}  // namespace

std::string uuid_of(std::string hex) {
  hex[12] = '8';
  hex[16] = 'a';
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" + hex.substr(16, 4) + "-" +
         hex.substr(20, 12);
}

std::string released_id(const core::EntityKey& approval) {
  return uuid_of(credentials::to_hex(credentials::sha256("approval.release " + core::to_string(approval))));
}

void add_deciders(approval::Request& request, const gates::Together& together) {
  for (const auto& group : together.groups)
    request.groups.push_back({group.name,
                              std::int64_t(group.quorum),
                              {group.roles.begin(), group.roles.end()},
                              {group.permissions.begin(), group.permissions.end()}});
  for (const auto& level : together.escalation)
    request.escalation.push_back({std::int64_t(level.level), level.role, level.timeout});
  request.second_factor = together.second_factor;
  request.reminder = together.reminder;
}

std::string held_json(const core::EntityKey& key, const approval::State& state) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object()
      .field("id", key.id)
      .field("tenant", key.tenant)
      .field("status", core::name_of(state.status))
      .field("act", state.act.target.kind + "." + state.act.command)
      .field("target", core::to_string(state.act.target))
      .field("digest", state.act.digest)
      .field("expires_at", core::to_rfc3339(state.expires_at))
      .field("second_factor", state.second_factor)
      .key("rules")
      .array();
  for (const auto& rule : state.rules)
    writer.object().field("id", rule.id).field("gate", rule.gate).field("en", rule.en).field("ar", rule.ar).end();
  writer.end().key("who_may_decide").array();
  for (const auto& group : state.groups) {
    writer.object().field("group", group.name).field("quorum", group.quorum);
    writer.field("missing", approval::missing(state, group)).key("roles").array();
    for (const auto& role : group.roles) writer.value(role);
    writer.end().key("permissions").array();
    for (const auto& right : group.permissions) writer.value(right);
    writer.end().end();
  }
  writer.end().end();
  return out;
}

void Approvals::hold(gate::Held held, std::string read, host::Host::Done done) {
  const auto gates = parts_.gates();
  if (!gates || held.terms.rules.empty())
    return done(core::unavailable("approval.unavailable", "people must agree to this, and there are no gates"));
  if (held.command.body.size() > content_bytes_max) {
    auto error = core::refusal("input.too_large", "an act that waits for people has a body of at most 64 KiB");
    return done(std::move(error).with("bytes", std::to_string(held.command.body.size())));
  }
  auto request = request_of(held, *parts_.book, *gates);
  if (!read.empty()) request.act.read.text = std::move(read);
  core::CommandEnvelope command;
  command.id = core::new_uuid(held.at);
  // What makes a tenant belongs to no tenant yet.
  const auto& target = held.command.target;
  const bool lives_there = target.tenant == "system" || parts_.book->tenant(target.tenant).has_value();
  command.target = {lives_there ? target.tenant : "system", "approval", id_of(held.command, parts_.lookup_key)};
  command.name = "request";
  // In the envelope to the host it stands in the clear, as in the caller's own; the host seals it before anything is
  // stored, since it is no reference.
  request.content.ref = held.command.body.empty() ? "{}" : held.command.body;
  command.body = core::to_json(request);
  command.principal = core::system_principal();
  command.cause = held.command.id;
  command.correlation = request.act.correlation;
  command.request_id = held.command.request_id;
  command.deadline = held.at + command_limit;
  auto state = state_of(request, held.at);
  parts_.host->submit(
      std::move(command), [store = parts_.store, state = std::move(state), decision = std::move(held.decision),
                           done = std::move(done)](core::Result<host::Answer> answer) mutable {
        if (!answer) return done(std::move(answer).error());
        if (!answer->events.empty()) return done(answer_of(std::move(*answer), state, std::move(decision)));
        // It was there already: what became of it is told as it is now.
        const auto key = answer->key;
        store->load(key, [answer = std::move(*answer), decision = std::move(decision),
                          done = std::move(done)](core::Result<std::optional<store::Document>> found) mutable {
          if (!found) return done(std::move(found).error());
          if (!*found) return done(core::refusal("approval.not_found", "the approval has gone"));
          auto now = core::from_json<approval::State>((**found).body, core::Reading::stored);
          if (!now) return done(std::move(now).error());
          auto told = answer_of(std::move(answer), *now, std::move(decision));
          told.replayed = true;
          done(std::move(told));
        });
      });
}

std::size_t Approvals::others_who_may(const approval::State& approval, const std::string& tenant,
                                      const std::string& but_user, std::size_t enough) const {
  std::size_t count = 0;
  parts_.book->each_active_user([&](const std::string& user) {
    if (user == but_user || user == approval.act.person) return true;
    for (const auto& vote : approval.votes)
      if (vote.user == user) return true;
    const auto caller = authority::caller_of(*parts_.book, {user, "user"}, tenant);
    if (approval::may_help(approval, caller)) ++count;
    return count < enough;
  });
  return count;
}

namespace {

class ApprovalDriver final : public host::WorkDriver {
 public:
  explicit ApprovalDriver(Parts parts) : parts_(std::move(parts)) {}

  std::string_view name() const override { return "approval"; }
  host::Safety safety(std::string_view) const override { return host::Safety::idempotent; }
  // Commands of this installation: what comes of them meets its switches itself.
  host::Reach reach(const host::Work&) const override { return host::local_reach(); }

  void start(host::Work work, std::function<void(host::WorkEnd)> done) override {
    if (work.ask.verb == "ask") return ask(parts_, work, std::move(done));
    parts_.store->load(work.owner, [this, key = work.owner, cause = work.cause,
                                    done = std::move(done)](core::Result<std::optional<store::Document>> found) {
      if (!found) return done(failed(found.error(), true));
      if (!*found) return done(failed(core::refusal("approval.not_found", "the approval has gone"), false));
      auto state = core::from_json<approval::State>((**found).body, core::Reading::stored);
      if (!state) return done(failed(state.error(), false));
      parts_.slowly([this, key, cause, state = std::move(*state), done] { send(key, cause, state, done); });
    });
  }

 private:
  static host::WorkEnd failed(core::Error error, bool retry) {
    host::WorkEnd end;
    end.outcome = core::Outcome::failed;
    end.retry = retry;
    end.error = std::move(error);
    return end;
  }

  void send(const core::EntityKey& key, const std::string& cause, const approval::State& state,
            const std::function<void(host::WorkEnd)>& done) const {
    // Ended already, and this is a late copy of its work.
    if (state.status != approval::Status::approved)
      return done(failed(core::refusal("approval.already_decided", "it is not waiting to be carried out"), false));
    if (!state.remedies.empty()) return carry_out(parts_, key, cause, state, done);
    const auto now = parts_.clock->now();
    if (auto may = authority::may_act(*parts_.book, state.act.by, now); !may)
      return done(failed(may.error(), may.error().retryable));
    auto body = parts_.vault->reveal(state.content.ref);
    if (!body) return done(failed(body.error(), body.error().status >= 500));
    core::CommandEnvelope command;
    command.id = released_id(key);
    command.target = state.act.target;
    command.name = state.act.command;
    command.body = std::move(*body);
    command.principal = state.act.by;
    command.idempotency_key = state.act.idempotency_key.empty() ? "approval/" + key.id : state.act.idempotency_key;
    command.body_hash = state.act.request_hash.empty() ? state.act.digest : state.act.request_hash;
    command.cause = cause;
    command.correlation = state.act.correlation;
    command.request_id = state.act.request_id;
    command.expected_version = state.act.expected_version;
    command.expected_intent_version = state.act.expected_intent_version;
    parts_.host->submit_released(std::move(command), {key, state.act.digest, state.expires_at},
                                 [done](core::Result<host::Answer> answer) {
                                   if (!answer) return done(failed(answer.error(), answer.error().retryable));
                                   host::WorkEnd end;
                                   end.result = core::to_json(*answer);
                                   done(std::move(end));
                                 });
  }

  const Parts parts_;
};

}  // namespace

std::unique_ptr<host::WorkDriver> make_release_driver(Parts parts) {
  return std::make_unique<ApprovalDriver>(std::move(parts));
}

}  // namespace nova::approvals
