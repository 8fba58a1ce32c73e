#include "tests/constitution/sample.hpp"

#include <catch2/catch.hpp>

using namespace nova;
using namespace nova::test;
using constitution::Constitution;

namespace {

const std::string head = "@id(\"a\") @en(\"A.\") @ar(\"ا\") ";

/// The problems of a text: "line:column what".
std::string faults(const std::string& text) {
  const auto loaded = Constitution::load(text, "1", sample_words());
  if (loaded) return "";
  CHECK(loaded.error().code == "constitution.invalid");
  std::string out;
  for (const auto& problem : loaded.error().problems) out += problem.path + " " + problem.message + "\n";
  return out;
}

}  // namespace

TEST_CASE("the genesis constitution holds together over all kinds, and speaks both languages") {
  const auto words = std::make_shared<const constitution::Words>(core::kinds());
  const auto loaded =
      Constitution::load(std::string(constitution::genesis_text()), std::string(constitution::genesis_version), words,
                         sample_gates("production-destruction"));
  if (!loaded) FAIL(core::to_line(loaded.error()));
  const auto& genesis = **loaded;
  CHECK(genesis.rules().size() == genesis.engine().size());
  REQUIRE(genesis.find("ai-destroys-nothing"));
  CHECK(genesis.find("ai-destroys-nothing")->forbids);
  CHECK_FALSE(genesis.find("people")->forbids);
}

TEST_CASE("a text that does not hold together is refused with each place") {
  CHECK(faults(head + "permit(principal, action, resource);") == "");
  CHECK(faults("permit(principal, action, resource);") ==
        "1:1 needs @id(\"...\")\n1:1 needs a sentence for people: @en(\"...\") and @ar(\"...\")\n");
  CHECK(faults("@id(\"a\") @en(\"A.\") permit(principal, action, resource);").find("@ar") != std::string::npos);
  CHECK(faults(head + "permit(principal, action, resource);\n" + head + "forbid(principal, action, resource);") ==
        "2:1 `a` stands twice\n");
  CHECK(faults(head + "permit(principal == ?principal, action, resource);").find("template") != std::string::npos);
  CHECK(faults("@gate(\"g\") " + head + "forbid(principal, action, resource);").find("none of the gates") !=
        std::string::npos);
  CHECK(faults(head + "permit(principal, action, resource) when { resource.colour == 1 };") != "");
  CHECK(faults(head + "permit(principal, action, resource) when { context.input.weight > 1 };") != "");  // not of burn
  CHECK(faults(head + "permit(principal action);") != "");
}

TEST_CASE("it is known whether a command's fields are read at all") {
  const auto reads = [](const std::string& scope, const std::string& condition) {
    const auto loaded =
        Constitution::load(head + "permit(" + scope + ") when { " + condition + " };", "1", sample_words());
    REQUIRE(loaded);
    return (*loaded)->reads_input();
  };
  const std::string send = "principal, action == Action::\"parcel_box.send\", resource";
  CHECK(reads(send, "context.input.weight > 1"));
  CHECK(reads(send, "true && !(context.input has note)"));
  CHECK(reads(send, "context has input"));
  CHECK(reads(send, "[context].isEmpty()"));
  CHECK_FALSE(reads(send, "context.impact > 1"));
  CHECK_FALSE(reads(send, "context.caller.role == \"input\""));
}

TEST_CASE("a gate is named by a forbid, and is one of the gates") {
  const auto load = [](const std::string& text) {
    return Constitution::load(text, "1", sample_words(), sample_gates("g"));
  };
  const auto forbid = head + "forbid(principal, action, resource);";
  const auto named = load("@gate(\"g\") " + forbid);
  REQUIRE(named);
  CHECK((*named)->rules()[0].gate == "g");
  for (const auto* wrong : {"@gate(\"h\") ", "@gate(\"\") ", "@gate "}) {
    INFO(wrong);
    CHECK(load(wrong + forbid).error().code == "constitution.invalid");
  }
  CHECK(!load("@gate(\"g\") " + head + "permit(principal, action, resource);").ok());
}
