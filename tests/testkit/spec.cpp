#include "tests/testkit/spec.hpp"

#include <algorithm>
#include <stdexcept>

namespace nova::testkit::detail {
namespace {

std::string joined(const Shown& lines) {
  std::string text;
  for (const auto& line : lines) text += "  " + line + "\n";
  return text.empty() ? "  (none)\n" : text;
}

}  // namespace

void expect_events(const Shown& expected, const Shown& got, const std::optional<core::Error>& refused) {
  INFO("expected events:\n" << joined(expected) << "got:\n" << joined(got));
  INFO("refusal: " << (refused ? core::to_line(*refused) : "none"));
  CHECK_FALSE(refused.has_value());
  CHECK((expected == got));
}

void expect_refused(std::string_view code, const Shown& got, const std::optional<core::Error>& refused) {
  INFO("expected the refusal " << code << ", got events:\n" << joined(got));
  CHECK(got.empty());
  REQUIRE(refused.has_value());
  CHECK(refused->code == code);
}

void expect_problem(std::string_view path, const std::optional<core::Error>& refused) {
  REQUIRE(refused.has_value());
  const auto& problems = refused->problems;
  const auto names = [&](const core::Problem& problem) { return problem.path == path; };
  std::string all;
  for (const auto& problem : problems) all += "  " + problem.path + ": " + problem.message + "\n";
  INFO("expected a problem at " << path << ", got " << core::to_line(*refused) << "\n" << all);
  CHECK(std::any_of(problems.begin(), problems.end(), names));
}

const core::DoAsk& expect_work(const core::Asks& asks, std::string_view driver, std::string_view verb) {
  std::string all;
  for (const auto& ask : asks.works) {
    if (ask.driver == driver && ask.verb == verb) return ask;
    all += "  " + ask.driver + " " + ask.verb + "\n";
  }
  INFO("asked for:\n" << all);
  FAIL("no work " << driver << " " << verb << " was asked for");
  throw std::logic_error("not reached");
}

const core::KeepAsk& expect_keep(const core::Asks& asks, std::string_view driver, std::string_view key) {
  std::string all;
  for (const auto& ask : asks.keeps) {
    if (ask.driver == driver && ask.key == key) return ask;
    all += "  " + ask.driver + " " + ask.key + "\n";
  }
  INFO("asked for:\n" << all);
  FAIL("no keep " << driver << " " << key << " was asked for");
  throw std::logic_error("not reached");
}

}  // namespace nova::testkit::detail
