// Manifests: tried as a whole before anything changes, unchanged ones leave no trace, plans show what would change.
#include "core/json.hpp"
#include "tests/gateway/house.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using namespace nova::test;

namespace {

std::string tenant_manifest(const std::string& id, const std::string& spec = R"({"name":"Clinic"})") {
  return R"({"apiVersion":"webnova.io/v1","kind":"Tenant","metadata":{"name":")" + id + R"("},"spec":)" + spec + "}";
}

std::string blueprint_manifest(const std::string& services = R"({"api":{"run":"./api","port":8080}})",
                               const std::string& name = "clinic") {
  return R"({"apiVersion":"webnova.io/v1","kind":"Blueprint","metadata":{"name":")" + name +
         R"(","tenant":"clinic"},"spec":{"definition":{"x":1},"services":)" + services + "}}";
}

std::string request(const std::string& manifests, const std::string& more = {}) {
  return R"({"manifests":[)" + manifests + "]" + more + "}";
}

std::string code_of(const Answer& answer) { return core::json_text(answer.body, "code").value_or(""); }

}  // namespace

TEST_CASE("applying makes the tenant first and answers in the order of the request") {
  House house;
  const auto answer = house.post("/v1/apply", request(blueprint_manifest() + "," + tenant_manifest("clinic")));
  REQUIRE(answer.status == 200);
  CHECK(core::json_text(answer.body, "results[0].kind") == "blueprint");
  CHECK(core::json_text(answer.body, "results[0].action") == "created");
  CHECK(core::json_text(answer.body, "results[0].deployment") == "clinic-development");
  CHECK(core::json_text(answer.body, "results[1].kind") == "tenant");
  CHECK(core::json_text(answer.body, "results[1].action") == "created");
  CHECK(answer.header("nova-position") == "2");
}

TEST_CASE("applying the same again changes nothing and makes no event") {
  House house;
  const auto body = request(tenant_manifest("clinic") + "," + blueprint_manifest());
  house.post("/v1/apply", body);
  const auto head = house.store->head();
  const auto again = house.post("/v1/apply", body);
  REQUIRE(again.status == 200);
  CHECK(core::json_text(again.body, "results[0].action") == "unchanged");
  CHECK(core::json_text(again.body, "results[1].action") == "unchanged");
  CHECK(house.store->head() == head);
  const auto changed =
      house.post("/v1/apply", request(tenant_manifest("clinic", R"({"name":"New"})") + "," + blueprint_manifest()));
  CHECK(core::json_text(changed.body, "results[0].action") == "changed");
  CHECK(core::json_text(changed.body, "results[1].action") == "unchanged");
  CHECK(house.store->head() == head + 1);
}

TEST_CASE("one wrong manifest and none is applied; every wrong place is named") {
  House house;
  const auto answer = house.post(
      "/v1/apply",
      request(tenant_manifest("clinic") + "," + blueprint_manifest(R"({"api":{"run":"","port":99999,"prot":1}})")));
  CHECK(answer.status == 400);
  CHECK(code_of(answer) == "input.invalid");
  CHECK(answer.body.find("manifests[1].spec.services.api.port") != std::string::npos);
  CHECK(answer.body.find("manifests[1].spec.services.api.run") != std::string::npos);
  CHECK(answer.body.find("manifests[1].spec.services.api.prot") != std::string::npos);
  CHECK(house.store->head() == 0);
}

TEST_CASE("an entity's refusal stops all before the first change and names the manifest") {
  House house;
  const auto answer = house.post("/v1/apply", request(tenant_manifest("clinic") + "," + blueprint_manifest("{}")));
  CHECK(code_of(answer) == "blueprint.no_services");
  CHECK(core::json_text(answer.body, "details.manifest") == "1");
  CHECK(house.store->head() == 0);
}

TEST_CASE("a request that is no list of manifests is refused with its place") {
  House house;
  house.tenant();
  const std::pair<std::string, const char*> rows[] = {
      {"[]", "manifests"},
      {"{}", "manifests"},
      {"{", "body"},
      {std::string(40, '[') + std::string(40, ']'), "body"},
      {R"({"manifests":[]})", "manifests"},
      {R"({"manifests":[1]})", "manifests[0]"},
      {request(tenant_manifest("clinic"), R"(,"extra":1)"), "extra"},
      {request(tenant_manifest("clinic"), R"(,"base":[1])"), "base"},
      {request(R"({"apiVersion":"v9","kind":"Tenant","metadata":{"name":"abc"},"spec":{}})"),
       "manifests[0].apiVersion"},
      {request(R"({"apiVersion":"webnova.io/v1","kind":"Pod","metadata":{"name":"abc"},"spec":{}})"),
       "manifests[0].kind"},
      {request(R"({"apiVersion":"webnova.io/v1","kind":"Tenant","metadata":{"name":"A B"},"spec":{}})"),
       "manifests[0].metadata.name"},
      {request(R"({"apiVersion":"webnova.io/v1","kind":"Tenant","metadata":{"name":"abc","tenant":"xyz"},"spec":{}})"),
       "manifests[0].metadata.tenant"},
      {request(R"({"apiVersion":"webnova.io/v1","kind":"Blueprint","metadata":{"name":"abc"},"spec":{}})"),
       "manifests[0].metadata.tenant"},
      {request(R"({"apiVersion":"webnova.io/v1","kind":"Tenant","metadata":{"name":"abc"},"spec":{},"status":{}})"),
       "manifests[0].status"},
      {request(R"({"apiVersion":"webnova.io/v1","kind":"Tenant","metadata":[],"spec":{}})"), "manifests[0].metadata"},
      {request(tenant_manifest("clinic") + "," + tenant_manifest("clinic")), "manifests[1]"},
      {request(tenant_manifest("clinic", R"({"name":"Clinic","language":"ar"})")), "manifests[0].spec.language"},
  };
  for (const auto& [body, path] : rows) {
    INFO(body);
    const auto answer = house.post("/v1/apply", body);
    CHECK(answer.status == 400);
    CHECK(core::json_text(answer.body, "errors[0].path") == path);
  }
}

TEST_CASE("a plan shows creations and changes by path, and changes nothing") {
  House house;
  const auto body = request(tenant_manifest("clinic") + "," + blueprint_manifest());
  const auto fresh = house.post("/v1/plan", body);
  REQUIRE(fresh.status == 200);
  CHECK(core::json_text(fresh.body, "changes[0].action") == "create");
  CHECK(core::json_text(fresh.body, "changes[1].action") == "create");
  CHECK(core::json_part(fresh.body, "changes[1].intent_version") == "0");
  const auto lines = *core::json_part(fresh.body, "changes[1].diff");
  CHECK(lines.find(R"({"path":"services.api.port","from":null,"to":8080})") != std::string::npos);
  CHECK(lines.find("secrets") == std::string::npos);  // a default of something new is not worth a line
  CHECK(house.store->head() == 0);
  house.post("/v1/apply", body);
  CHECK(core::json_text(house.post("/v1/plan", body).body, "changes[1].action") == "none");
  const auto changed = house.post(
      "/v1/plan", request(blueprint_manifest(R"({"api":{"run":"./api","port":9090},"web":{"run":"./web"}})")));
  CHECK(core::json_text(changed.body, "changes[0].action") == "change");
  CHECK(core::json_part(changed.body, "changes[0].intent_version") == "1");
  const auto diff = *core::json_part(changed.body, "changes[0].diff");
  CHECK(diff.find(R"({"path":"services.api.port","from":8080,"to":9090})") != std::string::npos);
  CHECK(diff.find(R"({"path":"services.web.run","from":null,"to":"./web"})") != std::string::npos);
  CHECK(diff.find("definition") == std::string::npos);
}

TEST_CASE("a plan's base that moved makes the apply refuse") {
  House house;
  house.post("/v1/apply", request(tenant_manifest("clinic") + "," + blueprint_manifest()));
  const std::string base = R"(,"base":[{"tenant":"clinic","kind":"blueprint","id":"clinic","intent_version":1}])";
  const auto next = blueprint_manifest(R"({"api":{"run":"./api","port":9090}})");
  CHECK(house.post("/v1/apply", request(next, base)).status == 200);
  const auto stale = house.post("/v1/apply", request(blueprint_manifest(), base));
  CHECK(stale.status == 409);
  CHECK(code_of(stale) == "plan.stale");
  // The commands carry the base too, so that a change between look and act is caught by the host.
  CHECK(house.host.seen().back().expected_intent_version == 1);
}

TEST_CASE("a secret's value appears in no plan, answer or read") {
  House house;
  const auto with = [](const std::string& value) {
    return request(tenant_manifest("clinic") + "," +
                   blueprint_manifest(R"({"api":{"run":"./api","secrets":{"KEY":")" + value + R"("}}})"));
  };
  const auto plan = house.post("/v1/plan", with("hunter2"));
  CHECK(plan.status == 200);
  CHECK(plan.body.find("(secret)") != std::string::npos);
  const auto applied = house.post("/v1/apply", with("hunter2"));
  CHECK(applied.status == 200);
  const auto changed = house.post("/v1/plan", with("correct horse"));
  CHECK(core::json_text(changed.body, "changes[1].action") == "change");
  for (const auto& text : {plan.body, applied.body, changed.body,
                           house.get("/v1/tenants/clinic/blueprints/clinic").body, house.get("/v1/events").body}) {
    CHECK(text.find("hunter2") == std::string::npos);
    CHECK(text.find("correct horse") == std::string::npos);
  }
}

TEST_CASE("a secret that stays the same is no change, and a new value of it is") {
  auto options = usual_options();
  options.providers.is_secret = [](const std::string& reference, const std::string& value) {
    return reference.ends_with("@" + std::to_string(value.size()));  // as the host of these tests seals
  };
  House house(std::move(options));
  const auto with = [](const std::string& value) {
    return request(tenant_manifest("clinic") + "," +
                   blueprint_manifest(R"({"api":{"run":"./api","secrets":{"KEY":")" + value + R"("}}})"));
  };
  house.post("/v1/apply", with("hunter2"));
  CHECK(core::json_text(house.post("/v1/plan", with("hunter2")).body, "changes[1].action") == "none");
  const auto changed = house.post("/v1/plan", with("correct horse"));
  CHECK(core::json_text(changed.body, "changes[1].action") == "change");
  CHECK(core::json_text(changed.body, "changes[1].diff[0].to") == "(secret)");
  const auto head = house.store->head();
  CHECK(core::json_text(house.post("/v1/apply", with("hunter2")).body, "results[1].action") == "unchanged");
  CHECK(house.store->head() == head);
  CHECK(core::json_text(house.post("/v1/apply", with("correct horse")).body, "results[1].action") == "changed");
  CHECK(house.host.seen().back().body.find("correct horse") != std::string::npos);
}

TEST_CASE("a dry run of an apply answers what it would do and does not") {
  House house;
  const auto answer =
      house.post("/v1/apply?dry_run=true", request(tenant_manifest("clinic") + "," + blueprint_manifest()));
  CHECK(core::json_text(answer.body, "results[1].action") == "created");
  CHECK(house.store->head() == 0);
}
