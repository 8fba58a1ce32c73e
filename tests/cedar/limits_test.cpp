// Hostile input: everything ends in an ordinary error or an answer, in a time that follows its size.
#include "governance/cedar/limits.hpp"
#include "governance/cedar/batch.hpp"
#include "governance/cedar/data/entity_json.hpp"
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/cedar/json/policy_json.hpp"
#include "governance/cedar/syntax/parser.hpp"
#include "governance/cedar/syntax/print.hpp"
#include "governance/cedar/validate/validator.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova::cedar;

namespace {

std::string repeated(std::string_view part, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += part;
  return out;
}

std::string policy(const std::string& body) { return "permit(principal, action, resource) when { " + body + " };"; }

void run_all(const PolicySet& set) {
  Arena arena;
  const Request request{{"User", "amy"}, {"Action", "view"}, {"Photo", "p"}, make_record(arena, {})};
  const EntityStore entities;
  (void)Authorizer(set).decide(request, entities);
  (void)validate(set,
                 *Schema::parse("entity User, Photo; action view appliesTo { principal: User, resource: Photo };"));
  REQUIRE(parse_policies(to_text(set)));
  const auto from_json = read_policies_json(to_json(set));
  REQUIRE(from_json);
  CHECK(same(from_json->policies[0], set.policies[0]));
}

}  // namespace

TEST_CASE("nesting is bounded, and what is allowed can be evaluated, checked and printed") {
  struct Row {
    std::string_view open, inside, close;
  };
  const Row rows[] = {{"(", "true", ")"},        {"[", "1", "]"},         {"{a: ", "1", "}"},
                      {"!(", "true", ")"},       {"ip(", "\"::1\"", ")"}, {"(if true then ", "true", " else false)"},
                      {"[].contains(", "1", ")"}};
  for (const Row& row : rows) {
    INFO(row.open);
    const auto text = [&](std::size_t levels) {
      return policy(repeated(row.open, levels) + std::string(row.inside) + repeated(row.close, levels));
    };
    // `(if` counts twice: the bracket and the branch.
    const auto deep = parse_policies(text(nesting_max / 2 - 2));
    REQUIRE(deep);
    run_all(*deep);
    const auto too_deep = parse_policies(text(100'000));
    REQUIRE_FALSE(too_deep);
    CHECK(too_deep.error().message.find("nesting") != std::string::npos);
  }
}

TEST_CASE("long chains: flat for && and ||, bounded for the others") {
  for (const std::string_view symbol : {" && ", " || "}) {
    const auto chain = parse_policies(policy("true" + repeated(std::string(symbol) + "context.x", 20'000)));
    REQUIRE(chain);
    Arena arena;
    const Request request{{"User", "amy"}, {"Action", "view"}, {"Photo", "p"}, make_record(arena, {})};
    CHECK(Authorizer(*chain).decide(request, EntityStore()).failures.size() == (symbol == " && " ? 1 : 0));
  }
  for (const std::string_view part : {" + 1", " - 1", " * 1", ".a", "[\"a\"]", ".offset(context)"}) {
    INFO(part);
    const auto good = parse_policies(policy("context" + repeated(part, 500)));
    REQUIRE(good);
    run_all(*good);
    CHECK_FALSE(parse_policies(policy("context" + repeated(part, 5'000))));
  }
}

TEST_CASE("JSON of policies, entities and schemas is bounded in depth") {
  const std::string deep = repeated("[", 100'000);
  Arena arena;
  CHECK_FALSE(read_json(deep, arena));
  CHECK_FALSE(read_policies_json("{\"effect\":\"permit\",\"conditions\":" + deep));
  CHECK_FALSE(Schema::parse_json("{\"\":{\"entityTypes\":{\"U\":{\"shape\":" +
                                 repeated("{\"type\":\"Set\",\"element\":", 50'000)));
  CHECK_FALSE(Schema::parse("entity U { a: " + repeated("Set<", 50'000)));
  CHECK(answer_batch_line(deep).find("\"stage\":\"line\"") != std::string::npos);
}

TEST_CASE("a schema whose types double at each step costs no more than its text") {
  std::string text = "type T0 = { x: Long };";
  for (int i = 1; i < 100; ++i) {
    const std::string before = "T" + std::to_string(i - 1);
    text += "type T" + std::to_string(i) + " = { a: " + before + ", b: Set<" + before + "> };";
  }
  text += "entity U { t: T99 }; entity P; action view appliesTo { principal: U, resource: P };";
  const auto schema = Schema::parse(text);
  REQUIRE(schema);
  const auto set = parse_policies("permit(principal, action, resource) when { principal.t == principal.t };");
  CHECK(validate(*set, *schema).ok());
  std::string chain = "type T0 = Long;";
  for (int i = 1; i < 5000; ++i) chain += "type T" + std::to_string(i) + " = Set<T" + std::to_string(i - 1) + ">;";
  CHECK_FALSE(Schema::parse(chain));
}

TEST_CASE("`like` takes no exponential time") {
  std::vector<PatternElement> pattern;
  for (int i = 0; i < 2000; ++i) {
    pattern.push_back({U'a', false});
    pattern.push_back({U'*', true});
  }
  pattern.push_back({U'b', false});
  CHECK_FALSE(matches(std::string(5000, 'a'), pattern));
  CHECK(matches(std::string(5000, 'a') + "b", pattern));
}

TEST_CASE("a deep hierarchy is bounded by the number of its ancestors") {
  std::string text = "[";
  for (int i = 0; i < 4000; ++i) {
    text += (i ? "," : "") + std::string("{\"uid\":{\"type\":\"G\",\"id\":\"") + std::to_string(i) +
            "\"},\"attrs\":{},\"parents\":[{\"type\":\"G\",\"id\":\"" + std::to_string(i + 1) + "\"}]}";
  }
  text += "]";
  const auto arena = std::make_shared<Arena>();
  const auto json = read_json(text, *arena);
  REQUIRE(json);
  const auto store = read_entities(*json, nullptr, arena);
  REQUIRE_FALSE(store);
  CHECK(store.error().code == "cedar.entities_limit");
}

TEST_CASE("a line of the batch is refused at the stage where it fails") {
  const auto stage = [](const std::string& line) {
    const std::string answer = answer_batch_line(line);
    const auto at = answer.find("\"stage\":\"");
    return at == std::string::npos ? std::string("none") : answer.substr(at + 9, answer.find('"', at + 9) - at - 9);
  };
  const auto line = [](std::string_view policies, std::string_view schema, std::string_view entities,
                       std::string_view requests) {
    return "{\"id\":\"1\",\"policies\":\"" + std::string(policies) + "\",\"schema\":" + std::string(schema) +
           ",\"entities\":" + std::string(entities) + ",\"requests\":" + std::string(requests) + ",\"validate\":true}";
  };
  CHECK(stage("{}") == "line");
  CHECK(stage(line("permit", "\"entity\"", "[]", "[]")) == "schema");
  CHECK(stage(line("permit", "null", "[1]", "[]")) == "policies");
  CHECK(stage(line("", "null", "[1]", "[]")) == "entities");
  CHECK(stage(line("", "null", "[]", "[1]")) == "request");
  CHECK(stage(line("", "null", "[]", "[]")) == "none");
}
