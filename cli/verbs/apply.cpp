// apply and plan: manifests become intent.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/manifest/manifest.hpp"
#include "cli/manifest/plan_file.hpp"
#include "cli/manifest/upload.hpp"
#include "cli/verbs/settled.hpp"
#include "cli/verbs/verbs.hpp"
#include "core/time.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <ostream>

namespace nova::cli {
namespace {

constexpr const char* apply_examples =
    "  novactl apply -f clinic.yaml                 make it so; services start in the background\n"
    "  novactl apply -f clinic.yaml --wait          and wait until they are healthy\n"
    "  novactl apply -f platforms/ --dry-run        check everything, change nothing\n"
    "  cat clinic.yaml | novactl apply -f -         from standard input\n"
    "  novactl apply clinic.plan                    what `novactl plan --out` wrote\n";
constexpr const char* plan_examples =
    "  novactl plan -f clinic.yaml                  what would change\n"
    "  novactl plan -f clinic.yaml --out clinic.plan\n"
    "  novactl plan -f clinic.yaml --exit-code      exit 10 when something would change\n";

struct ApplyOptions {
  std::vector<std::string> files;
  std::vector<std::string> plans;
  bool wait = false;
  std::string timeout = "3m";
};

struct PlanOptions {
  std::vector<std::string> files;
  std::string out;
  bool exit_code = false;
};

struct Loaded {
  std::vector<Manifest> manifests;
  Json body = Json::object();  ///< {"manifests": [...]}
};

core::Result<Loaded> load(Session& session, const std::vector<std::string>& files, bool upload) {
  auto tenant = session.tenant_or("");
  if (!tenant) return std::move(tenant).error();
  auto manifests = read_manifests(files, session.terminal().in, *tenant);
  if (!manifests) return std::move(manifests).error();
  if (auto packed = pack_sources(session, *manifests, upload); !packed) return std::move(packed).error();
  Loaded loaded{std::move(*manifests)};
  loaded.body["manifests"] = Json::array();
  for (const auto& manifest : loaded.manifests) loaded.body["manifests"].push_back(Json::parse(manifest.json));
  return loaded;
}

std::string applied_text(const Session& session, const Json& results) {
  std::string text;
  for (const auto& result : results) {
    const std::string name = text_at(result, "kind") + "/" + text_at(result, "id");
    const std::string action = text_at(result, "action");
    text += name + " " + (action == "unchanged" ? session.paint().dim(action) : session.paint().green(action)) +
            (session.globals().dry_run ? " (dry run)" : "") + "\n";
  }
  return text;
}

core::Result<int> wait_for_results(Session& session, const std::vector<Seen>& before, const Json& results,
                                   milliseconds limit) {
  std::size_t i = 0;
  for (const auto& result : results) {
    const std::string id = text_at(result, "deployment");
    if (id.empty()) continue;
    const Seen seen = i < before.size() ? before[i] : Seen{};
    ++i;
    session.note("waiting for deployment/" + id + " ...");
    const bool changed = text_at(result, "action") != "unchanged";
    auto settled = wait_settled(session, text_at(result, "tenant"), id, seen, changed, limit);
    if (!settled) return std::move(settled).error();
    session.note("deployment/" + id + " " + *settled);
  }
  return exit_ok;
}

// What deployments looked like before, so that an old healthy revision is not mistaken for the new one.
core::Result<std::vector<Seen>> look_before(Session& session, const Json& manifests) {
  std::vector<Seen> seen;
  for (const auto& manifest : manifests) {
    if (text_at(manifest, "kind") != "Blueprint") continue;
    auto environment = text_at(manifest, "metadata.environment");
    if (environment.empty()) environment = text_at(manifest, "spec.environment");
    if (environment.empty()) environment = "development";
    auto one =
        look(session, text_at(manifest, "metadata.tenant"), text_at(manifest, "metadata.name") + "-" + environment);
    if (!one) return std::move(one).error();
    seen.push_back(std::move(*one));
  }
  return seen;
}

core::Result<int> apply(Session& session, const ApplyOptions& options) {
  const auto limit = duration_of(options.timeout);
  if (!limit) return limit.error();
  const bool is_plan = options.plans.size() == 1 && options.files.empty() && is_plan_file(options.plans.front());
  if (!is_plan && options.files.empty() == options.plans.empty()) {
    auto error = core::refusal("cli.usage", "name the files with -f, or one plan");
    return std::move(error).fix("see: novactl apply --help");
  }
  Loaded loaded;
  if (is_plan) {
    const auto plan = read_plan(options.plans.front());
    if (!plan) return plan.error();
    loaded.body = {{"manifests", at(*plan, "manifests")}, {"base", at(*plan, "base")}};
  } else {
    auto files = options.files;
    files.insert(files.end(), options.plans.begin(), options.plans.end());
    auto read = load(session, files, !session.globals().dry_run);
    if (!read) return std::move(read).error();
    loaded = std::move(*read);
  }
  std::vector<Seen> before;
  if (options.wait && !session.globals().dry_run) {
    auto looked = look_before(session, loaded.body["manifests"]);
    if (!looked) return std::move(looked).error();
    before = std::move(*looked);
  }
  auto answer = session.mutate("/v1/apply", loaded.body);
  if (!answer) return with_places(std::move(answer).error(), loaded.manifests);
  const Json& results = at(*answer, "results");
  session.print(Json{{"items", results}}, applied_text(session, results));
  if (!options.wait || session.globals().dry_run) return exit_ok;
  return wait_for_results(session, before, results, *limit);
}

core::Result<int> plan(Session& session, PlanOptions options) {
  const std::string& format = session.globals().format;
  if (options.out.empty() && !is_format(format)) options.out = format;  // `plan -o clinic.plan`, as many write it
  auto loaded = load(session, options.files, !options.out.empty());
  if (!loaded) return std::move(loaded).error();
  auto node = session.client();
  if (!node) return std::move(node).error();
  Ask ask;
  ask.method = "POST";
  ask.path = "/v1/plan";
  ask.body = loaded->body.dump(-1, ' ', false, Json::error_handler_t::replace);
  auto answer = (*node)->send(ask);
  if (!answer) return with_places(std::move(answer).error(), loaded->manifests);
  const auto json = parse_json(answer->body);
  if (!json) return json.error();
  const Json& changes = at(*json, "changes");
  session.print(Json{{"items", changes}}, plan_text(changes, session.paint()));
  if (!options.out.empty()) {
    const auto now = core::to_rfc3339(core::system_clock().now());
    if (auto written = write_plan(options.out, make_plan(loaded->body["manifests"], changes, now)); !written)
      return std::move(written).error();
    session.note("plan written; carry it out with: novactl apply " + options.out);
  }
  return options.exit_code && has_changes(changes) ? exit_changes : exit_ok;
}

}  // namespace

void add_apply(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ApplyOptions>();
  auto* verb = add_verb(app, chosen, "apply", "Make what manifests or a plan say come true", apply_examples,
                        [options](Session& session) { return apply(session, *options); });
  verb->add_option("-f,--file", options->files, "manifest, folder of manifests, or - for standard input")
      ->type_name("FILE");
  verb->add_option("PLAN", options->plans, "a plan, or manifests");
  verb->add_flag("-w,--wait", options->wait, "until the deployments are healthy");
  verb->add_option("--timeout", options->timeout, "how long to wait")->type_name("SPAN");

  auto planned = std::make_shared<PlanOptions>();
  verb = add_verb(app, chosen, "plan", "Show what apply would change, and write it down", plan_examples,
                  [planned](Session& session) { return plan(session, *planned); });
  verb->add_option("-f,--file,FILES", planned->files, "manifest, folder of manifests, or -")
      ->type_name("FILE")
      ->required();
  verb->add_option("--out", planned->out, "write the plan to this file (-o FILE too)")->type_name("FILE");
  verb->add_flag("--exit-code", planned->exit_code, "exit 10 when something would change");
}

}  // namespace nova::cli
