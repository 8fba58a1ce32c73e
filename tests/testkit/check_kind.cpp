#include "tests/testkit/check_kind.hpp"

#include "core/json.hpp"
#include "core/text.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/random.hpp"
#include "tests/testkit/stored_events.hpp"

#include <algorithm>
#include <set>

namespace nova::testkit {
namespace {

using core::Kind;

constexpr std::size_t document_size_max = 64 * 1024;
constexpr std::size_t payload_size_max = 64 * 1024;

using Made = std::shared_ptr<void>;

void check_words(const Kind& kind, const KindPromises& promises) {
  CHECK_FALSE(kind.doc.empty());
  std::set<std::string_view> names;
  for (const auto& row : kind.commands) {
    INFO("command " << row.name);
    REQUIRE(row.type);
    CHECK(names.insert(row.name).second);
    CHECK_FALSE(row.doc.empty());
    CHECK(row.impact >= 1);
    CHECK(row.impact <= 10);
    CHECK(core::json_valid(core::to_json_schema(*row.type)));
  }
  for (const auto& row : kind.events) {
    INFO("event " << row.name);
    REQUIRE(row.type);
    CHECK(names.insert(row.name).second);
    const auto& others = promises.other_events;
    CHECK((std::find(others.begin(), others.end(), row.name) != others.end() ||
           row.name.starts_with(promises.event_prefix.empty() ? std::string(kind.name) + "."
                                                              : std::string(promises.event_prefix))));
    if (kind.observed) CHECK(row.observation);
  }
  CHECK(core::json_valid(core::to_json_schema(*kind.state)));
  const auto blank = kind.make_state();
  const auto status = kind.summarise(blank.get()).status;
  CHECK(core::has_shape(core::Shape::name, status));
}

// Out and in again by both faces, read as strictly as a command is.
void check_faces(const core::Type& type, const Made& value, const std::function<Made()>& blank) {
  const auto json = core::to_json(type, value.get());
  INFO(json);
  const auto from_json = blank();
  const auto read = core::from_json(type, from_json.get(), json, core::Reading::command);
  if (!read)
    FAIL_CHECK(core::to_line(read.error()) << (read.error().problems.empty() ? "" : read.error().problems[0].path));
  CHECK((core::to_json(type, from_json.get()) == json));
  const auto from_msgpack = blank();
  const auto unpacked =
      core::from_msgpack(type, from_msgpack.get(), core::to_msgpack(type, value.get()), core::Reading::command);
  if (!unpacked) FAIL_CHECK(core::to_line(unpacked.error()));
  CHECK((core::to_json(type, from_msgpack.get()) == json));
}

void check_all_faces(const Kind& kind, Random& random) {
  Generator generator(random);
  constexpr int rounds = 20;
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t row = 0; row < kind.commands.size(); ++row) {
      const auto command = kind.make_command(row);
      generator.fill(*kind.commands[row].type, command.get());
      check_faces(*kind.commands[row].type, command, [&] { return kind.make_command(row); });
    }
    for (std::size_t row = 0; row < kind.events.size(); ++row) {
      const auto event = kind.make_event(row);
      generator.fill(*kind.events[row].type, event.get());
      check_faces(*kind.events[row].type, event, [&] { return kind.make_event(row); });
    }
    const auto state = kind.make_state();
    generator.fill(*kind.state, state.get());
    check_faces(*kind.state, state, kind.make_state);
  }
}

std::string shown(const Kind& kind, const core::ErasedDecision& decision) {
  std::string text = decision.refused ? "refused " + core::to_line(*decision.refused) + "\n" : "";
  for (const auto& event : decision.events)
    text += std::string(kind.events[event.row].name) + core::to_json(*kind.events[event.row].type, event.value.get()) +
            "\n";
  for (const auto& work : decision.asks.works) text += work.id + work.driver + work.verb + work.payload + "\n";
  for (const auto& keep : decision.asks.keeps) text += keep.driver + keep.key + keep.payload.value_or("dropped") + "\n";
  for (const auto& timer : decision.asks.timers)
    text += timer.id + (timer.at ? core::to_rfc3339(*timer.at) : "") + "\n";
  for (const auto& claim : decision.asks.claims) text += claim.name + (claim.release ? " released" : "") + "\n";
  return text;
}

// One random story of an entity.
class Walk {
 public:
  Walk(const Kind& kind, const KindPromises& promises, Random& random)
      : kind_(kind),
        promises_(promises),
        random_(random),
        generator_(random),
        live_(kind.make_state()),
        replayed_(kind.make_state()) {
    context_.self = {"clinic", std::string(kind.name), "clinic"};
    context_.now = core::Timestamp{1769850000000};
  }

  void run() {
    for (int step = 0; step < promises_.steps; ++step) {
      context_.now = context_.now + std::chrono::milliseconds(random_.below(100'000));
      take_step();
    }
    INFO("live state against replay");
    CHECK((core::to_json(*kind_.state, live_.get()) == core::to_json(*kind_.state, replayed_.get())));
  }

 private:
  void take_step() {
    const auto row = std::size_t(random_.below(kind_.commands.size()));
    const auto& command_row = kind_.commands[row];
    const auto command = kind_.make_command(row);
    generator_.fill(*command_row.type, command.get());
    aim_at_outstanding_work(*command_row.type, command.get());
    INFO("command " << command_row.name << " " << core::to_json(*command_row.type, command.get()));
    const bool internal = command_row.door == core::Door::internal;
    context_.principal =
        internal ? core::system_principal() : core::Principal{random_.one_in(2) ? "amy" : "operator", "user"};
    context_.caller = {};
    if (!internal) stand_somewhere();
    load_facts(command_row, command.get());

    auto decision = decide(row, command.get());
    if (decision.refused) {
      CHECK(decision.refused->code.find('.') != std::string::npos);
      CHECK(decision.refused->status >= 400);
    }
    check_asks(decision.asks);
    for (const auto& event : decision.events) happen(event);
    if (decision.events.empty()) return;
    const auto size = core::to_json(*kind_.state, live_.get()).size();
    CHECK(size <= document_size_max);
    CHECK(core::has_shape(core::Shape::name, kind_.summarise(live_.get()).status));
    check_again(row, command.get());
  }

  core::ErasedDecision decide(std::size_t row, const void* command) {
    context_.command_id = "command-" + std::to_string(++commands_);
    auto decision = kind_.decide(live_.get(), row, command, context_);
    const auto twice = kind_.decide(live_.get(), row, command, context_);
    INFO("the same question gets the same answer");
    CHECK((shown(kind_, decision) == shown(kind_, twice)));
    return decision;
  }

  void happen(const core::ErasedEvent& event) {
    const auto& row = kind_.events.at(event.row);
    kind_.evolve(live_.get(), event.row, event.value.get());
    const auto stored = kind_.make_event(event.row);
    const auto read =
        core::from_json(*row.type, stored.get(), core::to_json(*row.type, event.value.get()), core::Reading::stored);
    if (!read) FAIL_CHECK(row.name << " does not load again: " << core::to_line(read.error()));
    kind_.evolve(replayed_.get(), event.row, stored.get());
    ++context_.version;
    if (!row.observation) ++context_.intent_version;
  }

  void load_facts(const core::CommandRow& row, const void* command) {
    context_.facts.clear();
    if (!row.facts) return;
    static constexpr std::string_view words[] = {"running", "stopped", "failed", "deploying", "active", "deleted"};
    for (const auto& need : row.facts(context_.self, live_.get(), command)) {
      if (random_.one_in(2)) continue;
      core::Fact fact{true, 1 + random_.below(9), std::string(words[random_.below(std::size(words))]), "{}"};
      context_.facts.emplace(need.key, std::move(fact));
    }
  }

  // Callers of every standing, most of them with none or much: those get furthest.
  void stand_somewhere() {
    static constexpr std::string_view tenant_roles[] = {"owner", "admin", "staff", "viewer"};
    if (random_.one_in(3)) context_.caller.root_owner = true;
    if (random_.one_in(2)) context_.caller.tenant_role = tenant_roles[random_.below(std::size(tenant_roles))];
    if (random_.one_in(4)) context_.caller.platform_role = "sovereign";
  }

  // A random outcome would nearly never be of a work that is under way, so half of them are made to be.
  void aim_at_outstanding_work(const core::Type& type, void* command) {
    if (type.tag != core::Tag::record || ids_in_order_.empty() || random_.one_in(4)) return;
    const auto* field = type.record().find("work_id");
    if (field) field->type->set_text(field->in(command), ids_in_order_[random_.below(ids_in_order_.size())]);
  }

  void check_asks(const core::Asks& asks) {
    for (const auto& work : asks.works) {
      INFO("work " << work.id << " " << work.driver << " " << work.verb << " " << work.payload);
      CHECK_FALSE(work.driver.empty());
      CHECK_FALSE(work.verb.empty());
      CHECK(work_ids_.insert(work.id).second);
      ids_in_order_.push_back(work.id);
      CHECK(work.payload.size() <= payload_size_max);
      CHECK(core::json_valid(work.payload));
    }
    for (const auto& keep : asks.keeps) {
      INFO("keep " << keep.driver << " " << keep.key);
      CHECK_FALSE(keep.driver.empty());
      CHECK_FALSE(keep.key.empty());
      if (!keep.payload) continue;
      CHECK(keep.payload->size() <= payload_size_max);
      CHECK(core::json_valid(*keep.payload));
    }
    for (const auto& timer : asks.timers) CHECK_FALSE(timer.id.empty());
    for (const auto& claim : asks.claims) {
      CHECK_FALSE(claim.name.empty());
      CHECK((claim.release || claim.refusal.find('.') != std::string::npos));
    }
  }

  void check_again(std::size_t row, const void* command) {
    const auto& again = promises_.acts_again;
    if (std::find(again.begin(), again.end(), kind_.commands[row].name) != again.end()) return;
    const auto decision = decide(row, command);
    INFO("the command " << kind_.commands[row].name << " came again and made " << shown(kind_, decision));
    CHECK(decision.events.empty());
  }

  const Kind& kind_;
  const KindPromises& promises_;
  Random& random_;
  Generator generator_;
  Made live_, replayed_;
  core::Context context_;
  std::set<std::string> work_ids_;
  std::vector<std::string> ids_in_order_;
  int commands_ = 0;
};

// Events are facts: applying any of them in any order cannot fail.
void check_any_order(const Kind& kind, Random& random) {
  Generator generator(random);
  const auto state = kind.make_state();
  constexpr int events = 300;
  for (int i = 0; i < events; ++i) {
    const auto row = std::size_t(random.below(kind.events.size()));
    const auto event = kind.make_event(row);
    generator.fill(*kind.events[row].type, event.get());
    INFO(kind.events[row].name << " " << core::to_json(*kind.events[row].type, event.get()));
    REQUIRE_NOTHROW(kind.evolve(state.get(), row, event.get()));
    REQUIRE_NOTHROW(kind.summarise(state.get()));
  }
}

}  // namespace

void check_kind(const Kind& kind, const KindPromises& promises) {
  const auto seed = seed_of_run();
  INFO("NOVA_SEED=" << seed << ", kind " << kind.name);
  Random random(seed);
  check_words(kind, promises);
  check_stored_events(kind, promises);
  check_all_faces(kind, random);
  check_any_order(kind, random);
  for (int walk = 0; walk < promises.walks; ++walk) {
    INFO("walk " << walk);
    Walk(kind, promises, random).run();
  }
}

}  // namespace nova::testkit
