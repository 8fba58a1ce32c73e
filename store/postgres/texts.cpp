// PostgreSQL keeps names as text, which is UTF-8 without NUL; what is free in form is kept as bytes.
#include "store/postgres/texts.hpp"

#include <initializer_list>

namespace nova::store::postgres {
namespace {

core::Error malformed(std::string_view part) {
  core::Error error;
  error.code = "store.malformed";
  error.message = std::string(part) + " is no UTF-8 text without NUL";
  return error;
}

class Texts {
 public:
  Texts& text(std::string_view part, std::string_view value) {
    if (!refused_ && !is_text(value)) refused_ = malformed(part);
    return *this;
  }
  Texts& key(std::string_view part, const core::EntityKey& key) {
    return text(part, key.tenant).text(part, key.kind).text(part, key.id);
  }
  std::optional<core::Error> refused() && { return std::move(refused_); }

 private:
  std::optional<core::Error> refused_;
};

// The length of the well-formed sequence (Unicode 15, table 3-7) at the start of `rest`, which is not ASCII; 0: none.
std::size_t sequence(std::string_view rest) {
  const auto at = [&](std::size_t i) { return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0; };
  const auto follows = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const auto lead = at(0), second = at(1);
  if (lead >= 0xc2 && lead <= 0xdf) return follows(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f)) return 0;
    return follows(1) && follows(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    if ((lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f)) return 0;
    return follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

bool is_text(std::string_view value) {
  for (std::size_t i = 0; i < value.size();) {
    const auto c = static_cast<unsigned char>(value[i]);
    const auto length = c == 0 ? 0 : c < 0x80 ? 1 : sequence(value.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::optional<core::Error> refuse_texts(const Append& change) {
  Texts texts;
  texts.key("key", change.key).text("cause", change.cause).text("correlation", change.correlation);
  for (const auto& event : change.events) texts.text("event.id", event.id).text("event.type", event.type);
  const auto& document = change.document;
  texts.text("document.status", document.status)
      .text("document.parent", document.parent)
      .text("document.state_hash", document.state_hash);
  for (const auto& work : change.asks.works)
    texts.text("work.id", work.id)
        .text("work.driver", work.driver)
        .text("work.verb", work.verb)
        .text("work.order_key", work.order_key);
  for (const auto& keep : change.asks.keeps)
    texts.text("keep.driver", keep.driver).text("keep.key", keep.key).key("keep.report_to", keep.report_to);
  for (const auto& timer : change.asks.timers) texts.text("timer.id", timer.id);
  for (const auto& claim : change.asks.claims) texts.text("claim.name", claim.name);
  for (const auto& guard : change.guards) texts.key("guard", guard.key);
  for (const auto& id : change.settled_works) texts.text("settled_works", id);
  for (const auto& id : change.fired_timers) texts.text("fired_timers", id);
  if (change.idempotency)
    texts.text("idempotency.scope", change.idempotency->scope)
        .text("idempotency.body_hash", change.idempotency->body_hash);
  return std::move(texts).refused();
}

std::optional<core::Error> refuse_texts(const DeadLetter& letter) {
  Texts texts;
  texts.key("owner", letter.owner).text("id", letter.id).text("status", letter.status);
  return std::move(texts).refused();
}

}  // namespace nova::store::postgres
