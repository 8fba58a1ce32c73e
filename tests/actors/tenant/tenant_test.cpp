#include "actors/tenant/tenant.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::tenant;

namespace {

struct Spec : testkit::Spec<State, Command, Event> {
  Spec() { self({"clinic", "tenant", "clinic"}); }
};

const core::Timestamp noon = testkit::story_start;
const Event created = Created{"Clinic", Tier::free, {}, "operator", noon};
const Event activated = Activated{"operator", noon};
const Event suspended = Suspended{"unpaid", "operator", noon};
const Event archived = Archived{"closed", "operator", noon};

Create create(bool activate = true) { return {"Clinic", Tier::free, {}, activate}; }

}  // namespace

TEST_CASE("tenant: one command makes it and lets it work, and takes its slug") {
  Spec spec;
  spec.when(create()).then({created, activated}).then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 1);
    CHECK(asks.claims[0].name == "slug/clinic");
    CHECK(asks.claims[0].refusal == "tenant.slug_taken");
  });
  CHECK(summarise(spec.state()).status == "active");
}

TEST_CASE("tenant: made without activation it waits") {
  Spec{}.when(create(false)).then({created}).then_state([](const State& s) { CHECK(s.status == Status::pending); });
}

TEST_CASE("tenant: creating it again with the same content changes nothing, with another content the slug is taken") {
  Spec spec;
  spec.given({created, activated}).when(create()).then_nothing();
  auto other = create();
  other.name = "Another";
  spec.when(other).then_refused("tenant.slug_taken");
}

TEST_CASE("tenant: ids that are no slugs, are reserved or differ from their own tenant are refused") {
  for (const std::string id : {"ab", "Clinic", "clinic-", "1clinic", "cli.nic", "system", "a_b"}) {
    INFO(id);
    Spec spec;
    spec.self({id, "tenant", id}).when(create()).then_problem("id");
  }
  Spec spec;
  spec.self({"other", "tenant", "clinic"}).when(create()).then_problem("id");
}

TEST_CASE("tenant: every state against every change of state") {
  struct Row {
    std::vector<Event> given;
    std::string_view state, activate, suspend, archive, update;  // "" is accepted, "-" already so, else the refusal
  };
  const std::string_view no = "entity.wrong_state";
  const Row rows[] = {
      {{}, "absent", no, no, no, no},
      {{created}, "pending", "", no, no, ""},
      {{created, activated}, "active", "-", "", "", ""},
      {{created, activated, suspended}, "suspended", "", "-", "", "tenant.suspended"},
      {{created, activated, archived}, "archived", no, no, "-", no},
  };
  const auto check = [](const Row& row, const Command& command, std::string_view expected) {
    Spec spec;
    spec.given(row.given).when(command);
    if (expected == "-")
      spec.then_nothing();
    else if (!expected.empty())
      spec.then_refused(expected);
    else
      CHECK(spec.events().size() == 1);
  };
  for (const auto& row : rows) {
    INFO(row.state);
    Spec spec;
    spec.given(row.given);
    CHECK(summarise(spec.state()).status == row.state);
    check(row, Activate{}, row.activate);
    check(row, Suspend{"unpaid"}, row.suspend);
    check(row, Archive{"closed"}, row.archive);
    check(row, UpdateSettings{Title("New"), {}}, row.update);
  }
}

TEST_CASE("tenant: the reason is shown while it holds and gone afterwards") {
  Spec spec;
  spec.given({created, activated}).as("amy").when(Suspend{"unpaid"}).then({Suspended{"unpaid", "amy", noon}});
  CHECK(summarise(spec.state()).reason == "unpaid");
  spec.when(Activate{});
  CHECK(summarise(spec.state()).reason.empty());
}

TEST_CASE("tenant: an update keeps what it does not name") {
  Spec spec;
  spec.given({created, activated})
      .when(UpdateSettings{{}, SettingsChange{Language::ar, {"Asia/Riyadh"}, {{core::Name("shop")}}}})
      .then_types<Updated>();
  CHECK(spec.state().name == "Clinic");
  CHECK(spec.state().settings.language == Language::ar);
  spec.when(UpdateSettings{{}, SettingsChange{{}, {"Europe/Berlin"}, {}}})
      .then({Updated{"Clinic", {Language::ar, "Europe/Berlin", {core::Name("shop")}}, "operator"}});
  spec.when(UpdateSettings{{}, SettingsChange{{}, {}, std::set<core::Name>{}}}).then_types<Updated>();
  CHECK(spec.state().settings.features.empty());
  CHECK(spec.state().settings.timezone == "Europe/Berlin");
  spec.when(UpdateSettings{Title("Clinic"), {}}).then_nothing();
}

TEST_CASE("tenant: an update that names nothing is refused, whatever it wraps that in") {
  for (const auto& nothing : {UpdateSettings{}, UpdateSettings{{}, SettingsChange{}}}) {
    Spec spec;
    spec.given({created, activated}).when(nothing).then_refused("input.nothing_to_change");
  }
}

TEST_CASE("tenant: who registers one for themselves becomes its owner by a work that outlives the node") {
  Spec spec;
  spec.as("amy").when(Register{"Clinic", Tier::free, {}, 2}).then_types<Created, Activated, Founded>();
  spec.then_work("command", "send", [](const core::DoAsk& ask) {
    CHECK(ask.id == "founder");
    CHECK(core::json_text(ask.payload, "tenant") == "clinic");
    CHECK(core::json_text(ask.payload, "kind") == "membership");
    CHECK(core::json_text(ask.payload, "id") == "amy");
    CHECK(core::json_text(ask.payload, "name") == "enrol");
    CHECK(core::json_text(ask.payload, "body.role") == "owner");
  });
  spec.then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 2);
    CHECK(asks.claims[0].name == "slug/clinic");
    CHECK(asks.claims[1].name == "founder/amy/2");
    CHECK(asks.claims[1].refusal == founder_place_taken);
  });
  CHECK(summarise(spec.state()).status == "active");
  CHECK(spec.state().work == "founder");
  spec.as_system().when(core::Settle{"founder", core::Outcome::done, {}, {}, {}}).then({FounderEnrolled{}});
  CHECK(spec.state().work.empty());
  spec.when(core::Settle{"founder", core::Outcome::done, {}, {}, {}}).then_nothing();
}

TEST_CASE("tenant: a founder who cannot become owner is told why by the tenant itself") {
  Spec spec;
  spec.as("amy").when(Register{"Clinic", Tier::free, {}, 1}).as_system();
  spec.when(core::Settle{"founder", core::Outcome::failed, "membership.exists", "is viewer", {}});
  spec.then({FounderFailed{"membership.exists", "is viewer"}});
  CHECK(spec.state().founder_refused == "membership.exists: is viewer");
}

TEST_CASE("tenant: registering again changes nothing, and another's slug is taken whatever they call it") {
  Spec spec;
  spec.as("amy").when(Register{"Clinic", Tier::free, {}, 1});
  spec.when(Register{"Clinic", Tier::free, {}, 2}).then_nothing().then_no_asks();
  spec.when(Register{"Another", Tier::free, {}, 1}).then_refused("tenant.slug_taken");
  spec.as("bob").when(Register{"Clinic", Tier::free, {}, 1}).then_refused("tenant.slug_taken");
  Spec made;
  made.given({created, activated}).as("operator").when(Register{"Clinic", Tier::free, {}, 1});
  made.then_refused("tenant.slug_taken");
}

TEST_CASE("tenant: only people register, and only a sovereign chooses the tier") {
  for (const char* type : {"anonymous", "api_key", "ai", "service"}) {
    INFO(type);
    Spec spec;
    spec.as("amy", type).when(Register{"Clinic", Tier::free, {}, 1}).then_refused("access.denied");
  }
  Spec free;
  free.as("amy").standing({"free", "", false}).when(Register{"Clinic", Tier::pro, {}, 1}).then_refused("access.denied");
  Spec sovereign;
  sovereign.as("amy").standing({"sovereign", "", false}).when(Register{"Clinic", Tier::pro, {}, 1});
  sovereign.then_types<Created, Activated, Founded>();
  Spec runtimes;
  runtimes.self({"system", "tenant", "system"})
      .as("amy")
      .when(Register{"System", Tier::free, {}, 1})
      .then_problem("id");
}

TEST_CASE("tenant: one that is archived gives its founder's place back, once") {
  Spec spec;
  spec.as("amy").when(Register{"Clinic", Tier::free, {}, 3}).as("olga").when(Archive{"closed"});
  spec.then_asks([](const core::Asks& asks) {
    REQUIRE(asks.claims.size() == 1);
    CHECK(asks.claims[0].name == "founder/amy/3");
    CHECK(asks.claims[0].release);
  });
  spec.when(Archive{"closed"}).then_nothing().then_no_asks();
  Spec others;
  others.given({created, activated}).when(Archive{"closed"}).then_no_asks();
}

TEST_CASE("tenant: what every kind promises") {
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>(
           {created, activated, Updated{"Clinic of the East", {Language::both, "Asia/Riyadh", {}}, "amy"}, suspended,
            archived, TierChanged{Tier::free, Tier::pro, "olivia", noon}, DataRegionSet{"sa-riyadh", "olivia", noon},
            ComplianceSet{{"gdpr", "pdpl"}, "olivia", noon}, QuotaReserved{"project-1", Resource::projects, 1, noon},
            QuotaReserved{"project-2", Resource::projects, 1, noon}, QuotaConfirmed{"project-1"},
            QuotaReleased{"project-2", Resource::projects, 1}, QuotaExceeded{Resource::projects, 3, 3, 1, noon},
            QuotaWarning{Resource::storage_mb, 100, 80, noon}, Founded{"amy", 2, "founder", noon},
            FounderFailed{"membership.exists", "is viewer"}, FounderEnrolled{}})});
}
