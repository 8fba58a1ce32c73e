#include "node/maintenance/replay.hpp"

#include "actors/host/turn.hpp"

namespace nova::node {
namespace {

constexpr std::size_t page = 1000;

core::Error differs(const core::EntityKey& key, const std::string& what) {
  auto error = core::refusal("replay.differs",
                             "the " + what + " of `" + core::to_string(key) + "` is not what its events make of it");
  error.status = 500;
  return error;
}

class Replay {
 public:
  Replay(const store::EventStore& store, store::Vault& vault) : store_(store), vault_(vault) {}

  core::Status entity(const core::EntityKey& key) {
    auto document = store_.document(key);
    if (!document) return std::move(document).error();
    if (!*document) return differs(key, "address");
    ++done_.entities;
    const auto* kind = core::find_kind(key.kind);
    if (!kind) return ++done_.unknown, core::ok();
    std::shared_ptr<const core::FieldCipher> cipher;
    if (host::holds_personal(*kind)) {
      auto made = vault_.subject(core::to_string(key));
      if (!made) return std::move(made).error();
      cipher = std::move(*made);
    }
    auto folded = host::blank_image(*kind, key);
    if (auto replayed = fold(folded, cipher.get()); !replayed) return replayed;
    if (folded.version != (*document)->version) return differs(key, "version");
    if (host::must_replay(*kind, **document)) return ++done_.older, core::ok();
    const auto stored = host::image_of(*kind, **document, cipher.get());
    if (!stored) return stored.error();
    if (folded.intent_version != stored->intent_version) return differs(key, "intent version");
    // Without a cipher: what it seals is another text each time.
    if (core::to_json(*kind->state, folded.state.get()) == core::to_json(*kind->state, stored->state.get()))
      return core::ok();
    return differs(key, "state");
  }

  Replayed done() const { return done_; }

 private:
  core::Status fold(host::Image& image, const core::FieldCipher* cipher) {
    for (;;) {
      auto events = store_.read(image.key, image.version, page);
      if (!events) return std::move(events).error();
      done_.events += events->size();
      if (auto replayed = host::replay(image, *events, cipher); !replayed) return replayed;
      if (events->size() < page) return core::ok();
    }
  }

  const store::EventStore& store_;
  store::Vault& vault_;
  Replayed done_;
};

}  // namespace

core::Result<Replayed> replay_all(store::transfer::Snapshot& rows, const store::EventStore& store, store::Vault& vault,
                                  const store::transfer::Snapshot::Take& after_each) {
  Replay replay(store, vault);
  // Columns as in store/transfer: stream, kind, tenant, id.
  auto read = rows.read(*store::transfer::find_table("documents"), 0, [&](const store::transfer::Row& row) {
    const auto text = [&](std::size_t at) { return std::get<std::string>(row[at]); };
    if (auto same = replay.entity({text(2), text(1), text(3)}); !same) return same;
    return after_each(row);
  });
  if (!read) return std::move(read).error();
  return replay.done();
}

}  // namespace nova::node
