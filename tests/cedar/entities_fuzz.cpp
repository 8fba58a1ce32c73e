// Any text as entities and as a request, with and without a schema.
#include "governance/cedar/data/entity_json.hpp"

#include <cstdint>
#include <cstdlib>

using namespace nova::cedar;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Schema schema = *Schema::parse(
      "entity Group in [Group]; entity User in [Group] { age?: Long, name: String, friends?: Set<User>, at?: datetime,"
      " ip?: ipaddr, d?: decimal, t?: duration, r?: { a: Long } } tags Set<String>; entity Color enum [\"red\"];"
      "action all; action view in [all] appliesTo { principal: User, resource: [User, Color], context: { n?: Long } "
      "};");
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto arena = std::make_shared<Arena>();
  const auto json = read_json(text, *arena);
  if (!json) return 0;
  for (const Schema* used : {static_cast<const Schema*>(nullptr), &schema}) {
    const auto store = read_entities(*json, used, arena);
    if (!store && store.error().message.empty()) std::abort();
    if (store) {
      for (const EntityStore::Item& item : store->items()) {
        if (store->find(item.uid()) != &item) std::abort();
        (void)to_text(Value::of(&item.attributes()));
      }
    }
    (void)read_request(*json, used, true, *arena);
  }
  return 0;
}
