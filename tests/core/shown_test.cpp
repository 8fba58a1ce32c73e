// What leaves the node of what is stored, and what nobody may set (S25).
#include "core/describe/codec.hpp"
#include "core/json.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;

namespace {

struct Mark {
  std::string ending, hash;
};
struct Account {
  core::Personal email;
  std::string token_hash;
  Mark mark;
  std::vector<Mark> former;
  std::string tenant;  ///< of its own: this one may be given
};
struct Plain {
  std::string name;
  std::optional<std::string> note;
};

const core::Record& describe(const Mark*) {
  static const auto row = core::record<Mark>(
      "mark", "", {core::field("ending", &Mark::ending), core::hidden(core::field("hash", &Mark::hash))});
  return row;
}
const core::Record& describe(const Account*) {
  static const auto row =
      core::record<Account>("account", "",
                            {core::hidden(core::field("token_hash", &Account::token_hash)),
                             core::field("email", &Account::email), core::field("mark", &Account::mark),
                             core::field("former", &Account::former), core::field("tenant", &Account::tenant)});
  return row;
}
const core::Record& describe(const Plain*) {
  static const auto row =
      core::record<Plain>("plain", "", {core::field("name", &Plain::name), core::field("note", &Plain::note)});
  return row;
}

}  // namespace

TEST_CASE("hidden fields are stored and never shown, at any depth") {
  Account account;
  account.email.value = "amy@example.org";
  account.token_hash = "h1";
  account.mark = {"ab", "h2"};
  account.former = {{"cd", "h3"}};
  CHECK(core::to_json(account).find("h1") != std::string::npos);
  CHECK(core::to_shown_json(*core::type_of<Account>(), &account) ==
        R"({"email":"amy@example.org","mark":{"ending":"ab"},"former":[{"ending":"cd"}],"tenant":""})");
  const auto read = core::from_json<Account>(core::to_json(account), core::Reading::stored);
  REQUIRE(read);
  CHECK(read->former.front().hash == "h3");
}

TEST_CASE("the schema does not speak of hidden fields") {
  const auto schema = core::to_json_schema(*core::type_of<Account>());
  REQUIRE(core::json_valid(schema));
  CHECK(schema.find("hash") == std::string::npos);
  CHECK(schema.find("ending") != std::string::npos);
}

TEST_CASE("only types that hold something hidden or personal are guarded") {
  CHECK(core::is_guarded(*core::type_of<Account>()));
  CHECK(core::is_guarded(*core::type_of<std::vector<Mark>>()));
  CHECK_FALSE(core::is_guarded(*core::type_of<Plain>()));
}

TEST_CASE("each protected field is refused by its name, unless the command has one of its own") {
  for (const char* field :
       {"id", "code", "is_system_platform", "platform_id", "is_default_provider", "tenant", "created_by"}) {
    const auto read = core::from_json<Plain>(R"({"name":"x",")" + std::string(field) + R"(":"y"})");
    REQUIRE_FALSE(read);
    CHECK(read.error().code == "field.protected");
    CHECK(read.error().status == 403);
    REQUIRE(read.error().problems.size() == 1);
    CHECK(read.error().problems.front().path == field);
  }
  const auto deeper = core::from_json<Account>(R"({"token_hash":"","email":"","mark":{"id":1},"tenant":"t-one"})");
  REQUIRE_FALSE(deeper);
  CHECK(deeper.error().code == "input.invalid");  // only a body's own fields are the platform's
  CHECK(core::from_json<Plain>(R"({"name":"x","id":"y"})", core::Reading::stored));
}
