// The constitution for whom it governs: its text, its rules in words, and the words that a text may use.
#include "governance/constitution/constitution.hpp"
#include "core/json.hpp"
#include "gateway/routes/routes.hpp"

namespace nova::gateway {
namespace {

void write_constitution(const constitution::Constitution& now, std::string& out) {
  core::JsonWriter writer(out);
  writer.object().field("version", now.version()).key("rules").array();
  for (const auto& rule : now.rules())
    writer.object()
        .field("id", rule.id)
        .field("effect", rule.forbids ? "forbid" : "permit")
        .field("en", rule.en)
        .field("ar", rule.ar)
        .end();
  writer.end().field("text", now.text()).end();
}

Route reading(std::string pattern, std::string summary, std::function<void(Request, Reply)> handle) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = std::move(summary);
  route.tag = "governance";
  route.access = std::nullopt;  // who is governed may know by what
  route.handle = std::move(handle);
  return route;
}

}  // namespace

void add_constitution(Router& router, Behind& behind) {
  router.add(reading("/v1/constitution", "The rules that stand above every command, in words and as policies",
                     [&behind](Request, Reply reply) {
                       std::string out;
                       write_constitution(*behind.options.constitution, out);
                       reply(json(200, std::move(out)));
                     }));
  router.add(reading(
      "/v1/constitution/schema", "What policies may speak of, in Cedar's JSON schema format",
      [&behind](Request, Reply reply) { reply(json(200, behind.options.constitution->words().schema_text())); }));
}

}  // namespace nova::gateway
