#include "tests/gateway/fake_host.hpp"

#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "core/kind.hpp"

namespace nova::test {

void FakeHost::submit(core::CommandEnvelope command, Done done) {
  std::unique_lock lock(mutex_);
  seen_.push_back(command);
  if (hold_) {
    held_.emplace_back(std::move(command), std::move(done));
    return;
  }
  auto answer = run(command);
  lock.unlock();
  done(std::move(answer));
}

void FakeHost::snapshot(std::string, std::size_t, std::function<void(std::vector<host::EntityLine>)> done) {
  done({{{"clinic", "note", "n1"}, "idle", 1, 3, 2, "it hurt"}});
}

void FakeHost::hold(bool on) {
  std::lock_guard lock(mutex_);
  hold_ = on;
}

std::size_t FakeHost::held() const {
  std::lock_guard lock(mutex_);
  return held_.size();
}

void FakeHost::release() {
  std::vector<std::pair<core::CommandEnvelope, Done>> held;
  {
    std::lock_guard lock(mutex_);
    hold_ = false;
    held.swap(held_);
  }
  for (auto& [command, done] : held) done(run(command));
}

std::vector<core::CommandEnvelope> FakeHost::seen() const {
  std::lock_guard lock(mutex_);
  return seen_;
}

core::Result<host::Answer> FakeHost::run(const core::CommandEnvelope& command) {
  std::lock_guard lock(mutex_);
  const auto& key = command.target;
  const std::string scope =
      key.tenant + "/" + command.principal.id + "/" + key.kind + "." + command.name + "/" + command.idempotency_key;
  if (!command.idempotency_key.empty())
    if (const auto known = remembered_.find(scope); known != remembered_.end()) {
      if (known->second.first != command.body_hash)
        return core::refusal("idempotency.mismatch", "the key was used for another body");
      auto again = known->second.second;
      again.replayed = true;
      return again;
    }
  const auto* kind = core::find_kind(key.kind);
  const int row = kind->command_row(command.name);
  if (key.kind != "tenant" && !store_.document({key.tenant, "tenant", key.tenant})->has_value())
    return core::refusal("tenant.not_found", "no such tenant");
  auto body = kind->make_command(std::size_t(row));
  if (auto read =
          core::from_json(*kind->commands[std::size_t(row)].type, body.get(), command.body, core::Reading::command);
      !read)
    return read.error();

  auto document = store_.document(key).value().value_or(store::Document{});
  if (document.version == 0 && !kind->commands[std::size_t(row)].creates)
    return core::refusal(key.kind + ".not_found", "it does not exist");
  if ((command.expected_version >= 0 && document.version != std::uint64_t(command.expected_version)) ||
      (command.expected_intent_version >= 0 &&
       document.intent_version != std::uint64_t(command.expected_intent_version)))
    return core::refusal("entity.version_mismatch", "somebody changed it meanwhile");
  auto state = kind->make_state();
  if (document.version > 0) (void)core::from_json(*kind->state, state.get(), document.body, core::Reading::stored);
  // Sealing, as the real host does it: the same value gets the same reference, the plain text goes no further.
  core::each_secret(
      *kind->commands[std::size_t(row)].type, body.get(), [&](const std::string& path, core::Secret& secret) {
        if (secret.plain.empty()) return;
        secret.ref = "secret://" + core::to_string(key) + "/" + path + "@" + std::to_string(secret.plain.size());
        secret.plain.clear();
      });
  core::Context context{key, document.version, document.intent_version, command.deadline, command.principal, command.id,
                        {}};
  auto decision = kind->decide(state.get(), std::size_t(row), body.get(), context);
  if (decision.refused) return *decision.refused;

  store::Append change;
  change.key = key;
  change.expected_version = document.version;
  change.at = core::system_clock().now();
  for (const auto& event : decision.events) {
    const auto& type = kind->events[event.row];
    kind->evolve(state.get(), event.row, event.value.get());
    std::string meta;
    core::JsonWriter writer(meta);
    writer.object()
        .field("command_id", command.id)
        .field("command", key.kind + "." + command.name)
        .field("principal", command.principal.id);
    writer.field("cause", command.cause).field("correlation", command.correlation);
    if (change.events.empty())
      writer.raw_field("decision",
                       R"({"answer":"allow","rules":["operator.may"],"constitution":"builtin","authority":0})");
    writer.end();
    change.events.push_back(
        {core::new_uuid(change.at), std::string(type.name), core::to_json(*type.type, event.value.get()), meta});
    document.intent_version += type.observation ? 0 : 1;
  }
  const auto summary = kind->summarise(state.get());
  document.key = key;
  document.version += change.events.size();
  document.status = summary.status;
  document.parent = summary.parent;
  document.reason = summary.reason;
  document.body = core::to_json(*kind->state, state.get());
  document.updated_at = change.at;
  if (change.expected_version == 0) document.created_at = change.at;
  host::Answer answer{
      key,   document.version, document.intent_version, document.position, summary.status, summary.reason, {}, {},
      false, command.dry_run};
  for (const auto& event : change.events) answer.events.push_back(event.type);
  answer.decision = {core::DecisionRecord::Answer::allow, {"operator.may"}, "builtin", 0};
  if (command.dry_run || change.events.empty()) return answer;
  change.document = document;
  core::Result<store::Appended> appended = core::refusal("test.never_called");
  store_.append(std::move(change), [&](core::Result<store::Appended> done) { appended = std::move(done); });
  if (!appended) return appended.error();
  answer.position = appended->position;
  if (!command.idempotency_key.empty()) remembered_[scope] = {command.body_hash, answer};
  return answer;
}

}  // namespace nova::test
