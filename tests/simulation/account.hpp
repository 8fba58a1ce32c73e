// The kind of entity that simulated clients order about: each command leaves its token in the log, so that what was
// promised can be compared with what is there.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <variant>

namespace nova::account {

struct Add {  ///< in `parts` events; refused below zero; an amount of 0 is "already so"
  std::string token;
  std::int64_t amount = 0;
  std::int64_t parts = 1;
};
struct Copy {  ///< adds another account's total, which must not move meanwhile
  std::string token;
  std::string other;
};
struct Claim {
  std::string token;
  std::string name;
  bool release = false;
};
struct Order {  ///< a work for a driver
  std::string token;
  std::string driver;
  std::string order_key;
};
struct Send {  ///< a command to another account: adds 1 there, exactly once
  std::string token;
  std::string to;
};
struct Keep {
  std::string token;
  std::string key;
  bool wanted = true;
};
struct Arm {
  std::string token;
  core::Timestamp at;
};
struct Boom {  ///< a broken invariant
  std::string token;
};
using Command = std::variant<Add, Copy, Claim, Order, Send, Keep, Arm, Boom, core::Settle, core::Fire, core::Report>;

struct Added {
  std::string token;
  std::int64_t amount = 0;
};
struct Copied {
  std::string token;
  std::string other;
  std::int64_t version = 0, total = 0;
};
struct Claimed {
  std::string token;
  std::string name;
  bool release = false;
};
struct Ordered {
  std::string token;
  std::string driver;
  std::string order_key;
};
struct Kept {
  std::string token;
  std::string key;
  bool wanted = true;
};
struct Armed {
  std::string token;
  core::Timestamp at;
};
struct Settled {
  std::string token;
  std::string outcome;
};
struct Fired {
  std::string token;
  core::Timestamp at;
};
struct Reported {
  std::string key;
  std::string phase;
  std::int64_t sequence = 0;
};
using Event = std::variant<Added, Copied, Claimed, Ordered, Kept, Armed, Settled, Fired, Reported>;

struct State {
  std::int64_t total = 0, events = 0;
  std::vector<std::string> works, timers, names;  ///< outstanding
  std::vector<Kept> keeps;
  std::vector<Reported> reports;  ///< the last of each key
};

const core::Record& describe(const Add*);
const core::Record& describe(const Copy*);
const core::Record& describe(const Claim*);
const core::Record& describe(const Order*);
const core::Record& describe(const Send*);
const core::Record& describe(const Keep*);
const core::Record& describe(const Arm*);
const core::Record& describe(const Boom*);
const core::Record& describe(const Added*);
const core::Record& describe(const Copied*);
const core::Record& describe(const Claimed*);
const core::Record& describe(const Ordered*);
const core::Record& describe(const Kept*);
const core::Record& describe(const Armed*);
const core::Record& describe(const Settled*);
const core::Record& describe(const Fired*);
const core::Record& describe(const Reported*);
const core::Record& describe(const State*);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

}  // namespace nova::account
