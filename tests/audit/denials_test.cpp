#include "governance/audit/denials.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <map>

using namespace nova;
using Json = nlohmann::json;

namespace {

class Hands final : public core::Clock {
 public:
  core::Timestamp now() const override { return at; }
  std::chrono::nanoseconds monotonic() const override { return std::chrono::milliseconds(at.ms - 1'700'000'000'000); }
  core::Timestamp at{1'800'000'000'000};
};

struct World {
  World()
      : denials({&clock, [](const std::string& tenant) { return tenant == "clinic"; },
                 [this](core::CommandEnvelope command, std::function<void(core::Status)> done) {
                   written.push_back(Json::parse(command.body));
                   targets.push_back(command.target);
                   answers.push_back(std::move(done));
                   if (!slow) answer(core::ok());
                 }}) {}
  void answer(const core::Status& status) {
    for (auto& done : std::exchange(answers, {})) done(status);
  }
  void note(const std::string& who = "amy", const std::string& act = "platform.suspend",
            const std::string& tenant = "clinic") {
    denials.note(
        {{who, "user"}, tenant, act, tenant + "/platform/front", "access.denied", {"access.default_deny"}, "1"});
  }
  void pass(std::chrono::milliseconds time) {
    clock.at = clock.at + time;
    denials.flush();
  }

  Hands clock;
  bool slow = false;
  std::vector<Json> written;
  std::vector<core::EntityKey> targets;
  std::vector<std::function<void(core::Status)>> answers;
  audit::Denials denials;
};

using std::chrono::seconds;

}  // namespace

TEST_CASE("a denial is written with who, what, why and when, where it was asked") {
  World world;
  world.note();
  world.denials.flush();
  REQUIRE(world.written.size() == 1);
  CHECK(world.targets[0].tenant == "clinic");
  CHECK(world.targets[0].kind == "denial");
  CHECK(world.targets[0].id.size() == 32);
  const auto& line = world.written[0];
  CHECK(line["who"] == "amy");
  CHECK(line["act"] == "platform.suspend");
  CHECK(line["rules"] == Json{"access.default_deny"});
  CHECK(line["count"] == 1);
  CHECK(line["first_at"] == line["last_at"]);
  world.denials.flush(true);
  CHECK(world.written.size() == 1);
}

TEST_CASE("a denial is written with the attributes that its rules read, of the latest time, and these make no other") {
  World world;
  const auto note = [&](const std::string& read) {
    world.denials.note({{"amy", "user"}, "clinic", "x.y", "", "access.denied", {"r"}, "1", read});
  };
  note(R"({"resource.state.size":1})");
  note(R"({"resource.state.size":2})");
  world.denials.flush();
  REQUIRE(world.written.size() == 1);
  CHECK(world.written[0]["count"] == 2);
  CHECK(world.written[0]["read"] == Json{{"resource.state.size", 2}});
  note("{\"long\":\"" + std::string(audit::read_bytes_max, 'x') + "\"}");
  world.pass(seconds(2));
  REQUIRE(world.written.size() == 2);
  CHECK(!world.written[1].contains("read"));
}

TEST_CASE("a flood is a count, written at gaps that double up to a minute") {
  World world;
  std::uint64_t counted = 0;
  for (int second = 0; second < 600; ++second) {
    for (int i = 0; i < 1000; ++i) world.note();
    world.pass(seconds(1));
  }
  world.denials.flush(true);
  for (const auto& line : world.written) counted += line["count"].get<std::uint64_t>();
  CHECK(counted == 600'000);
  CHECK(world.written.size() < 20);
  CHECK(world.denials.waiting() == 0);
}

TEST_CASE("another person, act, tenant or rule is another denial; the thing it was asked of is not") {
  World world;
  world.note();
  world.note("bob");
  world.note("amy", "platform.archive");
  world.note("amy", "platform.suspend", "nowhere");
  world.denials.note({{"amy", "user"},
                      "clinic",
                      "platform.suspend",
                      "clinic/platform/back",
                      "access.denied",
                      {"access.default_deny"},
                      "1"});
  world.denials.flush();
  std::map<std::string, int> by_tenant;
  for (const auto& target : world.targets) ++by_tenant[target.tenant];
  CHECK(by_tenant == std::map<std::string, int>{{"clinic", 3}, {"system", 1}});  // there is no tenant `nowhere`
}

TEST_CASE("what could not be written is written later, with all that came meanwhile") {
  World world;
  world.slow = true;
  world.note();
  world.denials.flush();
  world.note();
  world.pass(seconds(5));
  CHECK(world.written.size() == 1);  // one at a time
  world.answer(core::unavailable("store.read_only", "away"));
  world.pass(seconds(5));
  REQUIRE(world.written.size() == 2);
  CHECK(world.written[1]["count"] == 2);
  CHECK(world.written[1]["first_at"] == world.written[0]["first_at"]);
  world.answer(core::ok());
  CHECK(world.denials.waiting() == 0);
}

TEST_CASE("who asks for ever new things fills a bound, not the memory, and that is on record") {
  World world;
  for (std::size_t i = 0; i < audit::denials_max + 100; ++i) world.note("amy", "act-" + std::to_string(i));
  world.denials.flush();
  CHECK(world.written.size() == audit::denials_max + 1);
  const auto overflow = std::count_if(world.written.begin(), world.written.end(), [](const Json& line) {
    return line["rules"] == Json{std::string(audit::rules_overflow)} && line["count"] == 100;
  });
  CHECK(overflow == 1);
  // After a while of peace there is room again.
  world.pass(audit::memory + seconds(1));
  world.note("amy", "another act");
  world.denials.flush();
  CHECK(world.written.back()["act"] == "another act");
}

TEST_CASE("an answer that comes after the end finds nobody, and harms nothing") {
  std::function<void(core::Status)> late;
  {
    Hands clock;
    audit::Denials denials(
        {&clock, [](const std::string&) { return true; },
         [&](core::CommandEnvelope, std::function<void(core::Status)> done) { late = std::move(done); }});
    denials.note({{"amy", "user"}, "clinic", "x.y", "", "", {"r"}, "1"});
    denials.finish(std::chrono::milliseconds(1));
  }
  REQUIRE(late);
  late(core::ok());
}
