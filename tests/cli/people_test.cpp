// The verbs about people, keys and roles: what they send, and what they show.
#include "tests/cli/verbs_fixture.hpp"

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* amy = "0197f3a0-0000-7000-8000-000000000001";

std::string user_json() {
  return R"({"id":")" + std::string(amy) +
         R"(","kind":"user","tenant":"system","status":"active","reason":"","version":3,
    "created_at":"2026-01-01T00:00:00.000Z","state":{"account":{"email":"amy@example.org","username":"Amy"},"role":"pro",
    "permissions":["audit:read"],"overrides":[{"permission":"data.export","grant":"deny","tenant":"clinic"}]}})";
}

constexpr const char* key_answer =
    R"({"id":"k-1","kind":"api_key","tenant":"clinic","version":1,"status":"active","prefix":"nova_abcd","last_four":"wxyz","key":"nova_abcdSECRETwxyz"})";

// Two pages, the ended one on the second.
FakeAnswer sessions(const std::string& query) {
  if (!has(query, "cursor=two"))
    return {200, R"({"current":"s-1","items":[
      {"id":"s-1","status":"active","state":{"device":"laptop","method":"password"}}],"next":"two"})"};
  const std::string phone = R"({"id":"s-2","status":"active","state":{"device":"phone","method":"password"}})";
  const std::string old = R"({"id":"s-3","status":"ended","state":{"device":"old","method":"password"}})";
  return {200, R"({"current":"s-1","items":[)" + phone + (has(query, "status=active") ? "" : "," + old) + "]}"};
}

struct House : Clinic {
  House() {
    more = [](const FakeRequest& request) -> FakeAnswer {
      const std::string people = "/v1/tenants/system/users";
      if (request.path == "/v1/users")
        return {200,
                has(request.query, "amy%40example.org") ? R"({"items":[)" + user_json() + "]}" : R"({"items":[]})"};
      if (request.method == "GET" && request.path == people) return {200, R"({"items":[)" + user_json() + "]}"};
      if (request.method == "GET" && request.path == people + "/" + amy) return {200, user_json()};
      if (request.path == "/v1/whoami")
        return {200, R"({"type":"user","principal":")" + std::string(amy) +
                         R"(","tenants":[{"tenant":"clinic","role":"owner"}]})"};
      if (request.path == "/v1/tenants/clinic/api_keys" && request.method == "POST") return {201, key_answer};
      if (has(request.path, "/rotate")) return {200, key_answer};
      if (request.path == "/v1/tenants/clinic/api_keys")
        return {200, R"({"items":[{"id":"k-1","status":"active","created_at":"2026-01-01T00:00:00.000Z",
          "state":{"name":"ci","mark":{"prefix":"nova_abcd","last_four":"wxyz"},"scopes":["platform.read"],"user":"u"}}]})"};
      if (request.path == "/api/auth/sessions") return sessions(request.query);
      if (request.path == "/v1/limits")
        return {200, R"({"enforced":true,"policies":[{"id":"auth.login","route":"auth/login","key":"ip","window_s":300,
          "max":10,"burst":10,"warning_percent":80,"block_s":900}]})"};
      if (request.path == "/v1/limits/top")
        return {200, R"({"items":[{"subject":"00112233445566778899","keyed_by":"ip","name":"","policy":"auth.login",
          "used":9,"limit":10,"refused":2}]})"};
      if (request.path == "/v1/limits/blocks" && request.method == "GET")
        return {200, R"({"items":[{"id":"b-1","status":"active","state":{"keyed_by":"ip","policy":"auth.login",
          "until":"2026-01-01T00:15:00.000Z","times":2,"reason":"overran"}}]})"};
      if (request.path == "/v1/limits/blocks") return {200, R"({"id":"b-2","status":"active"})"};
      if (request.path == "/v1/roles")
        return {200, R"({"platform_roles":[{"name":"free","subscriber":true,"permissions":[]},
          {"name":"admin","subscriber":false,"permissions":["users:read"]}],
          "platform_permissions":["users:read","users:ban"],
          "tenant_capability_matrix":{"roles":["owner","viewer"],"capabilities":[{"code":"data.export","allow":["owner"]}]}})"};
      if (has(request.path, "/api/permissions/"))
        return {
            200,
            R"({"type":"user","id":"u","status":"active","role":"pro","root_owner":false,"tenant":"clinic","tenant_role":"staff",
          "permissions":[{"name":"audit:read","allow":true,"reason":"it was given to them by name"}],
          "capabilities":[{"name":"data.export","allow":false,"reason":"an override denies it"}]})"};
      return {0};
    };
  }

  const FakeRequest last_post() const { return posts().back(); }
};

TEST_CASE("users: an address becomes an id, and an id stays one") {
  House house;
  const std::string path = "/v1/tenants/system/users/" + std::string(amy);
  REQUIRE(house.run({"users", "reactivate", "amy@example.org", "--reason", "cleared"}).code == exit_ok);
  CHECK(house.last_post().path == path + "/reactivate");
  CHECK(Json::parse(house.last_post().body)["reason"] == "cleared");
  REQUIRE(house.run({"users", "verify", amy}).code == exit_ok);
  CHECK(house.last_post().path == path + "/verify");
  REQUIRE(house.run({"users", "role", "me", "support_agent", "--reason", "joins"}).code == exit_ok);
  CHECK(house.last_post().path == path + "/change_role");
  CHECK(Json::parse(house.last_post().body)["role"] == "support_agent");
  const auto nobody = house.run({"users", "show", "eve@example.org"});
  CHECK(nobody.code == exit_not_found);
  CHECK(has(nobody.err, "eve@example.org"));
}

TEST_CASE("users: who stops somebody is asked, and --dry-run goes along") {
  House house;
  for (const char* verb : {"suspend", "ban", "deactivate"}) {
    const auto before = house.posts().size();
    auto ran = house.run({"users", verb, "amy@example.org", "--reason", "abuse"});
    CHECK(ran.code == exit_usage);
    CHECK(has(ran.err, "confirm.required"));
    ran = house.run({"users", verb, "amy@example.org", "--reason", "abuse"}, "no\n", true);
    CHECK(has(ran.err, "confirm.refused"));
    CHECK(house.posts().size() == before);
    CHECK(house.run({"users", verb, "amy@example.org", "--reason", "abuse"}, "amy@example.org\n", true).code ==
          exit_ok);
    CHECK(house.posts().size() == before + 1);
    CHECK(house.run({"users", verb, "amy@example.org", "--dry-run"}).code == exit_ok);
    CHECK(has(house.last_post().query, "dry_run=true"));
  }
}

TEST_CASE("users: lists and one account, for people and for scripts") {
  House house;
  const auto list = house.run({"users", "list", "--status", "active"});
  CHECK(has(list.out, "amy@example.org"));
  CHECK(has(house.node.requests_to("/v1/tenants/system/users")[0].query, "status=active"));
  CHECK(Json::parse(house.run({"users", "list", "-o", "json"}).out)["items"].size() == 1);
  const auto one = house.run({"users", "show", "amy@example.org"});
  CHECK(has(one.out, "Permissions: audit:read"));
  CHECK(has(one.out, "deny data.export in clinic"));
}

TEST_CASE("users: an override says where and until when, and a context's tenant does not slip in") {
  House house;
  ::setenv("NOVA_TENANT", "clinic", 1);
  REQUIRE(house.run({"users", "override", amy, "audit:read", "allow"}).code == exit_ok);
  CHECK(Json::parse(house.last_post().body)["tenant"] == "");
  ::unsetenv("NOVA_TENANT");
  REQUIRE(house.run({"users", "override", amy, "data.export", "deny", "-t", "clinic", "--for", "30d"}).code == exit_ok);
  const Json sent = Json::parse(house.last_post().body);
  CHECK(sent["grant"] == "deny");
  CHECK(sent["tenant"] == "clinic");
  CHECK(sent["expires_at"].get<std::string>().size() == 24);
  REQUIRE(house.run({"users", "override", amy, "data.export", "clear", "-t", "clinic"}).code == exit_ok);
  CHECK(has(house.last_post().path, "/clear_override"));
  CHECK(house.run({"users", "override", amy, "data.export", "maybe"}).code == exit_usage);
  const auto soon = house.run({"users", "override", amy, "data.export", "deny", "--for", "soon"});
  CHECK(has(soon.err, "cli.bad_time"));
}

TEST_CASE("keys: the secret is shown once, with a warning beside it") {
  House house;
  auto ran =
      house.run({"keys", "create", "ci", "--scope", "platform.read", "--scope", "platform.write", "--expires", "90d"});
  REQUIRE(ran.code == exit_ok);  // the only tenant of who calls
  CHECK(has(ran.out, "nova_abcdSECRETwxyz"));
  CHECK(has(ran.err, "never again"));
  CHECK_FALSE(has(ran.err, "SECRET"));
  const Json sent = Json::parse(house.last_post().body);
  CHECK(sent["scopes"].size() == 2);
  CHECK(sent["expires_at"].is_string());
  CHECK(house.last_post().headers.count("idempotency-key") == 1);
  ran = house.run({"keys", "create", "ci", "-t", "clinic", "--scope", "platform.read", "-q"});
  CHECK(ran.out == "nova_abcdSECRETwxyz\n");
  CHECK(has(ran.err, "never again"));
  CHECK(Json::parse(house.run({"keys", "rotate", "k-1", "-t", "clinic", "-o", "json"}).out)["key"] ==
        "nova_abcdSECRETwxyz");
  CHECK(house.run({"keys", "create", "ci", "-t", "clinic"}).code == exit_usage);  // for nothing
}

TEST_CASE("keys: lists show the ends of a key, and revoking needs a reason") {
  House house;
  CHECK(has(house.run({"keys", "list", "-t", "clinic"}).out, "nova_abcd...wxyz"));
  CHECK(house.run({"keys", "revoke", "k-1", "-t", "clinic", "-y"}).code == exit_usage);
  REQUIRE(house.run({"keys", "revoke", "k-1", "-t", "clinic", "-y", "--reason", "leaked"}).code == exit_ok);
  CHECK(house.last_post().path == "/v1/tenants/clinic/api_keys/k-1/revoke");
  CHECK(house.run({"keys", "activate", "k-1", "-t", "clinic"}).code == exit_ok);
}

TEST_CASE("sessions: this one is marked, and the others can be ended together") {
  House house;
  const auto list = house.run({"sessions", "list"});
  CHECK(has(list.out, "*        s-1"));
  CHECK_FALSE(has(list.out, "s-3"));
  CHECK(has(house.run({"sessions", "list", "--all"}).out, "s-3"));
  CHECK(house.run({"sessions", "revoke"}).code == exit_usage);
  REQUIRE(house.run({"sessions", "revoke", "--others", "-y"}).code == exit_ok);
  REQUIRE(house.posts().size() == 1);
  CHECK(house.last_post().path == "/v1/tenants/system/sessions/s-2/revoke");
  REQUIRE(house.run({"sessions", "revoke", "--all", "-y"}).code == exit_ok);
  CHECK(house.posts().size() == 3);
}

TEST_CASE("roles: what each may do, and what somebody may do and why") {
  House house;
  const auto list = house.run({"roles", "list"});
  CHECK(has(list.out, "PERMISSION"));
  CHECK(has(list.out, "users:read  yes"));
  CHECK(has(list.out, "data.export  yes"));
  const auto why = house.run({"roles", "why", "amy@example.org", "-t", "clinic"});
  CHECK(has(why.out, "In tenant clinic: staff"));
  CHECK(has(why.out, "an override denies it"));
  const auto asked = house.node.requests_to("/api/permissions/user/" + std::string(amy));
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].query == "tenant=clinic");
  CHECK(house.run({"roles", "why"}).code == exit_ok);
  CHECK(house.node.requests_to("/api/permissions/me").size() == 1);
}

TEST_CASE("people: help of each group begins with examples") {
  House house;
  for (const char* group : {"users", "keys", "sessions", "roles"}) {
    const auto ran = house.run({group, "--help"});
    CHECK(ran.code == exit_ok);
    CHECK(has(ran.out, "Examples:"));
    CHECK(house.run({group}).code == exit_usage);
  }
  CHECK(has(house.run({"__complete", "--", "keys", "r"}).out, "rotate"));
}

TEST_CASE("limits: a policy keeps the numbers that were not given") {
  House house;
  REQUIRE(house.run({"limits", "set", "auth.login", "--max", "20", "--block", "1h"}).code == exit_ok);
  CHECK(house.last_post().path == "/v1/limits/policies/auth.login/set");
  CHECK(Json::parse(house.last_post().body) ==
        Json{{"window_s", 300}, {"max", 20}, {"burst", 10}, {"warning_percent", 80}, {"block_s", 3600}});
  const auto unknown = house.run({"limits", "set", "auth.logn", "--max", "20"});
  CHECK(unknown.code != exit_ok);
  CHECK(has(unknown.err, "there is no policy `auth.logn`"));
  CHECK(has(house.run({"limits", "set", "auth.login", "--window", "soon"}).err, "is no span"));
}

TEST_CASE("limits: lists show who and how much, and an address is blocked and heard again") {
  House house;
  CHECK(has(house.run({"limits", "list"}).out, "auth.login"));
  CHECK(has(house.run({"limits", "top"}).out, "0011223344556677 "));
  CHECK(has(house.run({"limits", "blocks"}).out, "b-1"));
  const auto blocked = house.run({"limits", "block", "192.0.2.7", "--for", "1h", "--reason", "guesses"});
  REQUIRE(blocked.code == exit_ok);
  CHECK(has(blocked.out, "b-2"));
  CHECK(Json::parse(house.last_post().body) ==
        Json{{"address", "192.0.2.7"}, {"reason", "guesses"}, {"seconds", 3600}});
  REQUIRE(house.run({"limits", "unblock", "b-1"}).code == exit_ok);
  CHECK(house.last_post().path == "/v1/tenants/system/abuse_blocks/b-1/unblock");
}

}  // namespace
}  // namespace nova::cli
