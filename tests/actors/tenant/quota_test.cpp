// Tiers, and the quotas that they set: reserved before the work, confirmed or released after it (S19).
#include "actors/tenant/tenant.hpp"
#include "core/authority/api_keys.hpp"
#include "core/json.hpp"
#include "tests/testkit/spec.hpp"

#include <fstream>
#include <sstream>

using namespace nova;
using namespace nova::tenant;

namespace {

const core::Timestamp noon = testkit::story_start;

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(Tier tier = Tier::free) {
    self({"clinic", "tenant", "clinic"});
    given({Created{"Clinic", tier, {}, "operator", noon}, Activated{"operator", noon}});
  }
};

ReserveQuota reserve(std::string id, Resource resource = Resource::projects, std::int64_t amount = 1) {
  return {std::move(id), resource, amount};
}

std::string numbered(const char* name, int number) { return name + std::to_string(number); }

}  // namespace

TEST_CASE("tiers: the compiled quotas are those of the shipped data") {
  std::ifstream in(std::string(NOVA_SOURCE_DIR) + "/config/tiers.json");
  std::stringstream text;
  text << in.rdbuf();
  const auto data = text.str();
  REQUIRE(core::json_valid(data));
  CHECK(core::json_int(data, "unlimited") == unlimited);
  const auto& tiers = names_of(static_cast<const Tier*>(nullptr));
  // The sixth is the platform owner's: no tenant has it.
  REQUIRE(core::json_keys(data, "tiers").size() == tiers.size() + 1);
  CHECK(core::json_text(data, "tiers[5].code") == "owner");
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    const auto row = "tiers[" + std::to_string(i) + "]";
    CHECK(core::json_text(data, row + ".code") == std::string(tiers[i]));
    CHECK(core::json_int(data, row + ".api_keys") == core::api_keys_max(tiers[i]));
    REQUIRE(core::json_keys(data, row + ".tenant_quotas").size() == std::size(resources));
    for (const auto resource : resources) {
      INFO(tiers[i] << " " << core::name_of(resource));
      CHECK(core::json_int(data, row + ".tenant_quotas." + std::string(core::name_of(resource))) ==
            quota_of(Tier(i), resource));
    }
  }
}

TEST_CASE("quota: the fourth project of a free tenant is refused, and an event says so") {
  Spec spec;
  for (int i = 1; i <= 3; ++i) {
    spec.as_system().when(reserve(numbered("project-", i)));
    CHECK_FALSE(spec.refused().has_value());
    spec.when(ConfirmQuota{numbered("project-", i)}).then_types<QuotaConfirmed>();
  }
  spec.when(reserve("project-4")).then_recorded<QuotaExceeded>("quota.exceeded");
  CHECK(spec.refused()->status == 429);
  CHECK(spec.refused()->details ==
        std::vector<std::pair<std::string, std::string>>{{"resource", "projects"}, {"limit", "3"}, {"used", "3"}});
  CHECK(spec.state().usage.projects == 3);
}

TEST_CASE("quota: who goes on trying is refused each time and recorded once a minute, each resource for itself") {
  Spec spec;
  spec.when(reserve("d1", Resource::deployments)).when(reserve("p1", Resource::projects, 3));
  spec.when(reserve("p2")).then_recorded<QuotaExceeded>("quota.exceeded");
  for (int i = 0; i < 50; ++i) spec.when(reserve(numbered("x", i))).then_refused("quota.exceeded");
  spec.when(reserve("d2", Resource::deployments)).then_recorded<QuotaExceeded>("quota.exceeded");
  spec.after(std::chrono::seconds(59)).when(reserve("p3")).then_refused("quota.exceeded");
  spec.after(std::chrono::seconds(1)).when(reserve("p3")).then_recorded<QuotaExceeded>("quota.exceeded");
  CHECK(spec.state().exceeded.size() == 2);
}

TEST_CASE("quota: fifty reservations of the last piece let exactly one through") {
  Spec spec;
  spec.when(reserve("a", Resource::projects, 2));
  int through = 0;
  for (int i = 0; i < 50; ++i) {
    spec.when(reserve(numbered("r", i)));
    through += int(!spec.refused().has_value());
  }
  CHECK(through == 1);
  CHECK(spec.state().usage.projects == 3);
}

TEST_CASE("quota: failed work gives back what it took, once") {
  Spec spec;
  spec.when(reserve("a", Resource::storage_mb, 60)).then_types<QuotaReserved>();
  spec.when(ReleaseQuota{"a", {}, 0}).then({QuotaReleased{"a", Resource::storage_mb, 60}});
  CHECK(spec.state().usage.storage_mb == 0);
  spec.when(ReleaseQuota{"a", {}, 0}).then_nothing();
  spec.when(ReleaseQuota{"a", Resource::storage_mb, 60}).then_nothing();
  spec.when(ConfirmQuota{"a"}).then_nothing();
  // A late copy of the reservation must not take it again for work that nobody does.
  spec.when(reserve("a", Resource::storage_mb, 60)).then_refused("tenant.reservation_spent");
  CHECK(spec.refused()->status == 409);
}

TEST_CASE("quota: confirmed work stays taken, until what it made is gone") {
  Spec spec;
  spec.when(reserve("a", Resource::storage_mb, 60)).when(ConfirmQuota{"a"}).then_types<QuotaConfirmed>();
  spec.when(ReleaseQuota{"a", {}, 0}).then_nothing();
  CHECK(spec.state().usage.storage_mb == 60);
  CHECK(spec.state().reservations.empty());
  spec.when(ReleaseQuota{"gone-a", Resource::storage_mb, 60}).then_types<QuotaReleased>();
  CHECK(spec.state().usage.storage_mb == 0);
  spec.when(ReleaseQuota{"gone-a", Resource::storage_mb, 60}).then_nothing();
  spec.when(reserve("b", Resource::storage_mb, 10));
  spec.when(ReleaseQuota{"too-much", Resource::storage_mb, 500})
      .then({QuotaReleased{"too-much", Resource::storage_mb, 10}});
}

TEST_CASE("quota: the same reservation again takes nothing, another under its id is refused") {
  Spec spec;
  spec.when(reserve("a")).then_types<QuotaReserved>().when(reserve("a")).then_nothing();
  spec.when(reserve("a", Resource::projects, 2)).then_refused("tenant.reservation_exists");
  CHECK(spec.state().usage.projects == 1);
}

TEST_CASE("quota: the warning comes once, on the way up through four fifths") {
  Spec spec;
  spec.when(reserve("a", Resource::storage_mb, 79)).then_types<QuotaReserved>();
  spec.when(reserve("b", Resource::storage_mb, 1))
      .then({QuotaReserved{"b", Resource::storage_mb, 1, noon}, QuotaWarning{Resource::storage_mb, 100, 80, noon}});
  spec.when(reserve("c", Resource::storage_mb, 1)).then_types<QuotaReserved>();
  spec.when(ReleaseQuota{"c", {}, 0}).when(ReleaseQuota{"b", {}, 0});
  spec.when(reserve("d", Resource::storage_mb, 21)).then_types<QuotaReserved, QuotaWarning>();
}

TEST_CASE("quota: a sovereign tenant has no limit and hears no warning") {
  Spec spec(Tier::sovereign);
  for (const auto resource : resources)
    spec.when(reserve(std::string(core::name_of(resource)).substr(0, 2), resource, 1'000'000'000'000))
        .then_types<QuotaReserved>();
}

TEST_CASE("quota: outstanding reservations are bounded, ended ones are remembered for a while") {
  Spec spec(Tier::sovereign);
  for (std::size_t i = 0; i < reservations_max; ++i)
    spec.when(reserve(numbered("r", int(i)))).then_types<QuotaReserved>();
  spec.when(reserve("one-more")).then_refused("tenant.reservations_limit");
  for (std::size_t i = 0; i < reservations_max; ++i) spec.when(ConfirmQuota{numbered("r", int(i))});
  CHECK(spec.state().reservations.empty());
  CHECK(spec.state().spent.size() == spent_max);
  spec.when(reserve("r127")).then_refused("tenant.reservation_spent");
}

TEST_CASE("quota: who may take something, against every status") {
  const Event created = Created{"Clinic", Tier::free, {}, "operator", noon}, activated = Activated{"operator", noon};
  struct Row {
    std::vector<Event> given;
    std::string_view state, reserve, tier, region, compliance;
  };
  const std::string_view no = "entity.wrong_state", stopped = "tenant.suspended";
  const Row rows[] = {
      {{}, "absent", no, no, no, no},
      {{created}, "pending", no, "", "", ""},
      {{created, activated}, "active", "", "", "", ""},
      {{created, activated, Suspended{"unpaid", "operator", noon}}, "suspended", stopped, "", stopped, stopped},
      {{created, activated, Archived{"closed", "operator", noon}}, "archived", no, no, no, no},
  };
  for (const auto& row : rows) {
    INFO(row.state);
    const auto check = [&](const Command& command, std::string_view expected) {
      testkit::Spec<State, Command, Event> spec;
      spec.given(row.given).when(command);
      if (expected.empty())
        CHECK(spec.events().size() == 1);
      else
        spec.then_refused(expected);
    };
    check(reserve("a"), row.reserve);
    check(ChangeTier{Tier::pro}, row.tier);
    check(SetDataRegion{"sa-riyadh"}, row.region);
    check(SetCompliance{{"gdpr"}}, row.compliance);
  }
  testkit::Spec<State, Command, Event> absent;
  absent.when(ConfirmQuota{"a"}).then_refused(no);
  absent.when(ReleaseQuota{"a", {}, 0}).then_refused(no);
  // What was begun before a suspension is still ended after it.
  Spec suspended;
  suspended.when(reserve("a")).when(reserve("b")).when(Suspend{"unpaid"});
  suspended.when(ConfirmQuota{"a"})
      .then_types<QuotaConfirmed>()
      .when(ReleaseQuota{"b", {}, 0})
      .then_types<QuotaReleased>();
}

TEST_CASE("tiers: a downgrade below what is in use is refused, naming all that is above") {
  Spec spec(Tier::basic);
  spec.when(reserve("a", Resource::projects, 5)).when(reserve("b", Resource::deployments, 2));
  spec.when(reserve("c", Resource::storage_mb, 100));
  spec.as("olivia").when(ChangeTier{Tier::free}).then_refused("tenant.over_quota_on_downgrade");
  CHECK(spec.refused()->status == 403);
  CHECK(spec.refused()->details ==
        std::vector<std::pair<std::string, std::string>>{
            {"projects", "5"}, {"projects_limit", "3"}, {"deployments", "2"}, {"deployments_limit", "1"}});
  spec.when(ReleaseQuota{"a", {}, 0}).when(ReleaseQuota{"b", {}, 0});
  spec.when(ChangeTier{Tier::free}).then({TierChanged{Tier::basic, Tier::free, "olivia", noon}});
  spec.when(ChangeTier{Tier::free}).then_nothing();
  spec.when(ChangeTier{Tier::sovereign}).then_types<TierChanged>();
  spec.when(reserve("d", Resource::ai_tokens, 20'000'000)).when(ChangeTier{Tier::enterprise});
  spec.then_refused("tenant.over_quota_on_downgrade");
}

TEST_CASE("tiers: whoever registers by themselves begins with the free one") {
  const Create pro{"Clinic", Tier::pro, {}, true};
  using Blank = testkit::Spec<State, Command, Event>;
  const core::EntityKey clinic{"clinic", "tenant", "clinic"};
  Blank{}.self(clinic).as("amy").when(pro).then_refused("access.denied");
  Blank{}.self(clinic).as("amy").standing({"enterprise", "", false}).when(pro).then_refused("access.denied");
  Blank{}.self(clinic).as("amy").when(Create{"Clinic", Tier::free, {}, true}).then_types<Created, Activated>();
  Blank{}.self(clinic).as("sue").standing({"sovereign", "", false}).when(pro).then_types<Created, Activated>();
  Blank{}.self(clinic).as("olivia").standing({"", "", true}).when(pro).then_types<Created, Activated>();
  Blank{}.self(clinic).as("operator", "service").when(pro).then_types<Created, Activated>();
}

TEST_CASE("tenant: its features, regimes and region are kept, and bounded") {
  Spec spec;
  SettingsChange settings;
  settings.features = {core::Name("builder"), core::Name("chat")};
  spec.when(UpdateSettings{{}, settings}).then_types<Updated>().when(UpdateSettings{{}, settings}).then_nothing();
  for (std::size_t i = 0; i <= features_max; ++i) settings.features->insert(core::Name(numbered("f", int(i))));
  spec.when(UpdateSettings{{}, settings}).then_problem("settings.features");
  spec.as("olivia").when(SetCompliance{{"pdpl", "gdpr"}}).then({ComplianceSet{{"gdpr", "pdpl"}, "olivia", noon}});
  spec.when(SetCompliance{{"gdpr", "pdpl"}}).then_nothing();
  SetCompliance many;
  for (std::size_t i = 0; i <= compliance_max; ++i) many.regimes.insert(core::Name(numbered("c", int(i))));
  spec.when(many).then_problem("regimes");
  spec.when(SetDataRegion{"sa-riyadh"}).then({DataRegionSet{"sa-riyadh", "olivia", noon}});
  spec.when(SetDataRegion{"sa-riyadh"}).then_nothing();
}
