// limits: how often callers may ask, who uses most of it, and who is heard no more.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/session_list.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/people/people.hpp"
#include "cli/verbs/verbs.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* limits_examples =
    "  novactl limits list                                        policies, with the numbers of now\n"
    "  novactl limits set auth.login --max 20 --window 5m         the other numbers stay\n"
    "  novactl limits top                                         who uses the largest share of their limits\n"
    "  novactl limits blocks                                      who is heard no more\n"
    "  novactl limits block 192.0.2.7 --for 1h --reason 'guesses passwords'\n"
    "  novactl limits unblock BLOCK --reason 'was us'\n";

struct LimitOptions {
  std::string policy, address, block, reason, window, span, block_time, status;
  std::int64_t max = 0, burst = 0, warning = 0;
  std::size_t limit = list_default;
};
using Options = std::shared_ptr<LimitOptions>;

core::Result<std::int64_t> seconds_of(const std::string& text) {
  const auto span = core::parse_duration(text);
  if (span && span->count() >= 1000) return span->count() / 1000;
  auto error = core::refusal("cli.bad_time", "`" + core::printable(text) + "` is no span of a second or more");
  error.status = 400;
  return std::move(error).fix("write 90s, 5m or 1h");
}

std::string number(const Json& item, const char* name) {
  const auto& value = at(item, name);
  return value.is_number() ? value.dump() : std::string();
}

core::Result<int> list(Session& session) {
  const auto answer = session.get("/v1/limits");
  if (!answer) return answer.error();
  Table table({"POLICY", "ROUTE", "COUNTED BY", "MAX", "WINDOW", "BURST", "WARNS AT", "BLOCKS FOR"});
  for (const auto& item : at(*answer, "policies"))
    table.row({text_at(item, "id"), text_at(item, "route"), text_at(item, "key"), number(item, "max"),
               number(item, "window_s") + "s", number(item, "burst"), number(item, "warning_percent") + "%",
               number(item, "block_s") + "s"});
  session.print(*answer, table.text(session.paint(), -1));
  if (at(*answer, "enforced") == false) session.note("limits.rates is off: nothing is counted");
  return exit_ok;
}

// A command says all numbers, so those that were not given are the ones of now.
core::Result<int> set(Session& session, const LimitOptions& options) {
  const auto now = session.get("/v1/limits");
  if (!now) return now.error();
  Json body;
  for (const auto& item : at(*now, "policies"))
    if (text_at(item, "id") == options.policy)
      for (const char* name : {"window_s", "max", "burst", "warning_percent", "block_s"}) body[name] = at(item, name);
  if (body.is_null()) {
    auto error = core::refusal("rate_policy.not_found", "there is no policy `" + core::printable(options.policy) + "`");
    return std::move(error).fix("novactl limits list shows them");
  }
  for (const auto& [name, text] : {std::pair{"window_s", &options.window}, {"block_s", &options.block_time}}) {
    if (text->empty()) continue;
    const auto seconds = seconds_of(*text);
    if (!seconds) return seconds.error();
    body[name] = *seconds;
  }
  for (const auto& [name, value] :
       {std::pair{"max", options.max}, {"burst", options.burst}, {"warning_percent", options.warning}})
    if (value > 0) body[name] = value;
  return order(session, "/v1/limits/policies/" + url_part(options.policy) + "/set", body, "policy " + options.policy,
               "set");
}

core::Result<int> top(Session& session, const LimitOptions& options) {
  const auto answer = session.get("/v1/limits/top?limit=" + std::to_string(options.limit));
  if (!answer) return answer.error();
  Table table({"WHO", "COUNTED BY", "POLICY", "USED", "LIMIT", "REFUSED"});
  for (const auto& item : at(*answer, "items")) {
    const auto name = text_at(item, "name");
    table.row({name.empty() ? text_at(item, "subject").substr(0, 16) : name, text_at(item, "keyed_by"),
               text_at(item, "policy"), number(item, "used"), number(item, "limit"), number(item, "refused")});
  }
  session.print(*answer, at(*answer, "items").empty() ? "nobody asked yet\n" : table.text(session.paint(), -1));
  return exit_ok;
}

core::Result<int> blocks(Session& session, const LimitOptions& options) {
  const auto answer = session.get("/v1/limits/blocks?limit=" + std::to_string(options.limit) +
                                  (options.status.empty() ? "" : "&status=" + url_part(options.status)));
  if (!answer) return answer.error();
  Table table({"ID", "COUNTED BY", "NAME", "POLICY", "STATUS", "UNTIL", "TIMES", "REASON"});
  for (const auto& item : at(*answer, "items"))
    table.row({text_at(item, "id"), text_at(item, "state.keyed_by"), text_at(item, "state.name"),
               text_at(item, "state.policy"), text_at(item, "status"), text_at(item, "state.until"),
               number(at(item, "state"), "times"), text_at(item, "state.reason")});
  session.print(*answer, at(*answer, "items").empty() ? "nobody is blocked\n" : table.text(session.paint(), 4));
  if (!text_at(*answer, "next").empty() && session.format() == Format::table)
    session.note("there are more; raise --limit");
  return exit_ok;
}

core::Result<int> block(Session& session, const LimitOptions& options) {
  Json body = {{"address", options.address}};
  if (!options.reason.empty()) body["reason"] = options.reason;
  if (!options.span.empty()) {
    const auto seconds = seconds_of(options.span);
    if (!seconds) return seconds.error();
    body["seconds"] = *seconds;
  }
  const auto answer = session.mutate("/v1/limits/blocks", body);
  if (!answer) return answer.error();
  // The address is kept nowhere, so its block is known by this id from here on.
  session.print(*answer, "address " + safe(options.address) + " blocked: " + safe(text_at(*answer, "id")) +
                             (session.globals().dry_run ? " (dry run)" : "") + "\n");
  return exit_ok;
}

core::Result<int> unblock(Session& session, const LimitOptions& options) {
  return order(session,
               "/v1/tenants/" + std::string(people_tenant) + "/abuse_blocks/" + url_part(options.block) + "/unblock",
               {{"reason", options.reason}}, "block " + options.block, "lifted");
}

}  // namespace

void add_limits(CLI::App& app, Chosen& chosen) {
  auto* limits = app.add_subcommand("limits", "How often callers may ask, and who is heard no more");
  limits->fallthrough();
  limits->require_subcommand(1);
  limits->footer(std::string("Examples:\n") + limits_examples);
  const auto options = std::make_shared<LimitOptions>();
  const auto add = [&](const char* name, const char* summary,
                       core::Result<int> (*work)(Session&, const LimitOptions&)) {
    return add_verb(*limits, chosen, name, summary, limits_examples,
                    [options, work](Session& session) { return work(session, *options); });
  };
  add_verb(*limits, chosen, "list", "List policies", limits_examples, list);

  auto* verb = add("set", "Set a policy's numbers; the root owner", set);
  verb->add_option("POLICY", options->policy, "its id, as `list` shows it")->required();
  verb->add_option("--max", options->max, "requests in a window, for the lowest tier")->check(CLI::PositiveNumber);
  verb->add_option("--window", options->window, "how long the window is: 5m")->type_name("SPAN");
  verb->add_option("--burst", options->burst, "requests in a second")->check(CLI::PositiveNumber);
  verb->add_option("--warning", options->warning, "per cent of the limit from which on it is warned")
      ->check(CLI::Range(1, 100));
  verb->add_option("--block", options->block_time, "for how long is blocked who goes on regardless")->type_name("SPAN");

  verb = add("top", "Who has used the largest share of their limits, on this node", top);
  verb->add_option("--limit", options->limit, "how many")->capture_default_str();
  verb = add("blocks", "Who is heard no more", blocks);
  verb->add_option("--status", options->status, "active when left out; expired, lifted");
  verb->add_option("--limit", options->limit, "how many")->capture_default_str();

  verb = add("block", "Hear nothing of an address for a while", block);
  verb->add_option("ADDRESS", options->address, "IPv4 or IPv6; of IPv6 the whole /64")->required();
  verb->add_option("--for", options->span, "how long; 15m when left out")->type_name("SPAN");
  verb->add_option("--reason", options->reason, "why");
  verb = add("unblock", "Hear somebody again", unblock);
  verb->add_option("BLOCK", options->block, "its id, as `blocks` shows it")->required();
  verb->add_option("--reason", options->reason, "why");
}

}  // namespace nova::cli
