// What a kind's `decide` receives and answers. Pure values: no I/O, clock or randomness below this line.
#pragma once
#include "core/error.hpp"
#include "core/ids.hpp"
#include "core/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace nova::core {

/// Who acts. `system` is the runtime itself: timers, drivers, workflow steps.
struct Principal {
  std::string id;             ///< "operator", "system", later user ids
  std::string type = "user";  ///< user | service | system | ai | platform
  friend bool operator==(const Principal&, const Principal&) = default;
};

struct Record;
const Record& describe(const Principal*);

inline Principal system_principal() { return {"system", "system"}; }

/// What another entity looked like when the command was decided; loaded by the host because the kind declared the need.
struct Fact {
  bool exists = false;
  std::uint64_t version = 0;
  std::string status;
  std::string document;  ///< the entity's state as JSON; read it with `json_text` of core/json.hpp
};

/// The caller's standing, as the authority state knew it when the command was decided. A kind asks it only for rules
/// that no policy can change; all else is the gate's. Empty: a caller without any standing.
struct Caller {
  std::string platform_role;  ///< S21: "free" ... "owner", "support_agent"
  std::string tenant_role;    ///< in the command's tenant; empty: not an active member
  bool root_owner = false;
};

struct Context {
  EntityKey self;
  std::uint64_t version = 0;         ///< events so far; 0: the entity does not exist yet
  std::uint64_t intent_version = 0;  ///< of these, the ones that people decided
  Timestamp now;
  Principal principal;
  std::string command_id;  ///< unique; derive ids of your own from it: command_id + "/1"
  std::map<EntityKey, Fact> facts;
  Caller caller = {};

  const Fact& fact(const EntityKey& key) const {
    static const Fact absent;
    const auto found = facts.find(key);
    return found == facts.end() ? absent : found->second;
  }
};

/// Work to be done once, in order per `order_key`, retried with backoff. Its outcome comes back as the kind's `settle`
/// command with the same `id`; the state must remember the id as outstanding.
struct DoAsk {
  std::string id;         ///< unique within the entity for ever, for example "fetch-3"
  std::string driver;     ///< "sources", "command", ...
  std::string verb;       ///< the driver's own word
  std::string payload;    ///< JSON, at most 64 KiB
  std::string order_key;  ///< empty: the entity itself
};

/// A desired state by key: it holds until a later ask with the same driver and key supersedes or drops it.
struct KeepAsk {
  std::string driver;                  ///< "process", "edge"
  std::string key;                     ///< unique per driver and tenant
  std::optional<std::string> payload;  ///< JSON, at most 64 KiB; none: no longer wanted
  EntityKey report_to;                 ///< gets the driver's reports as `report` commands
};

/// A durable timer. It fires as the kind's `fire` command; the same id replaces, no time cancels.
struct TimerAsk {
  std::string id;
  std::optional<Timestamp> at;
};

/// A name that only one entity may hold: "slug/clinic", "port/7481". Taken and released in the commit of the events.
struct ClaimAsk {
  std::string name;  ///< unique across all tenants; put the tenant into it where it should not be
  bool release = false;
  std::string refusal;  ///< code of the refusal when another entity holds it: "tenant.slug_taken"
};

struct Asks {
  std::vector<DoAsk> works;
  std::vector<KeepAsk> keeps;
  std::vector<TimerAsk> timers;
  std::vector<ClaimAsk> claims;
};

/// Events with what they ask for, or a refusal. "Already so" is no events and no refusal. `refuse_and_record` is both:
/// the events are stored, and once they are, the caller gets the refusal. It is for refusals that are facts themselves
/// (a quota was exceeded, a stolen token was shown); a kind bounds how often it records equal ones.
template <class Event>
class [[nodiscard]] Decision {
 public:
  Decision(std::vector<Event> events) : events_(std::move(events)) {}
  Decision(Error refused) : refused_(std::move(refused)) {}

  Decision&& work(DoAsk ask) && { return asks_.works.push_back(std::move(ask)), std::move(*this); }
  Decision&& keep(KeepAsk ask) && { return asks_.keeps.push_back(std::move(ask)), std::move(*this); }
  Decision&& timer(TimerAsk ask) && { return asks_.timers.push_back(std::move(ask)), std::move(*this); }
  Decision&& claim(ClaimAsk ask) && { return asks_.claims.push_back(std::move(ask)), std::move(*this); }
  Decision&& ask(Asks asks) && { return asks_ = std::move(asks), std::move(*this); }

  static Decision refuse_and_record(Error refused, std::vector<Event> events) {
    Decision decision(std::move(events));
    decision.refused_ = std::move(refused);
    return decision;
  }

  const std::optional<Error>& refused() const { return refused_; }
  std::vector<Event>& events() { return events_; }
  const std::vector<Event>& events() const { return events_; }
  Asks& asks() { return asks_; }
  const Asks& asks() const { return asks_; }

 private:
  std::vector<Event> events_;
  Asks asks_;
  std::optional<Error> refused_;
};

inline Error refuse(std::string code, std::string message = {}) { return refusal(std::move(code), std::move(message)); }

/// `entity.wrong_state`, naming the state and the allowed ones (spec README, "Reading it").
Error wrong_state(std::string_view state, std::initializer_list<std::string_view> allowed);

}  // namespace nova::core
