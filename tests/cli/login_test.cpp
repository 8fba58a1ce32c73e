// Signing in and what is kept of it: which token goes where, and who may read it.
#include "cli/identity/login.hpp"
#include "tests/cli/verbs_fixture.hpp"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

// A node with one person; each refresh token is good once, as it is on a real one.
struct Door : Clinic {
  std::atomic<int> generation{0};
  std::atomic<bool> ended{false};
  bool has_app = false;            ///< the password alone is not enough
  std::vector<std::string> words;  ///< what a program that waits is told, before it gets its tokens

  Door() {
    for (const char* name :
         {"NOVA_SERVER", "NOVA_URL", "NOVA_TOKEN_FILE", "NOVA_TENANT", "NOVA_CONTEXT", "NOVACTL_CONFIG"})
      ::unsetenv(name);
    more = [this](const FakeRequest& request) { return door(request); };
  }

  FakeAnswer tokens() const {
    const auto number = std::to_string(generation.load());
    return {200, R"({"access_token":"access-)" + number + R"(","refresh_token":"refresh-)" + number +
                     R"(","user":"u-1","session":"s-1"})"};
  }

  FakeAnswer door(const FakeRequest& request) {
    const auto token = request.headers.count("authorization") ? request.headers.at("authorization") : "";
    const Json body = Json::parse(request.body.empty() ? "{}" : request.body, nullptr, false);
    if (request.path == "/api/auth/enrol-owner") return {201, R"({"user":"u-1"})"};
    if (request.path == "/api/auth/device")
      return {200, R"({"device_code":"long","user_code":"WDJB-MJHT","verification_uri":"http://localhost:1/signin",
        "verification_uri_complete":"http://localhost:1/signin#code=WDJB-MJHT","expires_in":600,"interval":0})"};
    if (request.path == "/api/auth/device/token") {
      if (words.empty()) return tokens();
      const auto word = words.front();
      words.erase(words.begin());
      return problem(400, "auth.device_" + word, "not yet", R"(,"details":{"error":")" + word + R"("})");
    }
    if (request.path == "/api/auth/login/code")
      return body["flow"] == "flow-1" && body["code"] == "123456" ? tokens() : problem(401, "auth.mfa_failed", "wrong");
    if (request.path == "/api/auth/login" && has_app && body["password"] == "right")
      return problem(401, "auth.mfa_required", "a second factor is needed", R"(,"details":{"flow":"flow-1"})");
    if (request.path == "/api/auth/login")
      return body["password"] == "right" ? tokens() : problem(401, "auth.bad_credentials", "wrong");
    if (request.path == "/api/auth/refresh") {
      if (ended || body["refresh_token"] != "refresh-" + std::to_string(generation.load())) {
        ended = true;
        return problem(401, "auth.required", "the refresh token is not good any more");
      }
      ++generation;
      return tokens();
    }
    if (ended || token != "Bearer access-" + std::to_string(generation.load()))
      return problem(401, "auth.required", "the token is not known here");
    if (request.path == "/v1/whoami")
      return {200, R"({"type":"user","principal":"u-1","session":"s-1","role":"owner","root_owner":true,
        "user":{"state":{"account":{"email":"amy@example.org"}}},"tenants":[{"tenant":"clinic","role":"admin"}]})"};
    return {0};
  }

  std::filesystem::path login_file() { return login_path(dir / "none.yaml", "", node.url()); }
  Ran sign_in() { return run({"login", "amy@example.org", "--password-stdin"}, "right\n"); }
};

::mode_t mode_of(const std::filesystem::path& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}

TEST_CASE("login: the session is kept in a file that only its owner can read, and used from then on") {
  Door door;
  CHECK(door.run({"whoami"}).code == exit_denied);
  const auto ran = door.sign_in();
  REQUIRE(ran.code == exit_ok);
  CHECK(has(ran.out, "signed in as amy@example.org at " + door.node.url()));
  CHECK(mode_of(door.login_file()) == 0600);
  CHECK(mode_of(door.login_file().parent_path()) == 0700);
  const auto who = door.run({"whoami"});
  REQUIRE(who.code == exit_ok);
  CHECK(has(who.out, "amy@example.org (u-1)"));
  CHECK(has(who.out, "owner (the root owner)"));
  CHECK(has(who.out, "clinic (admin)"));
  CHECK(has(who.out, "signed in as amy@example.org"));
  CHECK(Json::parse(door.run({"whoami", "-o", "json"}).out)["principal"] == "u-1");
  for (const auto& output : {ran.out + ran.err, who.out + who.err, door.run({"config", "show", "--origin"}).out}) {
    CHECK_FALSE(has(output, "access-"));
    CHECK_FALSE(has(output, "right"));
  }
}

TEST_CASE("login: a wrong password leaves nothing behind") {
  Door door;
  const auto ran = door.run({"login", "amy@example.org", "--password-stdin"}, "wrong\n");
  CHECK(ran.code == exit_denied);
  CHECK(has(ran.err, "auth.bad_credentials"));
  CHECK_FALSE(std::filesystem::exists(door.login_file()));
}

TEST_CASE("login: without a terminal it says how a script does it") {
  Door door;
  auto ran = door.run({"login", "amy@example.org"});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "--password-stdin"));
  ran = door.run({"login", "--password-stdin"}, "right\n");
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "novactl login amy@example.org"));
  CHECK(door.run({"login", "amy@example.org", "--password-stdin"}).code == exit_usage);  // nothing on standard input
  CHECK(door.posts().empty());
}

TEST_CASE("login: who names an address at a terminal is asked for the password") {
  Door door;
  const auto ran = door.run({"login", "amy@example.org"}, "right\n", true);
  CHECK(ran.code == exit_ok);
  CHECK(has(ran.err, "Password: "));
}

TEST_CASE("login: who names none is sent to a browser, and waited for") {
  for (const bool terminal : {true, false}) {
    Door door;
    door.words = {"authorization_pending"};
    const auto ran =
        terminal ? door.run({"login"}, "", true) : door.run({"login", "--device", "--device-name", "a server"});
    REQUIRE(ran.code == exit_ok);
    CHECK(has(ran.err, "open       http://localhost:1/signin\n"));
    CHECK(has(ran.err, "and enter  WDJB-MJHT\n"));
    CHECK(has(ran.out, "signed in as amy@example.org at " + door.node.url()));
    CHECK_FALSE(has(ran.out + ran.err, "long"));
    CHECK(door.run({"whoami"}).code == exit_ok);
    if (!terminal) CHECK(Json::parse(door.node.requests_to("/api/auth/device").at(0).body)["device"] == "a server");
  }
}

TEST_CASE("login: what a person answered elsewhere ends the waiting") {
  for (const auto& [word, code] : {std::pair{"access_denied", exit_denied}, {"expired_token", exit_timeout}}) {
    Door door;
    door.words = {word};
    const auto ran = door.run({"login", "--device"});
    CHECK(ran.code == code);
    CHECK(has(ran.err, std::string("auth.device_") + word));
    CHECK_FALSE(std::filesystem::exists(door.login_file()));
  }
}

TEST_CASE("login: where there is an app, its code is asked for, and a mistyped one again") {
  Door door;
  door.has_app = true;
  auto ran = door.run({"login", "amy@example.org"}, "right\n000000\n123456\n", true);
  CHECK(ran.code == exit_ok);
  CHECK(has(ran.err, "that code is not right"));
  CHECK(door.run({"login", "amy@example.org"}, "right\n1\n2\n3\n", true).code == exit_denied);
  CHECK(door.run({"login", "amy@example.org", "--password-stdin"}, "right\n123456\n").code == exit_ok);
  CHECK(door.run({"login", "amy@example.org", "--password-stdin"}, "right\n").code == exit_usage);
}

TEST_CASE("login: the enrolment token goes from its file to the node, and the new password is typed twice") {
  Door door;
  const auto file = door.file("enrolment.token", "nova_en_1\n");
  ::chmod(file.c_str(), 0600);
  auto ran = door.run({"login", "amy@example.org", "--enrol", file}, "right\nwrong\n", true);
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "login.passwords_differ"));
  CHECK(door.posts().empty());
  ran = door.run({"login", "amy@example.org", "--enrol", file, "--username", "Amy"}, "right\nright\n", true);
  REQUIRE(ran.code == exit_ok);
  const auto sent = Json::parse(door.node.requests_to("/api/auth/enrol-owner").at(0).body);
  CHECK(sent["token"] == "nova_en_1");
  CHECK(sent["username"] == "Amy");
  CHECK_FALSE(sent.contains("language"));  // the node's own default
  ran = door.run({"login", "amy@example.org", "--enrol", "-", "--password-stdin"}, "nova_en_2\nright\n");
  REQUIRE(ran.code == exit_ok);
  CHECK(Json::parse(door.node.requests_to("/api/auth/enrol-owner").at(1).body)["token"] == "nova_en_2");
}

TEST_CASE("login: an access token that is over is replaced, and the request sent again") {
  Door door;
  door.sign_in();
  auto login = **read_login(door.login_file(), door.node.url());
  login.access_token = "old";
  REQUIRE(write_login(door.login_file(), login).ok());
  CHECK(door.run({"whoami"}).code == exit_ok);
  CHECK(door.generation == 1);
  const auto kept = **read_login(door.login_file(), door.node.url());
  CHECK(kept.access_token == "access-1");
  CHECK(kept.refresh_token == "refresh-1");
  CHECK(kept.email == "amy@example.org");
  CHECK(mode_of(door.login_file()) == 0600);
}

TEST_CASE("login: several programs that find their token over ask for one new pair") {
  Door door;
  door.sign_in();
  auto login = **read_login(door.login_file(), door.node.url());
  login.access_token = "old";
  REQUIRE(write_login(door.login_file(), login).ok());
  ClientOptions options;
  options.server = door.node.url();
  std::vector<::pid_t> children;
  for (int i = 0; i < 4; ++i) {
    const auto child = ::fork();
    if (child == 0) {
      const auto token = renewed_token(door.login_file(), options, "old");
      ::_exit(token && *token == "access-1" ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const auto child : children) {
    int status = -1;
    ::waitpid(child, &status, 0);
    CHECK(status == 0);
  }
  CHECK(door.node.requests_to("/api/auth/refresh").size() == 1);
  CHECK_FALSE(door.ended);
}

TEST_CASE("login: a session that ended is said to have, once, and not tried for ever") {
  Door door;
  door.sign_in();
  door.ended = true;
  const auto ran = door.run({"whoami"});
  CHECK(ran.code == exit_denied);
  CHECK(has(ran.err, "the refresh token is not good any more"));
  CHECK(door.node.requests_to("/api/auth/refresh").size() == 1);
}

TEST_CASE("login: a file that others may read is refused with the remedy") {
  Door door;
  door.sign_in();
  ::chmod(door.login_file().c_str(), 0640);
  const auto ran = door.run({"whoami"});
  CHECK(ran.code != exit_ok);
  CHECK(has(ran.err, "config.readable_by_others"));
  CHECK(has(ran.err, "chmod 600 "));
  CHECK(door.node.requests_to("/v1/whoami").empty());
}

TEST_CASE("login: tokens go to the address that gave them and to no other") {
  Door door, other;
  door.sign_in();
  auto login = **read_login(door.login_file(), door.node.url());
  CHECK_FALSE((*read_login(door.login_file(), "http://127.0.0.1:1")).has_value());
  // A file that was copied under another address's name is not believed.
  const auto copied = login_path(door.dir / "none.yaml", "", other.node.url());
  REQUIRE(write_login(copied, login).ok());
  std::vector<std::string> arguments = {"--server", other.node.url(), "--config", (door.dir / "none.yaml").string(),
                                        "whoami"};
  std::istringstream in;
  std::ostringstream out, err;
  Terminal terminal{in, out, err};
  CHECK(cli::run(arguments, terminal) == exit_denied);
  for (const auto& request : other.node.requests()) CHECK(request.headers.count("authorization") == 0);
}

TEST_CASE("login: a named token file goes before the session, and the session before the context's token") {
  Door door;
  door.sign_in();
  const auto token = door.file("operator.token", "operator-token\n");
  ::chmod(token.c_str(), 0600);
  door.run({"--token-file", token, "whoami"});
  CHECK(door.node.requests().back().headers.at("authorization") == "Bearer operator-token");
  CHECK(door.generation == 0);  // what a named token may not do is not done with another

  REQUIRE(door.run({"config", "set-context", "prod", "--token-file", token}).code == exit_ok);
  door.run({"--context", "prod", "whoami"});
  CHECK(door.node.requests().back().headers.at("authorization") == "Bearer operator-token");
  REQUIRE(door.run({"--context", "prod", "login", "amy@example.org", "--password-stdin"}, "right\n").code == exit_ok);
  CHECK(has(door.run({"--context", "prod", "whoami"}).out, "amy@example.org"));
  CHECK(std::filesystem::exists(login_path(door.dir / "none.yaml", "prod", "")));
}

TEST_CASE("login: a password crosses no network unencrypted") {
  Door door;
  std::istringstream in("right\n");
  std::ostringstream out, err;
  Terminal terminal{in, out, err};
  CHECK(cli::run({"--server", "http://nova.example", "--config", (door.dir / "none.yaml").string(), "login",
                  "amy@example.org", "--password-stdin"},
                 terminal) != exit_ok);
  CHECK(has(err.str(), "client.plain_http_refused"));
}

TEST_CASE("logout: ends the session at the node and forgets its tokens") {
  Door door;
  door.sign_in();
  CHECK(door.run({"logout"}).code == exit_ok);
  const auto asked = door.node.requests_to("/api/auth/logout");
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].headers.at("authorization") == "Bearer access-0");
  CHECK_FALSE(std::filesystem::exists(door.login_file()));
  CHECK(has(door.run({"logout"}).out, "nobody was signed in"));

  door.sign_in();
  door.ended = true;  // what the node has ended is over here, too
  CHECK(door.run({"logout"}).code == exit_ok);
  CHECK_FALSE(std::filesystem::exists(door.login_file()));
}

TEST_CASE("logout --forget asks nobody") {
  Door door;
  door.sign_in();
  const auto before = door.node.requests().size();
  CHECK(door.run({"logout", "--forget"}).code == exit_ok);
  CHECK(door.node.requests().size() == before);
  CHECK_FALSE(std::filesystem::exists(door.login_file()));
}

TEST_CASE("private files: whole or not at all") {
  testkit::TempDir dir;
  const auto path = dir / "folder" / "file";
  CHECK_FALSE((*read_private(path, 10)).has_value());
  REQUIRE(write_private(path, "one").ok());
  CHECK(**read_private(path, 10) == "one");
  CHECK(read_private(path, 2).error().code == "config.too_large");
  std::filesystem::create_symlink(path, dir / "link");
  CHECK_FALSE(read_private(dir / "link", 10).ok());
  std::filesystem::create_directory(path.string() + ".new");  // nothing can be written beside it
  CHECK(write_private(path, "two").error().code == "config.not_written");
  CHECK(**read_private(path, 10) == "one");
}

}  // namespace
}  // namespace nova::cli
