// Tenant: an isolated owner of everything else. Its id is its slug (S19).
#pragma once
#include "actors/tenant/tiers.hpp"
#include "core/kind.hpp"
#include "core/work.hpp"

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace nova::tenant {

enum class Status : std::uint8_t { absent, pending, active, suspended, archived };
enum class Language : std::uint8_t { en, ar, both };
const std::vector<std::string_view>& names_of(const Status*);
const std::vector<std::string_view>& names_of(const Language*);

/// A reservation is outstanding while its work is under way; more at once than this means that somebody never ends
/// them.
inline constexpr std::size_t reservations_max = 128;
/// How many ended reservations are remembered, so that a late copy of a command takes or gives nothing twice.
inline constexpr std::size_t spent_max = 64;
/// A tenant at its limit may try a thousand times a second: one event a minute and resource says so.
inline constexpr std::chrono::minutes exceeded_interval{1};
inline constexpr int warning_percent = 80;
inline constexpr std::size_t features_max = 64;
inline constexpr std::size_t compliance_max = 32;
/// How many tenants one person has that they registered by themselves and that were not archived.
inline constexpr std::int64_t founded_max = 5;
/// What a registration is told whose place another of the founder's tenants has: the next place may be free.
inline constexpr std::string_view founder_place_taken = "tenant.founder_place_taken";

using Title = core::Text<1, 255, core::Shape::line>;
/// Long enough for the id of any entity, and what tells its reservations apart.
using ReservationId = core::Text<1, 160, core::Shape::name>;

struct Settings {
  Language language = Language::en;
  core::Text<0, 64, core::Shape::line> timezone{"UTC"};
  std::set<core::Name> features;  ///< modules that are switched on
  friend bool operator==(const Settings&, const Settings&) = default;
};

/// What is given changes, the rest stays.
struct SettingsChange {
  std::optional<Language> language;
  std::optional<core::Text<0, 64, core::Shape::line>> timezone;
  std::optional<std::set<core::Name>> features;
};

// Commands.
struct Create {
  Title name;
  Tier tier = Tier::free;
  Settings settings;
  bool activate = true;  ///< at once; otherwise it waits as `pending`
};
/// By a person for themselves, who becomes its owner. `place` is one of the founder's own, which no two tenants of
/// theirs share: so many at most, however many ask at once.
struct Register {
  Title name;
  Tier tier = Tier::free;
  Settings settings;
  core::Bounded<1, founded_max> place{1};
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
  std::optional<SettingsChange> settings;
};
struct ChangeTier {
  Tier tier = Tier::free;
};
struct SetDataRegion {
  core::Name region;
};
struct SetCompliance {
  std::set<core::Name> regimes;  ///< "gdpr", "pdpl"
};
struct ReserveQuota {
  ReservationId id;
  Resource resource = Resource::projects;
  core::Bounded<1, 1'000'000'000'000> amount;
};
struct ConfirmQuota {
  ReservationId id;
};
struct ReleaseQuota {
  ReservationId id;
  std::optional<Resource> resource;  ///< gives back what was confirmed long ago; `id` then names the giving back
  core::Bounded<0, 1'000'000'000'000> amount;
};
using Command = std::variant<Create, Activate, Suspend, Archive, UpdateSettings, ChangeTier, SetDataRegion,
                             SetCompliance, ReserveQuota, ConfirmQuota, ReleaseQuota, Register, core::Settle>;

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
struct TierChanged {
  Tier from = Tier::free;
  Tier tier = Tier::free;
  std::string by;
  core::Timestamp at;
};
struct DataRegionSet {
  std::string region;
  std::string by;
  core::Timestamp at;
};
struct ComplianceSet {
  std::vector<std::string> regimes;
  std::string by;
  core::Timestamp at;
};
struct QuotaReserved {
  std::string id;
  Resource resource = Resource::projects;
  std::int64_t amount = 0;
  core::Timestamp at;
};
struct QuotaConfirmed {
  std::string id;
};
struct QuotaReleased {
  std::string id;
  Resource resource = Resource::projects;
  std::int64_t amount = 0;
};
struct QuotaExceeded {
  Resource resource = Resource::projects;
  std::int64_t limit = 0;
  std::int64_t used = 0;
  std::int64_t asked = 0;
  core::Timestamp at;
};
struct QuotaWarning {
  Resource resource = Resource::projects;
  std::int64_t limit = 0;
  std::int64_t used = 0;
  core::Timestamp at;
};
struct Founded {
  std::string founder;
  std::int64_t place = 0;
  std::string work;  ///< makes them its owner
  core::Timestamp at;
};
struct FounderEnrolled {};
struct FounderFailed {
  std::string code, message;
};
using Event = std::variant<Created, Activated, Suspended, Archived, Updated, TierChanged, DataRegionSet, ComplianceSet,
                           QuotaReserved, QuotaConfirmed, QuotaReleased, QuotaExceeded, QuotaWarning, Founded,
                           FounderEnrolled, FounderFailed>;

/// What is taken, outstanding reservations included.
struct Usage {
  std::int64_t projects = 0;
  std::int64_t storage_mb = 0;
  std::int64_t ai_tokens = 0;
  std::int64_t deployments = 0;
};
struct Reservation {
  std::string id;
  Resource resource = Resource::projects;
  std::int64_t amount = 0;
  core::Timestamp at;
};
struct Exceeded {
  Resource resource = Resource::projects;
  core::Timestamp at;  ///< of the last event
};

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
  std::string data_region;  ///< empty: none was chosen
  std::vector<std::string> compliance;
  Usage usage;
  std::vector<Reservation> reservations;
  std::vector<std::string> spent;  ///< ids of ended reservations, the newest last
  std::vector<Exceeded> exceeded;  ///< one a resource
  std::string founder;             ///< user who registered it for themselves; empty: nobody did
  std::int64_t place = 0;          ///< which of the founder's it is; 0: none
  std::string work;                ///< makes the founder its owner; empty: done
  std::string founder_refused;     ///< why the founder could not become its owner
};

std::int64_t used_of(const State&, Resource);

core::Decision<Event> decide(const State&, const Command&, const core::Context&);
State evolve(State, const Event&);
core::Summary summarise(const State&);
const core::Kind& kind();

const core::Record& describe(const Settings*);
const core::Record& describe(const SettingsChange*);
const core::Record& describe(const Create*);
const core::Record& describe(const Register*);
const core::Record& describe(const Activate*);
const core::Record& describe(const Suspend*);
const core::Record& describe(const Archive*);
const core::Record& describe(const UpdateSettings*);
const core::Record& describe(const Created*);
const core::Record& describe(const Activated*);
const core::Record& describe(const Suspended*);
const core::Record& describe(const Archived*);
const core::Record& describe(const Updated*);
const core::Record& describe(const ChangeTier*);
const core::Record& describe(const SetDataRegion*);
const core::Record& describe(const SetCompliance*);
const core::Record& describe(const ReserveQuota*);
const core::Record& describe(const ConfirmQuota*);
const core::Record& describe(const ReleaseQuota*);
const core::Record& describe(const TierChanged*);
const core::Record& describe(const DataRegionSet*);
const core::Record& describe(const ComplianceSet*);
const core::Record& describe(const QuotaReserved*);
const core::Record& describe(const QuotaConfirmed*);
const core::Record& describe(const QuotaReleased*);
const core::Record& describe(const QuotaExceeded*);
const core::Record& describe(const QuotaWarning*);
const core::Record& describe(const Founded*);
const core::Record& describe(const FounderEnrolled*);
const core::Record& describe(const FounderFailed*);
const core::Record& describe(const Usage*);
const core::Record& describe(const Reservation*);
const core::Record& describe(const Exceeded*);
const core::Record& describe(const State*);

}  // namespace nova::tenant
