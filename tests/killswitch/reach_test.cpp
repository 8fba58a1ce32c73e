// That every scope of a switch covers the AI that it names (S03): by what a request names, and by what is known of its
// agent and its layer.
#include "governance/killswitch/reach.hpp"

#include "governance/killswitch/truth.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova;
using kill_switch::Scope;

namespace {

store::Document document(const std::string& kind, const std::string& id, std::string body, std::uint64_t version = 1) {
  store::Document made;
  made.key = {"system", kind, id};
  made.version = version;
  made.body = std::move(body);
  return made;
}

struct Known : killswitch::Reaches {
  Known() {
    take(document("ai_layer", "helpers", R"({"type":"HYBRID"})"));
    take(document("ai_layer", "far", R"({"type":"EXTERNAL_MANAGED"})"));
    take(document("ai_agent", "writer", R"({"settings":{"layer":"helpers","model":"llama-3","provider":"claude"}})"));
    take(document("ai_agent", "local", R"({"settings":{"layer":"helpers","model":"llama-3"}})"));
  }
};

}  // namespace

TEST_CASE("reach: each scope covers the AI that it names, and no other") {
  Known known;
  struct Case {
    Scope scope;
    const char* target;
    const char* other;
  };
  const killswitch::AiTask task{"clinic", "", "writer", ""};
  for (const auto& one : {Case{Scope::layer, "helpers", "far"}, Case{Scope::agent, "writer", "local"},
                          Case{Scope::provider, "claude", "gemini"}, Case{Scope::model, "llama-3", "llama-2"},
                          Case{Scope::tenant, "clinic", "acme"}}) {
    INFO(core::name_of(one.scope));
    const auto reach = known.of(task);
    CHECK(killswitch::covers(one.scope, one.target, reach));
    CHECK_FALSE(killswitch::covers(one.scope, one.other, reach));
  }
  CHECK(killswitch::covers(Scope::global, "", known.of(task)));
}

TEST_CASE(
    "reach: what an outside provider answers for leaves, whether the request names a provider or its layer does") {
  Known known;
  const auto leaves = [&](const killswitch::AiTask& task) {
    return killswitch::covers(Scope::external_only, "", known.of(task));
  };
  CHECK(leaves({"clinic", "helpers", "", "claude"}));
  CHECK(leaves({"clinic", "far", "", ""}));
  CHECK(leaves({"clinic", "helpers", "writer", ""}));
  CHECK_FALSE(leaves({"clinic", "helpers", "", ""}));
  CHECK_FALSE(leaves({"clinic", "", "local", ""}));
  CHECK(killswitch::covers(Scope::global, "", known.of({"clinic", "helpers", "", ""})));
}

TEST_CASE("reach: an agent that changes is known as it is, and what comes late changes nothing") {
  Known known;
  known.take(document("ai_agent", "writer", R"({"settings":{"layer":"far","model":"new"}})", 3));
  known.take(document("ai_agent", "writer", R"({"settings":{"layer":"helpers","model":"llama-3"}})", 2));
  const auto reach = known.of({"clinic", "", "writer", ""});
  CHECK(reach.model == "new");
  CHECK(reach.layer == "far");
  CHECK(reach.provider.empty());
  CHECK(reach.external);
  const auto stranger = known.of({"clinic", "", "nobody", ""});
  CHECK(stranger.ai);
  CHECK(stranger.agent == "nobody");
}
