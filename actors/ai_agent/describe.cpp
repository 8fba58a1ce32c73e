#include "actors/ai_agent/ai_agent.hpp"
#include "core/authority/access.hpp"

namespace nova::ai_agent {

using core::field;
using core::optional_field;
using core::record;

const std::vector<std::string_view>& names_of(const Status*) {
  static const std::vector<std::string_view> names = {"absent", "pending", "active", "inactive", "removed"};
  return names;
}

const core::Record& describe(const Settings*) {
  static const auto row = record<Settings>(
      "agent_settings", "What an agent is like.",
      {field("name", &Settings::name, "its name for people"),
       optional_field("name_ar", &Settings::name_ar, "in Arabic"),
       field("layer", &Settings::layer, "the layer that it works in"),
       optional_field("provider", &Settings::provider, "the outside provider that answers for it"),
       field("model", &Settings::model, "its model"),
       optional_field("system_prompt", &Settings::system_prompt, "after the fixed words"),
       optional_field("temperature", &Settings::temperature, "0 to 2"),
       optional_field("max_tokens", &Settings::max_tokens, "in one request"),
       field("available_to_subscribers", &Settings::available_to_subscribers, "subscribers may ask it"),
       optional_field("requires_sovereign_approval", &Settings::requires_sovereign_approval,
                      "a person decides before it acts")});
  return row;
}

const core::Record& describe(const Create*) {
  static const auto row = record<Create>(
      "create", "Make an agent.",
      {field("name", &Create::name, "its name for people"), optional_field("name_ar", &Create::name_ar, "in Arabic"),
       optional_field("layer", &Create::layer, "the layer that it works in"),
       optional_field("provider", &Create::provider, "the outside provider that answers for it"),
       field("model", &Create::model, "its model"),
       optional_field("system_prompt", &Create::system_prompt, "after the fixed words"),
       optional_field("temperature", &Create::temperature, "0 to 2"),
       optional_field("max_tokens", &Create::max_tokens, "in one request"),
       field("available_to_subscribers", &Create::available_to_subscribers, "must be decided"),
       optional_field("requires_sovereign_approval", &Create::requires_sovereign_approval,
                      "a person decides before it acts")});
  return row;
}
const core::Record& describe(const Update*) {
  static const auto row = record<Update>(
      "update", "Change an agent.",
      {field("name", &Update::name, "its name for people"), field("name_ar", &Update::name_ar, "in Arabic"),
       field("layer", &Update::layer, "the layer that it works in"),
       field("provider", &Update::provider, "the outside provider that answers for it"),
       field("model", &Update::model, "its model"),
       field("system_prompt", &Update::system_prompt, "after the fixed words"),
       field("temperature", &Update::temperature, "0 to 2"), field("max_tokens", &Update::max_tokens, "in one request"),
       field("available_to_subscribers", &Update::available_to_subscribers, "subscribers may ask it"),
       field("requires_sovereign_approval", &Update::requires_sovereign_approval, "a person decides before it acts")});
  return row;
}
const core::Record& describe(const Deactivate*) {
  static const auto row =
      record<Deactivate>("deactivate", "Stop an agent for a while.", {field("reason", &Deactivate::reason, "why")});
  return row;
}
const core::Record& describe(const Activate*) {
  static const auto row = record<Activate>("activate", "Let an inactive agent work again.", {});
  return row;
}
const core::Record& describe(const Remove*) {
  static const auto row = record<Remove>("remove", "End an agent for good.", {field("reason", &Remove::reason, "why")});
  return row;
}

const core::Record& describe(const Created*) {
  static const auto row = record<Created>("created", "An agent was made.",
                                          {field("settings", &Created::settings, "what it is like"),
                                           field("preamble", &Created::preamble, "the fixed words before its prompt"),
                                           field("work", &Created::work, "asks its layer to count it"),
                                           field("by", &Created::by, "who"), field("at", &Created::at, "when")});
  return row;
}
const core::Record& describe(const Counted*) {
  static const auto row =
      record<Counted>("counted", "Its layer counts it.",
                      {field("work", &Counted::work, "that asked"), field("at", &Counted::at, "when")});
  return row;
}
const core::Record& describe(const Updated*) {
  static const auto row =
      record<Updated>("updated", "It is like something else.",
                      {field("before", &Updated::before, "as it was"), field("after", &Updated::after, "as it is"),
                       field("work", &Updated::work, "asks another layer to count it; empty: the same"),
                       field("by", &Updated::by, "who"), field("at", &Updated::at, "when")});
  return row;
}
const core::Record& describe(const Deactivated*) {
  static const auto row =
      record<Deactivated>("deactivated", "It is stopped for a while.",
                          {field("reason", &Deactivated::reason, "why"), field("by", &Deactivated::by, "who"),
                           field("at", &Deactivated::at, "when")});
  return row;
}
const core::Record& describe(const Activated*) {
  static const auto row = record<Activated>("activated", "It works again.",
                                            {field("by", &Activated::by, "who"), field("at", &Activated::at, "when")});
  return row;
}
const core::Record& describe(const Removed*) {
  static const auto row = record<Removed>(
      "removed", "It is no more.",
      {field("reason", &Removed::reason, "why"), field("by", &Removed::by, "who"), field("at", &Removed::at, "when")});
  return row;
}

const core::Record& describe(const State*) {
  static const auto row = record<State>(
      "ai_agent", "An AI that acts, inside one layer.",
      {field("status", &State::status, "where it stands"), field("settings", &State::settings, "what it is like"),
       field("preamble", &State::preamble, "the fixed words before its prompt"),
       field("work", &State::work, "that asks its layer to count it"),
       field("asked", &State::asked, "layers that were asked"), field("reason", &State::reason, "why"),
       field("created_by", &State::created_by, "who made it"), field("created_at", &State::created_at, "when"),
       field("changed_by", &State::changed_by, "who changed it last"),
       field("changed_at", &State::changed_at, "when")});
  return row;
}

namespace {

std::vector<core::FactNeed> needs(const std::string& layer, const std::string& provider) {
  std::vector<core::FactNeed> all;
  if (!layer.empty()) all.push_back({{"system", "ai_layer", layer}, true});
  if (!provider.empty()) all.push_back({{"system", "external_ai", provider}, true});
  return all;
}
std::vector<core::FactNeed> facts_of_create(const core::EntityKey&, const void*, const void* command) {
  const auto& c = *static_cast<const Create*>(command);
  return needs(c.layer, c.provider);
}
std::vector<core::FactNeed> facts_of_update(const core::EntityKey&, const void* state, const void* command) {
  const auto& c = *static_cast<const Update*>(command);
  const auto& s = static_cast<const State*>(state)->settings;
  return needs(c.layer.value_or(s.layer), c.provider.value_or(s.provider));
}
std::vector<core::FactNeed> facts_of_activate(const core::EntityKey&, const void* state, const void*) {
  const auto& s = static_cast<const State*>(state)->settings;
  return needs(s.layer, s.provider);
}

}  // namespace

const core::Kind& kind() {
  using enum core::Door;
  static const core::Kind made = core::kind_of<State, Command, Event>({
      .name = "ai_agent",
      .plural = "ai_agents",
      .doc = "An AI that acts, inside one layer.",
      .short_names = {"agent"},
      .commands =
          {{.name = "create",
            .doc = "Make an agent.",
            .door = assisted,
            .impact = 8,
            .creates = true,
            .facts = facts_of_create},
           {.name = "update", .doc = "Change an agent.", .impact = 7, .facts = facts_of_update},
           {.name = "deactivate", .doc = "Stop an agent for a while.", .impact = 5},
           {.name = "activate", .doc = "Let an inactive agent work again.", .impact = 7, .facts = facts_of_activate},
           {.name = "remove", .doc = "End an agent for good.", .impact = 8, .destructive = true},
           {.name = "settle", .doc = "Its layer has answered.", .door = internal}},
      .events = {{.name = "ai_agent.created", .doc = "An agent was made."},
                 {.name = "ai_agent.counted", .doc = "Its layer counts it.", .observation = true},
                 {.name = "ai_agent.updated", .doc = "It is like something else."},
                 {.name = "ai_agent.deactivated", .doc = "It is stopped for a while."},
                 {.name = "ai_agent.activated", .doc = "It works again."},
                 {.name = "ai_agent.removed", .doc = "It is no more."}},
      .authority = true,
      .read = core::access::operating,
  });
  return made;
}

}  // namespace nova::ai_agent
