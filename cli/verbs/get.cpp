// get and describe: what there is, and one thing with its story.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/text/yaml_out.hpp"
#include "cli/verbs/selector.hpp"
#include "cli/verbs/story.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace nova::cli {
namespace {

constexpr const char* get_examples =
    "  novactl get deployments                      of all tenants, or of the one chosen with -t\n"
    "  novactl get deployment clinic-development    one of them\n"
    "  novactl get instances -l status=error        filtered by the node\n"
    "  novactl get escalations -o json              for scripts: {\"items\": [...]}\n"
    "  novactl get kinds                            what can be listed\n";
constexpr const char* describe_examples =
    "  novactl describe deployment clinic-development\n"
    "  novactl describe instance/clinic-development.api.r1.0\n";

// Events shown by describe; `novactl events` has them all.
constexpr int events_shown = 20;

struct Column {
  const char* heading;
  const char* path;
};

// Beside id, tenant, status, reason and age.
std::vector<Column> columns_of(const std::string& kind) {
  if (kind == "deployment") return {{"HEALTH", "state.health"}, {"REVISION", "state.current"}};
  if (kind == "instance")
    return {{"PHASE", "state.phase"}, {"PID", "state.pid"}, {"PORT", "state.port"}, {"RESTARTS", "state.restarts"}};
  if (kind == "escalation")
    return {{"SUBJECT", "state.subject_id"}, {"SERVICE", "state.service"}, {"TITLE", "state.title"}};
  if (kind == "blueprint") return {{"VERSION", "state.version"}};
  if (kind == "tenant") return {{"NAME", "state.name"}, {"TIER", "state.tier"}};
  return {};
}

std::string items_text(const Session& session, const KindInfo& kind, const Json& items) {
  std::vector<std::string> headings = {"ID", "STATUS"};
  const bool is_tenant = kind.name == "tenant";
  if (!is_tenant) headings.insert(headings.begin(), "TENANT");
  const auto extra = columns_of(kind.name);
  for (const auto& column : extra) headings.push_back(column.heading);
  headings.insert(headings.end(), {"AGE", "REASON"});
  Table table(headings);
  for (const auto& item : items) {
    std::vector<std::string> cells = {text_at(item, "id"), text_at(item, "status")};
    if (!is_tenant) cells.insert(cells.begin(), text_at(item, "tenant"));
    for (const auto& column : extra) cells.push_back(text_at(item, column.path));
    cells.push_back(age_of(text_at(item, "updated_at")));
    cells.push_back(text_at(item, "reason"));
    table.row(std::move(cells));
  }
  return table.text(session.paint(), is_tenant ? 1 : 2);
}

core::Result<int> get_kinds(Session& session) {
  const auto answer = session.get("/v1/kinds");
  if (!answer) return answer.error();
  Table table({"NAME", "PLURAL", "SHORT", "MEANING"});
  for (const auto& kind : at(*answer, "items")) {
    std::string words;
    for (const auto& word : at(kind, "short_names"))
      words += (words.empty() ? "" : ",") + (word.is_string() ? word.get<std::string>() : "");
    table.row({text_at(kind, "name"), text_at(kind, "plural"), words, text_at(kind, "doc")});
  }
  session.print(*answer, table.text(session.paint()));
  return exit_ok;
}

struct GetOptions {
  std::vector<std::string> words;
  std::string selector;
  std::size_t limit = list_default;
};

core::Result<int> get_list(Session& session, const KindInfo& kind, const GetOptions& options) {
  const auto tenant = session.tenant_or("-");
  if (!tenant) return tenant.error();
  const auto query = selector_query(options.selector);
  if (!query) return query.error();
  const auto all = session.list(kind, *tenant, *query, options.limit);
  if (!all) return all.error();
  Json answer = {{"items", all->items}};
  if (!all->next.empty()) answer["next"] = all->next;
  if (all->items.empty())
    session.print(answer, "no " + kind.plural + (options.selector.empty() ? "" : " match") + "\n");
  else
    session.print(answer, items_text(session, kind, all->items));
  if (!all->next.empty() && session.format() == Format::table) session.note("there are more; raise --limit");
  return exit_ok;
}

core::Result<Json> get_one(Session& session, const Address& address) {
  auto item = session.get(address.path());
  if (!item && item.error().status == 404 && item.error().remedy.empty())
    return std::move(item).error().fix("see: novactl get " + address.kind.plural);
  return item;
}

core::Result<int> get(Session& session, const GetOptions& options) {
  const std::string& first = options.words.front();
  if (first == "kinds" || first == "kind") return get_kinds(session);
  const bool has_slash = first.find('/') != std::string::npos;
  if (!has_slash && options.words.size() == 1) {
    const auto kind = session.kind(first);
    if (!kind) return kind.error();
    return get_list(session, *kind, options);
  }
  std::vector<Address> addresses;
  for (std::size_t i = has_slash ? 0 : 1; i < options.words.size(); ++i) {
    auto address = has_slash ? session.address(options.words[i]) : session.address(first, options.words[i]);
    if (!address) return std::move(address).error();
    addresses.push_back(std::move(*address));
  }
  Json items = Json::array();
  for (const auto& address : addresses) {
    auto item = get_one(session, address);
    if (!item) return std::move(item).error();
    items.push_back(std::move(*item));
  }
  const std::string text = items_text(session, addresses.front().kind, items);
  session.print(items.size() == 1 ? items.front() : Json{{"items", items}}, text);
  return exit_ok;
}

// ---- describe
// --------------------------------------------------------------------------------------------------------

std::string head_text(const Session& session, const Json& item) {
  const auto line = [](const std::string& name, const std::string& value) {
    return value.empty() ? std::string() : pad(name + ":", 12) + value + "\n";
  };
  std::string text = line("Id", safe(text_at(item, "id"))) + line("Kind", safe(text_at(item, "kind"))) +
                     line("Tenant", safe(text_at(item, "tenant"))) +
                     line("Status", session.paint().status(safe(text_at(item, "status")))) +
                     line("Reason", safe(text_at(item, "reason"))) + line("Parent", safe(text_at(item, "parent")));
  text += line("Version", text_at(item, "version") + " (intent " + text_at(item, "intent_version") + ")");
  text += line("Created", safe(text_at(item, "created_at"))) + line("Updated", safe(text_at(item, "updated_at")));
  return text;
}

std::string state_text(const Json& item) {
  std::string text = "\nState:\n";
  const std::string state = to_yaml(at(item, "state"));
  for (std::size_t start = 0; start < state.size();) {
    const auto end = std::min(state.find('\n', start), state.size());
    text += "  " + safe(state.substr(start, end - start)) + "\n";
    start = end + 1;
  }
  return text;
}

core::Result<std::string> instances_text(Session& session, const Address& address) {
  if (address.kind.name != "deployment") return std::string();
  const auto kind = session.kind("instance");
  if (!kind) return std::string();
  const auto all = session.list(*kind, address.tenant, "parent=" + url_part("deployment/" + address.id), list_default);
  if (!all) return all.error();
  // Those of former revisions are history; `novactl get instances` has them.
  Json present = Json::array();
  for (const auto& instance : all->items)
    if (text_at(instance, "status") != "stopped") present.push_back(instance);
  return present.empty() ? std::string() : "\nInstances:\n" + items_text(session, *kind, present);
}

core::Result<int> describe(Session& session, const std::vector<std::string>& words) {
  auto address = words.size() == 1 ? session.address(words[0]) : session.address(words[0], words[1]);
  if (!address) return std::move(address).error();
  auto item = get_one(session, *address);
  if (!item) return std::move(item).error();
  const auto events = session.get(address->path() + "/events?last=" + std::to_string(events_shown));
  if (!events) return events.error();
  (*item)["events"] = at(*events, "items");
  if (session.format() != Format::table) return session.print(*item, {}), exit_ok;
  const auto instances = instances_text(session, *address);
  if (!instances) return instances.error();
  std::string text = head_text(session, *item);
  text += address->kind.name == "deployment" ? deployment_text(session, *item) : state_text(*item);
  text += *instances + "\nEvents:\n" + events_text(session, at(*events, "items"));
  session.print(*item, text);
  return exit_ok;
}

}  // namespace

void add_get(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<GetOptions>();
  auto* verb = add_verb(app, chosen, "get", "List things of a kind, or show some", get_examples,
                        [options](Session& session) { return get(session, *options); });
  verb->add_option("KIND", options->words, "kind, then ids; or KIND/ID")->required();
  verb->add_option("-l,--selector", options->selector, "status=WORD, parent=KIND/ID, with commas between")
      ->type_name("FILTER");
  verb->add_option("--limit", options->limit, "at most this many")->check(CLI::Range(1, 100'000));

  auto words = std::make_shared<std::vector<std::string>>();
  verb = add_verb(app, chosen, "describe", "Show one thing with its state, instances and events", describe_examples,
                  [words](Session& session) { return describe(session, *words); });
  verb->add_option("KIND", *words, "KIND ID, or KIND/ID")->required()->expected(1, 2);
}

}  // namespace nova::cli
