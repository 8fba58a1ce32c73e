// A kind of entity as data: what the host, the gateway, the CLI and the schema need to run it without knowing its C++
// types. A kind's `describe.cpp` builds one with `kind_of<State, Command, Event>`; the build finds it by its folder's
// name.
#pragma once
#include "core/decision.hpp"
#include "core/describe/describe.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nova::core {

/// Who may call a command at all, before any policy is asked.
enum class Door : std::uint8_t {
  open,      ///< from outside: HTTP, CLI, bus
  assisted,  ///< from outside, but only by a route of its own, which fills in what a caller may not choose (hashes,
             ///< ids, look-up keys); no generic route, manifest or verb offers it. The gate judges the caller as for
             ///< `open`.
  internal,  ///< only the runtime: outcomes, timers, reports, steps of workflows
};

/// Who may do it, beside the root owner, the runtime and a node's own service principal (S21, S22). What is empty
/// admits nobody. A policy may only narrow it.
struct Access {
  std::string_view capability = {};  ///< of the tenant's matrix: "app.deploy"
  std::string_view permission = {};  ///< of the platform: "users:ban"
  std::string_view scope = {};       ///< what an API key needs, beside its creator's right
  bool own = false;                  ///< users on what is theirs: themselves, their sessions
  bool anyone = false;               ///< also who is not signed in
};

/// Another entity whose state a command needs. The host loads it into `Context::facts`; a strict one is guarded: the
/// commit fails and the command is decided again when that entity changed meanwhile.
struct FactNeed {
  EntityKey key;
  bool strict = false;
};

inline const std::vector<std::string_view>& names_of(const Door*) {
  static const std::vector<std::string_view> names = {"open", "assisted", "internal"};
  return names;
}

struct CommandRow {
  std::string_view name = {};  ///< "deploy"
  const Type* type = nullptr;
  std::string_view doc = {};
  Door door = Door::open;
  std::uint8_t impact = 1;   ///< 1-10, the power level that policies speak of
  bool creates = false;      ///< may address an entity that does not exist yet
  bool destructive = false;  ///< clients ask before they send it
  Access access = {};
  /// Facts needed to decide; may be null. `command` points at the alternative's struct.
  std::function<std::vector<FactNeed>(const EntityKey& self, const void* state, const void* command)> facts = {};
};

struct EventRow {
  std::string_view name = {};  ///< "tenant.created": stored for ever
  const Type* type = nullptr;
  std::string_view doc = {};
  bool observation = false;  ///< observed, not decided: does not move intent_version
};

/// Events in erased form: (row, the struct).
struct ErasedEvent {
  std::size_t row = 0;
  std::shared_ptr<const void> value;
};

struct ErasedDecision {
  std::optional<Error> refused;  ///< with events: they are stored, and the caller is refused
  std::vector<ErasedEvent> events;
  Asks asks;
};

/// What lists show of a state, beside the document itself.
struct Summary {
  std::string status;  ///< lower-case word of the kind's own: "running", "open"
  std::string parent;  ///< kind/id of the owning entity in the same tenant; empty: the tenant itself
  std::string reason;  ///< why it is in that status, in a sentence; may be empty
};

struct Kind {
  std::string_view name = {};    ///< "deployment"
  std::string_view plural = {};  ///< "deployments"
  std::string_view doc = {};
  std::vector<std::string_view> short_names = {};  ///< for the CLI: "deploy"
  std::vector<CommandRow> commands = {};
  std::vector<EventRow> events = {};
  const Type* state = nullptr;
  bool observed = false;  ///< fed by observation only ("instance"): has no intent of its own
  /// Its documents are part of the authority state, which the gate and the doors ask: the node keeps them in memory.
  bool authority = false;
  /// Who may read its entities.
  Access read = {.capability = "dashboard.view", .permission = "platform:read", .scope = "platform.read"};

  // Erased behaviour. A state is owned by its shared_ptr and changed only through `evolve`.
  std::shared_ptr<void> (*make_state)() = nullptr;
  std::shared_ptr<void> (*copy_state)(const void*) = nullptr;
  std::shared_ptr<void> (*make_command)(std::size_t row) =
      nullptr;  ///< a blank struct of that row, to be filled by a codec
  std::shared_ptr<void> (*make_event)(std::size_t row) = nullptr;
  ErasedDecision (*decide)(const void* state, std::size_t command_row, const void* command, const Context&) = nullptr;
  void (*evolve)(void* state, std::size_t event_row, const void* event) = nullptr;
  Summary (*summarise)(const void* state) = nullptr;

  /// Row numbers by name; -1 when there is none.
  int command_row(std::string_view command_name) const;
  int event_row(std::string_view event_name) const;
};

/// All kinds that were built in, in order of name. Made by the build from the folders under actors/.
const std::vector<const Kind*>& kinds();
const Kind* find_kind(std::string_view name_or_plural_or_short);

namespace detail {

template <class Variant, std::size_t... I>
std::shared_ptr<void> make_alternative(std::size_t row, std::index_sequence<I...>) {
  std::shared_ptr<void> made;
  ((row == I ? void(made = std::make_shared<std::variant_alternative_t<I, Variant>>()) : void()), ...);
  return made;
}

template <class Variant>
std::shared_ptr<void> make_alternative(std::size_t row) {
  return make_alternative<Variant>(row, std::make_index_sequence<std::variant_size_v<Variant>>());
}

template <class Variant, std::size_t... I>
Variant to_variant(std::size_t row, const void* value, std::index_sequence<I...>) {
  Variant made;
  ((row == I ? void(made.template emplace<I>(*static_cast<const std::variant_alternative_t<I, Variant>*>(value)))
             : void()),
   ...);
  return made;
}

template <class Variant>
Variant to_variant(std::size_t row, const void* value) {
  return to_variant<Variant>(row, value, std::make_index_sequence<std::variant_size_v<Variant>>());
}

}  // namespace detail

/// Fills the types and the erased behaviour. `commands` and `events` are rows in the order of the variants'
/// alternatives; their `type` is set here. `decide`, `evolve` and `summarise` are found in the kind's namespace:
///   core::Decision<Event> decide(const State&, const Command&, const core::Context&);
///   State evolve(State, const Event&);
///   core::Summary summarise(const State&);
template <class State, class Command, class Event>
Kind kind_of(Kind kind) {
  using detail::to_variant;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((kind.commands.at(I).type = type_of<std::variant_alternative_t<I, Command>>()), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Command>>());
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    ((kind.events.at(I).type = type_of<std::variant_alternative_t<I, Event>>()), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Event>>());
  kind.state = type_of<State>();
  kind.make_state = []() -> std::shared_ptr<void> { return std::make_shared<State>(); };
  kind.copy_state = [](const void* state) -> std::shared_ptr<void> {
    return std::make_shared<State>(*static_cast<const State*>(state));
  };
  kind.make_command = [](std::size_t row) { return detail::make_alternative<Command>(row); };
  kind.make_event = [](std::size_t row) { return detail::make_alternative<Event>(row); };
  kind.decide = [](const void* state, std::size_t row, const void* command, const Context& context) {
    auto decision = decide(*static_cast<const State*>(state), to_variant<Command>(row, command), context);
    ErasedDecision erased;
    erased.refused = decision.refused();
    erased.asks = std::move(decision.asks());
    for (auto& event : decision.events())
      std::visit(
          [&](auto& e) {
            using E = std::decay_t<decltype(e)>;
            erased.events.push_back({event.index(), std::make_shared<const E>(std::move(e))});
          },
          event);
    return erased;
  };
  kind.evolve = [](void* state, std::size_t row, const void* event) {
    auto& s = *static_cast<State*>(state);
    s = evolve(std::move(s), to_variant<Event>(row, event));
  };
  kind.summarise = [](const void* state) { return summarise(*static_cast<const State*>(state)); };
  return kind;
}

}  // namespace nova::core
