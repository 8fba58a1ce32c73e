#include "node/config/config.hpp"
#include "node/config/oidc.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <fstream>

using namespace nova;

namespace {

std::string written(const testkit::TempDir& dir, const std::string& text) {
  const auto file = (dir / "novad.yaml").string();
  std::ofstream(file) << text;
  return file;
}

}  // namespace

TEST_CASE("config: the shipped file holds exactly the defaults") {
  const auto shipped = node::load_config(std::string(NOVA_SOURCE_DIR) + "/config/novad.yaml", {});
  if (!shipped)
    for (const auto& problem : shipped.error().problems) UNSCOPED_INFO(problem.path << " " << problem.message);
  REQUIRE(shipped.ok());
  const node::Config defaults;
  CHECK(shipped->config.listen.address == defaults.listen.address);
  CHECK(shipped->config.node.state_dir == defaults.node.state_dir);
  CHECK(shipped->config.shutdown.drain == defaults.shutdown.drain);
  for (const auto& [path, origin] : shipped->origins) {
    INFO(path);
    CHECK(origin.find("file ") == 0);  // every key stands in the file
  }
}

TEST_CASE("config: file < environment < flag, and each value knows where it came from") {
  testkit::TempDir dir;
  const auto file = written(dir, "log:\n  level: debug\nlimits:\n  connections: 10\n");
  auto environment =
      node::from_environment({"NOVA_LIMITS_CONNECTIONS=20", "NOVA_LISTEN_ADDRESS=127.0.0.1:1", "PATH=/bin",
                              "NOVA_URL=http://x", "NOVA_LISTEN_NAMES=a.example,b.example"});
  REQUIRE(environment.ok());
  auto overrides = *environment;
  overrides.push_back({"listen.address", "127.0.0.1:2", "flag --listen"});
  const auto loaded = node::load_config(file, overrides);
  REQUIRE(loaded.ok());
  CHECK(loaded->config.log.level == node::LogLevel::debug);
  CHECK(loaded->config.limits.connections == 20);
  CHECK(loaded->config.listen.address == "127.0.0.1:2");
  REQUIRE(loaded->config.listen.names.size() == 2);
  CHECK(loaded->config.listen.names[1] == "b.example");
  CHECK(loaded->origins.at("log.level") == "file " + file + ":2");
  CHECK(loaded->origins.at("limits.connections") == "environment NOVA_LIMITS_CONNECTIONS");
  CHECK(loaded->origins.at("listen.address") == "flag --listen");
  CHECK(loaded->origins.at("store.kind") == "default");
}

TEST_CASE("config: passkeys belong to a domain, and the page's addresses lie in it") {
  const auto signin = [](const char* rp_id, const char* origins, const char* names = "") {
    std::vector<node::Override> overrides;
    for (const auto& [path, value] :
         {std::pair{"signin.rp_id", rp_id}, {"signin.origins", origins}, {"listen.names", names}})
      if (*value) overrides.push_back({path, value, "environment"});
    return node::load_config("", overrides);
  };
  struct Row {
    const char *rp_id, *origins, *names, *id, *origin;
  };
  for (const auto& row : {Row{"", "", "", "localhost", "http://localhost:7480"},
                          Row{"", "", "node.example,other.example", "node.example", "http://node.example:7480"},
                          Row{"node.example", "", "", "node.example", "http://node.example:7480"},
                          Row{"example.org", "https://id.example.org,https://example.org:8443", "", "example.org",
                              "https://id.example.org"}}) {
    const auto good = signin(row.rp_id, row.origins, row.names);
    REQUIRE(good.ok());
    const auto party = node::relying_party_of(good->config, 7480);
    CHECK(party.id == row.id);
    REQUIRE_FALSE(party.origins.empty());
    CHECK(party.origins[0] == row.origin);
  }
  auto secure = signin("", "");
  REQUIRE(secure.ok());
  secure->config.listen.tls_cert = "cert.pem";
  CHECK(node::relying_party_of(secure->config, 443).origins[0] == "https://localhost");
  for (const auto* bad : {"https://evil.example", "http://example.org", "https://example.org/", "example.org",
                          "https://Example.org", "https://example.org:", "https://notexample.org", "ftp://example.org"})
    CHECK_FALSE(signin("example.org", bad).ok());
}

TEST_CASE(
    "config: the second factor is demanded of roles that there are, of the owner and admins unless told otherwise") {
  const auto demanded = [](const char* roles) {
    return node::load_config("", {{"signin.second_factor_for", roles, "environment"}});
  };
  const auto usual = node::load_config("", {});
  REQUIRE(usual.ok());
  CHECK(usual->config.signin.second_factor_for == std::vector<core::Text<1, 64>>{"owner", "admin"});
  REQUIRE(demanded("").ok());
  CHECK(demanded("")->config.signin.second_factor_for.empty());
  REQUIRE(demanded("support_agent").ok());
  CHECK(demanded("support_agent")->config.signin.second_factor_for.size() == 1);
  CHECK_FALSE(demanded("owner,emperor").ok());
}

TEST_CASE("config: trusted proxies are addresses and blocks, and one header is theirs") {
  const auto listen = [](const char* proxies, const char* header) {
    return node::load_config(
        "", {{"listen.trusted_proxies", proxies, "environment"}, {"listen.forwarded_header", header, "environment"}});
  };
  const auto good = listen("10.0.0.0/8,2001:db8::1", "forwarded");
  REQUIRE(good.ok());
  const auto proxies = node::proxies_of(good->config.listen);
  CHECK(proxies.trusted.size() == 2);
  CHECK(proxies.header == limits::ForwardedBy::forwarded);
  CHECK(proxies.trusts(*limits::parse_address("10.1.2.3")));
  CHECK_FALSE(proxies.trusts(*limits::parse_address("127.0.0.1")));
  for (const auto* bad : {"10.0.0.0/33", "proxy.example", "10.0.0.1:80"})
    CHECK_FALSE(listen(bad, "x-forwarded-for").ok());
  CHECK_FALSE(listen("10.0.0.1", "x-real-ip").ok());
  CHECK(node::proxies_of(node::Config().listen).trusted.empty());
}

TEST_CASE("config: outgoing requests may reach what is named, and by default nothing that is not public") {
  const auto http = [](const char* blocks) {
    return node::load_config("", {{"http.allow_private", blocks, "environment"}});
  };
  const auto good = http("10.20.0.0/16,127.0.0.1/32");
  REQUIRE(good.ok());
  const auto blocks = node::allowed_of(good->config.http);
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].holds(*limits::parse_address("10.20.3.4")));
  CHECK_FALSE(blocks[1].holds(*limits::parse_address("127.0.0.2")));
  CHECK_FALSE(http("10.20.0.0/40").ok());
  CHECK_FALSE(http("intranet").ok());
  CHECK(node::allowed_of(node::Config().http).empty());
}

TEST_CASE("config: outside providers are named with where they are, and their secret is named elsewhere") {
  testkit::TempDir dir;
  const auto oidc = [&](const std::string& entry, const std::string& more = {}) {
    const std::string client = "client_id: nova, client_secret_file: google.secret";
    return node::load_config(
        written(dir, "oidc:\n  providers:\n  - {name: one, " +
                         (entry.find("client") == entry.npos ? client + ", " : "") + entry + "}\n" + more),
        {});
  };
  const auto google = oidc("preset: google");
  REQUIRE(google.ok());
  CHECK(node::defaults_of(google->config.oidc.providers.at(0).preset).issuer == "https://accounts.google.com");
  CHECK(node::defaults_of(node::OidcPreset::github).scopes == std::vector<std::string>{"read:user", "user:email"});
  for (const char* good : {"preset: github", "preset: microsoft, issuer: 'https://login.microsoftonline.com/0000/v2.0'",
                           "issuer: 'https://id.example'", "issuer: 'http://127.0.0.1:9000'",
                           "preset: google, client_id: nova, client_secret: 'secret://clinic/secret/google/value@1'"}) {
    INFO(good);
    CHECK(oidc(good).ok());
  }
  struct Row {
    const char *entry, *path;
  };
  for (const auto& row :
       {Row{"preset: microsoft", "issuer"}, Row{"preset: none", "issuer"}, Row{"issuer: 'http://id.example'", "issuer"},
        Row{"issuer: 'http://127.0.0.1.evil.example'", "issuer"}, Row{"issuer: 'https://id.example/'", "issuer"},
        Row{"issuer: 'https://a@b'", "issuer"}, Row{"issuer: 'https://'", "issuer"},
        Row{"preset: google, client_id: nova", "client_secret"},
        Row{"preset: google, client_id: nova, client_secret: GOCSPX-plain", "client_secret"},
        Row{"preset: google, client_id: nova, client_secret_file: a, client_secret: 'secret://a/b@1'",
            "client_secret"}}) {
    const auto loaded = oidc(row.entry);
    INFO(row.entry);
    REQUIRE(!loaded.ok());
    REQUIRE(loaded.error().problems.size() == 1);
    CHECK(loaded.error().problems[0].path.find("oidc.providers[0]." + std::string(row.path)) == 0);
    CHECK(loaded.error().problems[0].message.find("GOCSPX") == std::string::npos);
  }
  CHECK_FALSE(oidc("preset: google", "  - {name: one, preset: github, client_id: a, client_secret_file: b}\n").ok());
  CHECK_FALSE(oidc("preset: google", "  allow_private: [intranet]\n").ok());
  CHECK_FALSE(oidc("preset: gogle").ok());
  for (const char* word : {"exchange", "links"})
    CHECK_FALSE(node::load_config(written(dir, std::string("oidc:\n  providers:\n  - {name: ") + word +
                                                   ", preset: google, client_id: a, client_secret_file: b}\n"),
                                  {})
                    .ok());
}

TEST_CASE("config: every wrong key is told with its line, all at once") {
  testkit::TempDir dir;
  const auto file = written(dir, "listen:\n  adress: x\nlog:\n  level: loud\nlimits:\n  connections: 0\n");
  const auto loaded = node::load_config(file, {});
  REQUIRE(!loaded.ok());
  CHECK(loaded.error().code == "config.invalid");
  REQUIRE(loaded.error().problems.size() == 3);
  CHECK(loaded.error().problems[0].path == file + ":2:3");
  CHECK(loaded.error().problems[1].path == file + ":4:3");
  CHECK(loaded.error().problems[2].path == file + ":6:3");
}

TEST_CASE("config: unsafe and impossible combinations are refused") {
  struct Row {
    const char* text;
    const char* path;
  };
  for (const auto& row :
       {Row{"listen:\n  address: 0.0.0.0:7480\n", "listen.address"},
        Row{"listen:\n  tls_cert: a.pem\n", "listen.tls_key"}, Row{"listen:\n  address: nowhere\n", "listen.address"},
        Row{"process:\n  port_range: 9-5\n", "process.port_range"},
        Row{"limits:\n  body_bytes: much\n", "limits.body_bytes"}}) {
    testkit::TempDir dir;
    const auto loaded = node::load_config(written(dir, row.text), {});
    INFO(row.text);
    REQUIRE(!loaded.ok());
    REQUIRE(loaded.error().problems.size() == 1);
    CHECK(loaded.error().problems[0].path.find(row.path) == 0);
  }
}

TEST_CASE("config: what changed is named by key, and only some keys may change in a running node") {
  node::Config before, after;
  CHECK(node::changed_keys(before, after).empty());
  after.log.level = node::LogLevel::debug;
  after.listen.names.push_back("a.example");
  after.shutdown.drain = std::chrono::milliseconds(1);
  CHECK(node::changed_keys(before, after) == std::vector<std::string>{"listen.names", "log.level", "shutdown.drain"});
  CHECK(node::is_reloadable("log.level"));
  CHECK(!node::is_reloadable("listen.address"));
}

TEST_CASE("config: PostgreSQL needs an address, and a password is no part of it") {
  const auto code = [](const std::string& url) {
    const auto loaded = node::load_config("", {{"store.kind", "postgres", "flag"}, {"store.url", url, "flag"}});
    return loaded.ok() ? "ok" : loaded.error().problems.at(0).path.substr(0, 9);
  };
  CHECK(code("postgresql://nova@db.example:5432/nova?sslmode=verify-full") == "ok");
  CHECK(code("host=/run/postgresql dbname=nova") == "ok");
  CHECK(code("postgresql:///nova?host=/tmp/x") == "ok");
  for (const char* url :
       {"", "postgresql://nova:secret@db/nova", "host=db password=secret", "postgresql://db/nova?password=x"})
    CHECK(code(url) == "store.url");
  const auto refused = node::load_config("", {{"store.url", "postgresql://nova:hunter2@db/nova", "flag"}});
  REQUIRE(!refused.ok());
  CHECK(core::to_line(refused.error()).find("hunter2") == std::string::npos);
  CHECK(!node::load_config("", {{"store.lease", "10ms", "flag"}}).ok());
}

TEST_CASE("config: a misspelt variable of ours is an error, others are not ours") {
  CHECK(!node::from_environment({"NOVA_STORE_PAHT=x"}).ok());
  CHECK(node::from_environment({"NOVA_SOMETHING=x", "HOME=/"}).ok());
}

TEST_CASE("config: a file that is not there or not YAML is one clear error") {
  CHECK(node::load_config("/nowhere/novad.yaml", {}).error().code == "config.unreadable");
  testkit::TempDir dir;
  CHECK(node::load_config(written(dir, "a: [\n"), {}).error().code == "config.invalid");
}

TEST_CASE("config: sizes, port ranges and addresses are read as written") {
  CHECK(node::parse_size("64KiB") == 65536u);
  CHECK(node::parse_size("2GiB") == 2147483648u);
  CHECK(!node::parse_size("1MB"));
  CHECK(node::parse_port_range("20000-29999")->last == 29999);
  CHECK(!node::parse_port_range("20000"));
  CHECK(!node::parse_port_range("80-90"));
  CHECK(node::parse_address("[::1]:7480")->loopback);
  CHECK(!node::parse_address("10.0.0.1:80")->loopback);
  CHECK(!node::parse_address("127.0.0.1:99999"));
}
