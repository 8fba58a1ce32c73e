// Webhook cursor: up to where the log was read for webhooks. One entity, `system/webhook_cursor/log`.
#pragma once
#include "core/kind.hpp"

#include <cstdint>
#include <variant>

namespace nova::webhook_cursor {

enum class Status : std::uint8_t { absent, reading };
const std::vector<std::string_view>& names_of(const Status*);

using Position = core::Bounded<0, 9'000'000'000'000'000'000>;

struct Advance {
  Position position;
};
using Command = std::variant<Advance>;

struct Advanced {
  std::uint64_t position = 0;
};
using Event = std::variant<Advanced>;

struct State {
  Status status = Status::absent;
  std::uint64_t position = 0;  ///< all before it, and it itself, became deliveries
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Advance*);
const core::Record& describe(const Advanced*);
const core::Record& describe(const State*);

}  // namespace nova::webhook_cursor
