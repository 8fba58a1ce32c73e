// Tenant: an isolated owner of everything else. Its id is its slug (S19).
#pragma once
#include "core/kind.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace nova::tenant {

enum class Status : std::uint8_t { absent, pending, active, suspended, archived };
enum class Tier : std::uint8_t { free, basic, pro, enterprise, sovereign };
enum class Language : std::uint8_t { en, ar, both };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Tier*);
const std::vector<std::string_view>& names_of(const Language*);

using Title = core::Text<1, 255, core::Shape::line>;

struct Settings {
  Language language = Language::en;
  core::Text<0, 64, core::Shape::line> timezone{"UTC"};
  friend bool operator==(const Settings&, const Settings&) = default;
};

// Commands.
struct Create {
  Title name;
  Tier tier = Tier::free;
  Settings settings;
  bool activate = true;  ///< at once; otherwise it waits as `pending`
};
struct Activate {};
struct Suspend {
  core::Reason reason;
};
struct Archive {
  core::Reason reason;
};
struct UpdateSettings {
  std::optional<Title> name;
  std::optional<Settings> settings;
};
using Command = std::variant<Create, Activate, Suspend, Archive, UpdateSettings>;

// Events: stored for ever; fields may be added with defaults.
struct Created {
  std::string name;
  Tier tier = Tier::free;
  Settings settings;
  std::string by;
  core::Timestamp at;
};
struct Activated {
  std::string by;
  core::Timestamp at;
};
struct Suspended {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Archived {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Updated {
  std::string name;
  Settings settings;
  std::string by;
};
using Event = std::variant<Created, Activated, Suspended, Archived, Updated>;

struct State {
  Status status = Status::absent;
  std::string name;
  Tier tier = Tier::free;
  Settings settings;
  std::string reason;  ///< of being suspended or archived
  std::string created_by;
  core::Timestamp created_at;
  std::string changed_by;  ///< who gave it this status
  core::Timestamp changed_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Settings*);
const core::Record& describe(const Create*);
const core::Record& describe(const Activate*);
const core::Record& describe(const Suspend*);
const core::Record& describe(const Archive*);
const core::Record& describe(const UpdateSettings*);
const core::Record& describe(const Created*);
const core::Record& describe(const Activated*);
const core::Record& describe(const Suspended*);
const core::Record& describe(const Archived*);
const core::Record& describe(const Updated*);
const core::Record& describe(const State*);

}  // namespace nova::tenant
