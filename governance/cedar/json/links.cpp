#include "governance/cedar/json/links.hpp"

#include "governance/cedar/data/value_reader.hpp"
#include "governance/cedar/syntax/parser.hpp"

#include <optional>
#include <string>
#include <utility>

namespace nova::cedar {
namespace {

core::Error refused(std::size_t at, std::string message) {
  core::Error error = core::refusal("cedar.link_invalid", "links[" + std::to_string(at) + "]: " + std::move(message));
  error.status = 400;
  return error;
}

core::Status read_link(const Json& json, std::size_t at, PolicySet& set, Linker& linker) {
  const Json* const template_id = json.find("templateId");
  const Json* const new_id = json.find("newId");
  const Json* const given = json.find("values");
  const bool is_whole = template_id != nullptr && template_id->is(JsonKind::string) && new_id != nullptr &&
                        new_id->is(JsonKind::string) && given != nullptr && given->is(JsonKind::object);
  if (!is_whole) return refused(at, "a link is {\"templateId\", \"newId\", \"values\"}");
  std::optional<EntityUid> principal, resource;
  ValueReader values(*set.arena, nullptr);
  for (const JsonMember& member : given->object()) {
    const bool is_principal = member.key.view() == "?principal";
    if (!is_principal && member.key.view() != "?resource") return refused(at, "an unknown slot in a link");
    std::optional<EntityUid>& place = is_principal ? principal : resource;
    place.emplace();
    if (!values.entity(member.value, *place)) return refused(at, values.message());
  }
  auto linked = linker.add(template_id->text(), std::string(new_id->text()), principal ? &*principal : nullptr,
                           resource ? &*resource : nullptr);
  if (!linked) return refused(at, linked.error().message).fix(linked.error().remedy);
  return core::ok();
}

}  // namespace

core::Status read_links(const Json& json, PolicySet& set) {
  if (!json.is(JsonKind::array)) {
    core::Error error = core::refusal("cedar.link_invalid", "links are an array");
    error.status = 400;
    return error;
  }
  Linker linker(set);
  std::size_t at = 0;
  for (const Json& item : json.array()) {
    if (auto done = read_link(item, at++, set, linker); !done) return done;
  }
  return core::ok();
}

}  // namespace nova::cedar
