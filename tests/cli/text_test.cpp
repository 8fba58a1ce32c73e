#include "cli/manifest/plan_file.hpp"
#include "cli/net/sse.hpp"
#include "cli/text/safe.hpp"
#include "cli/text/table.hpp"
#include "cli/text/yaml_out.hpp"

#include "tests/testkit/catch.hpp"

#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

TEST_CASE("text: nothing that a terminal would obey comes out raw") {
  CHECK(safe("a\x1b[31mb") == "a\\u001b[31mb");
  CHECK(safe("bell\a tab\t") == "bell\\u0007 tab\\u0009");
  CHECK(safe("c1 \xc2\x9b") == "c1 \\u009b");
  CHECK(safe("turned \xe2\x80\xae round") == "turned \\u202e round");
  CHECK(safe("no \xff utf8") == "no \xef\xbf\xbd utf8");
  CHECK(safe("مرحبا") == "مرحبا");
  CHECK(safe_lines("a\nb\x1b") == "a\nb\\u001b");
  CHECK(Json::parse(safe_json(Json{{"a", "\x7f\xc2\x9b"}}.dump()))["a"] == "\x7f\xc2\x9b");
}

TEST_CASE("text: columns line up in every script") {
  CHECK(display_width("clinic") == 6);
  CHECK(display_width("عيادة") == 5);
  CHECK(display_width("عِيَادَة") == 5);  // short vowels stand on their letters
  CHECK(display_width("診療所") == 6);
  CHECK(display_width("é") == 1);
  CHECK(cut("clinic", 4) == "cli…");
  CHECK(cut("診療所", 5) == "診療…");
  CHECK(cut("clinic", 6) == "clinic");
  Table table({"ID", "NAME", "STATUS"});
  table.row({"a", "عيادة", "running"});
  table.row({"bb", "診療所", "failed"});
  CHECK(table.text() ==
        "ID  NAME    STATUS\n"
        "a   عيادة   running\n"
        "bb  診療所  failed\n");
}

TEST_CASE("text: colours stand only where they are wanted, and outside of the widths") {
  Table table({"STATUS", "X"});
  table.row({"running", "1"});
  CHECK(table.text(Paint(false), 0).find('\x1b') == std::string::npos);
  CHECK(table.text(Paint(true), 0).find("\x1b[32mrunning\x1b[0m  1\n") != std::string::npos);
}

TEST_CASE("text: yaml quotes what yaml would misread") {
  const Json value = {
      {"a", "yes"},       {"b", "plain text"},   {"c", "1"},     {"d", 1},
      {"e", {1, "x: y"}}, {"f", Json::object()}, {"g", nullptr}, {"h", {{{"k", true}, {"l", "two\nlines"}}}}};
  CHECK(to_yaml(value) ==
        "a: \"yes\"\nb: plain text\nc: \"1\"\nd: 1\ne:\n  - 1\n  - \"x: y\"\nf: {}\ng: null\nh:\n  - k: true\n    l: "
        "\"two\\nlines\"\n");
}

TEST_CASE("text: a plan reads as a diff") {
  const Json changes = Json::parse(R"([
    {"kind":"tenant","tenant":"clinic","id":"clinic","action":"none","intent_version":2,"diff":[]},
    {"kind":"blueprint","tenant":"clinic","id":"clinic","action":"change","intent_version":3,"diff":[
      {"path":"services.api.scale","from":1,"to":3},{"path":"services.web","from":null,"to":{"port":80}},{"path":"services.old","from":"x","to":null}]}])");
  CHECK(plan_text(changes, Paint()) ==
        "~ clinic/blueprint/clinic\n"
        "    ~ services.api.scale: 1 -> 3\n"
        "    + services.web: {\"port\":80}\n"
        "    - services.old: \"x\"\n"
        "0 to create, 1 to change, 1 as they are\n");
  CHECK(has_changes(changes));
  CHECK(plan_text(Json::array(), Paint()) == "nothing to change\n");
}

TEST_CASE("sse: events come out whole, however the bytes arrive") {
  const std::string stream =
      ": beat\n\nid: 7\nevent: a.b\ndata: one\ndata: two\n\ndata: {}\r\n\r\nid: 8\rdata:x\r\revent: lost";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    SseReader reader;
    std::vector<std::string> seen;
    for (std::size_t at = 0; at < stream.size(); at += piece)
      REQUIRE(reader.feed(std::string_view(stream).substr(at, piece),
                          [&](const ServerEvent& e) { seen.push_back(e.id + "|" + e.type + "|" + e.data); }));
    CHECK(seen == std::vector<std::string>{"7|a.b|one\ntwo", "7|message|{}", "8|message|x"});
    CHECK(reader.last_id() == "8");
  }
}

TEST_CASE("sse: an event without end is refused") {
  SseReader reader;
  const std::string part(1 << 20, 'x');
  bool fine = true;
  for (int i = 0; i < 5 && fine; ++i) fine = reader.feed(part, [](const ServerEvent&) {});
  CHECK_FALSE(fine);
}

}  // namespace
}  // namespace nova::cli
