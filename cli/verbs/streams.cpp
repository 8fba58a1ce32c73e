// events and logs: what happened, and what happens while one looks.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/net/sse.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/settled.hpp"
#include "cli/verbs/story.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <ostream>

namespace nova::cli {
namespace {

constexpr const char* events_examples =
    "  novactl events                              the newest of the whole node\n"
    "  novactl events deployment/clinic-development -f\n"
    "  novactl events --type 'deployment.*' -f     as they come; Ctrl-C ends\n"
    "  novactl events -f -o json                   one JSON object a line\n";
constexpr const char* logs_examples =
    "  novactl logs deployment/clinic-development            all services\n"
    "  novactl logs deployment/clinic-development -s api -f  one of them, as it prints\n"
    "  novactl logs instance/clinic-development.api.r1.0 --tail 20\n";

// A following reader outlives a restart of the node; after this long without one it says so and ends.
constexpr milliseconds reconnect_limit{60'000};
constexpr milliseconds reconnect_pause{500};

struct EventOptions {
  std::vector<std::string> words;
  std::string type;
  int last = 50;
  bool follow = false;
};

struct LogOptions {
  std::vector<std::string> words;
  std::string service;
  int tail = 200;
  bool follow = false;
};

using OnEvent = std::function<bool(const ServerEvent&)>;

// Reads a stream of events, and goes on after the last one seen when the connection breaks.
core::Status follow(Session& session, const std::string& path, std::string last_id, bool resumes, const OnEvent& seen) {
  auto node = session.client();
  if (!node) return std::move(node).error();
  milliseconds silent{0};
  for (;;) {
    SseReader reader;
    bool wants_more = true, is_broken = false, had_any = false;
    Ask ask;
    ask.path = path;
    ask.headers = {{"Accept", "text/event-stream"}};
    if (!last_id.empty()) ask.headers.emplace_back("Last-Event-ID", last_id);
    const auto status = (*node)->stream(ask, [&](std::string_view bytes) {
      had_any = true;
      is_broken = !reader.feed(bytes, [&](const ServerEvent& event) {
        if (!event.id.empty()) last_id = event.id;
        wants_more = wants_more && seen(event);
      });
      return wants_more && !is_broken;
    });
    if (is_broken) return core::unavailable("client.bad_answer", "the node sent an event without end");
    if (!wants_more || !session.terminal().out) return core::ok();
    const bool comes_back = status.ok() || status.error().status == 503;
    if (!comes_back || (!status.ok() && !resumes)) return status;
    if (status.ok() && !resumes) return core::ok();  // The service ended, and its log with it.
    silent = had_any ? milliseconds(0) : silent + reconnect_pause;
    if (silent > reconnect_limit)
      return status.ok() ? core::Status(core::unavailable("client.connection_lost", "the node keeps ending the stream"))
                         : status;
    pause_for(reconnect_pause);
  }
}

void print_event(Session& session, const Json& event) {
  auto& out = session.terminal().out;
  if (session.format() == Format::table)
    out << event_line(session, event) << '\n';
  else
    out << safe_json(event.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
  out.flush();
}

core::Result<int> events(Session& session, const EventOptions& options) {
  std::string query = "last=" + std::to_string(std::max(1, options.last));  // One at least, to know where the log ends.
  if (!options.words.empty()) {
    const auto address = options.words.size() == 1 ? session.address(options.words[0])
                                                   : session.address(options.words[0], options.words[1]);
    if (!address) return address.error();
    query += "&tenant=" + url_part(address->tenant) + "&kind=" + url_part(address->kind.name) +
             "&id=" + url_part(address->id);
  } else {
    const auto tenant = session.tenant_or("");
    if (!tenant) return tenant.error();
    if (!tenant->empty() && *tenant != "-") query += "&tenant=" + url_part(*tenant);
  }
  if (!options.type.empty()) query += "&type=" + url_part(options.type);
  const auto answer = session.get("/v1/events?" + query);
  if (!answer) return answer.error();
  const Json none = Json::array();
  const Json& newest = at(*answer, "items");
  const Json& items = options.last == 0 ? none : newest;
  if (!options.follow) {
    std::string text;
    for (const auto& event : items) text += event_line(session, event) + "\n";
    session.print(options.last == 0 ? Json{{"items", none}} : *answer, items.empty() ? "no events\n" : text);
    return exit_ok;
  }
  for (const auto& event : items) print_event(session, event);
  // From the log's own place on: nothing between the list and the stream is missed.
  std::string after = text_at(*answer, "next");
  if (!newest.empty()) after = text_at(newest.back(), "position");
  const std::string filter = query.substr(query.find('&') == std::string::npos ? query.size() : query.find('&') + 1);
  std::string path = "/v1/events?" + filter;
  if (!after.empty()) path += (filter.empty() ? "" : "&") + std::string("after=") + url_part(after);
  const auto done = follow(session, path, after, true, [&](const ServerEvent& event) {
    const auto json = parse_json(event.data);
    if (json) print_event(session, *json);
    return bool(session.terminal().out);
  });
  if (!done) return done.error();
  return exit_ok;
}

// A log line is another program's words: shown as they are, but never as control sequences.
void print_line(Session& session, const Json& line, bool with_instance) {
  auto& out = session.terminal().out;
  if (session.format() != Format::table) {
    out << safe_json(line.dump(-1, ' ', false, Json::error_handler_t::replace)) << '\n';
  } else {
    const auto instance = text_at(line, "instance");
    const std::string lead = with_instance && !instance.empty() ? session.paint().dim(safe(instance)) + "  " : "";
    out << lead << safe_lines(text_at(line, "line")) << '\n';
  }
  out.flush();
}

core::Result<int> logs(Session& session, const LogOptions& options) {
  const auto address = options.words.size() == 1 ? session.address(options.words[0])
                                                 : session.address(options.words[0], options.words[1]);
  if (!address) return address.error();
  const bool of_deployment = address->kind.name == "deployment";
  if (!of_deployment && address->kind.name != "instance") {
    auto error = core::refusal("cli.no_logs", "a " + address->kind.name + " has no log");
    return std::move(error).fix("deployments and instances have");
  }
  std::string path = address->path() + "/logs?tail=" + std::to_string(options.tail);
  if (!options.service.empty()) path += "&service=" + url_part(options.service);
  if (options.follow) {
    const auto done = follow(session, path + "&follow=true", "", false, [&](const ServerEvent& event) {
      const auto json = parse_json(event.data);
      if (json) print_line(session, *json, of_deployment);
      return bool(session.terminal().out);
    });
    if (!done) return done.error();
    return exit_ok;
  }
  auto node = session.client();
  if (!node) return node.error();
  Ask ask;
  ask.path = path;
  const auto answer = (*node)->send(ask);
  if (!answer) return answer.error();
  for (std::size_t start = 0; start < answer->body.size();) {
    const auto end = std::min(answer->body.find('\n', start), answer->body.size());
    const std::string text = answer->body.substr(start, end - start);
    start = end + 1;
    // A deployment's lines are NDJSON with their instance, an instance's are plain text.
    const auto json = of_deployment ? parse_json(text) : core::Result<Json>(Json{{"line", text}});
    print_line(session, json ? *json : Json{{"line", text}}, of_deployment);
  }
  return exit_ok;
}

}  // namespace

void add_streams(CLI::App& app, Chosen& chosen) {
  auto events_options = std::make_shared<EventOptions>();
  auto* verb = add_verb(app, chosen, "events", "Show the log of all that happened", events_examples,
                        [events_options](Session& session) { return events(session, *events_options); });
  verb->add_option("KIND", events_options->words, "KIND ID, or KIND/ID; none: everything")->expected(0, 2);
  verb->add_option("--type", events_options->type, "one type, or a beginning with *")->type_name("TYPE");
  verb->add_option("--last", events_options->last, "how many of the newest")->check(CLI::Range(0, 1000));
  verb->add_flag("-f,--follow", events_options->follow, "and go on as they come");

  auto log_options = std::make_shared<LogOptions>();
  verb = add_verb(app, chosen, "logs", "Show what services print", logs_examples,
                  [log_options](Session& session) { return logs(session, *log_options); });
  verb->add_option("KIND", log_options->words, "deployment/ID or instance/ID")->required()->expected(1, 2);
  verb->add_option("-s,--service", log_options->service, "of a deployment: this one only")->type_name("NAME");
  verb->add_option("--tail", log_options->tail, "how many of the newest lines")->check(CLI::Range(0, 100'000));
  verb->add_flag("-f,--follow", log_options->follow, "and go on as they come");
}

}  // namespace nova::cli
