// wait: until a thing is in a named condition, or the time is over; then it says which condition and what was the
// matter.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/verbs/settled.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* wait_examples =
    "  novactl wait deployment/clinic-development --for healthy\n"
    "  novactl wait deployment/clinic-development --for stopped --timeout 30s\n"
    "  novactl wait platform/clinic --for deleted\n"
    "  novactl wait instance/clinic-development.api.r1.0 --for state.phase=ready\n";

struct WaitOptions {
  std::vector<std::string> words;
  std::string condition;
  std::string timeout = "1m";
};

// The condition's words: exists, deleted, healthy, a status, or PATH=VALUE of the resource.
Look judge(const Json& item, const std::string& condition) {
  const auto equals = condition.find('=');
  const std::string path = equals == std::string::npos ? "" : condition.substr(0, equals);
  const auto status = text_at(item, "status");
  const auto reason = text_at(item, "reason");
  const std::string present = "status is " + status + (reason.empty() ? "" : ": " + reason);
  if (condition == "exists") return {"exists", {}};
  if (!path.empty()) {
    const auto value = text_at(item, path);
    if (value == condition.substr(equals + 1)) return {condition, {}};
    return {{}, path + " is " + (value.empty() ? "not set" : value) + ", " + present};
  }
  if (condition == "healthy") {
    const auto health = text_at(item, "state.health");
    if (health == "healthy" && status == "running") return {"healthy", {}};
    const auto why = text_at(item, "state.health_reason");
    return {
        {},
        "health is " + (health.empty() ? "unknown" : health) + (why.empty() ? "" : " (" + why + ")") + ", " + present};
  }
  if (status == condition) return {status, {}};
  return {{}, present};
}

core::Result<int> wait_for(Session& session, const WaitOptions& options) {
  const auto limit = duration_of(options.timeout);
  if (!limit) return limit.error();
  // What does not exist yet may be waited for, so its tenant must be known: from -t, from the id, or from a thing that
  // is there.
  std::optional<Address> address;
  const auto find = [&]() -> core::Result<Address> {
    return options.words.size() == 1 ? session.address(options.words[0])
                                     : session.address(options.words[0], options.words[1]);
  };
  Json last;
  const auto met = wait_until(
      "condition `" + options.condition + "` of " + options.words.back(), *limit, [&]() -> core::Result<Look> {
        if (!address) {
          auto found = find();
          if (!found && found.error().status == 404)
            return options.condition == "deleted" ? Look{"deleted", {}} : Look{{}, "it does not exist"};
          if (!found) return std::move(found).error();
          address = std::move(*found);
        }
        auto item = session.get(address->path());
        if (!item && item.error().status == 404)
          return options.condition == "deleted" ? Look{"deleted", {}} : Look{{}, "it does not exist"};
        if (!item) return std::move(item).error();
        last = std::move(*item);
        return judge(last, options.condition);
      });
  if (!met) return met.error();
  const std::string name = address ? address->kind.name + "/" + address->id : options.words.back();
  session.print(last.is_null() ? Json{{"status", "deleted"}} : last, name + " is " + *met + "\n");
  return exit_ok;
}

}  // namespace

void add_wait(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<WaitOptions>();
  auto* verb = add_verb(app, chosen, "wait", "Wait until a thing is in a named condition", wait_examples,
                        [options](Session& session) { return wait_for(session, *options); });
  verb->add_option("KIND", options->words, "KIND/ID, or KIND ID")->required()->expected(1, 2);
  verb->add_option("--for", options->condition, "exists, deleted, healthy, a status, or PATH=VALUE")
      ->required()
      ->type_name("CONDITION");
  verb->add_option("--timeout", options->timeout, "how long at most")->type_name("SPAN");
}

}  // namespace nova::cli
