#include "actors/verification/verification.hpp"
#include "core/json.hpp"
#include "tests/testkit/check_kind.hpp"
#include "tests/testkit/spec.hpp"

using namespace nova;
using namespace nova::verification;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const core::Timestamp noon = testkit::story_start;
const core::EntityKey amy{"system", "user", "amy"};

core::KeyedHash hash(char c) { return {std::string(64, c)}; }
core::Secret letter() { return {"", "secret://system/verification/email.amy/letter@1"}; }

core::Fact account(std::string status, core::Timestamp password_at = {}) {
  return {true, 1, std::move(status),
          R"({"account":{"language":"ar"},"password_at":")" + core::to_rfc3339(password_at) + "\"}"};
}

struct Spec : testkit::Spec<State, Command, Event> {
  explicit Spec(std::string status = "pending") {
    self({"system", "verification", "email.amy"}).as_system();
    fact(amy, account(std::move(status)));
  }
};

Spec issued(Purpose purpose = Purpose::email) {
  Spec spec;
  spec.when(Issue{"amy", purpose, hash('a'), letter()}).then_types<Issued>();
  return spec;
}

core::Settle settled(std::string work) { return {std::move(work), core::Outcome::done, "", "", {}}; }
core::Settle failed(std::string work, std::string code) {
  return {std::move(work), core::Outcome::failed, std::move(code), "no", {}};
}

}  // namespace

TEST_CASE("verification: the ask names the letter, and holds neither address nor token") {
  auto spec = issued();
  spec.then_work("mail", "send", [](const core::DoAsk& ask) {
    CHECK(ask.id == "send-1-0");
    CHECK(core::json_text(ask.payload, "letter") == "secret://system/verification/email.amy/letter@1");
    CHECK(core::json_text(ask.payload, "language") == "ar");
    CHECK(core::json_text(ask.payload, "template") == "email");
    CHECK(core::json_text(ask.payload, "message") == "email.amy.1");
    CHECK(core::json_keys(ask.payload).size() == 5);
  });
  CHECK(summarise(spec.state()).parent == "user/amy");
}

TEST_CASE("verification: a token is good once") {
  auto spec = issued();
  spec.when(Use{hash('b')}).then_refused("auth.code_expired");
  spec.when(Use{hash('a')}).then({Used{noon}});
  spec.when(Use{hash('a')}).then_refused("auth.code_expired");
  CHECK(spec.refused()->status == 410);
}

TEST_CASE("verification: a token is good before the mail is recorded as sent, and not after its time") {
  auto sent = issued();
  sent.when(settled("send-1-0")).then({Sent{noon}});
  sent.after(email_life - seconds(1)).when(Use{hash('a')}).then_types<Used>();
  auto late = issued();
  late.after(email_life).when(Use{hash('a')}).then_refused("auth.code_expired");
  auto other = issued(Purpose::password);
  other.after(password_life).when(Use{hash('a')}).then_refused("auth.code_expired");
}

TEST_CASE("verification: another mail makes the token before it useless") {
  auto spec = issued();
  spec.when(settled("send-1-0")).when(settled("forget-1")).then({Forgotten{noon}});
  spec.after(between_mails).when(Issue{"amy", Purpose::email, hash('c'), letter()}).then_types<Issued>();
  spec.then_work("mail", "send", [](const core::DoAsk& ask) {
    CHECK(ask.id == "send-2-0");
    CHECK(core::json_text(ask.payload, "message") == "email.amy.2");
  });
  spec.when(Use{hash('a')}).then_refused("auth.code_expired");
  spec.when(Use{hash('c')}).then_types<Used>();
}

TEST_CASE("verification: one mail a minute and six a day") {
  auto spec = issued();
  char c = 'b';
  const auto take = [&] {
    const auto n = std::to_string(spec.state().issues);
    spec.when(settled("send-" + n + "-0")).when(settled("forget-" + n));
  };
  take();
  spec.when(Issue{"amy", Purpose::email, hash(c), letter()}).then_refused("verification.limit_reached");
  CHECK(spec.refused()->status == 429);
  for (std::uint32_t i = 1; i < mails_a_day_max; ++i) {
    spec.after(between_mails).when(Issue{"amy", Purpose::email, hash(c++), letter()}).then_types<Issued>();
    take();
  }
  spec.after(between_mails)
      .when(Issue{"amy", Purpose::email, hash(c), letter()})
      .then_refused("verification.limit_reached");
  spec.after(day).when(Issue{"amy", Purpose::email, hash(c), letter()}).then_types<Issued>();
  CHECK(spec.state().in_day == 1);
}

TEST_CASE("verification: a server that says later is asked again, and the letter kept until then") {
  auto spec = issued();
  for (std::size_t i = 0; i < std::size(later); ++i) {
    const auto work = "send-1-" + std::to_string(i);
    spec.when(failed(work, "mail.deferred")).then_types<Deferred>();
    REQUIRE(spec.asks().timers.size() == 1);
    CHECK(spec.asks().timers[0].at == spec.context().now + later[i]);
    CHECK(spec.asks().works.empty());
    spec.after(later[i]).when(core::Fire{"again"}).then_types<Retried>();
    spec.then_work("mail", "send",
                   [](const core::DoAsk& ask) { CHECK(core::json_text(ask.payload, "message") == "email.amy.1"); });
    spec.when(core::Fire{"again"}).then_nothing();
  }
  spec.when(failed("send-1-5", "mail.deferred")).then_types<Undelivered>();
  spec.then_work("vault", "destroy");
  CHECK(summarise(spec.state()).status == "undelivered");
}

TEST_CASE("verification: what is refused for good is not tried again") {
  auto spec = issued();
  spec.when(failed("send-1-0", "mail.refused")).then_types<Undelivered>();
  spec.then_work("vault", "destroy");
  spec.when(failed("send-1-0", "mail.refused")).then_nothing();
}

TEST_CASE("verification: nobody gets mail that cannot come in") {
  Spec("active").when(Issue{"amy", Purpose::email, hash('a'), letter()}).then_refused("entity.wrong_state");
  Spec("suspended").when(Issue{"amy", Purpose::password, hash('a'), letter()}).then_refused("entity.wrong_state");
  Spec("active").when(Issue{"amy", Purpose::password, hash('a'), letter()}).then_types<Issued>();
  auto stopped = issued(Purpose::password);
  stopped.fact(amy, account("banned")).when(Use{hash('a')}).then_refused("auth.code_expired");
}

TEST_CASE("verification: a password that was changed meanwhile is not set by an old mail") {
  auto spec = issued(Purpose::password);
  spec.fact(amy, account("active", noon + minutes(1))).after(minutes(2)).when(Use{hash('a')});
  spec.then_refused("auth.code_expired");
}

TEST_CASE("verification: its end comes by itself, and takes the letter along") {
  auto spec = issued();
  spec.when(failed("send-1-0", "mail.deferred")).then_types<Deferred>();
  spec.after(email_life).when(core::Fire{"end"}).then_types<Expired>();
  spec.then_work("vault", "destroy");
  spec.when(core::Fire{"end"}).then_nothing();
  auto busy = issued();
  busy.after(email_life).when(core::Fire{"end"}).then_nothing();
  REQUIRE(busy.asks().timers.size() == 1);
}

TEST_CASE("verification: a notice opens nothing") {
  issued(Purpose::notice).when(Use{hash('a')}).then_refused("auth.code_expired");
  issued(Purpose::new_place).when(Use{hash('a')}).then_refused("auth.code_expired");
}

TEST_CASE("verification: what every kind promises") {
  testkit::check_kind(
      kind(),
      {.history = testkit::history_of<Event>(
           {Issued{"amy", Purpose::email, std::string(64, 'a'), letter(), "ar", "send-1-0", noon, noon + email_life},
            Deferred{"mail.deferred", "450 later", noon, noon + minutes(1)}, Retried{"send-1-1", noon}, Sent{noon},
            Forgotten{noon}, Undelivered{"mail.refused", "550 no", noon}, Used{noon}, Expired{noon + email_life}})});
}
