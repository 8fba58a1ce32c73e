// The log over HTTP: pages, the newest, and streams without gaps or doubles.
#include "core/json.hpp"
#include "tests/gateway/house.hpp"
#include "tests/testkit/await.hpp"
#include "tests/testkit/catch.hpp"

#include <thread>

using namespace nova;
using namespace nova::test;
using namespace std::chrono_literals;

namespace {

const std::vector<std::string> sse = {"Accept: text/event-stream"};

// Opens a stream and reads its head.
Answer open_stream(Client& client, const std::string& target, std::vector<std::string> headers = sse) {
  client.send(request_text("GET", target, {}, headers));
  return client.receive_head();
}

// Positions of the next `count` events.
std::vector<int> positions(Client& client, int count) {
  std::vector<int> found;
  while (int(found.size()) < count) {
    client.read_until("id: ");
    const auto line = client.read_until("\n");
    if (line.empty()) break;
    found.push_back(std::stoi(line));
  }
  return found;
}

}  // namespace

TEST_CASE("an event leaves as a CloudEvent with its cause and decision") {
  House house;
  house.tenant();
  house.note("n1", "hello");
  const auto page = house.get("/v1/events?type=note.*");
  CHECK(core::json_keys(page.body, "items").size() == 1);
  const auto event = *core::json_part(page.body, "items[0]");
  CHECK(core::json_text(event, "specversion") == "1.0");
  CHECK(core::json_text(event, "source") == "/tenants/clinic/notes/n1");
  CHECK(core::json_text(event, "subject") == "clinic/note/n1");
  CHECK(core::json_text(event, "type") == "note.written");
  CHECK(core::json_text(event, "data.text") == "hello");
  CHECK(core::json_text(event, "meta.decision.answer") == "allow");
  CHECK(core::json_text(event, "position") == "2");
}

TEST_CASE("the log is read in pages to its end, and its newest events oldest first") {
  House house;
  house.tenant();
  for (int i = 0; i < 9; ++i) house.note("n" + std::to_string(i % 2), std::to_string(i));
  int events = 0, pages = 0;
  std::string after = "0";
  for (; pages < 10; ++pages) {
    const auto page = house.get("/v1/events?limit=4&after=" + after);
    events += int(core::json_keys(page.body, "items").size());
    const auto next = core::json_text(page.body, "next");
    if (!next) break;
    after = *next;
  }
  CHECK(events == 10);
  const auto last = house.get("/v1/events?last=2&kind=notes");
  CHECK(core::json_text(last.body, "items[0].data.text") == "7");
  CHECK(core::json_text(last.body, "items[1].data.text") == "8");
  const auto one = house.get("/v1/tenants/clinic/notes/n1/events?after_version=2&limit=1");
  CHECK(core::json_text(one.body, "items[0].version") == "3");
  CHECK(core::json_text(one.body, "next") == "3");
  CHECK(house.get("/v1/tenants/clinic/notes/absent/events").status == 404);
}

TEST_CASE("a stream tells what comes, and only what its filter lets through") {
  House house;
  house.tenant();
  house.note("n1", "before");
  Client client(house.gateway->port());
  const auto head = open_stream(client, "/v1/events?kind=note&id=n1");
  CHECK(head.status == 200);
  CHECK(head.header("content-type").starts_with("text/event-stream"));
  house.note("n2", "other");
  house.note("n1", "after");
  const auto text = client.read_until("after");
  CHECK(text.find("before") == std::string::npos);
  CHECK(text.find("other") == std::string::npos);
  CHECK(text.find("event: note.written") != std::string::npos);
}

TEST_CASE("a stream resumes after the last event seen, without gap or double, while others write") {
  House house;
  house.tenant();
  std::thread writer([&] {
    for (int i = 0; i < 300; ++i) house.note("n" + std::to_string(i % 5), "x");
  });
  std::vector<int> seen;
  while (seen.size() < 300) {
    // Each connection reads a few events and is cut.
    Client client(house.gateway->port());
    const std::string last = seen.empty() ? "0" : std::to_string(seen.back());
    if (open_stream(client, "/v1/events?after=0", {"Accept: text/event-stream", "Last-Event-ID: " + last}).status !=
        200)
      break;
    for (const int position : positions(client, 37)) {
      seen.push_back(position);
      if (seen.size() >= 301) break;
    }
    if (seen.size() + 37 > 301) break;
  }
  writer.join();
  Client client(house.gateway->port());
  open_stream(client, "/v1/events", {"Accept: text/event-stream", "Last-Event-ID: " + std::to_string(seen.back())});
  for (const int position : positions(client, 301 - int(seen.size()))) seen.push_back(position);
  REQUIRE(seen.size() == 301);
  for (std::size_t i = 0; i < seen.size(); ++i) CHECK(seen[i] == int(i) + 1);
}

TEST_CASE("a stream that goes on at a node which is a moment behind waits for it") {
  House house;
  house.tenant();
  const auto next = house.store->head() + 1;
  Client client(house.gateway->port());
  std::thread writer([&] {
    if (!testkit::await([&] { return house.gateway->stats().requests >= 1; })) return;
    house.note("n1", "seen elsewhere");
    house.note("n2", "new here");
  });
  const auto head =
      open_stream(client, "/v1/events", {"Accept: text/event-stream", "Last-Event-ID: " + std::to_string(next)});
  writer.join();
  CHECK(head.status == 200);
  const auto text = client.read_until("new here");
  CHECK(text.find("seen elsewhere") == std::string::npos);
}

TEST_CASE("a position beyond the log is refused: it was another node's") {
  House house;
  CHECK(house.get("/v1/events", {"Accept: text/event-stream", "Last-Event-ID: 77"}).status == 400);
  CHECK(house.get("/v1/events", {"Accept: text/event-stream", "Last-Event-ID: x"}).status == 400);
}

TEST_CASE("stored text cannot break out of a stream's framing") {
  House house;
  house.tenant();
  Client client(house.gateway->port());
  open_stream(client, "/v1/events");
  house.note("n1", R"(a\n\nid: 99\nevent: forged\ndata: {}\n\n)");
  house.note("n1", "done");
  const auto text = client.read_until("done");
  CHECK(text.find("\nevent: forged") == std::string::npos);
  CHECK(text.find("\nid: 99") == std::string::npos);
}

TEST_CASE("a quiet stream is kept alive by comments") {
  auto options = usual_options();
  options.server.heartbeat = 20ms;
  House house(std::move(options));
  Client client(house.gateway->port());
  open_stream(client, "/v1/events");
  CHECK(client.read_until(": heartbeat\n\n").ends_with(": heartbeat\n\n"));
  CHECK(client.read_until(": heartbeat\n\n").ends_with(": heartbeat\n\n"));
}

TEST_CASE("a reader that went away is forgotten at once") {
  House house;
  {
    Client client(house.gateway->port());
    open_stream(client, "/v1/events");
    REQUIRE(testkit::await([&] { return house.gateway->stats().streams == 1; }));
  }
  CHECK(testkit::await([&] { return house.gateway->stats().streams == 0 && house.gateway->stats().connections == 0; }));
}

TEST_CASE("a reader that does not read is cut off, and nothing is held for it") {
  auto options = usual_options();
  options.server.stall_limit = 200ms;
  House house(std::move(options));
  house.tenant();
  Client client(house.gateway->port(), 4096);
  open_stream(client, "/v1/events");
  const std::string text(4000, 'x');
  REQUIRE(testkit::await(
      [&] {
        for (int i = 0; i < 20; ++i) house.note("n1", text);
        return house.gateway->stats().streams == 0;
      },
      30s));
  CHECK(house.gateway->stats().timed_out >= 1);
}

TEST_CASE("more streams than the node follows are refused, and the plain reads go on") {
  auto options = usual_options();
  options.server.streams_max = 1;
  House house(std::move(options));
  Client first(house.gateway->port());
  open_stream(first, "/v1/events");
  Client second(house.gateway->port());
  CHECK(open_stream(second, "/v1/events").status == 503);
  CHECK(house.get("/v1/events").status == 200);
}

TEST_CASE("draining ends streams properly, so that their readers come back later") {
  House house;
  Client client(house.gateway->port());
  open_stream(client, "/v1/events");
  REQUIRE(testkit::await([&] { return house.gateway->stats().streams == 1; }));
  CHECK(house.gateway->drain(5s));
  CHECK(client.read_until("0\r\n\r\n").ends_with("0\r\n\r\n"));
}
