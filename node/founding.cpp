#include "node/founding.hpp"

#include "actors/host/turn.hpp"
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/constitution/amend/draft.hpp"
#include "governance/constitution/standing.hpp"

#include <future>

namespace nova::node {
namespace {

constexpr int tries_max = 5;  // nodes that start at the same moment on one store
constexpr std::chrono::seconds append_limit{30};

const core::Kind& kind() { return *core::find_kind("constitution"); }

core::Result<host::Image> loaded(const store::EventStore& store) {
  auto document = store.document(constitution::the_key);
  if (!document) return std::move(document).error();
  if (!*document) return host::blank_image(kind(), constitution::the_key);
  if (!host::must_replay(kind(), **document)) return host::image_of(kind(), **document, nullptr);
  auto image = host::blank_image(kind(), constitution::the_key);
  for (;;) {
    auto events = store.read(constitution::the_key, image.version, 500);
    if (!events) return std::move(events).error();
    if (events->empty()) return image;
    if (auto replayed = host::replay(image, *events, nullptr); !replayed) return std::move(replayed).error();
  }
}

core::Status appended(store::EventStore& store, store::Append change) {
  auto done = std::make_shared<std::promise<core::Status>>();
  auto outcome = done->get_future();
  store.append(std::move(change), [done](core::Result<store::Appended> answer) {
    done->set_value(answer ? core::ok() : core::Status(std::move(answer).error()));
  });
  if (outcome.wait_for(append_limit) != std::future_status::ready)
    return core::unavailable("store.unavailable", "the store did not answer");
  return outcome.get();
}

// One command of the runtime, as a host would carry it out.
core::Status carried_out(store::EventStore& store, std::string name, std::string body) {
  auto image = loaded(store);
  if (!image) return std::move(image).error();
  const auto now = core::system_clock().now();
  core::CommandEnvelope command;
  command.id = core::new_uuid(now);
  command.target = constitution::the_key;
  command.name = std::move(name);
  command.body = std::move(body);
  command.principal = core::system_principal();
  auto prepared = host::prepare(*image, command);
  if (!prepared) return std::move(prepared).error();
  const std::map<core::EntityKey, core::Fact> no_facts;
  auto decided = host::take_turn(*image, {command, *prepared, no_facts, gate::make_builtin_rules(), "active", now});
  if (!decided) return std::move(decided).error();
  if (decided->nothing) return core::ok();
  return appended(store, std::move(decided->change));
}

core::Status brought(store::EventStore& store, bool recovery, const std::string& reason) {
  const auto draft = constitution::draft_of(constitution::genesis_text());
  for (const auto& part : draft.parts)
    if (auto done = carried_out(store, "draft", part); !done) return done;
  std::string body;
  core::JsonWriter(body)
      .object()
      .field("digest", draft.digest)
      .field("recovery", recovery)
      .field("reason", reason)
      .end();
  return carried_out(store, "install", std::move(body));
}

}  // namespace

core::Result<std::string> found_constitution(store::EventStore& store, bool recovery, const std::string& reason) {
  for (int tried = 0; tried < tries_max; ++tried) {
    auto state = constitution::Standing::stored(store);
    if (!state) return std::move(state).error();
    const bool there = *state && (*state)->status == constitution::entity::Status::active;
    if (there && !recovery) return (*state)->active.version;
    auto done = brought(store, recovery, reason);
    if (done) {
      recovery = false;
    } else if (done.error().code != "store.conflict" && done.error().code != "constitution.draft_gone" &&
               done.error().code != "constitution.draft_broken") {
      return std::move(done).error();
    }
  }
  return core::unavailable("constitution.not_writable", "others write to the constitution all the time");
}

}  // namespace nova::node
