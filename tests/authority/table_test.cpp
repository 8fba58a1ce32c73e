// Every command of every kind, asked by every sort of caller: the answers stand in commands.table, which people review.
// A command without a row there fails, and so does a row that answers otherwise.
#include "core/authority/authority.hpp"
#include "governance/authority/judge.hpp"
#include "governance/authority/rules.hpp"
#include "governance/constitution/gatekeeper.hpp"
#include "tests/authority/people.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace nova;
using namespace nova::test;

namespace {

struct Caller {
  std::string name;  ///< of the column
  core::Principal principal;
  std::string tenant = "clinic";  ///< whose entity it is that is asked for
};

// Users stand for what they are, keys for what they lack.
std::vector<Caller> town(authority::Book& book) {
  settle(book);
  std::vector<Caller> callers = {{"anonymous", {"anonymous", "anonymous"}}, {"service", {"operator", "service"}}};
  const auto user = [&](const std::string& name, const std::string& tenant = "clinic") {
    callers.push_back({name, {name, "user"}, tenant});
  };
  user("root");
  for (const char* role : {"owner", "admin", "staff", "viewer"}) user(std::string("t-") + role);
  user("invited");
  book.put_user("removed", person(), 1);
  book.put_membership("clinic", "removed", {"admin", "removed"}, 1);
  user("removed");
  user("stranger");
  for (const char* role : {"free", "basic", "pro", "enterprise", "sovereign", "owner", "admin", "finance_admin",
                           "finance_manager", "accountant", "support_agent"}) {
    book.put_user(role, person(role), 2);
    user(role);
  }
  // Who is not let in has every right otherwise.
  for (const char* status : {"pending", "suspended", "banned", "deactivated"}) {
    book.put_user(status, person("owner", status), 1);
    book.put_membership("clinic", status, {"owner", "active"}, 1);
    user(status);
  }
  book.put_user("self", person(), 1);
  user("self");
  book.put("closed", {"suspended", "free"}, 1);
  book.put_membership("closed", "t-owner", {"owner", "active"}, 1);
  callers.push_back({"t-owner@suspended", {"t-owner", "user"}, "closed"});

  std::vector<std::string> all, reading;
  for (const auto scope : core::api_scopes()) {
    all.emplace_back(scope);
    if (scope.ends_with(".read")) reading.emplace_back(scope);
  }
  const auto key = [&](const std::string& name, authority::KeyLine line) {
    line.id = name;
    line.hash = "hash-" + name;
    book.put_key(std::move(line), 1);
    callers.push_back({name, {"clinic/" + name, "api_key"}, "clinic"});
  };
  key("key-all", key_of("t-owner", all));
  key("key-reading", key_of("t-owner", reading));
  key("key-of-viewer", key_of("t-viewer", all));
  key("key-of-suspended", key_of("suspended", all));
  auto line = key_of("t-owner", all);
  for (const char* status : {"suspended", "revoked", "expired"}) {
    line.status = status;
    key(std::string("key-") + status, line);
  }
  line.status = "active";
  line.expires_at = noon;
  key("key-over", line);
  callers.push_back({"key-all@bakery", {"clinic/key-all", "api_key"}, "bakery"});

  // AI agents with every scope, whose keys the root owner made: what holds them back is the constitution, their layer
  // and their own status.
  book.put_layer("works", {"active"}, 1);
  book.put_layer("sleeps", {"suspended"}, 1);
  book.put_layer("stopped", {"emergency_stopped"}, 1);
  const auto ai = [&](const std::string& name, const char* layer, const char* status, const std::string& maker) {
    book.put_agent(name, {status, layer}, 1);
    auto made = key_of(maker, all);
    made.id = name;
    made.hash = "hash-" + name;
    made.agent = name;
    book.put_key(made, 1);
    callers.push_back({name, {"clinic/" + name, "ai"}, "clinic"});
  };
  ai("ai", "works", "active", "root");
  ai("ai-of-viewer", "works", "active", "t-viewer");
  ai("ai-inactive", "works", "inactive", "root");
  ai("ai-of-suspended-layer", "sleeps", "active", "root");
  ai("ai-of-stopped-layer", "stopped", "active", "root");
  callers.push_back({"ai@bakery", {"clinic/ai", "ai"}, "bakery"});
  // A key does not become an agent, nor an agent a key, by what it calls itself.
  callers.push_back({"key-all as ai", {"clinic/key-all", "ai"}, "clinic"});
  callers.push_back({"ai as key", {"clinic/ai", "api_key"}, "clinic"});
  for (const char* status : {"pending", "archived"}) {
    book.put(status, {status, "free"}, 1);
    book.put_membership(status, "t-owner", {"owner", "active"}, 1);
    callers.push_back({std::string("t-owner@") + status, {"t-owner", "user"}, status});
  }
  return callers;
}

/// One letter: + may; else what the caller is told.
char letter(const core::Error& error) {
  if (error.code == "access.denied") return '-';
  if (error.code == "auth.owner_required") return 'o';
  if (error.code == "auth.required") return '!';
  if (error.code == "tenant.suspended") return 't';
  if (error.code == "entity.wrong_state") return 'w';
  if (error.code.ends_with(".not_found")) return '0';
  if (error.code == "gate.denied") return 'g';
  if (error.status == 403 || error.code == "ai.layer_stopped") return 's';
  return '?';
}

char answer(const authority::Book& book, const std::shared_ptr<const gate::Rules>& rules, const Caller& caller,
            const core::Kind& kind, const core::CommandRow& row) {
  if (auto may = authority::may_act(book, caller.principal, noon); !may) return letter(may.error());
  const auto tenant = book.tenant(caller.tenant);
  const core::EntityKey resource{caller.tenant, std::string(kind.name), "it"};
  const std::string owner = row.access.own ? "self" : "";
  const auto state = kind.make_state();
  const auto input = kind.make_command(std::size_t(&row - kind.commands.data()));
  const gate::Request request{caller.principal,
                              kind,
                              row,
                              resource,
                              tenant ? tenant->status : "",
                              owner,
                              noon,
                              authority::caller_of(book, caller.principal, caller.tenant),
                              false,
                              state.get(),
                              input.get()};
  const auto decision = gate::decide(rules, request);
  return decision.answer == core::DecisionRecord::Answer::allow ? '+' : letter(gate::denied(decision, request));
}

std::shared_ptr<const gates::Gates> gates_of_genesis() {
  return gates::Gates::
      parse(R"({"gates":{"production-destruction":{"en":"Ask.","ar":"اسأل.","groups":[{"name":"a","roles":["tenant:admin"]}]},
                         "data-region":{"en":"Ask.","ar":"اسأل.","groups":[{"name":"a","roles":["tenant:owner"]}]}}})")
          .value();
}

std::shared_ptr<const constitution::Constitution> shipped_constitution() {
  auto loaded = constitution::Constitution::load(
      std::string(constitution::genesis_text()), std::string(constitution::genesis_version),
      std::make_shared<const constitution::Words>(core::kinds(), gates_of_genesis()));
  REQUIRE(loaded);
  return *loaded;
}

std::string table() {
  authority::Book book;
  const auto callers = town(book);
  const auto rules = constitution::make_rules(authority::make_role_rules(book), shipped_constitution());
  std::ostringstream out;
  out << "# + may; - lacks a right; o the root owner's alone; 0 does not exist for them; ! must sign in; s is not let "
         "in\n"
         "# by status; t the tenant is suspended, w it waits or was put away; g the runtime's alone, or no AI's. "
         "\"self\" is whose entity it is, "
         "where that "
         "counts.\n";
  for (std::size_t i = 0; i < callers.size(); ++i)
    out << "# " << std::string(i, '|') << "/ " << callers[i].name << "\n";
  for (const auto* kind : core::kinds())
    for (const auto& row : kind->commands) {
      out << "  ";
      for (const auto& caller : callers) out << answer(book, rules, caller, *kind, row);
      out << "  " << kind->name << "." << row.name << "\n";
    }
  return out.str();
}

}  // namespace

TEST_CASE("every command answers every caller as the reviewed table says") {
  const auto now = table();
  const std::string file = std::string(NOVA_SOURCE_DIR) + "/tests/authority/commands.table";
  if (std::getenv("NOVA_WRITE_TABLES")) std::ofstream(file) << now;  // then review the difference
  std::ifstream in(file);
  std::stringstream reviewed;
  reviewed << in.rdbuf();
  CHECK(now == reviewed.str());
  CHECK(now.find('?') == std::string::npos);
}
