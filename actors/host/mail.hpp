// The one message that entity actors know: an opaque envelope handled by pointer. For CAF rooms only.
#pragma once
#include "actors/host/turn.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <memory>
#include <variant>

namespace nova::host {

struct Pending;   // a command with who waits for its answer
struct InFlight;  // and with a commit under way

struct Loaded {
  core::Result<std::optional<store::Document>> document;
};
struct FactLoaded {
  std::uint64_t turn = 0;
  core::EntityKey key;
  core::Result<std::optional<store::Document>> document;
};
struct Committed {
  std::uint64_t epoch = 0;
  std::shared_ptr<InFlight> flight;
  core::Result<store::Appended> outcome;
};

/// A lent thread left something that must wait for the store, or that came meanwhile. The entity is held for the actor.
struct GoOn {};

using MailBody = std::variant<std::shared_ptr<Pending>, Loaded, FactLoaded, Committed, GoOn>;

struct Mail {
  MailBody body;
};
using MailPtr = std::shared_ptr<Mail>;

template <class T>
MailPtr mail(T body) {
  return std::make_shared<Mail>(Mail{MailBody(std::move(body))});
}

}  // namespace nova::host

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(nova::host::MailPtr)
