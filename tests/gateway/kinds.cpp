// Small kinds in the shape of the real ones, so that the gateway is tested without them.
#include "core/kind.hpp"

#include <algorithm>

namespace nova::sample_tenant {

struct Create {
  core::Text<1, 100> name;
  core::Text<0, 10> language;
};
struct UpdateSettings {
  core::Text<1, 100> name;
};
struct Suspend {
  core::Reason reason;
};
using Command = std::variant<Create, UpdateSettings, Suspend>;
struct Created {
  std::string name, language;
};
struct Updated {
  std::string name;
};
struct Suspended {
  std::string reason;
};
using Event = std::variant<Created, Updated, Suspended>;
struct State {
  std::string name, language, status, reason;
};

const core::Record& describe(const Create*) {
  static const auto r = core::record<Create>(
      "create", "", {core::field("name", &Create::name), core::optional_field("language", &Create::language)});
  return r;
}
const core::Record& describe(const UpdateSettings*) {
  static const auto r =
      core::record<UpdateSettings>("update_settings", "", {core::field("name", &UpdateSettings::name)});
  return r;
}
const core::Record& describe(const Suspend*) {
  static const auto r = core::record<Suspend>("suspend", "", {core::field("reason", &Suspend::reason)});
  return r;
}
const core::Record& describe(const Created*) {
  static const auto r = core::record<Created>(
      "created", "", {core::field("name", &Created::name), core::field("language", &Created::language)});
  return r;
}
const core::Record& describe(const Updated*) {
  static const auto r = core::record<Updated>("updated", "", {core::field("name", &Updated::name)});
  return r;
}
const core::Record& describe(const Suspended*) {
  static const auto r = core::record<Suspended>("suspended", "", {core::field("reason", &Suspended::reason)});
  return r;
}
const core::Record& describe(const State*) {
  static const auto r =
      core::record<State>("tenant", "",
                          {core::field("name", &State::name), core::field("language", &State::language),
                           core::field("status", &State::status), core::field("reason", &State::reason)});
  return r;
}

core::Decision<Event> decide(const State& s, const Command& command, const core::Context&) {
  if (const auto* c = std::get_if<Create>(&command)) {
    if (!s.status.empty()) return core::refuse("tenant.already_exists", "the tenant exists");
    return std::vector<Event>{Created{c->name, c->language}};
  }
  if (const auto* c = std::get_if<Suspend>(&command)) {
    if (s.status == "suspended") return std::vector<Event>{};
    return std::vector<Event>{Suspended{c->reason}};
  }
  const auto& c = std::get<UpdateSettings>(command);
  if (c.name == s.name) return std::vector<Event>{};
  return std::vector<Event>{Updated{c.name}};
}

State evolve(State s, const Event& event) {
  if (const auto* e = std::get_if<Created>(&event)) {
    s.name = e->name;
    s.language = e->language;
    s.status = "active";
  }
  if (const auto* e = std::get_if<Updated>(&event)) s.name = e->name;
  if (const auto* e = std::get_if<Suspended>(&event)) {
    s.status = "suspended";
    s.reason = e->reason;
  }
  return s;
}

core::Summary summarise(const State& s) { return {s.status, "", s.reason}; }

const core::Kind& kind() {
  static const auto k = core::kind_of<State, Command, Event>(
      {.name = "tenant",
       .plural = "tenants",
       .doc = "A customer.",
       .short_names = {},
       .commands = {{.name = "create", .doc = "Makes it", .creates = true},
                    {.name = "update_settings", .doc = "Changes it"},
                    {.name = "suspend", .doc = "Stops it", .destructive = true}},
       .events = {{.name = "tenant.created"}, {.name = "tenant.updated"}, {.name = "tenant.suspended"}}});
  return k;
}

}  // namespace nova::sample_tenant

namespace nova::sample_blueprint {

struct Part {
  core::Text<1, 50> run;
  core::Bounded<0, 65535> port{0};
  std::map<std::string, core::Secret> secrets;
};
struct Apply {
  core::Text<0, 30> environment{"development"};
  core::RawJson definition{"{}"};
  std::map<std::string, Part> services;
};
using Command = std::variant<Apply>;
struct Applied {
  std::string environment;
  core::RawJson definition;
  std::map<std::string, Part> services;
  std::uint64_t number = 0;
};
using Event = std::variant<Applied>;
struct State {
  std::string environment;
  core::RawJson definition;
  std::map<std::string, Part> services;
  std::uint64_t number = 0;
};

const core::Record& describe(const Part*) {
  static const auto r = core::record<Part>("part", "",
                                           {core::field("run", &Part::run), core::optional_field("port", &Part::port),
                                            core::field("secrets", &Part::secrets)});
  return r;
}
const core::Record& describe(const Apply*) {
  static const auto r = core::record<Apply>(
      "apply", "",
      {core::optional_field("environment", &Apply::environment), core::optional_field("definition", &Apply::definition),
       core::field("services", &Apply::services)});
  return r;
}
const core::Record& describe(const Applied*) {
  static const auto r = core::record<Applied>(
      "applied", "",
      {core::field("environment", &Applied::environment), core::field("definition", &Applied::definition),
       core::field("services", &Applied::services), core::field("number", &Applied::number)});
  return r;
}
const core::Record& describe(const State*) {
  static const auto r = core::record<State>(
      "blueprint", "",
      {core::field("environment", &State::environment), core::field("definition", &State::definition),
       core::field("services", &State::services), core::field("number", &State::number)});
  return r;
}

bool operator==(const Part& a, const Part& b) { return a.run == b.run && a.port == b.port && a.secrets == b.secrets; }

core::Decision<Event> decide(const State& s, const Command& command, const core::Context&) {
  const auto& c = std::get<Apply>(command);
  if (c.services.empty()) return core::refuse("blueprint.no_services", "a blueprint needs services");
  if (s.number > 0 && s.environment == c.environment && s.definition == c.definition && s.services == c.services)
    return std::vector<Event>{};
  return std::vector<Event>{Applied{c.environment, c.definition, c.services, s.number + 1}};
}

State evolve(State, const Event& event) {
  const auto& e = std::get<Applied>(event);
  return {e.environment, e.definition, e.services, e.number};
}

core::Summary summarise(const State& s) { return {s.number ? "approved" : "", "", ""}; }

const core::Kind& kind() {
  static const auto k =
      core::kind_of<State, Command, Event>({.name = "blueprint",
                                            .plural = "blueprints",
                                            .doc = "What a platform is to be.",
                                            .short_names = {"bp"},
                                            .commands = {{.name = "apply", .doc = "Makes it so", .creates = true}},
                                            .events = {{.name = "blueprint.applied"}}});
  return k;
}

}  // namespace nova::sample_blueprint

namespace nova::note {

struct Write {
  core::Prose text;
};
struct Poke {};
struct Stamp {
  std::string hash;
};
using Command = std::variant<Write, Poke, Stamp>;
struct Written {
  std::string text;
};
struct Poked {};
using Event = std::variant<Written, Poked>;
struct State {
  std::string text;
  std::uint64_t pokes = 0;
};

const core::Record& describe(const Write*) {
  static const auto r = core::record<Write>("write", "", {core::field("text", &Write::text)});
  return r;
}
const core::Record& describe(const Poke*) {
  static const auto r = core::record<Poke>("poke", "", {});
  return r;
}
const core::Record& describe(const Stamp*) {
  static const auto r = core::record<Stamp>("stamp", "", {core::field("hash", &Stamp::hash)});
  return r;
}
const core::Record& describe(const Written*) {
  static const auto r = core::record<Written>("written", "", {core::field("text", &Written::text)});
  return r;
}
const core::Record& describe(const Poked*) {
  static const auto r = core::record<Poked>("poked", "", {});
  return r;
}
const core::Record& describe(const State*) {
  static const auto r =
      core::record<State>("note", "", {core::field("text", &State::text), core::field("pokes", &State::pokes)});
  return r;
}

core::Decision<Event> decide(const State&, const Command& command, const core::Context&) {
  if (const auto* c = std::get_if<Write>(&command)) return std::vector<Event>{Written{c->text}};
  return std::vector<Event>{Poked{}};
}

State evolve(State s, const Event& event) {
  if (const auto* e = std::get_if<Written>(&event))
    s.text = e->text;
  else
    ++s.pokes;
  return s;
}

core::Summary summarise(const State& s) { return {s.text.empty() ? "empty" : "written", "", s.text.substr(0, 100)}; }

const core::Kind& kind() {
  static const auto k = core::kind_of<State, Command, Event>(
      {.name = "note",
       .plural = "notes",
       .doc = "A text.",
       .short_names = {"n"},
       .commands = {{.name = "write", .doc = "Writes it", .creates = true},
                    {.name = "poke", .doc = "From inside", .door = core::Door::internal},
                    {.name = "stamp", .doc = "By a route of its own", .door = core::Door::assisted, .creates = true}},
       .events = {{.name = "note.written"}, {.name = "note.poked", .observation = true}}});
  return k;
}

}  // namespace nova::note

// Two more words for notes, since logs are asked for by these names.
namespace nova {
namespace {

const core::Kind& kind_like_note(std::string_view name, std::string_view plural) {
  static std::map<std::string_view, core::Kind> made;
  auto [at, fresh] = made.try_emplace(name, note::kind());
  at->second.name = name;
  at->second.plural = plural;
  at->second.short_names = {};
  return at->second;
}

}  // namespace
}  // namespace nova

namespace nova::core {

const std::vector<const Kind*>& kinds() {
  static const std::vector<const Kind*> table = {
      &sample_blueprint::kind(), &kind_like_note("deployment", "deployments"), &kind_like_note("instance", "instances"),
      &note::kind(), &sample_tenant::kind()};
  return table;
}

const Kind* find_kind(std::string_view word) {
  for (const auto* kind : kinds())
    if (kind->name == word || kind->plural == word ||
        std::find(kind->short_names.begin(), kind->short_names.end(), word) != kind->short_names.end())
      return kind;
  return nullptr;
}

}  // namespace nova::core
