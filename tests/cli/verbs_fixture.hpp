// novactl run inside the test, against a fake node that knows a clinic.
#pragma once
#include "cli/exit.hpp"
#include "cli/run.hpp"

#include "tests/cli/fake_node.hpp"
#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace nova::cli {

inline const char* kinds_json = R"({"items":[
  {"name":"tenant","plural":"tenants","short_names":["t"],"doc":"a customer","commands":[{"name":"suspend","door":"open","destructive":true}]},
  {"name":"blueprint","plural":"blueprints","short_names":["bp"],"doc":"","commands":[]},
  {"name":"platform","plural":"platforms","short_names":[],"doc":"","commands":[{"name":"delete","door":"open","destructive":true}]},
  {"name":"deployment","plural":"deployments","short_names":["deploy"],"doc":"","commands":[{"name":"stop","door":"open","destructive":false},{"name":"settle","door":"internal"},{"name":"seal","door":"assisted"}]},
  {"name":"instance","plural":"instances","short_names":["inst"],"doc":"","commands":[]},
  {"name":"escalation","plural":"escalations","short_names":["esc"],"doc":"","commands":[]}]})";

inline std::string deployment_json(
    const std::string& id = "clinic-development", const std::string& status = "running",
    const std::string& more = R"("health":"healthy","current":2,"candidate":0,"last_revision":2)") {
  return R"({"id":")" + id + R"(","kind":"deployment","tenant":"clinic","status":")" + status +
         R"(","reason":"","parent":"platform/clinic","version":7,"intent_version":3,"position":40,"created_at":"2026-01-01T00:00:00.000Z","updated_at":"2026-01-01T00:00:00.000Z","state":{"platform":"clinic","environment":"development",)" +
         more + "}}";
}

struct Ran {
  int code = 0;
  std::string out, err;
};

struct Clinic {
  testkit::TempDir dir;
  FakeNode::Handler more;  ///< asked first; an answer with status 0 means: not mine
  FakeNode node{[this](const FakeRequest& request) { return answer(request); }};

  FakeAnswer answer(const FakeRequest& request) const {
    if (more) {
      auto mine = more(request);
      if (mine.status != 0) return mine;
    }
    if (request.path == "/v1/kinds") return {200, kinds_json};
    const std::string list = R"({"items":[)" + deployment_json() + "]}";
    if (request.path == "/v1/tenants/-/deployments" || request.path == "/v1/tenants/clinic/deployments")
      return {200, list};
    if (request.path == "/v1/tenants/clinic/deployments/clinic-development") return {200, deployment_json()};
    if (request.method == "POST")
      return {
          200,
          R"({"id":"clinic-development","kind":"deployment","tenant":"clinic","version":8,"status":"running","reason":"","events":["deployment.x"],"dry_run":false})"};
    return problem(404, "deployment.not_found", "no such thing");
  }

  Ran run(std::vector<std::string> arguments, const std::string& input = {}, bool has_person = false) {
    const std::vector<std::string> where = {"--server", node.url(), "--config", (dir / "none.yaml").string()};
    arguments.insert(arguments.begin(), where.begin(), where.end());
    std::istringstream in(input);
    std::ostringstream out, err;
    Terminal terminal{in, out, err, has_person, false};
    Ran ran;
    ran.code = cli::run(arguments, terminal);
    ran.out = out.str();
    ran.err = err.str();
    return ran;
  }

  std::string file(const std::string& name, const std::string& text) {
    const auto path = dir / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  std::vector<FakeRequest> posts() const {
    std::vector<FakeRequest> found;
    for (auto& request : node.requests())
      if (request.method == "POST") found.push_back(request);
    return found;
  }
};

inline bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace nova::cli
