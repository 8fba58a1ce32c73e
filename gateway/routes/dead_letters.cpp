// What failed for good, in plain sight, and what a person makes of it (S18).
#include "core/json.hpp"
#include "gateway/routes/pages.hpp"
#include "gateway/routes/routes.hpp"
#include "gateway/routes/words.hpp"
#include "governance/credentials/encoding.hpp"

namespace nova::gateway {
namespace {

constexpr std::size_t reason_bytes_max = 1000;
constexpr std::size_t search_max = 100'000;  // letters looked through for an id

std::string letter_json(const store::DeadLetter& letter) {
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("id", letter.id)
      .field("kind", "dead_letter")
      .field("tenant", letter.owner.tenant)
      .field("status", letter.status)
      .field("owner", core::to_string(letter.owner))
      .field("error", letter.error)
      .field("retries", letter.retries)
      .field("reason", letter.reason)
      .field("at", core::to_rfc3339(letter.at))
      .raw_field("what", core::json_compact(letter.what).value_or("null"))
      .end();
  return out;
}

void list(Behind& behind, const Request& request, const Reply& reply) {
  const auto asked = page_query(request);
  if (!asked) return reply_error(request, reply, asked.error());
  auto letters = reads_for(behind, request)
                     .dead_letters(std::string(request.query_value("status").value_or("")), asked->after, asked->limit);
  if (!letters) return reply_error(request, reply, letters.error());
  std::string out;
  core::JsonWriter writer(out);
  writer.object().key("items").array();
  for (const auto& letter : *letters) writer.raw(letter_json(letter));
  writer.end();
  if (letters->size() == asked->limit) writer.field("next", credentials::to_base64url(letters->back().id));
  writer.end();
  reply(json(200, std::move(out)));
}

core::Result<store::DeadLetter> find(const Reads& reads, const std::string& id) {
  std::string after;
  for (std::size_t looked = 0; looked < search_max;) {
    auto page = reads.dead_letters({}, after, page_items_max);
    if (!page) return std::move(page).error();
    for (auto& letter : *page)
      if (letter.id == id) return std::move(letter);
    if (page->size() < page_items_max) break;
    looked += page->size();
    after = page->back().id;
  }
  return core::refusal("dead_letter.not_found", "there is no dead letter `" + id + "`");
}

core::Result<std::string> reason_of(const Request& request) {
  if (request.body.empty()) return std::string();
  if (!core::json_valid(request.body)) return core::invalid_input("body", "must be JSON");
  for (const auto& name : core::json_keys(request.body))
    if (name != "reason") return core::invalid_input(name, "is not known");
  auto reason = core::json_text(request.body, "reason").value_or("");
  if (reason.size() > reason_bytes_max) return core::invalid_input("reason", "must have at most 1000 bytes");
  return reason;
}

// A retry needs no reason; putting a failure away does, since it will not come back.
void settle(Behind& behind, const std::string& status, const Request& request, const Reply& reply) {
  auto letter = find(reads_for(behind, request), request.param("id"));
  if (!letter) return reply_error(request, reply, letter.error());
  auto reason = reason_of(request);
  if (!reason) return reply_error(request, reply, reason.error());
  auto answer = [reply, id = request.id, l = *letter](core::Status done) {
    if (!done) return reply(problem(done.error(), id));
    std::string out;
    core::JsonWriter(out).object().field("id", l.id).field("kind", "dead_letter").field("tenant", l.owner.tenant).end();
    reply(json(200, std::move(out)));
  };
  if (status == "retrying") return behind.options.providers.retry_dead_letter(*letter, std::move(answer));
  if (reason->empty()) return reply_error(request, reply, core::invalid_input("reason", "must say why"));
  behind.store.set_dead_letter(letter->id, status, letter->retries, *reason + " (" + request.principal.id + ")",
                               std::move(answer));
}

}  // namespace

void add_dead_letters(Router& router, Behind& behind) {
  Route all;
  all.method = "GET";
  all.pattern = "/v1/dead-letters";
  all.summary = "What failed for good";
  all.tag = "dead letters";
  all.query = {{"status", "pending, retrying, resolved or failed"},
               {"limit", "1 to 1000; 100 when left out", "integer"},
               {"cursor", "the `next` of the page before"}};
  all.handle = [&behind](Request request, Reply reply) { list(behind, request, reply); };
  router.add(std::move(all));

  const auto act = [&](const char* verb, const char* status, const char* summary) {
    Route route;
    route.method = "POST";
    route.pattern = std::string("/v1/dead-letters/{id}/") + verb;
    route.summary = summary;
    route.tag = "dead letters";
    route.body = Body::json;
    route.body_bytes_max = 64 * 1024;
    route.handle = [&behind, s = std::string(status)](Request request, Reply reply) {
      settle(behind, s, request, reply);
    };
    router.add(std::move(route));
  };
  if (behind.options.providers.retry_dead_letter) act("retry", "retrying", "Tries it again");
  act("resolve", "resolved", "Says that it was settled otherwise");
  act("discard", "failed", "Says that it will never be done");
}

}  // namespace nova::gateway
