// novactl policy: what scripts rely on (exit codes, the shape of JSON), and errors that name file, line and column.
#include "tests/cli/verbs_fixture.hpp"

#include <filesystem>

namespace nova::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr const char* policies_text =
    "@id(\"doctors-read\")\n"
    "permit (principal in Role::\"doctor\", action == Action::\"read\", resource)\n"
    "when { principal.level >= resource.level && context.mfa };\n"
    "\n"
    "forbid (principal, action, resource)\n"
    "unless { context.mfa };\n";
constexpr const char* schema_text =
    "entity Role; entity User in [Role] { level: Long }; entity Chart { level: Long };\n"
    "action read appliesTo { principal: User, resource: Chart, context: { mfa: Bool } };\n";
constexpr const char* entities_text =
    R"([{"uid":{"type":"User","id":"amy"},"attrs":{"level":3},"parents":[{"type":"Role","id":"doctor"}]},
        {"uid":{"type":"Chart","id":"c1"},"attrs":{"level":2},"parents":[]}])";
constexpr const char* request_text =
    R"({"principal":{"type":"User","id":"amy"},"action":{"type":"Action","id":"read"},
        "resource":{"type":"Chart","id":"c1"},"context":{"mfa":true}})";

struct Desk : Clinic {
  std::string policies = file("c.cedar", policies_text);
  std::string schema = file("c.cedarschema", schema_text);
  std::string entities = file("e.json", entities_text);
  std::string request = file("r.json", request_text);

  Ran policy(std::vector<std::string> words, const std::string& input = {}) {
    words.insert(words.begin(), "policy");
    return run(words, input);
  }
  Ran ask(const std::string& verb, const std::string& context, std::vector<std::string> extra = {}) {
    std::vector<std::string> words = {
        verb,       policies,           "-e",         entities,        "--principal",       "User::\"amy\"",
        "--action", "Action::\"read\"", "--resource", "Chart::\"c1\"", "--request-context", context};
    words.insert(words.end(), extra.begin(), extra.end());
    return policy(words);
  }
  std::string text_of(const std::string& path) const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

std::string batch_line(const std::string& id, const std::string& policies) {
  return Json{{"id", id},
              {"policies", policies},
              {"schema", nullptr},
              {"entities", Json::array()},
              {"requests", {Json::parse(request_text)}},
              {"validate", false}}
      .dump();
}

TEST_CASE("policy check: a line in, a line out, in order; what cannot be used is refused in its place") {
  Desk desk;
  const std::string lines = batch_line("a", "permit (principal, action, resource);") + "\n\n" +
                            batch_line("b", "permit (") + "\nnonsense\n" + batch_line("c", "");
  for (const auto& ran : {desk.policy({"check", "--batch", "-"}, lines),
                          desk.policy({"check", "--batch", desk.file("cases.jsonl", lines)})}) {
    REQUIRE(ran.code == exit_ok);
    std::istringstream out(ran.out);
    std::vector<Json> answers;
    for (std::string line; std::getline(out, line);) answers.push_back(Json::parse(line));
    REQUIRE(answers.size() == 4);
    CHECK(answers[0]["id"] == "a");
    CHECK(answers[0]["validation"].is_null());
    CHECK(answers[0]["results"][0] == Json{{"decision", "allow"}, {"reason", {"policy0"}}, {"errors", Json::array()}});
    CHECK(answers[1]["error"]["stage"] == "policies");
    CHECK(answers[2]["error"]["stage"] == "line");
    CHECK(answers[3]["results"][0]["decision"] == "deny");
  }
  CHECK(desk.policy({"check"}).code == exit_usage);
  const auto missing = desk.policy({"check", "--batch", (desk.dir / "none.jsonl").string()});
  CHECK(missing.code == exit_usage);
  CHECK(has(missing.err, "policy.not_readable"));
  CHECK(desk.policy({"check", "--batch", desk.dir.path().string()}).code == exit_usage);
}

TEST_CASE("policy: inputs beyond 64 MiB are refused, a line of a batch alone") {
  Desk desk;
  const auto large = desk.file("large.cedar", "");
  fs::resize_file(large, 64 * 1024 * 1024 + 1);
  const auto ran = desk.policy({"format", large});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "input.too_large"));
  std::ofstream(large, std::ios::app) << "\n" << batch_line("next", "");
  const auto lines = desk.policy({"check", "--batch", large});
  CHECK(lines.code == exit_ok);
  std::istringstream out(lines.out);
  std::string first, second;
  REQUIRE(std::getline(out, first));
  REQUIRE(std::getline(out, second));
  CHECK(Json::parse(first)["error"]["message"].get<std::string>().find("too long") != std::string::npos);
  CHECK(Json::parse(second)["id"] == "next");
}

TEST_CASE("policy authorize: allow is 0 and deny is 3, with the policies that decided and their places") {
  Desk desk;
  auto ran = desk.ask("authorize", R"({"mfa":true})", {"-o", "json", "-s", desk.schema});
  REQUIRE(ran.code == exit_ok);
  CHECK(Json::parse(ran.out) == Json{{"decision", "allow"},
                                     {"reason",
                                      {{{"policy", "policy0"},
                                        {"effect", "permit"},
                                        {"place", desk.policies + ":1:1"},
                                        {"name", "doctors-read"}}}},
                                     {"errors", Json::array()}});
  ran = desk.ask("authorize", R"({"mfa":false})", {"-o", "json"});
  CHECK(ran.code == exit_denied);
  CHECK(Json::parse(ran.out)["reason"][0]["policy"] == "policy1");
  ran = desk.ask("authorize", "{}", {"-o", "json"});
  CHECK(ran.code == exit_denied);
  CHECK(Json::parse(ran.out)["reason"].empty());
  CHECK(has(Json::parse(ran.out)["errors"][1]["message"].get<std::string>(), "no attribute `mfa`"));
  ran = desk.policy({"authorize", desk.policies, "-e", desk.entities, "--request", "-"}, request_text);
  CHECK(ran.code == exit_ok);
  CHECK(ran.out == "ALLOW\n  by permit policy0 (doctors-read) at " + desk.policies + ":1:1\n");
}

TEST_CASE("policy authorize: what is missing or wrong about a request is said with its remedy") {
  Desk desk;
  const auto refused = [&](const Ran& ran, const std::string& code) {
    INFO(ran.err);
    CHECK(ran.code == exit_usage);
    CHECK(ran.out.empty());
    CHECK(has(ran.err, code));
  };
  refused(desk.policy({"authorize", desk.policies}), "--principal, --action and --resource, or --request FILE");
  refused(desk.ask("authorize", "{}", {"--request", desk.request}), "either --request or its parts");
  refused(desk.ask("authorize", "{\"mfa\":1}", {"-s", desk.schema}), "cedar.request_invalid: request.context.mfa");
  refused(desk.ask("authorize", "{\"mfa\":}"), "cedar.json_invalid: --request-context:1:8");
  refused(desk.policy({"authorize", desk.policies, "--principal", "amy", "--action", "Action::\"read\"", "--resource",
                       "Chart::\"c1\""}),
          "policy.bad_entity: --principal: `amy` is no entity (write TYPE::\"ID\"");
  refused(desk.policy({"authorize", desk.policies, "--request", desk.file("half.json", "{\"principal\":\n 1")}),
          "half.json:2:3");
  refused(desk.policy({"authorize", desk.policies, "--request", desk.request, "-e", desk.file("bad.json", "[{}]")}),
          "bad.json: entities[0]");
  refused(desk.policy({"authorize", "-", "--request", "-"}), "standard input can be only one of the inputs");
  refused(desk.policy({"authorize", (desk.dir / "none.cedar").string(), "--request", desk.request}),
          "policy.not_readable");
  const auto as_json = desk.policy({"authorize", "-", "--request", desk.request, "-o", "json"}, "permit (\n  x);");
  CHECK(as_json.code == exit_usage);
  CHECK(Json::parse(as_json.err)["errors"][0]["path"] == "standard input:2:3");
}

TEST_CASE("policy authorize: templates are linked from a file, and policies may be JSON") {
  Desk desk;
  const auto policies = desk.file("t.cedar", "permit (principal == ?principal, action, resource);\n");
  const auto links = desk.file(
      "l.json", R"([{"templateId":"policy0","newId":"amy-may","values":{"?principal":{"type":"User","id":"amy"}}}])");
  auto ran = desk.policy({"authorize", policies, "--links", links, "--request", desk.request, "-o", "json"});
  REQUIRE(ran.code == exit_ok);
  CHECK(Json::parse(ran.out)["reason"][0]["policy"] == "amy-may");
  CHECK(Json::parse(ran.out)["reason"][0]["place"] == policies + ":1:1");
  ran = desk.policy({"authorize", policies, "--links", desk.file("twice.json", R"([{"templateId":"none"}])"),
                     "--request", desk.request});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "twice.json: links[0]: a link is"));
  const auto json = desk.file("p.json", R"({"staticPolicies":{"all":{"effect":"permit","principal":{"op":"All"},
      "action":{"op":"All"},"resource":{"op":"All"},"conditions":[]}}})");
  ran = desk.policy({"authorize", json, "--request", desk.request, "-o", "json"});
  CHECK(ran.code == exit_ok);
  CHECK(Json::parse(ran.out)["reason"][0]["policy"] == "all");
}

TEST_CASE("policy explain: conditions that held, and what was read") {
  Desk desk;
  const auto ran = desk.ask("explain", R"({"mfa":false})", {"-o", "json"});
  REQUIRE(ran.code == exit_ok);
  const Json json = Json::parse(ran.out);
  CHECK(json["decision"] == "deny");
  REQUIRE(json["policies"].size() == 2);
  CHECK(json["policies"][0]["result"] == "not satisfied");
  CHECK(json["policies"][1]["result"] == "satisfied");
  const Json& condition = json["policies"][0]["conditions"][0];
  CHECK(condition["kind"] == "when");
  CHECK(condition["place"] == desk.policies + ":3:8");
  CHECK(condition["result"] == "did not hold");
  REQUIRE(condition["reads"].size() == 3);
  CHECK(condition["reads"][0] == Json{{"of", "User::\"amy\""}, {"attribute", "level"}, {"value", "3"}});
  CHECK(condition["reads"][2] == Json{{"of", nullptr}, {"attribute", "mfa"}, {"value", "false"}});
  const auto failed = desk.ask("explain", "{}");
  CHECK(failed.code == exit_ok);
  CHECK(has(failed.out, "skipped forbid policy1"));
  CHECK(has(failed.out, "a record: mfa is missing"));
}

TEST_CASE("policy validate: findings with code and place; 1 is invalid, 2 is unreadable") {
  Desk desk;
  auto ran = desk.policy({"validate", desk.policies, "-s", desk.schema, "-e", desk.entities, "-o", "json"});
  CHECK(ran.code == exit_ok);
  CHECK(Json::parse(ran.out) == Json{{"ok", true}, {"errors", Json::array()}, {"warnings", Json::array()}});
  const auto wrong = desk.file("w.cedar",
                               "permit (principal, action, resource)\nwhen { principal.levle == 1 };\n"
                               "permit (principal is Nurse, action, resource);\n");
  ran = desk.policy({"validate", wrong, "-s", desk.schema, "-o", "json", "-e",
                     desk.file("w.json", R"([{"uid":{"type":"User","id":"x"},"attrs":{},"parents":[]}])")});
  CHECK(ran.code == exit_failed);
  const Json json = Json::parse(ran.out);
  CHECK(json["ok"] == false);
  REQUIRE(json["errors"].size() >= 3);
  CHECK(json["errors"][0]["policy"] == "policy0");
  CHECK(json["errors"][0]["place"] == wrong + ":2:8");
  CHECK(json["errors"][1]["code"] == "unknown_entity_type");
  CHECK(json["errors"].back()["code"] == "cedar.entities_invalid");
  CHECK(has(json["errors"].back()["place"].get<std::string>(), "w.json: entities[0]"));
  ran = desk.policy({"validate", "-", "-s", desk.schema}, "permit (principal, action);\nforbid (x);\n");
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "  standard input:1:26: expected"));
  CHECK(has(ran.err, "  standard input:2:9: expected `principal`"));
  ran = desk.policy({"validate", desk.policies, "-s", desk.file("bad.cedarschema", "entity User;\nentity;\n")});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "bad.cedarschema:2:7"));
  CHECK(desk.policy({"validate", desk.policies}).code == exit_usage);
}

TEST_CASE("policy validate --unused: policies that never match, and forbids that change nothing") {
  Desk desk;
  const auto policies = desk.file("u.cedar", std::string(policies_text) +
                                                 "permit (principal, action, resource) when { principal.level > 3 && "
                                                 "principal.level < 2 };\n");
  const auto ran = desk.policy({"validate", policies, "-s", desk.schema, "--unused", "-o", "json"});
  CHECK(ran.code == exit_ok);
  const Json json = Json::parse(ran.out);
  REQUIRE(json["warnings"].size() == 2);
  CHECK(json["warnings"][0]["code"] == "never_matches");
  CHECK(json["warnings"][0]["policy"] == "policy2");
  CHECK(json["warnings"][0]["place"] == policies + ":7:1");
  CHECK(json["warnings"][1]["code"] == "shadowed_forbid");
  CHECK(json["warnings"][1]["policy"] == "policy1");
  CHECK(json["unused"]["exhaustive"] == true);
  CHECK(json["unused"]["worlds"].get<int>() > 0);
  CHECK(desk.policy({"validate", policies, "-s", desk.schema, "--unused", "--warnings-fail"}).code == exit_failed);
  CHECK(has(desk.policy({"validate", policies, "-s", desk.schema, "--unused"}).out, "look before you delete"));
}

TEST_CASE("policy format: prints, checks and rewrites; formatting twice changes nothing") {
  Desk desk;
  const std::string untidy = "permit(principal,action,resource)when{ 1<2 }; // why\n";
  const auto file = desk.file("f.cedar", untidy);
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  auto ran = desk.policy({"format", "-"}, untidy);
  REQUIRE(ran.code == exit_ok);
  const std::string tidy = ran.out;
  CHECK(has(tidy, "// why"));
  CHECK(desk.policy({"format", "-"}, tidy).out == tidy);
  ran = desk.policy({"format", "--check", file, desk.file("tidy.cedar", tidy), "-o", "json"});
  CHECK(ran.code == exit_failed);
  CHECK(Json::parse(ran.out)["items"] ==
        Json::array(
            {{{"file", file}, {"changed", true}}, {{"file", (desk.dir / "tidy.cedar").string()}, {"changed", false}}}));
  CHECK(desk.text_of(file) == untidy);
  CHECK(desk.policy({"format", "--write", "--dry-run", file}).code == exit_ok);
  CHECK(desk.text_of(file) == untidy);

  const auto link = desk.dir / "link.cedar";
  fs::create_symlink(file, link);
  ran = desk.policy({"format", "--write", link.string()});
  CHECK(ran.code == exit_ok);
  CHECK(has(ran.out, "link.cedar rewritten"));
  CHECK(fs::is_symlink(link));
  CHECK(desk.text_of(file) == tidy);
  CHECK(fs::status(file).permissions() == (fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read));
  CHECK(desk.policy({"format", "--check", file}).code == exit_ok);
  for (const auto& left : fs::directory_iterator(desk.dir.path())) CHECK_FALSE(left.path().extension() == ".formatted");
}

TEST_CASE("policy format: the faults of all files are told at once, and no file with a fault is touched") {
  Desk desk;
  const auto one = desk.file("one.cedar", "permit (principal;\n"), two = desk.file("two.cedar", "\nforbid oops;\n");
  const auto ran = desk.policy({"format", "--write", one, two});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "one.cedar:1:18"));
  CHECK(has(ran.err, "two.cedar:2:8"));
  CHECK(desk.text_of(one) == "permit (principal;\n");
  CHECK(desk.policy({"format", one, two}).code == exit_usage);
  CHECK(desk.policy({"format", "--write", "--check", one}).code == exit_usage);
  CHECK(has(desk.policy({"format", "--write", "-"}, "").err, "standard input cannot be rewritten"));
}

TEST_CASE("policy diff: the verdict, a request for each direction, and how far it holds") {
  Desk desk;
  const auto diff = [&](const std::string& before, const std::string& after, std::vector<std::string> more = {}) {
    std::vector<std::string> words = {
        "diff", desk.file("old.cedar", before), desk.file("new.cedar", after), "-s", desk.schema, "-o", "json"};
    words.insert(words.end(), more.begin(), more.end());
    return desk.policy(words);
  };
  const std::string all = "permit (principal, action, resource);\n";
  const std::string some = "permit (principal, action, resource) when { principal.level > 2 };\n";
  const std::string others = "permit (principal, action, resource) when { principal.level < 2 };\n";
  Json json = Json::parse(diff(all, all).out);
  CHECK(json["change"] == "equivalent");
  CHECK(json["exact"] == true);
  CHECK(json["now_denied"].is_null());
  json = Json::parse(diff(all, some).out);
  CHECK(json["change"] == "less permissive");
  CHECK(json["exact"] == false);
  CHECK(json["worlds"].get<int>() > 0);
  CHECK(has(json["now_denied"]["request"].get<std::string>(), "principal User::"));
  CHECK(json["now_denied"]["explanation"] == "before: allow by policy0; after: deny");
  CHECK(json["now_allowed"].is_null());
  json = Json::parse(diff(some, all + some).out);
  CHECK(json["change"] == "more permissive");
  CHECK(json["exact"] == true);
  json = Json::parse(diff(some, others).out);
  CHECK(json["change"] == "incomparable");
  CHECK(json["exact"] == true);
  CHECK(json["now_allowed"]["request"].is_string());
  CHECK(diff(all, all, {"--exit-code"}).code == exit_ok);
  CHECK(diff(all, some).code == exit_ok);
  CHECK(diff(all, some, {"--exit-code"}).code == exit_changes);
  CHECK(diff(all, "permit (").code == exit_usage);
  const auto people = desk.policy({"diff", desk.file("a.cedar", all), desk.file("b.cedar", some), "-s", desk.schema});
  CHECK(people.out.find("less permissive\nnow denied, for example:\n  principal ") == 0);
  CHECK(has(people.out, "bounded: "));
  const auto unfit = diff(all, "permit (principal is Nurse, action, resource);\n");
  CHECK(unfit.code == exit_ok);
  CHECK(has(unfit.err, "new.cedar does not fit the schema"));
}

std::string test_file(const std::string& tests, const std::string& entities = "e.json") {
  return "policies: c.cedar\nschema: c.cedarschema\nentities: " + entities + "\ntests:\n" + tests;
}
std::string one_test(const std::string& name, const std::string& more) {
  return "  - name: " + name +
         "\n    principal: User::\"amy\"\n    action: Action::\"read\"\n    resource: Chart::\"c1\"\n" + more;
}

TEST_CASE("policy test: every test is run; one that fails makes the exit 1 and says why and where") {
  Desk desk;
  const auto file = desk.file(
      "t.yaml",
      test_file(
          one_test("she reads",
                   "    context: { mfa: true }\n    expect: allow\n    reason: [doctors-read]\n    errors: []\n") +
          one_test("by number", "    context: { mfa: true }\n    expect: allow\n    reason: [policy0]\n") +
          one_test("not without mfa", "    context: { mfa: false }\n    expect: deny\n    reason: [policy1]\n") +
          one_test("no such context", "    expect: refused\n")));
  auto ran = desk.policy({"test", file});
  INFO(ran.err);
  CHECK(ran.code == exit_ok);
  CHECK(ran.out == "4 passed, 0 failed\n");
  CHECK(has(desk.policy({"test", file, "--all"}).out, "ok   she reads\n"));

  ran = desk.policy(
      {"test",
       desk.file(
           "f.yaml",
           test_file(one_test("wrong", "    context: { mfa: false }\n    expect: allow\n") +
                     one_test("reason", "    context: { mfa: true }\n    expect: allow\n    reason: [policy7]\n") +
                     one_test("refused", "    expect: allow\n"))),
       "-o", "json"});
  CHECK(ran.code == exit_failed);
  const Json json = Json::parse(ran.out);
  CHECK(json["passed"] == 0);
  CHECK(json["failed"] == 3);
  CHECK(json["items"][0]["name"] == "wrong");
  CHECK(json["items"][0]["ok"] == false);
  CHECK(json["items"][0]["expected"] == "allow");
  CHECK(json["items"][0]["got"] == "deny");
  CHECK(has(json["items"][0]["place"].get<std::string>(), "f.yaml:5:5"));
  CHECK(has(json["items"][0]["message"].get<std::string>(), "decided by policy1 at "));
  CHECK(json["items"][1]["message"] == "reason: expected policy7; missing: policy7; surplus: policy0");
  CHECK(json["items"][2]["got"] == "refused");
}

TEST_CASE("policy test: entities may stand in the file, a failing policy may be expected") {
  Desk desk;
  desk.file("n.cedar", "permit (principal, action, resource) when { principal.level > 1 };\n");
  const std::string head =
      "policies: n.cedar\nentities:\n  - uid: { type: User, id: amy }\n    attrs: { level: 3 }\n    parents: "
      "[]\ntests:\n";
  const auto file =
      desk.file("n.yaml", head + one_test("level", "    expect: allow\n") +
                              "  - name: a stranger\n    principal: User::\"bob\"\n    action: Action::\"read\"\n"
                              "    resource: Chart::\"c1\"\n    expect: deny\n    reason: []\n    errors: [policy0]\n");
  const auto ran = desk.policy({"test", file});
  INFO(ran.out << ran.err);
  CHECK(ran.code == exit_ok);
  CHECK(ran.out == "2 passed, 0 failed\n");
}

TEST_CASE("policy test: a file that is wrong is refused whole, each fault with its place") {
  Desk desk;
  auto ran = desk.policy({"test", desk.file("w.yaml",
                                            "polices: c.cedar\ntests:\n  - name: a\n    principal: amy\n    action: "
                                            "Action::\"read\"\n    resource: Chart::\"c1\"\n    expect: maybe\n")});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "policy.bad_test_file"));
  CHECK(has(ran.err, "w.yaml:1:1: `polices` is no field here; did you mean policies?"));
  CHECK(has(ran.err, "w.yaml:4:5: `tests[0].principal` is no entity"));
  CHECK(has(ran.err, "w.yaml:7:5: `tests[0].expect` must be allow, deny or refused"));
  CHECK(desk.policy({"test", desk.file("s.yaml", "a: [")}).code == exit_usage);
  CHECK(desk.policy({"test", desk.file("e.yaml", "")}).code == exit_usage);
  ran = desk.policy(
      {"test", desk.file("m.yaml", "policies: none.cedar\ntests:\n" + one_test("a", "    expect: deny\n"))});
  CHECK(ran.code == exit_usage);
  CHECK(has(ran.err, "none.cedar` cannot be read"));
}

TEST_CASE("policy: what policies say cannot reach the terminal raw") {
  Desk desk;
  const auto evil = desk.file(
      "evil.cedar",
      "@id(\"\x1b]0;owned\a\")\npermit (principal, action, resource) when { \"\x1b[31m\" != \"\xc2\x9b\" };\n");
  for (const char* verb : {"authorize", "explain"})
    for (const char* format : {"table", "json", "yaml"}) {
      const auto ran = desk.policy({verb, evil, "--request", desk.request, "-o", format});
      CHECK(ran.code == exit_ok);
      CHECK(ran.out.find_first_of("\x1b\a") == std::string::npos);
      CHECK(ran.out.find("\xc2\x9b") == std::string::npos);
    }
}

TEST_CASE("policy: each verb's help begins with an example, and the shell completes the verbs") {
  Desk desk;
  for (const char* verb : {"check", "authorize", "explain", "validate", "format", "diff", "test"}) {
    const auto ran = desk.policy({verb, "--help"});
    CHECK(ran.code == exit_ok);
    CHECK(has(ran.out, "Examples:\n  novactl policy " + std::string(verb)));
    CHECK(has(desk.run({"__complete", "--", "policy", ""}).out, std::string(verb) + "\n"));
  }
  CHECK_FALSE(has(desk.run({"__complete", "--", "policy", ""}).out, "rollback"));
  CHECK(has(desk.run({"__complete", "--", "policy", "diff", "--ex"}).out, "--exit-code\n"));
}

}  // namespace
}  // namespace nova::cli
