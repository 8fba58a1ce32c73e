#include "tests/cli/verbs_fixture.hpp"

#include <algorithm>

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

TEST_CASE("get: a list is {items} with the fields that scripts rely on") {
  Clinic clinic;
  const auto ran = clinic.run({"get", "deploy", "-o", "json"});
  REQUIRE(ran.code == exit_ok);
  const Json json = Json::parse(ran.out);
  for (const char* field : {"id", "kind", "tenant", "status", "version"}) CHECK(json["items"][0].contains(field));
  CHECK(clinic.run({"get", "deployments"}).out.find("TENANT  ID                  STATUS   HEALTH   REVISION") == 0);
  CHECK(has(clinic.run({"get", "deployments", "-o", "yaml"}).out, "items:\n  - id: clinic-development\n"));
}

TEST_CASE("get: one thing is itself, found without naming its tenant") {
  Clinic clinic;
  for (const auto& words : {std::vector<std::string>{"deployment", "clinic-development"},
                            {"deployment/clinic-development"},
                            {"deploy", "clinic/clinic-development"}}) {
    std::vector<std::string> arguments = {"get", "-o", "json"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const auto ran = clinic.run(arguments);
    REQUIRE(ran.code == exit_ok);
    CHECK(Json::parse(ran.out)["id"] == "clinic-development");
  }
  const auto none = clinic.run({"get", "deployment", "clinic-developmnt"});
  CHECK(none.code == exit_not_found);
  CHECK(has(none.err, "did you mean clinic-development?"));
  const auto unknown = clinic.run({"get", "deploymnets"});
  CHECK(unknown.code == exit_usage);
  CHECK(has(unknown.err, "did you mean deployment"));
}

TEST_CASE("get: pages are followed and filters go to the node") {
  Clinic clinic;
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    if (request.path != "/v1/tenants/-/instances") return {0};
    const bool second = has(request.query, "cursor=abc%2F");
    return {200, second ? R"({"items":[{"id":"b"}]})" : R"({"items":[{"id":"a"}],"next":"abc/"})"};
  };
  const auto ran = clinic.run({"get", "instances", "-l", "status=error,parent=deployment/x", "-o", "json"});
  REQUIRE(ran.code == exit_ok);
  CHECK(Json::parse(ran.out)["items"].size() == 2);
  CHECK(has(clinic.node.requests_to("/v1/tenants/-/instances")[0].query, "status=error&parent=deployment%2Fx"));
  CHECK(clinic.run({"get", "instances", "-l", "colour=red"}).code == exit_usage);
}

TEST_CASE("get: stored text cannot reach the terminal raw") {
  Clinic clinic;
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    if (request.path != "/v1/tenants/-/instances") return {0};
    return {200, R"({"items":[{"id":"a","status":"error","reason":"\u001b]0;owned\u0007 \u009b31m"}]})"};
  };
  for (const char* format : {"table", "json", "yaml"}) {
    const auto ran = clinic.run({"get", "instances", "-o", format});
    CHECK(ran.out.find('\x1b') == std::string::npos);
    CHECK(ran.out.find('\a') == std::string::npos);
    CHECK(ran.out.find("\xc2\x9b") == std::string::npos);
  }
}

TEST_CASE("errors: one line with code, message, remedy and request id; JSON for scripts") {
  Clinic clinic;
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    if (request.method != "POST") return {0};
    return problem(409, "deployment.already_running", "a revision is on its way",
                   R"(,"remedy":"wait for it","retryable":false)");
  };
  auto ran = clinic.run({"start", "clinic-development"});
  CHECK(ran.code == exit_conflict);
  CHECK(ran.err.find("novactl: deployment.already_running: a revision is on its way (wait for it) [request ") == 0);
  CHECK(std::count(ran.err.begin(), ran.err.end(), '\n') == 1);
  ran = clinic.run({"start", "clinic-development", "-o", "json"});
  const Json json = Json::parse(ran.err);
  CHECK(json["code"] == "deployment.already_running");
  CHECK(json["request_id"].is_string());
}

TEST_CASE("mutations: each carries a key of its own or the given one, and --dry-run goes along") {
  Clinic clinic;
  CHECK(clinic.run({"rollback", "clinic-development", "--to", "3", "--reason", "bad"}).code == exit_ok);
  CHECK(clinic.run({"scale", "clinic-development", "api=3", "--dry-run"}).code == exit_ok);
  CHECK(clinic
            .run({"restart", "deployment/clinic-development", "-s", "api", "--idempotency-key", "mine", "--if-match",
                  "i3"})
            .code == exit_ok);
  const auto posts = clinic.posts();
  REQUIRE(posts.size() == 3);
  CHECK(posts[0].path == "/v1/tenants/clinic/deployments/clinic-development/rollback");
  CHECK(Json::parse(posts[0].body) == Json{{"revision", 3}, {"reason", "bad"}});
  CHECK(posts[0].headers.at("idempotency-key") != posts[1].headers.at("idempotency-key"));
  CHECK(posts[1].query == "dry_run=true");
  CHECK(Json::parse(posts[1].body) == Json{{"service", "api"}, {"count", 3}});
  CHECK(posts[2].headers.at("idempotency-key") == "mine");
  CHECK(posts[2].headers.at("if-match") == "\"i3\"");
}

TEST_CASE("destructive verbs: they name their target and ask a person, or need --yes") {
  Clinic clinic;
  auto ran = clinic.run({"stop", "clinic-development"});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "confirm.required"));
  CHECK(has(ran.err, "deployment `clinic-development` of tenant `clinic`"));
  ran = clinic.run({"stop", "clinic-development"}, "no\n", true);
  CHECK(has(ran.err, "confirm.refused"));
  CHECK(clinic.posts().empty());
  CHECK(clinic.run({"stop", "clinic-development"}, "clinic-development\n", true).code == exit_ok);
  CHECK(clinic.run({"stop", "clinic-development", "--yes"}).code == exit_ok);
  CHECK(clinic.run({"scale", "clinic-development", "api=0"}).code == exit_usage);
  CHECK(clinic.run({"command", "tenant/clinic", "suspend", "--set", "reason=x"}).code == exit_usage);
  CHECK(clinic.posts().size() == 2);
}

TEST_CASE("destructive verbs: without a name or selector they are refused") {
  Clinic clinic;
  CHECK(clinic.run({"delete", "--yes"}).code == exit_usage);
  CHECK(clinic.run({"stop", "--yes"}).code == exit_usage);
  CHECK(clinic.run({"delete", "platforms", "--yes"}).code == exit_usage);
  CHECK(clinic.posts().empty());
}

TEST_CASE("selectors: the count is printed and must be the expected one") {
  Clinic clinic;
  auto ran = clinic.run({"restart", "deployments", "-l", "status=running"});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "1 deployment match"));
  CHECK(has(ran.err, "--expect 1"));
  CHECK(clinic.run({"restart", "deployments", "-l", "status=running", "--expect", "2"}).code == exit_conflict);
  CHECK(clinic.posts().empty());
  CHECK(clinic.run({"restart", "deployments", "-l", "status=running", "--expect", "1"}).code == exit_ok);
  CHECK(clinic.posts().size() == 1);
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    return has(request.query, "status=odd") ? FakeAnswer{200, R"({"items":[]})"} : FakeAnswer{0};
  };
  CHECK(clinic.run({"restart", "deployments", "-l", "status=odd", "--yes"}).code == exit_not_found);
}

TEST_CASE("answer: the decision is one of three, and a reason must be given") {
  Clinic clinic;
  CHECK(clinic.run({"answer", "clinic/e1", "retry"}).code == exit_usage);
  CHECK(clinic.run({"answer", "clinic/e1", "maybe", "--reason", "x"}).code == exit_usage);
  REQUIRE(clinic.run({"answer", "clinic/e1", "retry", "--reason", "disk is free"}).code == exit_ok);
  CHECK(clinic.posts().back().path == "/v1/tenants/clinic/escalations/e1/answer");
  CHECK(Json::parse(clinic.posts().back().body) == Json{{"decision", "retry"}, {"reason", "disk is free"}});
}

TEST_CASE("command: fields come as NAME=VALUE or JSON") {
  Clinic clinic;
  CHECK(clinic
            .run({"command", "tenant/clinic", "update_settings", "--set", "settings.language=ar", "--set", "n=3",
                  "--set", "t=03", "--data", R"({"name":"C"})"})
            .code == exit_ok);
  CHECK(clinic.posts().back().path == "/v1/tenants/clinic/update_settings");
  CHECK(Json::parse(clinic.posts().back().body) ==
        Json::parse(R"({"name":"C","settings":{"language":"ar"},"n":3,"t":"03"})"));
}

TEST_CASE("wait: a met condition ends it, a missed one names itself and its last reason") {
  Clinic clinic;
  CHECK(clinic.run({"wait", "deployment/clinic-development", "--for", "healthy"}).code == exit_ok);
  CHECK(clinic.run({"wait", "deployment/clinic-development", "--for", "state.current=2"}).code == exit_ok);
  const auto late = clinic.run({"wait", "deployment/clinic-development", "--for", "stopped", "--timeout", "1ms"});
  CHECK(late.code == exit_timeout);
  CHECK(has(late.err, "`stopped`"));
  CHECK(has(late.err, "status is running"));
  CHECK(clinic.run({"wait", "deployment/gone", "-t", "clinic", "--for", "deleted"}).code == exit_ok);
  CHECK(clinic.run({"wait", "deployment/gone", "-t", "clinic", "--for", "exists", "--timeout", "1ms"}).code ==
        exit_timeout);
  CHECK(clinic.run({"wait", "deployment/clinic-development", "--for", "healthy", "--timeout", "soon"}).code ==
        exit_usage);
}

TEST_CASE("wait: stop and delete can wait for their end") {
  Clinic clinic;
  int looks = 0;
  clinic.more = [&](const FakeRequest& request) -> FakeAnswer {
    if (request.method != "GET" || request.path != "/v1/tenants/clinic/deployments/clinic-development") return {0};
    return {200, deployment_json("clinic-development", ++looks < 3 ? "stopping" : "stopped")};
  };
  const auto ran = clinic.run({"stop", "clinic-development", "--yes", "--wait", "--reason", "x"});
  CHECK(ran.code == exit_ok);
  CHECK(has(ran.out, "deployment/clinic-development is stopped"));
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    return request.path == "/v1/tenants/clinic/platforms/clinic" ? problem(404, "platform.not_found", "gone")
                                                                 : FakeAnswer{0};
  };
  CHECK(clinic.run({"delete", "platform/clinic", "-t", "clinic", "--yes", "--wait"}).code == exit_ok);
}

TEST_CASE("describe: a deployment is its revisions, services, instances and events") {
  Clinic clinic;
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    if (request.path == "/v1/tenants/clinic/deployments/clinic-development")
      return {
          200,
          deployment_json(
              "clinic-development", "running",
              R"("health":"degraded","health_reason":"api is down","current":1,"candidate":0,"last_revision":1,"escalations":{"api":"e1"},"scales":{"api":3},
        "revisions":[{"number":1,"state":"running","by":"operator","at":"2026-01-01T00:00:00.000Z","services":{"api":{"run":["python3","api.py"],"port":80,"scale":1,"needs":["db"],"source":{"path":"./api","digest":"sha256:0123456789abcdef"}}}}])")};
    if (has(request.path, "/events"))
      return {
          200,
          R"({"items":[{"type":"deployment.completed","time":"2026-01-01T09:05:00.000Z","data":{"revision":1},"meta":{"principal":{"id":"system"}}}]})"};
    if (request.path == "/v1/tenants/clinic/instances")
      return {
          200,
          R"({"items":[{"id":"i.r1.0","status":"error","tenant":"clinic","state":{"phase":"quarantined","restarts":5}},{"id":"i.r0.0","status":"stopped"}]})"};
    return {0};
  };
  const auto ran = clinic.run({"describe", "deployment/clinic-development"});
  CHECK(ran.code == exit_ok);
  CHECK(has(ran.out, "Health:     degraded (api is down)"));
  CHECK(has(ran.out, "Escalation: e1 (service api)"));
  CHECK(has(ran.out, "1         running  yes"));
  CHECK(has(ran.out, "api      3      80    db     python3 api.py  ./api sha256:0123456789ab"));
  CHECK(has(ran.out, "quarantined"));
  CHECK_FALSE(has(ran.out, "i.r0.0"));
  CHECK(has(ran.out, "deployment.completed  system  revision=1"));
}

TEST_CASE("tree: lines show the shape, the state and what does not answer") {
  Clinic clinic;
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    if (request.path != "/v1/tree") return {0};
    return {200, R"({"name":"n1","kind":"node","status":"running","restarts":0,"facts":{},"children":[
      {"name":"services","kind":"group","status":"","children":[{"name":"store","kind":"worker","status":"running","answers":false,"children":[]}]},
      {"name":"api","kind":"instance","status":"running","restarts":2,"facts":{"pid":12,"port":8080,"log":"/x"},"children":[]}]})"};
  };
  CHECK(clinic.run({"tree"}).out ==
        "n1 node running\n├─ services\n│  └─ store worker no answer\n└─ api instance running  restarts 2  pid 12  port "
        "8080\n");
  CHECK(has(clinic.run({"tree", "--wide"}).out, "log /x"));
}

TEST_CASE("why: the event, the gate's decision and the causes") {
  Clinic clinic;
  clinic.more = [](const FakeRequest& request) -> FakeAnswer {
    if (!has(request.path, "/why")) return {0};
    return {
        200,
        R"({"status":"failed","reason":"port taken","event":{"type":"deployment.failed","subject":"clinic/deployment/x","time":"2026-01-01T09:05:00.000Z","data":{"revision":3,"reason":"port taken"},"meta":{"principal":{"id":"operator"}}},
      "decision":{"answer":"allow","rules":["operator-may-act"],"constitution":"builtin"},"chain":[{"type":"deployment.requested","subject":"clinic/deployment/x","time":"2026-01-01T09:04:00.000Z","data":{}}]})"};
  };
  const auto ran = clinic.run({"why", "deployment/clinic-development"});
  CHECK(ran.code == exit_ok);
  CHECK(has(ran.out, "is failed: port taken\n"));
  CHECK(has(ran.out, "deployment.failed  revision=3: port taken  by operator"));
  CHECK(has(ran.out, "allow by operator-may-act (constitution builtin)"));
  CHECK(has(ran.out, "deployment.requested"));
}

TEST_CASE("doctor: red ends with 1, a node that is away with 7") {
  Clinic clinic;
  std::string level = "amber";
  clinic.more = [&](const FakeRequest& request) -> FakeAnswer {
    if (request.path == "/v1/doctor")
      return {200, R"({"checks":[{"name":"disk","level":")" + level + R"(","detail":"x","remedy":"y"}]})"};
    if (request.path == "/v1/node") return {200, R"({"name":"n1","version":"9.9.9"})"};
    return {0};
  };
  CHECK(clinic.run({"doctor"}).code == exit_ok);
  CHECK(has(clinic.run({"doctor"}).out, "node 9.9.9"));
  level = "red";
  const auto ran = clinic.run({"doctor", "-o", "json"});
  CHECK(ran.code == exit_failed);
  CHECK(Json::parse(ran.out)["checks"].back()["level"] == "red");
}

TEST_CASE("usage: help begins with examples, wrong words are met with the right ones") {
  Clinic clinic;
  const auto help = clinic.run({"scale", "--help"});
  CHECK(help.code == exit_ok);
  CHECK(help.out.find("Examples:") < help.out.find("Options:"));
  CHECK(has(clinic.run({"--help"}).out, "Exit codes:"));
  const auto wrong = clinic.run({"aply", "-f", "x"});
  CHECK(wrong.code == exit_usage);
  CHECK(has(wrong.err, "did you mean apply?"));
  CHECK(clinic.run({"get", "deployments", "-o", "xml"}).code == exit_usage);
  CHECK(clinic.run({"get"}).code == exit_usage);
}

TEST_CASE("completion: verbs, options, kinds and ids, and silence when the node is away") {
  Clinic clinic;
  CHECK(clinic.run({"__complete", "roll"}).out == "rollback\n");
  CHECK(has(clinic.run({"__complete", "--", "scale", "--t"}).out, "--tenant\n"));
  CHECK(clinic.run({"__complete", "get", "deployment/"}).out == "deployment/clinic-development\n");
  CHECK(has(clinic.run({"__complete", "get", "depl"}).out, "deployments\n"));
  CHECK(clinic.run({"__complete", "--", "--server", "http://127.0.0.1:1", "roll"}).out == "rollback\n");
  CHECK(clinic.run({"__complete", "stop", "cl"}).out == "clinic-development\n");
  CHECK(clinic.run({"__complete", "backup", ""}).out == "create\nkey\nrestore\nverify\n");
  CHECK(clinic.run({"__complete", "store", "m"}).out == "move\n");
  CHECK(has(clinic.run({"__complete", "--", "backup", "create", "--k"}).out, "--key-file\n"));
  for (const char* shell : {"bash", "zsh", "fish"})
    CHECK(has(clinic.run({"completion", shell}).out, "novactl __complete"));
  CHECK(clinic.run({"completion", "tcsh"}).code == exit_usage);
}

TEST_CASE("config: contexts are kept, secrets are not shown") {
  Clinic clinic;
  CHECK(clinic.run({"config", "set-context", "here", "--token-stdin", "-t", "clinic"}, "very-secret\n").code ==
        exit_ok);
  CHECK(Json::parse(clinic.run({"config", "get-contexts", "-o", "json"}).out)["items"][0]["current"] == true);
  const auto shown = clinic.run({"config", "show", "--origin"});
  CHECK(has(shown.out, "context `here`"));
  CHECK_FALSE(has(shown.out, "very-secret"));
  CHECK(clinic.run({"get", "deployments"}).code == exit_ok);
  CHECK(clinic.node.requests().back().headers.at("authorization") == "Bearer very-secret");
  CHECK(clinic.node.requests().back().path == "/v1/tenants/clinic/deployments");
  CHECK(clinic.run({"config", "use-context", "there"}).code == exit_not_found);
  CHECK(clinic.run({"config", "delete-context", "here"}).code == exit_ok);
  CHECK(clinic.run({"config", "set-context", "Bad Name"}).code == exit_usage);
}

}  // namespace
}  // namespace nova::cli
