#include "governance/audit/outcomes.hpp"

#include "core/ids.hpp"
#include "core/json.hpp"
#include "core/text.hpp"
#include "governance/credentials/digest.hpp"

#include <algorithm>

namespace nova::audit {
namespace {

constexpr std::chrono::seconds note_limit{10};
// A work that lies in the dead letters is due at a time that never comes.
constexpr std::int64_t buried_from_ms = INT64_MAX / 2;
constexpr std::size_t error_bytes_max = 4000;

std::string intent_json(const store::WorkRow& row, core::Timestamp asked, core::Timestamp due) {
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("owner").object();
  writer.field("tenant", row.owner.tenant).field("kind", row.owner.kind).field("id", row.owner.id).end();
  writer.field("work", row.ask.id)
      .field("driver", row.ask.driver)
      .field("verb", row.ask.verb)
      .field("cause", row.cause.substr(0, 128))
      .field("position", row.sequence)
      .field("asked_at", core::to_rfc3339(asked))
      .field("due_at", core::to_rfc3339(due))
      .end();
  return out;
}

}  // namespace

std::string effect_id(const core::EntityKey& owner, const std::string& work) {
  return credentials::to_hex(credentials::sha256("effect\n" + core::to_string(owner) + "\n" + work)).substr(0, 32);
}

core::Result<Outcomes::Records> Outcomes::records() const {
  Records found;
  store::DocumentQuery query;
  query.kind = "work_outcome";
  query.status = "missing";
  query.limit = outcomes_page;
  do {
    auto page = parts_.store->documents(query);
    if (!page) return std::move(page).error();
    for (auto& document : page->items) found.emplace(document.key.id, document.key);
    query.after = std::move(page->next);
  } while (!query.after.empty());
  return found;
}

core::Result<core::Timestamp> Outcomes::asked_at(const store::WorkRow& row) const {
  auto slice = parts_.store->read_all(row.sequence - 1, {}, 1);
  if (!slice) return std::move(slice).error();
  if (slice->events.empty()) return core::unavailable("store.behind", "the event that asked is not seen yet");
  return slice->events.front().at;
}

core::Status Outcomes::compare(Records& records, std::size_t& overdue) const {
  const auto now = parts_.clock->now();
  bool more = true;  // later ones were asked for later, so behind one that is in time nobody is late
  std::size_t told = 0;
  for (std::uint64_t after = 0; more || !records.empty();) {
    auto rows = parts_.store->works(after, outcomes_page);
    if (!rows) return std::move(rows).error();
    for (const auto& row : *rows) {
      const auto id = effect_id(row.owner, row.ask.id);
      if (records.erase(id) != 0) {
        ++overdue;
        continue;
      }
      if (!more) continue;
      auto asked = asked_at(row);
      if (!asked) return std::move(asked).error();
      more = *asked + parts_.due <= now && told < outcomes_at_once;
      if (!more) continue;
      ++overdue;
      ++told;
      miss(row, id, *asked);
    }
    if (rows->size() < outcomes_page) return core::ok();
    after = rows->back().sequence;
  }
  return core::ok();
}

core::Status Outcomes::look() {
  // The records first: what stands in one was outstanding then, and what is not any more has ended since.
  auto records = this->records();
  if (!records) return std::move(records).error();
  std::size_t overdue = 0;
  if (auto compared = compare(*records, overdue); !compared) return compared;
  missing_ = overdue;
  // Any order: each is an entity of its own.
  for (const auto& [id, key] : *records) send(key, "note_outcome", "{}", {});
  return core::ok();
}

void Outcomes::miss(const store::WorkRow& row, const std::string& id, core::Timestamp asked) const {
  std::string body;
  core::JsonWriter writer(body);
  writer.object()
      .key("intent")
      .raw(intent_json(row, asked, asked + parts_.due))
      .field("attempts", std::uint64_t(row.attempts))
      .field("under_way", row.started)
      .field("buried", row.due_at.ms >= buried_from_ms)
      .field("last_error", core::clean_text(row.last_error).substr(0, error_bytes_max))
      .end();
  const auto tenant = parts_.tenant_exists(row.owner.tenant) ? row.owner.tenant : std::string("system");
  send({tenant, "work_outcome", id}, "miss_outcome", std::move(body), row.cause);
}

void Outcomes::send(core::EntityKey to, std::string name, std::string body, const std::string& cause) const {
  core::CommandEnvelope command;
  const auto now = parts_.clock->now();
  command.id = core::new_uuid(now);
  command.target = std::move(to);
  command.name = std::move(name);
  command.body = std::move(body);
  command.principal = core::system_principal();
  command.cause = cause;
  command.correlation = command.id;
  command.deadline = now + note_limit;
  parts_.submit(std::move(command));
}

}  // namespace nova::audit
