#include "actors/approval/approval.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::approval;
using namespace std::chrono_literals;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::Caller admin{"free", "admin", false}, finance{"owner", "", false}, root{"owner", "", true},
    viewer{"free", "viewer", false};

Act act() {
  Act made;
  made.target = {"clinic", "deployment", "clinic-production"};
  made.command = "delete";
  made.impact = 8;
  made.by = {"rita", "user"};
  made.person = "rita";
  made.shown = {R"({"purge":true})"};
  made.digest = "sha256:" + std::string(64, 'a');
  made.constitution = "1.0.0";
  made.version = 7;
  made.intent_version = 3;
  made.request_hash = "hash";
  made.correlation = "c-1";
  made.request_id = "req-1";
  return made;
}

Request request(std::int64_t quorum = 1) {
  Request made;
  made.act = act();
  made.content.ref = "secret://clinic/approval/a1/content@1";
  made.rules = {{"no-lone-hand", "Not alone.", "ليس وحده.", "production"}};
  made.groups = {{"operators", quorum, {"tenant:admin"}, {}}};
  made.escalation = {{1, "platform:owner", 15min}};
  made.reminder = 10min;
  made.expires_at = noon + 30min;
  return made;
}

/// With two groups: operators and finance, one of each.
Request proposal(std::vector<core::Remedy> remedies) {
  auto made = request();
  made.remedies = std::move(remedies);
  made.refusal = "reject";
  return made;
}
const core::Remedy retry{"retry", "Again.", "مجددا.", {R"({"decision":"retry"})"}},
    rollback{"rollback", "Back.", "رجوع.", {R"({"decision":"rollback"})"}};

Request two_groups() {
  auto made = request();
  made.groups.push_back({"finance", 1, {"platform:owner"}, {}});
  return made;
}

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(const Request& what = request()) {
    self({"clinic", "approval", "a1"});
    as_system().when(what);
    by("olga", admin);
  }
  Spec& by(const std::string& user, const core::Caller& caller) {
    as(user).standing(caller);
    return *this;
  }
  std::string status() const { return summarise(state()).status; }
};

Approve yes(Factor factor = Factor::none, std::int64_t others = 1) { return {"fine", factor, others}; }

core::Settle ended(core::Outcome outcome, std::string code = {}) {
  return {"release", outcome, std::move(code), "", {R"({"version":8,"position":90,"events":["deployment.deleting"]})"}};
}

}  // namespace

TEST_CASE("approval: what every kind promises") {
  const auto one = request();
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>(
           {Requested{one.act, one.content, one.rules, one.groups, one.escalation, true, 10min, noon, noon + 30min},
            Requested{one.act, one.content, one.rules, one.groups, {}, false, 10min, noon, noon, {retry}, "reject"},
            Escalated{1, {"platform:owner"}, noon}, Reminded{noon},
            Voted{{"olga", "operators", "fine", Factor::totp, false, noon}},
            Approved{"olga", "fine", false, noon, "release"}, Executed{8, 90, {"deployment.deleting"}, noon},
            ExecutionFailed{"approval.stale", "changed", noon}, Rejected{"olga", "no", noon},
            Cancelled{"rita", "", noon}, Expired{noon}})});
}

TEST_CASE("approval: a yes of all who are needed releases the act, once") {
  Spec spec;
  spec.when(yes()).then_types<Voted, Approved>().then_work("approval", "release",
                                                           [](const core::DoAsk& ask) { CHECK(ask.id == "release"); });
  CHECK(spec.status() == "approved");
  spec.by("adam", admin).when(yes()).then_refused("approval.already_decided");
  spec.when(Reject{"too late"}).then_refused("approval.already_decided");
  spec.as_system().when(ended(core::Outcome::done)).then_types<Executed>();
  CHECK(spec.status() == "executed");
  CHECK(spec.state().outcome_version == 8);
  spec.when(ended(core::Outcome::done)).then_nothing();  // a late copy
}

TEST_CASE("approval: of two groups that are needed one yes is not enough, and nobody counts for both") {
  Spec spec(two_groups());
  spec.when(yes()).then_types<Voted>();
  CHECK(spec.status() == "pending");
  spec.when(yes()).then_refused("approval.already_voted");
  spec.by("adam", admin).when(yes()).then_refused("access.denied");  // operators have agreed
  spec.by("fred", finance).when(yes()).then_types<Voted, Approved>();
}

TEST_CASE("approval: a quorum is of different people") {
  Spec spec(request(2));
  spec.when(yes()).then_types<Voted>().when(yes()).then_refused("approval.already_voted");
  spec.by("adam", admin).when(yes()).then_types<Voted, Approved>();
}

TEST_CASE("approval: nobody decides on their own request, also not one that a key of theirs made") {
  auto by_key = request();
  by_key.act.by = {"clinic/key-1", "api_key"};
  for (const auto& what : {request(), by_key}) {
    Spec spec(what);
    spec.by("rita", admin).when(yes(Factor::totp, 0)).then_refused("approval.self");
    spec.when(Reject{"no"}).then_refused("approval.self");
  }
}

TEST_CASE("approval: programs never decide, and neither does who is in no group") {
  for (const char* type : {"service", "ai", "api_key", "platform", "anonymous", "system"}) {
    Spec spec;
    spec.as("olga", type).standing(root);
    INFO(type);
    spec.when(yes(Factor::totp)).then_refused("access.denied");
    spec.when(Reject{"no"}).then_refused("access.denied");
  }
  Spec spec;
  spec.by("vera", viewer).when(yes()).then_refused("access.denied");
  spec.when(Reject{"no"}).then_refused("access.denied");
}

TEST_CASE("approval: a no takes one person and a reason, and is final") {
  Spec spec(request(2));
  spec.when(yes());
  spec.by("adam", admin).when(Reject{"not today"}).then_types<Rejected>().then_work("vault", "destroy");
  CHECK(spec.status() == "rejected");
  spec.by("olga", admin).when(yes()).then_refused("approval.already_decided");
  CHECK(!core::from_json<Reject>("{}").ok());
  CHECK(!core::from_json<Reject>(R"({"reason":""})").ok());
}

TEST_CASE("approval: only who asked takes it back") {
  Spec spec;
  spec.when(Cancel{""}).then_refused("access.denied");
  spec.by("rita", admin).when(Cancel{"was a mistake"}).then_types<Cancelled>();
  spec.when(Cancel{""}).then_nothing();
  spec.by("olga", admin).when(yes()).then_refused("approval.already_decided");
}

TEST_CASE("approval: what nobody decided in time is over, and never done") {
  Spec spec;
  spec.at(noon + 30min).when(yes()).then_refused("entity.gone");  // before the timer comes
  spec.when(Reject{"no"}).then_refused("entity.gone");
  spec.as_system().when(core::Fire{"expiry"}).then_types<Expired>();
  CHECK(spec.status() == "expired");
  spec.by("olga", admin).when(yes()).then_refused("entity.gone");
  CHECK(spec.state().work.empty());
}

TEST_CASE("approval: it reminds, and calls others at the level's time") {
  Spec spec;
  spec.by("fred", finance).when(yes()).then_refused("access.denied");
  spec.as_system().at(noon + 10min).when(core::Fire{"reminder"}).then_types<Reminded>();
  spec.at(noon + 15min).when(core::Fire{"escalation"}).then_types<Escalated>();
  CHECK(spec.state().level == 1);
  CHECK(spec.status() == "pending");
  spec.when(core::Fire{"escalation"}).then_nothing();  // there is no further level
  spec.by("fred", finance).when(yes()).then_types<Voted, Approved>();
}

TEST_CASE("approval: where a gate asks for a second factor a yes without a fresh one is none") {
  auto strict = request();
  strict.second_factor = true;
  Spec spec(strict);
  spec.when(yes()).then_refused("auth.mfa_required");
  spec.when(yes(Factor::totp)).then_types<Voted, Approved>();
  CHECK(spec.state().votes[0].factor == Factor::totp);
}

TEST_CASE("approval: the root owner confirms alone only where there is nobody else, after a minute and with a code") {
  auto own = two_groups();
  own.act.by = {"root", "user"};
  own.act.person = "root";
  Spec spec(own);
  spec.by("root", root).at(noon + 2min);
  spec.when(yes(Factor::totp, 1)).then_refused("approval.self");  // somebody else could
  spec.when(yes(Factor::none, 0)).then_refused("auth.mfa_required");
  spec.at(noon + 59s).when(yes(Factor::totp, 0)).then_refused("approval.too_early");
  spec.at(noon + 60s).when(yes(Factor::totp, 0)).then_types<Voted, Approved>();
  CHECK(spec.state().owner_confirmed);
  CHECK(summarise(spec.state()).reason.find("owner_confirmed") != std::string::npos);
}

TEST_CASE("approval: what others asked for the root owner alone can release too, however many were needed") {
  Spec spec(request(3));
  spec.by("root", root).at(noon + 61s);
  spec.when(yes(Factor::none, 0)).then_refused("auth.mfa_required");
  spec.when(yes(Factor::passkey, 0)).then_types<Voted, Approved>();
  CHECK(spec.state().owner_confirmed);
  // One yes that was missing is an ordinary one: no wait, no mark.
  Spec plain;
  plain.by("root", root).when(yes(Factor::none, 0)).then_types<Voted, Approved>();
  CHECK(!plain.state().owner_confirmed);
}

TEST_CASE("approval: what could not be done says why, and is not tried again") {
  Spec spec;
  spec.when(yes());
  spec.as_system().when(ended(core::Outcome::failed, "approval.stale")).then_types<ExecutionFailed>();
  CHECK(spec.status() == "execution_failed");
  CHECK(spec.state().outcome_code == "approval.stale");
  spec.by("adam", admin).when(yes()).then_refused("approval.already_decided");
}

TEST_CASE("approval: a repeat of the request finds it, another request under its key is told so") {
  Spec spec;
  spec.as_system().when(request()).then_nothing();
  auto other = request();
  other.act.request_hash = "another";
  spec.when(other).then_refused("idempotency.mismatch");
  spec.at(noon + 24h).when(request()).then_refused("idempotency.mismatch");
}

TEST_CASE("approval: where there is a choice a yes names the remedy, and all who are needed the same") {
  auto two = proposal({retry, rollback});
  two.groups.front().quorum = 2;
  Spec spec(two);
  spec.when(yes()).then_refused("input.invalid");
  const auto choose = [](const char* remedy) {
    auto made = yes();
    made.remedy = remedy;
    return made;
  };
  spec.when(choose("stop")).then_refused("input.invalid");
  spec.when(choose("rollback")).then_types<Voted>();
  CHECK(spec.state().remedy == "rollback");
  spec.by("adam", admin).when(choose("retry")).then_refused("approval.already_chosen");
  spec.when(choose("rollback")).then_types<Voted, Approved>();
  CHECK(spec.state().remedy == "rollback");
  Spec only(proposal({retry}));
  only.when(yes()).then_types<Voted, Approved>();
  CHECK(only.state().remedy == "retry");
  Spec none;
  none.when(choose("retry")).then_refused("input.invalid");
}

TEST_CASE("approval: who proposed it is told once that nobody said yes, and not where they took it back") {
  const auto told = [](const Spec& spec) {
    std::string all;
    for (const auto& work : spec.asks().works)
      if (work.driver == "command")
        all += core::json_text(work.payload, "name").value_or("?") + " " +
               core::json_text(work.payload, "id").value_or("?");
    return all;
  };
  Spec rejected(proposal({retry}));
  rejected.when(Reject{"no"}).then_types<Rejected>();
  CHECK(told(rejected) == "reject clinic-production");
  Spec expired(proposal({retry}));
  expired.as_system().after(30min).when(core::Fire{"expiry"}).then_types<Expired>();
  CHECK(told(expired) == "reject clinic-production");
  Spec cancelled(proposal({retry}));
  cancelled.by("rita", viewer).when(Cancel{}).then_types<Cancelled>();
  CHECK(told(cancelled) == "reject clinic-production");
  Spec failed(proposal({retry}));
  failed.when(yes()).as_system().when(ended(core::Outcome::failed, "approval.stale")).then_types<ExecutionFailed>();
  CHECK(told(failed) == "reject clinic-production");
  Spec done(proposal({retry}));
  done.when(yes()).as_system().when(ended(core::Outcome::done)).then_types<Executed>();
  CHECK(told(done).empty());
  Spec withdrawn(proposal({retry}));
  withdrawn.as_system().when(Withdraw{"it healed"}).then_types<Cancelled>();
  CHECK(told(withdrawn).empty());
  withdrawn.when(Withdraw{"it healed"}).then_nothing();
  Spec agreed(proposal({retry}));
  agreed.when(yes()).as_system().when(Withdraw{"it healed"}).then_nothing();  // a yes stands
}
