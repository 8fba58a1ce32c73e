#include "store/rules.hpp"

#include <algorithm>
#include <array>

namespace nova::store {
namespace {

core::Error too_large(std::string_view part, std::size_t size, std::size_t size_max) {
  core::Error error;
  error.code = "store.too_large";
  error.status = 413;
  error.message = std::string(part) + " is " + std::to_string(size) + ", more than " + std::to_string(size_max);
  error.details = {{"part", std::string(part)}, {"size", std::to_string(size)}, {"max", std::to_string(size_max)}};
  return error;
}

core::Error malformed(std::string message) {
  core::Error error;
  error.code = "store.malformed";
  error.status = 500;
  error.message = std::move(message);
  return error;
}

// Collects the first thing that is too large, so that the list of limits below reads as a list.
class Limits {
 public:
  Limits& at_most(std::string_view part, std::size_t size, std::size_t size_max) {
    if (!refused_ && size > size_max) refused_ = too_large(part, size, size_max);
    return *this;
  }
  Limits& key(std::string_view part, const core::EntityKey& key) {
    for (const auto* text : {&key.tenant, &key.kind, &key.id}) {
      at_most(part, text->size(), key_part_bytes_max);
      const bool plain = std::none_of(text->begin(), text->end(), [](unsigned char c) { return c == '/' || c < 0x20; });
      if (!refused_ && (text->empty() || !plain))
        refused_ = malformed(std::string(part) + " `" + core::printable(core::to_string(key)) + "` is no entity key");
    }
    return *this;
  }
  std::optional<core::Error> refused() && { return std::move(refused_); }

 private:
  std::optional<core::Error> refused_;
};

void check_asks(Limits& limits, const Append& change) {
  limits.at_most("asks.works", change.asks.works.size(), asks_max)
      .at_most("asks.keeps", change.asks.keeps.size(), asks_max)
      .at_most("asks.timers", change.asks.timers.size(), asks_max)
      .at_most("asks.claims", change.asks.claims.size(), asks_max)
      .at_most("guards", change.guards.size(), asks_max)
      .at_most("settled_works", change.settled_works.size(), asks_max)
      .at_most("fired_timers", change.fired_timers.size(), asks_max)
      .at_most("cause", change.cause.size(), word_bytes_max)
      .at_most("correlation", change.correlation.size(), word_bytes_max);
  for (const auto& work : change.asks.works)
    limits.at_most("work.id", work.id.size(), word_bytes_max)
        .at_most("work.driver", work.driver.size(), word_bytes_max)
        .at_most("work.verb", work.verb.size(), word_bytes_max)
        .at_most("work.order_key", work.order_key.size(), word_bytes_max)
        .at_most("work.payload", work.payload.size(), payload_bytes_max);
  for (const auto& keep : change.asks.keeps)
    limits.at_most("keep.driver", keep.driver.size(), word_bytes_max)
        .at_most("keep.key", keep.key.size(), word_bytes_max)
        .at_most("keep.payload", keep.payload ? keep.payload->size() : 0, payload_bytes_max);
  for (const auto& timer : change.asks.timers) limits.at_most("timer.id", timer.id.size(), word_bytes_max);
  for (const auto& claim : change.asks.claims) limits.at_most("claim.name", claim.name.size(), word_bytes_max);
  for (const auto& guard : change.guards) limits.key("guard", guard.key);
}

}  // namespace

std::optional<core::Error> refuse_shape(const Append& change) {
  Limits limits;
  limits.key("key", change.key).at_most("events", change.events.size(), append_events_max);
  for (const auto& event : change.events)
    limits.at_most("event.id", event.id.size(), word_bytes_max)
        .at_most("event.type", event.type.size(), word_bytes_max)
        .at_most("event.body", event.body.size(), event_bytes_max)
        .at_most("event.meta", event.meta.size(), event_bytes_max);
  limits.at_most("document", change.document.body.size(), document_bytes_max)
      .at_most("document.status", change.document.status.size(), word_bytes_max)
      .at_most("document.parent", change.document.parent.size(), word_bytes_max)
      .at_most("document.reason", change.document.reason.size(), reason_bytes_max)
      .at_most("document.state_hash", change.document.state_hash.size(), word_bytes_max);
  check_asks(limits, change);
  if (change.idempotency)
    limits.at_most("idempotency.scope", change.idempotency->scope.size(), scope_bytes_max)
        .at_most("idempotency.body_hash", change.idempotency->body_hash.size(), word_bytes_max)
        .at_most("idempotency.answer", change.idempotency->answer.size(), document_bytes_max);
  if (auto refused = std::move(limits).refused()) return refused;
  if (change.events.empty()) {
    if (!change.asks.works.empty() || !change.asks.keeps.empty())
      return malformed("works or keeps asked for without an event");
    if (change.expected_version == 0) return malformed("an append without events to an entity that does not exist");
    return std::nullopt;
  }
  if (change.document.key != change.key)
    return malformed("the document of `" + core::to_string(change.document.key) + "` in an append to `" +
                     core::to_string(change.key) + "`");
  if (change.document.version != change.expected_version + change.events.size())
    return malformed("document.version is " + std::to_string(change.document.version) + ", but the events lead to " +
                     std::to_string(change.expected_version + change.events.size()));
  return std::nullopt;
}

std::optional<core::Error> refuse_shape(const DeadLetter& letter) {
  Limits limits;
  limits.key("owner", letter.owner)
      .at_most("id", letter.id.size(), word_bytes_max)
      .at_most("what", letter.what.size(), letter_bytes_max)
      .at_most("reason", letter.reason.size(), reason_bytes_max);
  if (auto refused = std::move(limits).refused()) return refused;
  if (letter.id.empty()) return malformed("a dead letter without an id");
  if (letter.status != "pending" && letter.status != "failed")
    return malformed("a dead letter that begins as `" + core::printable(letter.status) + "`");
  return std::nullopt;
}

std::optional<core::Error> refuse_shape(const DocumentQuery& query) {
  if (query.kind.empty()) return core::invalid_input("kind", "must be given");
  if (query.limit < 1 || query.limit > page_max) return core::invalid_input("limit", "must be 1 to 1000");
  return std::nullopt;
}

std::optional<core::Error> refuse_broken(const Append& change) {
  if (!change.chain || !change.chain->broken) return std::nullopt;
  auto error = core::refusal("store.conflict",
                             "`" + core::to_string(change.key) + "` did not take the change that this one stands on");
  error.retryable = true;
  return std::move(error).with("what", "chain").with("entity", core::to_string(change.key));
}

core::Error conflict(std::string_view what, const core::EntityKey& key, std::uint64_t expected, std::uint64_t actual) {
  auto error = core::refusal("store.conflict", "`" + core::to_string(key) + "` is at version " +
                                                   std::to_string(actual) + ", not " + std::to_string(expected));
  error.retryable = true;
  return std::move(error)
      .with("what", std::string(what))
      .with("entity", core::to_string(key))
      .with("expected", std::to_string(expected))
      .with("actual", std::to_string(actual));
}

core::Error conflict_on_scope(const core::EntityKey& key) {
  return core::refusal("store.conflict", "the idempotency key was used by a command that committed first")
      .with("what", "idempotency")
      .with("entity", core::to_string(key));
}

core::Error conflict_on_work(const core::EntityKey& key, const std::string& work_id) {
  return core::refusal("store.conflict",
                       "work `" + core::printable(work_id) + "` of `" + core::to_string(key) + "` is outstanding")
      .with("what", "work")
      .with("entity", core::to_string(key))
      .with("work", work_id);
}

core::Error claim_refused(const core::ClaimAsk& ask, const core::EntityKey& asker, const core::EntityKey& holder) {
  auto error = core::refusal(ask.refusal.empty() ? "store.claim_taken" : ask.refusal,
                             "`" + core::printable(ask.name) + "` is taken");
  error.with("claim", ask.name);
  if (asker.tenant == holder.tenant) error.with("holder", core::to_string(holder));
  return error;
}

core::Error overloaded() {
  return core::unavailable("store.overloaded", "more is waiting to be written than the store takes")
      .fix("try again in a second");
}

core::Error read_only(const std::string& reason) { return core::unavailable("store.read_only", reason); }

core::Error draining() { return core::unavailable("node.draining", "the store is closing"); }

TypePattern::TypePattern(std::string_view pattern) : text(pattern) {
  if (text.ends_with('*')) {
    text.pop_back();
    prefix = true;
  }
  if (text.empty() || text.ends_with('.')) prefix = true;
}

bool TypePattern::matches(std::string_view type) const { return prefix ? type.starts_with(text) : type == text; }

bool matches(const EventFilter& filter, const TypePattern& pattern, const core::StoredEvent& event) {
  return (filter.tenant.empty() || filter.tenant == event.entity.tenant) &&
         (filter.kind.empty() || filter.kind == event.entity.kind) &&
         (filter.id.empty() || filter.id == event.entity.id) && pattern.matches(event.type);
}

std::string cursor_of(const core::EntityKey& last) { return last.tenant + "/" + last.id; }

core::Result<Cursor> parse_cursor(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos || slash == 0 || slash + 1 == text.size() || text.size() > 2 * key_part_bytes_max + 1)
    return core::invalid_input("after", "is not a cursor that a page gave");
  return Cursor{text.substr(0, slash), text.substr(slash + 1)};
}

std::size_t page_limit(std::size_t asked) { return std::clamp<std::size_t>(asked, 1, page_max); }

std::optional<core::Error> refuse_move(const std::string& from, const std::string& to) {
  struct Move {
    std::string_view from, to;
  };
  constexpr std::array allowed = {
      Move{"pending", "retrying"},  Move{"pending", "resolved"}, Move{"pending", "failed"},
      Move{"retrying", "resolved"}, Move{"retrying", "pending"}, Move{"retrying", "failed"},
      Move{"failed", "retrying"},   Move{"failed", "resolved"},
  };
  for (const auto& move : allowed)
    if (move.from == from && move.to == to) return std::nullopt;
  return core::refusal("dead_letter.wrong_state",
                       "a dead letter that is `" + from + "` cannot become `" + core::printable(to) + "`")
      .with("state", from);
}

std::string status_after_failed_retry(std::uint32_t retries) {
  return retries >= dead_letter_retries_max ? "failed" : "pending";
}

std::string shortened(std::string text, std::size_t size_max) {
  if (text.size() <= size_max) return text;
  while (size_max > 0 && (static_cast<unsigned char>(text[size_max]) & 0xc0) == 0x80) --size_max;
  text.resize(size_max);
  return text;
}

}  // namespace nova::store
