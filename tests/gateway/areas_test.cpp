// The smaller areas: why, tree, logs, sources, dead letters, descriptions.
#include "core/json.hpp"
#include "governance/credentials/digest.hpp"
#include "tests/gateway/house.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <sstream>

using namespace nova;
using namespace nova::test;
using namespace std::chrono_literals;

namespace {

std::string code_of(const Answer& answer) { return core::json_text(answer.body, "code").value_or(""); }

// Writes an event as the effect runner would: caused by another command.
void append_caused(store::EventStore& store, const core::EntityKey& key, const std::string& command,
                   const std::string& cause) {
  store::Append change;
  change.key = key;
  change.at = core::system_clock().now();
  change.events.push_back({core::new_uuid(change.at), "note.written", R"({"text":"x"})",
                           R"({"command_id":")" + command + R"(","cause":")" + cause +
                               R"(","decision":{"answer":"allow","rules":["r"],"constitution":"c","authority":0}})"});
  change.document = {key, 1, 1, 0, "written", "", "", R"({"text":"x","pokes":0})", "", change.at, change.at};
  store.append(std::move(change), [](core::Result<store::Appended> done) { REQUIRE(done); });
}

}  // namespace

TEST_CASE("why names the event that gave an entity its status, with its decision") {
  House house;
  house.tenant();
  house.note("n1", "");
  house.note("n1", "text");
  house.note("n1", "more text");
  const auto answer = house.get("/v1/tenants/clinic/notes/n1/why");
  CHECK(answer.status == 200);
  CHECK(core::json_text(answer.body, "status") == "written");
  CHECK(core::json_part(answer.body, "event.version") == "2");  // the third event changed the text, not the status
  CHECK(core::json_text(answer.body, "decision.rules[0]") == "operator.may");
  CHECK(core::json_keys(answer.body, "chain").empty());
  CHECK(house.get("/v1/tenants/clinic/notes/n9/why").status == 404);
}

TEST_CASE("why follows causes back through the log, at most ten") {
  House house;
  house.tenant();
  for (int i = 0; i < 15; ++i)
    append_caused(*house.store, {"clinic", "note", "n" + std::to_string(i)}, "c" + std::to_string(i),
                  i ? "c" + std::to_string(i - 1) : "");
  const auto three = house.get("/v1/tenants/clinic/notes/n3/why");
  CHECK(core::json_keys(three.body, "chain").size() == 3);
  CHECK(core::json_text(three.body, "chain[0].subject") == "clinic/note/n2");
  CHECK(core::json_text(three.body, "chain[2].subject") == "clinic/note/n0");
  CHECK(core::json_keys(house.get("/v1/tenants/clinic/notes/n14/why").body, "chain").size() == 10);
}

TEST_CASE("the tree holds the runtime's services and every tenant's entities with mailbox and last error") {
  auto options = usual_options();
  options.providers.services = [](auto done) {
    done(std::string(R"([{"name":"store","kind":"service","status":"running","children":[]}])"));
  };
  House house(std::move(options));
  house.tenant();
  house.tenant("shop");
  house.note("n1", "hello");
  const auto answer = house.get("/v1/tree");
  CHECK(answer.status == 200);
  CHECK(core::json_text(answer.body, "children[0].children[0].name") == "store");
  CHECK(core::json_text(answer.body, "children[1].children[0].name") == "clinic");
  const auto note = *core::json_part(answer.body, "children[1].children[0].children[0]");
  CHECK(core::json_text(note, "name") == "n1");
  CHECK(core::json_text(note, "status") == "written");
  CHECK(core::json_part(note, "mailbox") == "3");
  CHECK(core::json_text(note, "last_error") == "it hurt");
  CHECK(core::json_text(note, "facts.text") == "hello");
  const auto shop = house.get("/v1/tree?tenant=shop");
  CHECK(shop.body.find("clinic") == std::string::npos);
}

namespace {

void append_document(store::EventStore& store, const core::EntityKey& key, const std::string& parent,
                     const std::string& body) {
  store::Append change;
  change.key = key;
  change.at = core::system_clock().now();
  change.events.push_back({core::new_uuid(change.at), "note.written", "{}", "{}"});
  change.document = {key, 1, 1, 0, "running", parent, "", body, "", change.at, change.at};
  store.append(std::move(change), [](core::Result<store::Appended> done) { REQUIRE(done); });
}

}  // namespace

TEST_CASE("logs are read by their tail, followed as they grow, and put together for a deployment") {
  std::mutex mutex;
  std::map<std::string, std::vector<std::string>> logs = {{"d.api.1", {"a1", "a2\x1b[31m", "a3"}}, {"d.web.1", {"w1"}}};
  auto options = usual_options();
  options.providers.read_log = [&](const core::EntityKey& instance, const std::string& cursor,
                                   std::size_t lines) -> core::Result<gateway::LogLines> {
    std::lock_guard lock(mutex);
    const auto found = logs.find(instance.id);
    if (found == logs.end()) return core::refusal("log.not_found", "it printed nothing");
    const auto& all = found->second;
    const std::size_t from = cursor.empty() ? all.size() - std::min(lines, all.size()) : std::stoul(cursor);
    return gateway::LogLines{{all.begin() + long(from), all.end()}, std::to_string(all.size())};
  };
  House house(std::move(options));
  house.tenant();
  append_document(*house.store, {"clinic", "deployment", "d"}, "platform/p",
                  R"({"routes":{"api":{"port":7481}},"instances":{"d.api.1":{},"d.web.1":{}}})");
  append_document(*house.store, {"clinic", "instance", "d.api.1"}, "deployment/d",
                  R"({"service":"api","pid":42,"restarts":2})");
  append_document(*house.store, {"clinic", "instance", "d.web.1"}, "deployment/d", R"({"service":"web"})");
  append_document(*house.store, {"clinic", "instance", "d.api.2"}, "deployment/d", R"({"service":"api"})");

  const auto tail = house.get("/v1/tenants/clinic/instances/d.api.1/logs?tail=2");
  CHECK(tail.header("content-type").starts_with("text/plain"));
  CHECK(tail.body == "a2\\u001b[31m\na3\n");
  CHECK(code_of(house.get("/v1/tenants/clinic/instances/d.api.2/logs")) == "log.not_found");
  CHECK(code_of(house.get("/v1/tenants/clinic/instances/absent/logs")) == "instance.not_found");
  const auto web = house.get("/v1/tenants/clinic/deployments/d/logs?service=web");
  CHECK(web.body == "{\"instance\":\"d.web.1\",\"service\":\"web\",\"line\":\"w1\"}\n");

  Client client(house.gateway->port());
  client.send(request_text("GET", "/v1/tenants/clinic/deployments/d/logs?follow=true&tail=1"));
  CHECK(client.receive_head().status == 200);
  const auto first = client.read_until(R"("line":"w1")");
  CHECK(first.find(R"("line":"a3")") != std::string::npos);
  CHECK(first.find(R"("line":"a1")") == std::string::npos);
  {
    std::lock_guard lock(mutex);
    logs["d.api.1"].push_back("a4");
    logs["d.api.2"] = {"late"};
  }
  const auto more = client.read_until("late");
  CHECK(more.find(R"("line":"a4")") != std::string::npos);
  CHECK(more.find(R"("line":"a3")") == std::string::npos);

  // The tree arranges the same instances under their services.
  const auto api =
      core::json_part(house.get("/v1/tree?tenant=clinic").body, "children[1].children[0].children[0]").value_or("");
  CHECK(api.find("\"url\":\"http://127.0.0.1:7481\"") != std::string::npos);
  CHECK(api.find("\"kind\":\"service\"") != std::string::npos);
  CHECK(api.find("\"pid\":42") != std::string::npos);
}

TEST_CASE("an upload reaches its route as a file, is answered, and leaves nothing behind") {
  std::map<std::string, std::string> kept;
  auto options = usual_options();
  options.providers.has_source = [&](const std::string& digest) -> core::Result<bool> { return kept.contains(digest); };
  options.providers.put_source = [&](const std::string& digest, const std::string& file) -> core::Result<bool> {
    std::ifstream in(file, std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(in)), {});
    if ("sha256:" + credentials::to_hex(credentials::sha256(bytes)) != digest) {
      auto error = core::refusal("source.digest_mismatch", "the bytes have another digest");
      error.status = 422;
      return error;
    }
    return kept.emplace(digest, std::move(bytes)).second;
  };
  options.source_bytes_max = 2'000'000;
  House house(std::move(options));
  const std::string bytes(1'500'000, 'q');
  const std::string target = "/v1/sources/sha256:" + credentials::to_hex(credentials::sha256(bytes));
  const std::vector<std::string> tar = {"Content-Type: application/x-tar"};
  CHECK(house.call("HEAD", target).status == 404);
  CHECK(house.call("PUT", target, bytes, tar).status == 201);
  CHECK(house.call("PUT", target, bytes, tar).status == 200);
  CHECK(house.call("HEAD", target).status == 200);
  CHECK(code_of(house.call("PUT", target, bytes + "x", tar)) == "source.digest_mismatch");
  CHECK(house.call("PUT", target, std::string(2'000'001, 'q'), tar).status == 413);
  CHECK(house.call("PUT", target, bytes, {"Content-Type: text/plain"}).status == 415);
  CHECK(house.call("PUT", "/v1/sources/sha256:abc", bytes, tar).status == 400);
  CHECK(house.call("GET", target).status == 405);
  {
    Client cut(house.gateway->port());
    cut.send("PUT " + target +
             " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer test-token\r\nContent-Type: "
             "application/x-tar\r\nContent-Length: 1000000\r\n\r\n" +
             std::string(1000, 'x'));
  }
  CHECK(testkit::await([&] { return std::filesystem::is_empty(house.folder.path()); }));
}

TEST_CASE("dead letters are listed, retried, and put away with a reason") {
  std::vector<std::string> retried;
  auto options = usual_options();
  options.providers.retry_dead_letter = [&](const store::DeadLetter& letter, auto done) {
    retried.push_back(letter.id);
    done(core::ok());
  };
  House house(std::move(options));
  for (const char* id : {"l1", "l2", "l3"})
    house.store->add_dead_letter({id, {"clinic", "note", "n1"}, R"({"verb":"send"})", "boom", 0, "pending", "", {}},
                                 [](core::Status done) { REQUIRE(done); });
  const auto page = house.get("/v1/dead-letters?limit=2");
  CHECK(core::json_keys(page.body, "items").size() == 2);
  CHECK(core::json_text(page.body, "items[0].what.verb") == "send");
  CHECK(core::json_text(house.get("/v1/dead-letters?limit=2&cursor=" + *core::json_text(page.body, "next")).body,
                        "items[0].id") == "l3");
  CHECK(house.post("/v1/dead-letters/l1/retry").status == 200);
  CHECK(retried == std::vector<std::string>{"l1"});
  CHECK(house.post("/v1/dead-letters/l2/resolve").status == 400);
  CHECK(house.post("/v1/dead-letters/l2/resolve", R"({"reason":"done by hand"})").status == 200);
  CHECK(core::json_text(house.get("/v1/dead-letters?status=resolved").body, "items[0].reason") ==
        "done by hand (operator)");
  CHECK(house.post("/v1/dead-letters/l2/discard", R"({"reason":"again"})").status == 409);
  CHECK(code_of(house.post("/v1/dead-letters/l9/retry")) == "dead_letter.not_found");
}

TEST_CASE("the OpenAPI document and the served routes are the same") {
  House house;
  house.tenant();
  house.note("n1", "x");
  const auto document = nlohmann::json::parse(house.get("/v1/openapi.json").body);
  CHECK(document["openapi"] == "3.1.0");
  int operations = 0;
  for (const auto& [path, methods] : document["paths"].items()) {
    std::string target = path;
    for (const auto& [name, value] :
         {std::pair("{tenant}", "clinic"), std::pair("{id}", "n1"), std::pair("{digest}", "x")})
      if (const auto at = target.find(name); at != std::string::npos)
        target.replace(at, std::string(name).size(), value);
    INFO(target);
    // A method that nobody offers: the refusal tells which are served, and they are the documented ones.
    const auto refused = house.call("PATCH", target);
    REQUIRE(refused.status == 405);
    std::set<std::string> documented;
    for (const auto& [method, operation] : methods.items()) {
      std::string upper = method;
      std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return char(std::toupper(c)); });
      documented.insert(upper);
      ++operations;
      CHECK(operation["responses"].contains("200"));
      if (operation.contains("requestBody") && operation["requestBody"]["content"].contains("application/json")) {
        const auto schema = operation["requestBody"]["content"]["application/json"]["schema"];
        if (schema.contains("$ref"))
          CHECK(document.contains(nlohmann::json::json_pointer(schema["$ref"].get<std::string>().substr(1))));
      }
    }
    std::set<std::string> served;
    std::istringstream allow(refused.header("allow"));
    for (std::string method; std::getline(allow >> std::ws, method, ',');)
      if (method != "HEAD" || documented.contains("HEAD")) served.insert(method);
    CHECK(served == documented);
  }
  CHECK(operations >= 30);
  const auto text = document.dump();
  CHECK(text.find("/poke") == std::string::npos);   // commands from inside are nobody else's
  CHECK(text.find("/stamp") == std::string::npos);  // assisted ones have routes of their own
  CHECK(text.find("note.stamp") == std::string::npos);
  CHECK(text.find("{what}") == std::string::npos);
}

TEST_CASE("the kinds are described with the schemas of their commands") {
  House house;
  const auto kinds = house.get("/v1/kinds").body;
  CHECK(core::json_text(kinds, "items[3].name") == "note");
  CHECK(core::json_text(kinds, "items[3].commands[0].name") == "write");
  CHECK(core::json_text(kinds, "items[3].commands[0].door") == "open");
  CHECK(core::json_text(kinds, "items[3].commands[1].door") == "internal");
  CHECK(core::json_text(kinds, "items[3].commands[2].door") == "assisted");
  CHECK(core::json_text(kinds, "items[3].commands[0].schema.type") == "object");
}
