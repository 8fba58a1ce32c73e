// The verbs that change something: rollback, scale, restart, stop, start, delete, answer, and any command of any kind.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/selector.hpp"
#include "cli/verbs/settled.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <charconv>

namespace nova::cli {
namespace {

constexpr const char* rollback_examples =
    "  novactl rollback deployment/clinic-development          to the revision that ran before\n"
    "  novactl rollback clinic-development --to 3 --reason 'broken form' --wait\n";
constexpr const char* scale_examples =
    "  novactl scale clinic-development api=3\n"
    "  novactl scale deployment/clinic-development api=3 front=2\n";
constexpr const char* restart_examples =
    "  novactl restart clinic-development                one instance after another\n"
    "  novactl restart clinic-development --service api\n"
    "  novactl restart deployments -l status=running --expect 3\n";
constexpr const char* stop_examples =
    "  novactl stop clinic-development --reason maintenance\n"
    "  novactl stop deployments -l parent=platform/clinic --expect 1 --yes\n";
constexpr const char* start_examples = "  novactl start clinic-development\n";
constexpr const char* delete_examples =
    "  novactl delete platform/clinic                 stops its services; their data stays\n"
    "  novactl delete platform/clinic --purge --yes   and removes their data for good\n";
constexpr const char* answer_examples =
    "  novactl get escalations\n"
    "  novactl answer ESCALATION retry --reason 'disk is free again'\n"
    "  novactl answer ESCALATION rollback --reason 'release 7 is broken'\n";
constexpr const char* command_examples =
    "  novactl command tenant/clinic suspend --set reason='unpaid'\n"
    "  novactl command tenant/clinic update_settings --data '{\"name\": \"Clinic\"}'\n"
    "  novactl get kinds -o json                      which commands there are\n";

/// What such a verb does to each thing that is meant.
struct Order {
  Selection selection;
  std::string default_kind = "deployment";
  std::string command;
  Json body = Json::object();
  std::string if_match;
  std::string danger;  ///< asked before: "stops its services"
  bool wait = false;
  std::string timeout = "3m";
};

core::Status check_danger(Session& session, const Order& order, const std::vector<Address>& targets) {
  for (const auto& target : targets) {
    const auto* known = target.kind.command(order.command);
    const bool asks = !order.danger.empty() || (known && known->destructive);
    if (!asks) continue;
    const std::string what = order.danger.empty() ? "cannot be taken back" : order.danger;
    if (auto sure = session.confirm("`" + order.command + "` of " + target.text() + " " + what + ".", target.id); !sure)
      return sure;
  }
  return core::ok();
}

std::string done_text(const Session& session, const Address& target, const std::string& command, const Json& answer) {
  const bool unchanged = at(answer, "events").is_array() && at(answer, "events").empty();
  std::string text = safe(target.kind.name + "/" + target.id) + " " + (unchanged ? "already so" : command);
  const auto status = safe(text_at(answer, "status"));
  const auto reason = safe(text_at(answer, "reason"));
  if (!status.empty()) text += ": " + session.paint().status(status) + (reason.empty() ? "" : " (" + reason + ")");
  return text + (session.globals().dry_run ? " (dry run)" : "") + "\n";
}

// What the command shall end in: an end for stop and delete, health for all else.
core::Result<std::string> settle(Session& session, const Order& order, const Address& target, Seen before,
                                 milliseconds limit) {
  if (order.command != "stop" && order.command != "delete")
    return wait_settled(session, target.tenant, target.id, before, order.command == "rollback", limit);
  const std::string wanted = order.command == "stop" ? "stopped" : "deleted";
  return wait_until("`" + target.kind.name + "/" + target.id + "` " + wanted, limit, [&]() -> core::Result<Look> {
    const auto item = session.get(target.path());
    if (!item && item.error().status == 404) return Look{"is " + wanted, {}};
    if (!item) return item.error();
    const auto status = text_at(*item, "status");
    if (status == wanted) return Look{"is " + wanted, {}};
    return Look{{}, "status is " + status};
  });
}

core::Result<int> carry_out(Session& session, const Order& order) {
  const auto limit = duration_of(order.timeout);
  if (!limit) return limit.error();
  const auto targets = select(session, order.selection, order.default_kind);
  if (!targets) return targets.error();
  if (auto sure = check_danger(session, order, *targets); !sure) return std::move(sure).error();
  if (targets->size() > 1 && !session.globals().idempotency_key.empty()) {
    auto error = core::refusal("cli.usage", "an idempotency key is for one request; the selector makes several");
    return error;
  }
  Json answers = Json::array();
  std::string text;
  for (const auto& target : *targets) {
    Seen before;
    if (order.wait && !session.globals().dry_run) {
      const auto looked = look(session, target.tenant, target.id);
      if (!looked) return looked.error();
      before = *looked;
    }
    std::vector<std::pair<std::string, std::string>> headers;
    if (!order.if_match.empty()) headers.emplace_back("If-Match", "\"" + order.if_match + "\"");
    auto answer = session.mutate(target.path() + "/" + url_part(order.command), order.body, std::move(headers));
    if (!answer) return std::move(answer).error();
    text += done_text(session, target, order.command, *answer);
    answers.push_back(std::move(*answer));
    if (!order.wait || session.globals().dry_run) continue;
    const auto settled = settle(session, order, target, before, *limit);
    if (!settled) return settled.error();
    text += safe(target.kind.name + "/" + target.id + " " + *settled) + "\n";
  }
  session.print(answers.size() == 1 ? answers.front() : Json{{"items", answers}}, text);
  return exit_ok;
}

std::shared_ptr<Order> order_of(const std::string& command) {
  auto order = std::make_shared<Order>();
  order->command = command;
  return order;
}

void add_target(CLI::App* verb, const std::shared_ptr<Order>& order) {
  verb->add_option("TARGET", order->selection.words, "KIND/ID, KIND ID, or an id alone")->expected(0, 2);
  verb->add_option("-l,--selector", order->selection.selector, "status=WORD, parent=KIND/ID")->type_name("FILTER");
  verb->add_option("--expect", order->selection.expect, "how many the selector must match")->check(CLI::Range(0, 1000));
  verb->add_option("--if-match", order->if_match, "only if the version is still this one (7, or i3 for intent)")
      ->type_name("VERSION");
}

void add_wait_options(CLI::App* verb, const std::shared_ptr<Order>& order) {
  verb->add_flag("-w,--wait", order->wait, "until it is done: healthy, stopped, deleted");
  verb->add_option("--timeout", order->timeout, "how long to wait")->type_name("SPAN");
}

void add_rollback(CLI::App& app, Chosen& chosen) {
  auto order = order_of("rollback");
  auto to = std::make_shared<std::uint64_t>(0);
  auto reason = std::make_shared<std::string>();
  auto* verb = add_verb(app, chosen, "rollback", "Run an earlier revision again, as a new one", rollback_examples,
                        [=](Session& session) {
                          order->body = {{"revision", *to}, {"reason", *reason}};
                          return carry_out(session, *order);
                        });
  add_target(verb, order);
  verb->add_option("--to", *to, "revision; 0: the newest earlier one that ran")->type_name("REVISION");
  verb->add_option("--reason", *reason, "why");
  add_wait_options(verb, order);
}

// "api=3" of each service, in turn.
core::Result<int> scale(Session& session, const Order& order, const std::vector<std::string>& words) {
  Order one = order;
  one.selection.words.clear();
  std::vector<std::pair<std::string, int>> counts;
  for (const auto& word : words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      one.selection.words.push_back(word);
      continue;
    }
    int count = -1;
    const char* end = word.data() + word.size();
    if (std::from_chars(word.data() + equals + 1, end, count).ptr != end || count < 0) {
      auto error = core::refusal("cli.usage", "`" + core::printable(word) + "` is no SERVICE=COUNT");
      return std::move(error).fix("for example api=3");
    }
    counts.emplace_back(word.substr(0, equals), count);
  }
  if (counts.empty()) {
    auto error = core::refusal("cli.usage", "no SERVICE=COUNT was given");
    return std::move(error).fix("for example: novactl scale clinic-development api=3");
  }
  if (counts.size() > 1 && !session.globals().idempotency_key.empty())
    return core::refusal("cli.usage", "an idempotency key is for one request; scale one service at a time with it");
  for (const auto& [service, count] : counts) {
    one.body = {{"service", service}, {"count", count}};
    one.danger = count == 0 ? "ends all instances of service `" + service + "`" : "";
    if (auto done = carry_out(session, one); !done) return done;
  }
  return exit_ok;
}

void add_scale(CLI::App& app, Chosen& chosen) {
  auto order = order_of("scale");
  auto words = std::make_shared<std::vector<std::string>>();
  auto* verb = add_verb(app, chosen, "scale", "Set how many instances of a service run", scale_examples,
                        [=](Session& session) { return scale(session, *order, *words); });
  verb->add_option("TARGET", *words, "deployment, then SERVICE=COUNT ...")->required()->expected(1, 64);
  verb->add_option("--if-match", order->if_match, "only if the version is still this one")->type_name("VERSION");
  add_wait_options(verb, order);
}

void add_lifecycle(CLI::App& app, Chosen& chosen) {
  auto restart = order_of("restart");
  auto service = std::make_shared<std::string>();
  auto* verb = add_verb(app, chosen, "restart", "Restart services, one instance after another", restart_examples,
                        [=](Session& session) {
                          if (!service->empty()) restart->body = {{"service", *service}};
                          return carry_out(session, *restart);
                        });
  add_target(verb, restart);
  verb->add_option("-s,--service", *service, "this one only")->type_name("NAME");
  add_wait_options(verb, restart);

  auto stop = order_of("stop");
  auto reason = std::make_shared<std::string>();
  verb = add_verb(app, chosen, "stop", "Stop all services of a deployment; its ports close", stop_examples,
                  [=](Session& session) {
                    stop->danger = "stops its services and closes its ports";
                    stop->body = {{"reason", *reason}};
                    return carry_out(session, *stop);
                  });
  add_target(verb, stop);
  verb->add_option("--reason", *reason, "why");
  add_wait_options(verb, stop);

  auto start = order_of("start");
  verb = add_verb(app, chosen, "start", "Start a stopped deployment as it was", start_examples,
                  [=](Session& session) { return carry_out(session, *start); });
  add_target(verb, start);
  add_wait_options(verb, start);

  auto remove = order_of("delete");
  auto purge = std::make_shared<bool>(false);
  auto why = std::make_shared<std::string>();
  verb = add_verb(
      app, chosen, "delete", "Stop and remove a platform or a deployment", delete_examples, [=](Session& session) {
        remove->default_kind = "";
        remove->danger =
            *purge ? "stops its services and removes their data for good" : "stops its services; their data is kept";
        remove->body = {{"purge", *purge}, {"reason", *why}};
        return carry_out(session, *remove);
      });
  add_target(verb, remove);
  verb->add_flag("--purge", *purge, "the services' data too");
  verb->add_option("--reason", *why, "why");
  add_wait_options(verb, remove);
}

void add_answer(CLI::App& app, Chosen& chosen) {
  auto order = order_of("answer");
  auto words = std::make_shared<std::vector<std::string>>();
  auto reason = std::make_shared<std::string>();
  auto* verb = add_verb(app, chosen, "answer", "Decide an escalation", answer_examples,
                        [=](Session& session) -> core::Result<int> {
                          order->default_kind = "escalation";
                          const std::string& decision = words->back();
                          if (decision != "retry" && decision != "rollback" && decision != "stop") {
                            auto error = core::refusal("cli.usage", "`" + core::printable(decision) + "` is no answer");
                            return std::move(error).fix("retry, rollback or stop");
                          }
                          order->selection.words.assign(words->begin(), words->end() - 1);
                          order->body = {{"decision", decision}, {"reason", *reason}};
                          return carry_out(session, *order);
                        });
  verb->add_option("ESCALATION", *words, "its id, then retry, rollback or stop")->required()->expected(2, 3);
  verb->add_option("--reason", *reason, "why")->required();
}

// --set name=value: a number, true, false or null as JSON says, anything else a text.
core::Status set_field(Json& body, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) {
    auto error = core::refusal("cli.usage", "`" + core::printable(assignment) + "` is no NAME=VALUE");
    return error;
  }
  const std::string value = assignment.substr(equals + 1);
  const Json parsed = Json::parse(value, nullptr, false);
  Json* place = &body;
  std::string path = assignment.substr(0, equals);
  for (auto dot = path.find('.'); dot != std::string::npos; dot = path.find('.')) {
    place = &(*place)[path.substr(0, dot)];
    path.erase(0, dot + 1);
  }
  (*place)[path] = parsed.is_discarded() || parsed.is_structured() ? Json(value) : parsed;
  return core::ok();
}

void add_command(CLI::App& app, Chosen& chosen) {
  auto order = order_of("");
  auto words = std::make_shared<std::vector<std::string>>();
  auto fields = std::make_shared<std::vector<std::string>>();
  auto data = std::make_shared<std::string>();
  auto* verb = add_verb(app, chosen, "command", "Send any command that a kind knows", command_examples,
                        [=](Session& session) -> core::Result<int> {
                          order->default_kind = "";
                          order->command = words->back();
                          order->selection.words.assign(words->begin(), words->end() - 1);
                          if (!data->empty()) {
                            order->body = Json::parse(*data, nullptr, false);
                            if (!order->body.is_object()) return core::refusal("cli.usage", "--data is no JSON object");
                          }
                          for (const auto& field : *fields)
                            if (auto set = set_field(order->body, field); !set) return std::move(set).error();
                          return carry_out(session, *order);
                        });
  verb->add_option("TARGET", *words, "KIND/ID, then the command")->required()->expected(2, 3);
  verb->add_option("--set", *fields, "a field of the command; may be repeated")->type_name("NAME=VALUE")->take_all();
  verb->add_option("--data", *data, "the command's fields as JSON")->type_name("JSON");
  verb->add_option("--if-match", order->if_match, "only if the version is still this one")->type_name("VERSION");
}

}  // namespace

void add_commands(CLI::App& app, Chosen& chosen) {
  add_rollback(app, chosen);
  add_scale(app, chosen);
  add_lifecycle(app, chosen);
  add_answer(app, chosen);
  add_command(app, chosen);
}

}  // namespace nova::cli
