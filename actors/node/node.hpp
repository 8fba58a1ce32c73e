// Node: a novad that has registered, so that its starts, versions and ends have a history. It lives in the tenant
// `system`. Its words stand in a namespace of their own, since the room node/ has the name `nova::node`.
#pragma once
#include "core/kind.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace nova::node::entity {

enum class Status : std::uint8_t { absent, up, draining, left };
const std::vector<std::string_view>& names_of(const Status*);

// Commands.
struct Register {  ///< sent by the node itself when it is ready
  core::Text<1, 64, core::Shape::line> version;
  std::int64_t pid = 0;
  core::Label address;
  core::Timestamp started_at;
};
struct Drain {
  core::Prose reason;
};
struct Leave {  ///< sent by the node itself as the last thing of an orderly stop
  core::Prose reason;
};
using Command = std::variant<Register, Drain, Leave>;

// Events: stored for ever.
struct Started {
  std::string version;
  std::int64_t pid = 0;
  std::string address;
  core::Timestamp started_at;
  bool after_crash = false;  ///< the life before did not say goodbye
};
struct Draining {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Left {
  std::string reason;
  core::Timestamp at;
};
using Event = std::variant<Started, Draining, Left>;

struct State {
  Status status = Status::absent;
  std::string version;
  std::string previous_version;  ///< the one before the last change of version; empty: never changed
  std::int64_t pid = 0;
  std::string address;
  core::Timestamp started_at;
  std::uint64_t boots = 0;
  std::uint64_t crashes = 0;  ///< starts after a life that did not end in order
  std::string reason;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);

const core::Record& describe(const Register*);
const core::Record& describe(const Drain*);
const core::Record& describe(const Leave*);
const core::Record& describe(const Started*);
const core::Record& describe(const Draining*);
const core::Record& describe(const Left*);
const core::Record& describe(const State*);

}  // namespace nova::node::entity

namespace nova::node {
const core::Kind& kind();
}
