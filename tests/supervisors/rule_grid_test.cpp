// The whole grid of OTP: child kind x exit reason x strategy, a row a line. Three children a, b, c stand in this order;
// b is of the row's kind and ends with the row's reason; the others are permanent.
#include "tests/supervisors/world.hpp"

namespace nova::supervision {
namespace {

constexpr auto permanent = Lifetime::permanent;
constexpr auto transient = Lifetime::transient;
constexpr auto temporary = Lifetime::temporary;
constexpr auto one = Strategy::one_for_one;
constexpr auto all = Strategy::one_for_all;
constexpr auto rest = Strategy::rest_for_one;

const std::string just_b = "start b";
const std::string everyone = "stop c, stop a, start a, start b, start c";
const std::string b_and_c = "stop c, start b, start c";
const std::string nobody = "";
const std::string gone = "forget b";

struct Row {
  Lifetime kind;
  Exit exit;
  Strategy strategy;
  std::string told;
};

const std::vector<Row> grid = {
    {permanent, Exit::normal, one, just_b},     {permanent, Exit::normal, all, everyone},
    {permanent, Exit::normal, rest, b_and_c},   {permanent, Exit::shutdown, one, just_b},
    {permanent, Exit::shutdown, all, everyone}, {permanent, Exit::shutdown, rest, b_and_c},
    {permanent, Exit::killed, one, just_b},     {permanent, Exit::killed, all, everyone},
    {permanent, Exit::killed, rest, b_and_c},   {permanent, Exit::error, one, just_b},
    {permanent, Exit::error, all, everyone},    {permanent, Exit::error, rest, b_and_c},
    {transient, Exit::normal, one, nobody},     {transient, Exit::normal, all, nobody},
    {transient, Exit::normal, rest, nobody},    {transient, Exit::shutdown, one, nobody},
    {transient, Exit::shutdown, all, nobody},   {transient, Exit::shutdown, rest, nobody},
    {transient, Exit::killed, one, just_b},     {transient, Exit::killed, all, everyone},
    {transient, Exit::killed, rest, b_and_c},   {transient, Exit::error, one, just_b},
    {transient, Exit::error, all, everyone},    {transient, Exit::error, rest, b_and_c},
    {temporary, Exit::normal, one, gone},       {temporary, Exit::normal, all, gone},
    {temporary, Exit::normal, rest, gone},      {temporary, Exit::shutdown, one, gone},
    {temporary, Exit::shutdown, all, gone},     {temporary, Exit::shutdown, rest, gone},
    {temporary, Exit::killed, one, gone},       {temporary, Exit::killed, all, gone},
    {temporary, Exit::killed, rest, gone},      {temporary, Exit::error, one, gone},
    {temporary, Exit::error, all, gone},        {temporary, Exit::error, rest, gone},
};

SupervisorSpec three(Strategy strategy, Lifetime kind_of_b) {
  SupervisorSpec spec;
  spec.strategy = strategy;
  spec.children = {{"a", Lifetime::permanent, shutdown_default, false},
                   {"b", kind_of_b, shutdown_default, false},
                   {"c", Lifetime::permanent, shutdown_default, false}};
  return spec;
}

TEST_CASE("supervision grid: who comes back is decided by child kind, exit reason and strategy") {
  CHECK(grid.size() == 3 * 4 * 3);
  for (const auto& row : grid) {
    INFO(name_of(row.kind) << " ends " << name_of(row.exit) << " under " << name_of(row.strategy));
    World world(three(row.strategy, row.kind));
    world.up().die("b", row.exit);
    world.settle();
    CHECK(world.told() == row.told);
    const bool b_lives = row.told.find("start b") != std::string::npos;
    CHECK(world.alive == (b_lives ? std::set<std::string>{"a", "b", "c"} : std::set<std::string>{"a", "c"}));
    CHECK(world.rule.restarts() == (b_lives ? 1u : 0u));
    CHECK(world.rule.is_up());
  }
}

TEST_CASE("supervision grid: siblings that are not permanent, when a group starts again") {
  struct Sibling {
    Lifetime kind;
    bool ended_normally_before;
    std::string told;
  };
  const std::vector<Sibling> rows = {
      {permanent, false, "stop c, start b, start c"},
      {transient, false, "stop c, start b, start c"},
      {transient, true, "start b, start c"},  // OTP starts it with the group although it was done.
      {temporary, false, "stop c, forget c, start b"},
  };
  for (const auto& row : rows) {
    INFO(name_of(row.kind) << (row.ended_normally_before ? " that was done" : ""));
    SupervisorSpec spec = three(rest, permanent);
    spec.children[2].lifetime = row.kind;
    World world(spec);
    world.up();
    if (row.ended_normally_before) world.die("c", Exit::normal);
    world.trace.clear();
    world.die("b", Exit::error);
    world.settle();
    CHECK(world.told() == row.told);
  }
}

TEST_CASE("supervision grid: significant children that are done end their supervisor") {
  struct Case {
    AutoShutdown mode;
    Lifetime kind;
    Exit exit;
    bool both;
    std::string told;
  };
  const auto any = AutoShutdown::any_significant;
  const auto every = AutoShutdown::all_significant;
  const std::string ends = "stop c, stop a, end auto_shutdown";
  const std::vector<Case> rows = {
      {any, transient, Exit::normal, false, ends},
      {any, transient, Exit::shutdown, false, ends},
      {any, transient, Exit::error, false, "start b"},
      {any, temporary, Exit::error, false, "forget b, " + ends},
      {any, temporary, Exit::normal, false, "forget b, " + ends},
      {every, transient, Exit::normal, false, ""},
      {every, transient, Exit::normal, true, "stop a, end auto_shutdown"},
      {every, temporary, Exit::error, false, "forget b"},
      {every, temporary, Exit::error, true, "forget b, forget c, stop a, end auto_shutdown"},
  };
  for (const auto& row : rows) {
    INFO(name_of(row.kind) << " ends " << name_of(row.exit) << ", mode " << int(row.mode) << ", both " << row.both);
    SupervisorSpec spec = three(one, row.kind);
    spec.auto_shutdown = row.mode;
    spec.children[1].significant = true;
    spec.children[2].lifetime = row.kind;
    spec.children[2].significant = true;
    World world(spec);
    world.up().die("b", row.exit);
    if (row.both) world.die("c", row.exit);
    world.settle();
    CHECK(world.told() == row.told);
  }
}

}  // namespace
}  // namespace nova::supervision
