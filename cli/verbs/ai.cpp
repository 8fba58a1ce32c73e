// ai: layers, agents, outside providers, limits of tiers, what AI may do for whom, and requests to it.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* ai_examples =
    "  novactl ai layers create Helpers --name-ar مساعدون --purpose 'To help' --purpose-ar للمساعدة --type HYBRID\n"
    "  novactl ai layers power LAYER --level 2 --tokens 2048 --per-minute 20\n"
    "  novactl ai layers suspend LAYER --reason 'misbehaves'\n"
    "  novactl ai agents create Writer --layer LAYER --model some-model --for-subscribers no\n"
    "  novactl ai external create anthropic --endpoint https://api.example.com --secret ops/claude --layer LAYER\n"
    "  novactl ai external approve LINK\n"
    "  novactl ai limits set free --per-day 50\n"
    "  novactl ai permissions preset amy@example.org balanced\n"
    "  novactl ai ask --layer LAYER --task text            an allowed one says that no provider is connected\n";

const std::string base = "/api/owner/ai-sovereignty/";

struct AiOptions {
  std::string id, name, name_ar, purpose, purpose_ar, type = "INTERNAL_SOVEREIGN", visibility, reason, layer, model,
                                                      provider, endpoint, secret, for_subscribers, user, preset, task,
                                                      action = "generate", impact;
  std::vector<std::string> codes, layers;
  std::int64_t level = 0, tokens = 0, per_minute = 0, per_day = 0, at_once = 0, cost = -1, budget = -1;
};
using Options = std::shared_ptr<AiOptions>;

void put(Json& body, const char* name, const std::string& value) {
  if (!value.empty()) body[name] = value;
}
void put(Json& body, const char* name, std::int64_t value, std::int64_t least = 1) {
  if (value >= least) body[name] = value;
}

core::Result<int> table_of(Session& session, const std::string& path, std::vector<std::string> heads,
                           const std::vector<const char*>& columns, const char* none) {
  const auto answer = session.get(path);
  if (!answer) return answer.error();
  Table table(std::move(heads));
  for (const auto& item : at(*answer, "items")) {
    std::vector<std::string> cells;
    for (const char* column : columns) cells.push_back(text_at(item, column));
    table.row(std::move(cells));
  }
  session.print(*answer, at(*answer, "items").empty() ? std::string(none) + "\n" : table.text(session.paint(), -1));
  if (!text_at(*answer, "next").empty() && session.format() == Format::table) session.note("there are more");
  return exit_ok;
}

core::Result<int> made(Session& session, const std::string& path, const Json& body, const std::string& what) {
  const auto answer = session.mutate(path, body);
  if (!answer) return answer.error();
  session.print(*answer, what + " made: " + safe(text_at(*answer, "id")) +
                             (session.globals().dry_run ? " (dry run)" : "") + "\n");
  return exit_ok;
}

// A command of an entity that is there, with its reason where it takes one.
Work of_entity(const Options& options, const char* plural, const char* command, const char* done, bool reason) {
  return [=](Session& session) {
    Json body = Json::object();
    if (reason) body["reason"] = options->reason.empty() ? std::string("by the command line") : options->reason;
    return order(session, "/v1/tenants/system/" + std::string(plural) + "/" + url_part(options->id) + "/" + command,
                 body, options->id, done);
  };
}

// ---- layers

core::Result<int> create_layer(Session& session, const AiOptions& options) {
  Json profile = {{"name", options.name},
                  {"name_ar", options.name_ar},
                  {"purpose", options.purpose},
                  {"purpose_ar", options.purpose_ar}};
  put(profile, "subscriber_visibility", options.visibility);
  if (!options.for_subscribers.empty()) profile["allowed_for_subscribers"] = options.for_subscribers == "yes";
  return made(session, base + "layers", {{"profile", profile}, {"type", options.type}}, "layer");
}

core::Result<int> power(Session& session, const AiOptions& options) {
  Json figures = Json::object();
  put(figures, "level", options.level);
  put(figures, "max_tokens_per_request", options.tokens);
  put(figures, "max_requests_per_minute", options.per_minute);
  put(figures, "max_concurrent_requests", options.at_once);
  put(figures, "cost_per_request", options.cost, 0);
  put(figures, "monthly_budget_limit", options.budget, 0);
  return order(session, base + "power-configs", {{"layer", options.id}, {"power", figures}}, "layer " + options.id,
               "bounded");
}

// ---- agents, providers, limits

core::Result<int> create_agent(Session& session, const AiOptions& options) {
  Json body = {{"name", options.name}, {"layer", options.layer}, {"model", options.model}};
  put(body, "provider", options.provider);
  put(body, "max_tokens", options.tokens);
  if (!options.for_subscribers.empty()) body["available_to_subscribers"] = options.for_subscribers == "yes";
  return made(session, base + "agents", body, "agent");
}

core::Result<int> create_external(Session& session, const AiOptions& options) {
  Json body = {{"provider", options.name}, {"endpoint", options.endpoint}, {"secret", options.secret}};
  body["layers"] = options.layers;
  put(body, "rate_limit", options.per_minute);
  put(body, "monthly_budget", options.budget, 0);
  return made(session, base + "external-providers", body, "link");
}

core::Result<int> set_limit(Session& session, const AiOptions& options) {
  Json body = Json::object();
  put(body, "max_power_level", options.level);
  put(body, "max_tokens_per_request", options.tokens);
  put(body, "max_requests_per_day", options.per_day);
  put(body, "max_requests_per_minute", options.per_minute);
  return order(session, base + "subscriber-limits/" + url_part(options.id), body, "tier " + options.id, "limited");
}

// ---- permissions

core::Result<int> permissions(Session& session, const AiOptions& options) {
  const auto user = user_id(session, options.user.empty() ? "me" : options.user);
  if (!user) return user.error();
  const auto answer = session.get("/api/nova/permissions/user/" + url_part(*user));
  if (!answer) return answer.error();
  std::string text;
  for (const auto& code : at(*answer, "permissions")) text += safe(code.get<std::string>()) + "\n";
  session.print(*answer, text);
  return exit_ok;
}

core::Result<int> change(Session& session, const AiOptions& options, const char* verb) {
  const auto user = user_id(session, options.user);
  if (!user) return user.error();
  Json body = {{"user", *user}, {"codes", options.codes}};
  put(body, "reason", options.reason);
  return order(session, std::string("/api/nova/permissions/") + verb, body, "AI of " + options.user,
               std::string(verb) == "grant" ? "allowed" : "no more allowed");
}

core::Result<int> preset(Session& session, const AiOptions& options) {
  const auto user = user_id(session, options.user);
  if (!user) return user.error();
  return order(session, "/api/nova/permissions/apply-preset", {{"user", *user}, {"preset", options.preset}},
               "AI of " + options.user, "set to " + options.preset);
}

// ---- requests

core::Result<int> ask(Session& session, const AiOptions& options) {
  const auto tenant = tenant_of(session);
  if (!tenant) return tenant.error();
  Json body = {{"action", options.action}, {"task_type", options.task}};
  put(body, "layer", options.layer);
  put(body, "impact", options.impact);
  put(body, "tokens", options.tokens);
  if (!options.codes.empty()) body["needs"] = options.codes;
  const auto answer = session.mutate("/api/nova/executions?tenant=" + url_part(*tenant), body);
  if (!answer) return answer.error();
  session.print(*answer, "execution " + safe(text_at(*answer, "id")) + ": " + safe(text_at(*answer, "status")) + "\n");
  return exit_ok;
}

CLI::App* group(CLI::App& app, const char* name, const char* summary) {
  auto* made = app.add_subcommand(name, summary);
  made->fallthrough();
  made->require_subcommand(1);
  made->footer(std::string("Examples:\n") + ai_examples);
  return made;
}

/// Adds verbs of one group that share the options.
struct Verbs {
  CLI::App& app;
  Chosen& chosen;
  const Options& options;

  CLI::App* add(const char* name, const char* summary, Work work) const {
    return add_verb(app, chosen, name, summary, ai_examples, std::move(work));
  }
  CLI::App* add(const char* name, const char* summary, core::Result<int> (*work)(Session&, const AiOptions&)) const {
    return add(name, summary, [options = options, work](Session& session) { return work(session, *options); });
  }
  void entity(const char* name, const char* plural, const char* done, const char* summary, bool reason) const {
    auto* verb = add(name, summary, of_entity(options, plural, name, done, reason));
    verb->add_option("ID", options->id, "as `list` shows it")->required();
    if (reason) verb->add_option("--reason", options->reason, "why");
  }
};

void add_layers(const Verbs& verbs) {
  const auto& options = verbs.options;
  verbs.add("list", "List layers", [](Session& session) {
    return table_of(session, base + "layers", {"ID", "NAME", "TYPE", "STATUS", "LEVEL", "SPENT"},
                    {"id", "state.profile.name", "state.type", "status", "state.power.level", "state.budget.spent"},
                    "no layers");
  });
  auto* verb = verbs.add("create", "Make a layer; the owner", create_layer);
  verb->add_option("NAME", options->name, "unique")->required();
  verb->add_option("--name-ar", options->name_ar, "in Arabic")->required();
  verb->add_option("--purpose", options->purpose, "what it is for")->required();
  verb->add_option("--purpose-ar", options->purpose_ar, "in Arabic")->required();
  verb->add_option("--type", options->type, "who may be behind it, and before it")->capture_default_str();
  verb->add_option("--visibility", options->visibility, "hidden, limited or full");
  verb->add_option("--for-subscribers", options->for_subscribers, "yes or no")->check(CLI::IsMember({"yes", "no"}));
  verb = verbs.add("power", "Say what bounds a layer", power);
  verb->add_option("ID", options->id, "as `list` shows it")->required();
  verb->add_option("--level", options->level, "1 to 10")->required();
  verb->add_option("--tokens", options->tokens, "in one request");
  verb->add_option("--per-minute", options->per_minute, "requests");
  verb->add_option("--at-once", options->at_once, "requests");
  verb->add_option("--cost", options->cost, "of a request, millionths of a US dollar");
  verb->add_option("--budget", options->budget, "of a month, millionths of a US dollar");
  verbs.entity("suspend", "ai_layers", "suspended", "Stop a layer for a while", true);
  verbs.entity("resume", "ai_layers", "resumed", "Let a suspended layer work again", false);
  verbs.entity("disable", "ai_layers", "disabled", "Put a layer out of use", true);
  verbs.entity("enable", "ai_layers", "enabled", "Let a disabled layer work again", false);
  verbs.entity("delete", "ai_layers", "deleted", "Remove a disabled layer", true);
}

void add_agents(const Verbs& verbs) {
  const auto& options = verbs.options;
  verbs.add("list", "List agents", [](Session& session) {
    return table_of(session, base + "agents", {"ID", "NAME", "LAYER", "MODEL", "STATUS", "REASON"},
                    {"id", "state.settings.name", "state.settings.layer", "state.settings.model", "status", "reason"},
                    "no agents");
  });
  auto* verb = verbs.add("create", "Make an agent; the owner", create_agent);
  verb->add_option("NAME", options->name, "its name for people")->required();
  verb->add_option("--layer", options->layer, "that it works in")->required();
  verb->add_option("--model", options->model, "its model")->required();
  verb->add_option("--provider", options->provider, "the outside provider that answers for it");
  verb->add_option("--tokens", options->tokens, "in one request");
  verb->add_option("--for-subscribers", options->for_subscribers, "yes or no; must be decided")
      ->check(CLI::IsMember({"yes", "no"}));
  verbs.entity("deactivate", "ai_agents", "deactivated", "Stop an agent for a while", true);
  verbs.entity("activate", "ai_agents", "activated", "Let an agent work again", false);
  verbs.entity("remove", "ai_agents", "removed", "End an agent for good", true);
}

void add_external(const Verbs& verbs) {
  const auto& options = verbs.options;
  verbs.add("list", "List outside providers", [](Session& session) {
    return table_of(session, base + "external-providers", {"ID", "PROVIDER", "ENDPOINT", "STATUS", "SPENT", "REASON"},
                    {"id", "state.link.provider", "state.link.endpoint", "status", "state.budget.spent", "reason"},
                    "no outside providers");
  });
  auto* verb = verbs.add("create", "Propose a link; the owner", create_external);
  verb->add_option("PROVIDER", options->name, "openai, anthropic, google, azure or custom")->required();
  verb->add_option("--endpoint", options->endpoint, "https URL")->required();
  verb->add_option("--secret", options->secret, "TENANT/ID of the secret that holds the key")->required();
  verb->add_option("--layer", options->layers, "that may use it; again for each");
  verb->add_option("--per-minute", options->per_minute, "requests");
  verb->add_option("--budget", options->budget, "of a month, millionths of a US dollar");
  verbs.entity("approve", "external_ais", "approved", "Let a proposed link be used", false);
  verbs.entity("pause", "external_ais", "paused", "Stop a link for a while", true);
  verbs.entity("resume", "external_ais", "resumed", "Let a paused link be used again", false);
  verbs.entity("remove", "external_ais", "removed", "End a link for good", true);
}

void add_tier_limits(const Verbs& verbs) {
  const auto& options = verbs.options;
  verbs.add("list", "How much AI each tier may use", [](Session& session) {
    return table_of(
        session, base + "subscriber-limits", {"TIER", "LEVEL", "TOKENS", "A DAY", "A MINUTE", "BREACH"},
        {"id", "state.limits.max_power_level", "state.limits.max_tokens_per_request",
         "state.limits.max_requests_per_day", "state.limits.max_requests_per_minute", "state.limits.enforcement"},
        "no tier has AI");
  });
  auto* verb = verbs.add("set", "Say how much a tier may use; the rest stays, or is what ships", set_limit);
  verb->add_option("TIER", options->id, "free, basic, pro, enterprise or sovereign")->required();
  verb->add_option("--level", options->level, "of layers");
  verb->add_option("--tokens", options->tokens, "in one request");
  verb->add_option("--per-day", options->per_day, "requests");
  verb->add_option("--per-minute", options->per_minute, "requests");
  auto* gone =
      verbs.add("remove", "Take a tier's AI away", of_entity(options, "subscriber_limits", "remove", "removed", true));
  gone->add_option("TIER", options->id, "which")->required();
  gone->add_option("--reason", options->reason, "why");
}

void add_ai_permissions(const Verbs& verbs) {
  const auto& options = verbs.options;
  auto* verb = verbs.add("list", "What AI may do for somebody", permissions);
  verb->add_option("USER", options->user, "address or id; left out: you");
  for (const char* name : {"grant", "revoke"}) {
    const bool grants = std::string(name) == "grant";
    verb = verbs.add(name, grants ? "Let AI do something for somebody" : "Let AI do something no more",
                     [options, name](Session& session) { return change(session, *options, name); });
    verb->add_option("USER", options->user, "address or id")->required();
    verb->add_option("CODE", options->codes, "such as read_files; again for each")->required();
    verb->add_option("--reason", options->reason, "why");
  }
  verb = verbs.add("preset", "Let AI do what a preset says, and nothing else", preset);
  verb->add_option("USER", options->user, "address or id")->required();
  verb->add_option("PRESET", options->preset, "restrictive, balanced, full_access")->required();
}

}  // namespace

void add_ai(CLI::App& app, Chosen& chosen) {
  auto* ai = group(app, "ai", "Layers, agents, outside providers and limits of AI, and what it may do");
  const auto options = std::make_shared<AiOptions>();
  add_layers({*group(*ai, "layers", "What holds AI, and what bounds it"), chosen, options});
  add_agents({*group(*ai, "agents", "AIs that act"), chosen, options});
  add_external({*group(*ai, "external", "Links to outside providers"), chosen, options});
  add_tier_limits({*group(*ai, "limits", "How much AI each tier may use"), chosen, options});
  add_ai_permissions({*group(*ai, "permissions", "What AI may do for whom"), chosen, options});
  auto* verb = add_verb(*ai, chosen, "ask", "Ask AI for something; a guard judges it first", ai_examples,
                        [options](Session& session) { return ask(session, *options); });
  verb->add_option("--layer", options->layer, "that it would run in");
  verb->add_option("--task", options->task, "what it is about: text, deploy, payment")->required();
  verb->add_option("--action", options->action, "generate, analyze, decide, execute, suggest")->capture_default_str();
  verb->add_option("--impact", options->impact, "low, medium, high, critical");
  verb->add_option("--tokens", options->tokens, "that it may use at most");
  verb->add_option("--needs", options->codes, "permission codes that it would use");
}

}  // namespace nova::cli
