// AI agent (S08): one AI that acts, in exactly one layer. It becomes active once its layer counts it; a layer that is
// counted on is not deleted. Lives in the tenant `system`.
#pragma once
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::ai_agent {

enum class Status : std::uint8_t { absent, pending, active, inactive, removed };
const std::vector<std::string_view>& names_of(const Status*);

using Title = core::Text<1, 120, core::Shape::line>;
using Model = core::Text<1, 120, core::Shape::line>;
using Prompt = core::Text<0, 16000, core::Shape::any>;
using LayerId = core::Text<0, 128, core::Shape::name>;  ///< empty: none was named, which has a refusal of its own
/// The fixed words before every agent's own prompt (S02).
extern const std::string_view preamble;

struct Settings {
  Title name;
  core::Label name_ar;
  LayerId layer;
  LayerId provider;
  Model model;
  Prompt system_prompt;
  double temperature = 0.7;
  core::Bounded<100, 128000> max_tokens{4096};
  bool available_to_subscribers = false;
  bool requires_sovereign_approval = true;
  friend bool operator==(const Settings&, const Settings&) = default;
};

// ---- commands

struct Create {
  Title name;
  core::Label name_ar;
  LayerId layer;
  LayerId provider;
  Model model;
  Prompt system_prompt;
  double temperature = 0.7;
  core::Bounded<100, 128000> max_tokens{4096};
  std::optional<bool> available_to_subscribers;
  bool requires_sovereign_approval = true;
};
struct Update {
  std::optional<Title> name;
  std::optional<core::Label> name_ar;
  std::optional<LayerId> layer;
  std::optional<LayerId> provider;
  std::optional<Model> model;
  std::optional<Prompt> system_prompt;
  std::optional<double> temperature;
  std::optional<core::Bounded<100, 128000>> max_tokens;
  std::optional<bool> available_to_subscribers;
  std::optional<bool> requires_sovereign_approval;
};
struct Deactivate {
  core::Reason reason;
};
struct Activate {};
struct Remove {
  core::Reason reason;
};
using Command = std::variant<Create, Update, Deactivate, Activate, Remove, core::Settle>;

// ---- events: stored for ever

struct Created {
  Settings settings;
  std::string preamble;
  std::string work;
  std::string by;
  core::Timestamp at;
};
struct Counted {
  std::string work;
  core::Timestamp at;
};
struct Updated {
  Settings before;
  Settings after;
  std::string work;
  std::string by;
  core::Timestamp at;
};
struct Deactivated {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
struct Activated {
  std::string by;
  core::Timestamp at;
};
struct Removed {
  std::string reason;
  std::string by;
  core::Timestamp at;
};
using Event = std::variant<Created, Counted, Updated, Deactivated, Activated, Removed>;

// ---- state

struct State {
  Status status = Status::absent;
  Settings settings;
  std::string preamble;
  std::string work;
  std::uint64_t asked = 0;
  std::string reason;
  std::string created_by;
  core::Timestamp created_at;
  std::string changed_by;
  core::Timestamp changed_at;
};

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Settings*);
const core::Record& describe(const Create*);
const core::Record& describe(const Update*);
const core::Record& describe(const Deactivate*);
const core::Record& describe(const Activate*);
const core::Record& describe(const Remove*);
const core::Record& describe(const Created*);
const core::Record& describe(const Counted*);
const core::Record& describe(const Updated*);
const core::Record& describe(const Deactivated*);
const core::Record& describe(const Activated*);
const core::Record& describe(const Removed*);
const core::Record& describe(const State*);

}  // namespace nova::ai_agent
