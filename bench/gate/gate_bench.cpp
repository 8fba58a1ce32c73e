// What the gate adds to a command with the shipped constitution: roles that say yes at once, then the policies, and
// what they read written down. Prints a JSON line; `--export DIR` writes the same policies and requests for other
// engines.
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "governance/constitution/gatekeeper.hpp"
#include "governance/constitution/reads.hpp"
#include "governance/constitution/values.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <vector>

using namespace nova;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::size_t rounds = 2000;

class AllRoles final : public gate::Rules {
 public:
  core::DecisionRecord decide(const gate::Request&) const override {
    return gate::decision_of(core::DecisionRecord::Answer::allow, "access.tenant_role.admin");
  }
};

/// A command as it stands before the gate.
struct Sample {
  core::Principal principal;
  const core::Kind* kind;
  std::size_t row;
  core::EntityKey key;
  core::Caller caller;
  std::shared_ptr<void> state, input;

  gate::Request request(std::string* read) const {
    return {principal, *kind, kind->commands[row], key,         "active", {}, {1'800'000'000'000},
            caller,    true,  state.get(),         input.get(), read};
  }
};

// Every command that somebody may send, by each sort of caller.
std::vector<Sample> samples() {
  struct Who {
    core::Principal principal;
    core::Caller caller;
  };
  const Who callers[] = {{{"0197-amy", "user"}, {"pro", "admin", false}},
                         {{"clinic/0197-key", "api_key"}, {"pro", "admin", false}},
                         {{"operator", "service"}, {}},
                         {{"assistant", "ai"}, {"", "staff", false}}};
  std::vector<Sample> made;
  for (const auto* kind : core::kinds())
    for (std::size_t row = 0; row < kind->commands.size(); ++row) {
      if (kind->commands[row].door == core::Door::internal) continue;
      for (const auto& who : callers)
        made.push_back({who.principal,
                        kind,
                        row,
                        {"clinic", std::string(kind->name), "front"},
                        who.caller,
                        kind->make_state(),
                        kind->make_command(row)});
    }
  return made;
}

double median(std::vector<double>& times) {
  std::nth_element(times.begin(), times.begin() + std::ptrdiff_t(times.size() / 2), times.end());
  return times[times.size() / 2];
}

struct Figures {
  double p50_us = 0, p99_us = 0;
};
template <class Once>
Figures measure(const std::vector<Sample>& all, Once once) {
  std::vector<double> times;
  for (std::size_t round = 0; round < rounds; round += 1 + all.size() / 100)
    for (const auto& sample : all) {
      const auto begin = Clock::now();
      once(sample);
      times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
    }
  Figures found;
  found.p50_us = median(times);
  std::sort(times.begin(), times.end());
  found.p99_us = times[times.size() * 99 / 100];
  return found;
}

// A request in Cedar's JSON, with the entities that it meets.
std::string exported(const Sample& sample, const constitution::Words& words) {
  const auto& action = words.of(sample.kind->commands[sample.row]);
  const std::string type(words.type_of(*sample.kind).view()), id = sample.key.tenant + "/" + sample.key.id;
  const std::string who(constitution::Words::principal_type(sample.principal.type)->view());
  cedar::Arena arena;
  std::string state, input, out;
  constitution::append_json(state, constitution::value_of(sample.kind->state->record(), sample.state.get(), arena));
  constitution::append_json(
      input, constitution::value_of(sample.kind->commands[sample.row].type->record(), sample.input.get(), arena));
  core::JsonWriter json(out);
  const auto uid = [&](std::string_view name, std::string_view t, std::string_view i) {
    json.key(name).object().field("type", t).field("id", i).end();
  };
  json.object();
  uid("principal", who, sample.principal.id);
  uid("action", "Action", action.name);
  uid("resource", type, id);
  json.key("context").object().raw_field("now", R"({"__extn":{"fn":"datetime","arg":"2027-01-15T08:00:00.000Z"}})");
  json.field("tenant_status", "active")
      .raw_field("compliance", "[]")
      .field("impact", int(sample.kind->commands[sample.row].impact));
  json.key("caller").object().field("id", sample.principal.id).field("role", sample.caller.platform_role);
  json.field("tenant_role", sample.caller.tenant_role).field("root_owner", sample.caller.root_owner).end();
  json.raw_field("input", input).end().key("entities").array();
  json.object();
  uid("uid", type, id);
  json.key("attrs").object().field("tenant", sample.key.tenant).field("id", sample.key.id);
  json.field("status", sample.kind->summarise(sample.state.get()).status)
      .field("exists", true)
      .raw_field("state", state)
      .end();
  json.key("parents").array().end().end();
  json.object();
  uid("uid", "Action", action.name);
  json.key("attrs").object().end().key("parents").array();
  for (const auto& group : action.names) json.object().field("type", "Action").field("id", group).end();
  json.end().end().end().end();
  return out;
}

std::shared_ptr<const gates::Gates> gates_of_genesis() {
  return gates::Gates::
      parse(R"({"gates":{"production-destruction":{"en":"Ask.","ar":"اسأل.","groups":[{"name":"a","roles":["tenant:admin"]}]},
                         "data-region":{"en":"Ask.","ar":"اسأل.","groups":[{"name":"a","roles":["tenant:owner"]}]}}})")
          .value();
}

}  // namespace

int main(int argc, char** argv) {
  auto loaded =
      constitution::Constitution::load(std::string(constitution::genesis_text()), "1.0.0",
                                       std::make_shared<const constitution::Words>(core::kinds(), gates_of_genesis()));
  if (!loaded) {
    std::fprintf(stderr, "%s\n", core::to_line(loaded.error()).c_str());
    return 1;
  }
  const auto& text = *loaded;
  const auto roles = std::make_shared<AllRoles>();
  const auto rules = constitution::make_rules(roles, text);
  const auto all = samples();
  std::size_t allowed = 0;
  std::string answers, read;
  for (const auto& sample : all) {
    const bool yes = gate::decide(rules, sample.request(&read)).answer == core::DecisionRecord::Answer::allow;
    allowed += yes;
    answers += yes ? '1' : '0';
  }
  if (argc == 3 && std::string_view(argv[1]) == "--export") {
    const std::string folder = argv[2];
    std::ofstream(folder + "/gate.cedar") << text->text();
    std::ofstream(folder + "/gate.answers") << answers;
    std::ofstream requests(folder + "/gate.jsonl");
    for (const auto& sample : all) requests << exported(sample, text->words()) << "\n";
  }
  const auto without =
      measure(all, [&](const Sample& sample) { static_cast<void>(roles->decide(sample.request(nullptr))); });
  const auto with =
      measure(all, [&](const Sample& sample) { static_cast<void>(gate::decide(rules, sample.request(&read))); });
  std::printf(
      "{\"engine\":\"webnova "
      "gate\",\"policies\":%zu,\"requests\":%zu,\"allowed\":%zu,\"p50_us\":%.3f,\"p99_us\":%.3f,\"added_us\":%.3f}\n",
      text->rules().size(), all.size(), allowed, with.p50_us, with.p99_us, with.p50_us - without.p50_us);
  return 0;
}
