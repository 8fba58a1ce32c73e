// Every command of every kind under the shipped constitution, asked by every sort of principal, of a thing in
// development and of one in production: the answers stand in gate.table, which people review. Roles are left out, since
// tests/authority/commands.table has them: here they allow all.
#include "core/describe/describe.hpp"
#include "governance/constitution/gatekeeper.hpp"
#include "tests/constitution/sample.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace nova;
using Answer = core::DecisionRecord::Answer;

namespace {

class AllowAll final : public gate::Rules {
 public:
  core::DecisionRecord decide(const gate::Request&) const override {
    return gate::decision_of(Answer::allow, "access.all");
  }
};

constexpr const char* principals[] = {"user", "api_key", "service", "system", "anonymous", "ai", "platform", "ghost"};

/// A state in that environment, as far as the kind knows of any.
std::shared_ptr<void> state_in(const core::Kind& kind, const std::string& environment) {
  auto state = kind.make_state();
  const auto& record = kind.state->record();
  if (const auto* one = record.find("environment"); one && one->type->tag == core::Tag::text)
    one->type->set_text(one->in(state.get()), environment);
  if (const auto* all = record.find("environments"); all && all->type->tag == core::Tag::map)
    all->type->add(all->in(state.get()), environment);
  return state;
}

std::string answers(const gate::Rules& rules, const core::Kind& kind, std::size_t row, const std::string& environment) {
  const core::EntityKey key{"clinic", std::string(kind.name), "it"};
  const auto state = state_in(kind, environment);
  const auto input = kind.make_command(row);
  test::keep_to_the_five_rules(kind, row, state.get(), input.get());
  std::string out;
  for (const auto* type : principals) {
    const core::Principal who{"it", type};
    // A person is somebody where they ask; the roles' own rules are not what this is about.
    const auto caller = who.type == "user" ? core::Caller{"free", "owner", false} : core::Caller{};
    const gate::Request request{who,    kind, kind.commands[row], key,        "active", {}, {1},
                                caller, true, state.get(),        input.get()};
    const auto decision = rules.decide(request);
    out += decision.answer == Answer::allow ? '+' : decision.answer == Answer::hold ? 'h' : '-';
  }
  return out;
}

std::string table() {
  const auto words = std::make_shared<const constitution::Words>(core::kinds());
  auto genesis = constitution::Constitution::load(std::string(constitution::genesis_text()), "1", words,
                                                  test::sample_gates("production-destruction"));
  if (!genesis) FAIL(core::to_line(genesis.error()));
  const auto rules = constitution::make_rules(std::make_shared<AllowAll>(), *genesis);
  std::ostringstream out;
  out << "# + allowed; - denied; h held. First in development, then in production.\n#";
  for (const auto* type : principals) out << " " << type;
  out << "\n";
  for (const auto* kind : core::kinds())
    for (std::size_t row = 0; row < kind->commands.size(); ++row)
      if (kind->commands[row].door != core::Door::internal)
        out << "  " << answers(*rules, *kind, row, "development") << " " << answers(*rules, *kind, row, "production")
            << "  " << kind->name << "." << kind->commands[row].name << "\n";
  return out.str();
}

}  // namespace

TEST_CASE("every command answers every sort of principal, in development and in production, as the table says") {
  const auto now = table();
  const std::string file = std::string(NOVA_SOURCE_DIR) + "/tests/constitution/gate.table";
  if (std::getenv("NOVA_WRITE_TABLES")) std::ofstream(file) << now;  // then review the difference
  std::ifstream in(file);
  std::stringstream reviewed;
  reviewed << in.rdbuf();
  CHECK(now == reviewed.str());
  // What the clinic of `./dev up` needs: its service waits for nobody in development, unless it moved the tenant's
  // data.
  std::istringstream lines(now);
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with("#") && !line.ends_with(" tenant.set_data_region"))
      CHECK(line.substr(2, 8).find('h') == std::string::npos);
}
