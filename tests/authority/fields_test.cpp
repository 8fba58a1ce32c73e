// What every command of every kind makes of fields that are nobody's to set, and of such that it does not know (S25).
#include "actors/host/turn.hpp"
#include "core/kind.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;

namespace {

std::string answer_to(const core::Kind& kind, const core::CommandRow& row, const std::string& field) {
  auto image = host::blank_image(kind, {"clinic", std::string(kind.name), "one"});
  image.version = 1;  // it is there, so that commands which make nothing are read too
  core::CommandEnvelope command;
  command.name = row.name;
  command.target = image.key;
  command.body = "{\"" + field + "\":\"x\"}";
  const auto prepared = host::prepare(image, command);
  return prepared ? "taken" : std::to_string(prepared.error().status) + " " + prepared.error().code;
}

}  // namespace

TEST_CASE("no command takes a protected field or one that it does not know") {
  std::size_t asked = 0;
  for (const auto* kind : core::kinds())
    for (const auto& row : kind->commands) {
      INFO(kind->name << "." << row.name);
      for (const char* field :
           {"id", "code", "is_system_platform", "platform_id", "is_default_provider", "tenant", "created_by"}) {
        if (row.type->record().find(field)) continue;  // the command has one of its own
        INFO(field);
        CHECK(answer_to(*kind, row, field) == "403 field.protected");
        ++asked;
      }
      CHECK(answer_to(*kind, row, "no_such_field") == "400 input.invalid");
    }
  CHECK(asked > 1000);
}
