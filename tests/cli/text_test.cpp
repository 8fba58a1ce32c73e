#include "cli/manifest/plan_file.hpp"
#include "cli/net/sse.hpp"
#include "cli/text/qr.hpp"
#include "cli/text/safe.hpp"
#include "cli/text/table.hpp"
#include "cli/text/yaml_out.hpp"

#include "tests/testkit/catch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

namespace nova::cli {
namespace {

using Json = nlohmann::ordered_json;

TEST_CASE("qr: a code is a square of light and dark with its three marks, on a light border") {
  const auto text = qr_code("otpauth://totp/WebNova:amy?secret=JBSWY3DPEHPK3PXP", false);
  std::vector<std::vector<bool>> light;  // by module, from the half blocks
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<bool> above, below;
    for (std::size_t at = 0; at < line.size();) {
      const std::string_view rest = std::string_view(line).substr(at);
      const bool full = rest.starts_with("█"), upper = rest.starts_with("▀"), lower = rest.starts_with("▄");
      above.push_back(full || upper);
      below.push_back(full || lower);
      at += full || upper || lower ? 3 : 1;
    }
    light.push_back(above);
    light.push_back(below);
  }
  const auto size = light.at(0).size();
  REQUIRE(size >= 21 + 4);
  CHECK((size - 4 - 17) % 4 == 0);  // versions grow by four modules
  CHECK((light.size() == size || light.size() == size + 1));
  CHECK(std::all_of(light[0].begin(), light[0].end(), [](bool one) { return one; }));
  const char* mark[] = {"#######", "#     #", "# ### #", "# ### #", "# ### #", "#     #", "#######"};
  for (const auto& [top, left] : {std::pair<std::size_t, std::size_t>{2, 2}, {2, size - 9}, {size - 9, 2}})
    for (std::size_t y = 0; y < 7; ++y)
      for (std::size_t x = 0; x < 7; ++x) CHECK(light[top + y][left + x] == (mark[y][x] == ' '));
  CHECK(qr_code("x", true).starts_with("\x1b[97;40m"));
  CHECK(qr_code(std::string(4000, 'x'), false).empty());
}

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
