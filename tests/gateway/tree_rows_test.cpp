// The tree as rows: pages that together hold everything once, and a stream that joins them without a gap.
#include "core/json.hpp"
#include "tests/gateway/house.hpp"
#include "tests/testkit/catch.hpp"

#include <set>

using namespace nova;
using namespace nova::test;

namespace {

const std::vector<std::string> sse = {"Accept: text/event-stream"};

std::set<std::string> ids_of(const std::string& body) {
  std::set<std::string> found;
  for (const auto& at : core::json_keys(body, "items")) found.insert(*core::json_text(body, "items" + at + ".id"));
  return found;
}

// The data of the next message of that name.
std::string message(Client& client, const std::string& name) {
  client.read_until("event: " + name + "\ndata: ");
  return client.read_until("\n\n");
}

}  // namespace

TEST_CASE("rows come in pages: each entity once, the node with the first") {
  auto options = usual_options();
  options.providers.services = [](auto done) {
    done(std::string(R"([{"name":"store","kind":"service","status":"running","children":[]}])"));
  };
  House house(std::move(options));
  house.tenant();
  std::set<std::string> wanted = {"clinic"};
  for (int i = 0; i < 25; ++i) {
    house.note("n" + std::to_string(i), "x");
    wanted.insert("n" + std::to_string(i));
  }
  std::set<std::string> found;
  std::size_t pages = 0, rows = 0;
  std::string cursor;
  do {
    const auto page = house.get("/v1/tree/rows?limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
    REQUIRE(page.status == 200);
    CHECK(page.header("nova-position") == "26");
    CHECK(core::json_part(page.body, "node").has_value() == cursor.empty());
    const auto ids = ids_of(page.body);
    rows += ids.size();
    found.insert(ids.begin(), ids.end());
    cursor = core::json_text(page.body, "next").value_or("");
    REQUIRE(++pages < 9);
  } while (!cursor.empty());
  CHECK(found == wanted);
  CHECK(rows == wanted.size());
  const auto first = house.get("/v1/tree/rows?limit=1");
  CHECK(core::json_text(first.body, "items[0].kind") == "tenant");
  CHECK(core::json_text(first.body, "items[0].name") == "Clinic");
  CHECK(core::json_text(first.body, "node.children[0].children[0].name") == "store");
  CHECK(core::json_text(first.body, "busy[0].path") == "clinic/note/n1");
  CHECK(core::json_text(first.body, "busy[0].last_error") == "it hurt");
}

TEST_CASE("rows are of the kinds, states and tenant asked for, and a cursor is one that was given") {
  House house;
  house.tenant();
  house.tenant("shop");
  house.note("n1", "x");
  CHECK(ids_of(house.get("/v1/tree/rows?kinds=tenant").body) == std::set<std::string>{"clinic", "shop"});
  CHECK(ids_of(house.get("/v1/tree/rows?kinds=tenant,note:written&tenant=clinic").body) ==
        std::set<std::string>{"clinic", "n1"});
  CHECK(ids_of(house.get("/v1/tree/rows?kinds=note:lost").body).empty());
  for (const auto* wrong : {"kinds=nothing", "cursor=7", "cursor=99:x", "cursor=x:1", "limit=0", "limit=5001"})
    CHECK(house.get(std::string("/v1/tree/rows?") + wrong).status == 400);
}

TEST_CASE("the stream goes on where the page was read, and tells what an entity is now") {
  House house;
  house.tenant();
  house.note("n1", "before");
  const auto page = house.get("/v1/tree/rows");
  house.note("n2", "between the page and the stream");
  house.note("n2", "again");
  Client client(house.gateway->port());
  client.send(request_text("GET", "/v1/tree/rows?after=" + page.header("nova-position"), {}, sse));
  REQUIRE(client.receive_head().status == 200);
  CHECK(core::json_text(message(client, "node"), "node.kind") == "node");
  client.read_until("id: 4\n");
  auto told = message(client, "rows");
  CHECK(ids_of(told) == std::set<std::string>{"n2"});
  house.note("n3", "later");
  client.read_until("id: 5\n");
  CHECK(ids_of(message(client, "rows")) == std::set<std::string>{"n3"});
}

TEST_CASE("a reader that was cut off hears all that it missed, and nothing of what it did not ask for") {
  House house;
  house.tenant();
  for (int i = 0; i < 30; ++i) house.note("n" + std::to_string(i), "x");
  {
    Client client(house.gateway->port());
    client.send(request_text("GET", "/v1/tree/rows?kinds=note", {}, {sse[0], "Last-Event-ID: 11"}));
    CHECK(client.receive_head().header("nova-position") == "11");
    CHECK(ids_of(message(client, "rows")).size() == 20);
  }
  Client client(house.gateway->port());
  client.send(request_text("GET", "/v1/tree/rows?kinds=tenant", {}, {sse[0], "Last-Event-ID: 1"}));
  CHECK(client.receive_head().status == 200);
  house.tenant("shop");
  CHECK(ids_of(message(client, "rows")) == std::set<std::string>{"shop"});
  CHECK(house.get("/v1/tree/rows?after=9999", sse).status == 400);
  CHECK(house.get("/v1/tree/rows", {sse[0], "Last-Event-ID: x"}).status == 400);
}

TEST_CASE("what no longer is in the state asked for is gone") {
  House house;
  house.tenant();
  Client client(house.gateway->port());
  client.send(request_text("GET", "/v1/tree/rows?kinds=note:lost", {}, sse));
  CHECK(client.receive_head().status == 200);
  house.note("n1", "x");
  CHECK(core::json_text(message(client, "rows"), "gone[0]") == "clinic/note/n1");
}
