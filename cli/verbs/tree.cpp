// tree and why: what runs now, and how it came to that.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/story.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* tree_examples =
    "  novactl tree                    the node's services, tenants, platforms, instances\n"
    "  novactl tree -t clinic          one tenant's part\n"
    "  novactl tree --wide             with process ids, mailboxes and last errors\n";
constexpr const char* why_examples =
    "  novactl why deployment/clinic-development\n"
    "  novactl why instance clinic-development.api.r1.0\n"
    "  novactl why --decision 4711               who asked, which rules decided, and what they read\n";

// A tree is some six levels deep; an answer beyond this is broken.
constexpr int depth_max = 32;

std::string facts_text(const Json& node, bool wide) {
  std::string text;
  const auto add = [&](const std::string& part) { text += "  " + part; };
  if (number_at(node, "restarts") > 0) add("restarts " + text_at(node, "restarts"));
  for (const auto& [name, value] : at(node, "facts").items()) {
    const bool always = name == "port" || name == "pid" || name == "url" || name == "revision" || name == "health";
    if (!(always || wide) || value.is_null() || value.is_structured()) continue;
    const std::string shown = value.is_string() ? value.get<std::string>() : value.dump();
    if (!shown.empty() && shown != "0") add(name + " " + shown);
  }
  if (wide && !at(node, "mailbox").is_null()) add("mailbox " + text_at(node, "mailbox"));
  if (const auto reason = text_at(node, "reason"); !reason.empty()) add("(" + reason + ")");
  const auto error = text_at(node, "last_error");
  if (wide && !error.empty()) add("last error: " + error);
  return safe(text);
}

void write_node(std::string& out, const Session& session, const Json& node, const std::string& lead,
                const std::string& lead_below, bool wide, int depth) {
  const bool answers = at(node, "answers").is_null() || flag_at(node, "answers");
  const std::string status = answers ? text_at(node, "status") : "no answer";
  const std::string kind = text_at(node, "kind");
  out += lead + session.paint().bold(safe(text_at(node, "name")));
  if (!kind.empty() && kind != "group" && kind != text_at(node, "name")) out += " " + session.paint().dim(safe(kind));
  if (!status.empty()) out += " " + session.paint().status(safe(status));
  out += facts_text(node, wide) + "\n";
  if (depth >= depth_max) return;
  const Json& children = at(node, "children");
  for (std::size_t i = 0; i < children.size(); ++i) {
    const bool is_last = i + 1 == children.size();
    write_node(out, session, children[i], lead_below + (is_last ? "└─ " : "├─ "),
               lead_below + (is_last ? "   " : "│  "), wide, depth + 1);
  }
}

core::Result<int> tree(Session& session, bool wide) {
  const auto tenant = session.tenant_or("");
  if (!tenant) return tenant.error();
  const auto answer =
      session.get(tenant->empty() || *tenant == "-" ? "/v1/tree" : "/v1/tree?tenant=" + url_part(*tenant));
  if (!answer) return answer.error();
  std::string text;
  write_node(text, session, *answer, "", "", wide, 0);
  session.print(*answer, text);
  return exit_ok;
}

std::string decision_text(const Json& decision) {
  if (!decision.is_object()) return {};
  std::string text = safe(text_at(decision, "answer"));
  std::string rules;
  for (const auto& rule : at(decision, "rules"))
    rules += (rules.empty() ? "" : ", ") + (rule.is_string() ? rule.get<std::string>() : rule.dump());
  if (!rules.empty()) text += " by " + safe(rules);
  if (const auto version = text_at(decision, "constitution"); !version.empty())
    text += " (constitution " + safe(version) + ")";
  return text;
}

// What holds an act, and who could let it go on.
std::string held_text(const Json& held) {
  std::string text = "waits  " + safe(text_at(held, "act")) + ", approval " + safe(text_at(held, "id")) + ", until " +
                     safe(text_at(held, "expires_at")) + "\n";
  for (const auto& rule : at(held, "rules"))
    text += "  rule " + safe(text_at(rule, "id")) + ": " + safe(text_at(rule, "en")) + "\n";
  for (const auto& group : at(held, "who_may_decide")) {
    text += "  needs " + safe(text_at(group, "missing")) + " more of " + safe(text_at(group, "group")) + ":";
    for (const char* words : {"roles", "permissions"})
      for (const auto& word : at(group, words))
        if (word.is_string()) text += " " + safe(word.get<std::string>());
    text += "\n";
  }
  return text;
}

core::Result<int> why(Session& session, const std::vector<std::string>& words) {
  const auto address = words.size() == 1 ? session.address(words[0]) : session.address(words[0], words[1]);
  if (!address) return address.error();
  const auto answer = session.get(address->path() + "/why");
  if (!answer) return answer.error();
  const auto reason = safe(text_at(*answer, "reason"));
  std::string text = safe(address->text()) + " is " + session.paint().status(safe(text_at(*answer, "status"))) +
                     (reason.empty() ? "" : ": " + reason) + "\n";
  const Json& event = at(*answer, "event");
  if (event.is_object())
    text += "since  " + event_line(session, event) + (actor_of(event).empty() ? "" : "  by " + safe(actor_of(event))) +
            "\n";
  if (const auto decided = decision_text(at(*answer, "decision")); !decided.empty()) text += "gate   " + decided + "\n";
  for (const auto& rule : at(*answer, "rules")) text += "         " + safe(text_at(rule, "en")) + "\n";
  if (!at(*answer, "chain").empty()) text += "because\n";
  for (const auto& cause : at(*answer, "chain")) text += "  " + event_line(session, cause) + "\n";
  for (const auto& waiting : at(*answer, "waiting")) text += held_text(waiting);
  if (at(*answer, "approval").is_object()) text += held_text(at(*answer, "approval"));
  session.print(*answer, text);
  return exit_ok;
}

core::Result<int> why_decision(Session& session, std::uint64_t position, const std::string& language) {
  const auto answer = session.get("/v1/decisions/" + std::to_string(position));
  if (!answer) return answer.error();
  std::string text = safe(text_at(*answer, "at")) + "  " + safe(text_at(*answer, "who_type")) + " " +
                     safe(text_at(*answer, "who")) + " asked for " + safe(text_at(*answer, "act")) + " of " +
                     safe(text_at(*answer, "resource")) + "\n" + "gate   " + decision_text(*answer) + "\n";
  for (const auto& rule : at(*answer, "rules"))
    text += "  " + safe(text_at(rule, "id")) + "  " + safe(text_at(rule, language)) + "\n";
  for (const auto& [path, value] : at(*answer, "read").items())
    text += "  read " + safe(path) + " " + safe(value.dump()) + "\n";
  session.print(*answer, text);
  return exit_ok;
}

}  // namespace

void add_tree(CLI::App& app, Chosen& chosen) {
  auto wide = std::make_shared<bool>(false);
  auto* verb = add_verb(app, chosen, "tree", "Show everything that runs, live from the actors", tree_examples,
                        [wide](Session& session) { return tree(session, *wide); });
  verb->add_flag("--wide", *wide, "all facts of each node");

  struct Why {
    std::vector<std::string> words;
    std::uint64_t position = 0;
    std::string language = "en";
  };
  auto asked = std::make_shared<Why>();
  verb = add_verb(app, chosen, "why", "Name the event that put a thing in its state, and its causes", why_examples,
                  [asked](Session& session) {
                    return asked->words.empty() ? why_decision(session, asked->position, asked->language)
                                                : why(session, asked->words);
                  });
  auto* thing = verb->add_option("KIND", asked->words, "KIND ID, or KIND/ID")->expected(1, 2);
  auto* decision = verb->add_option("--decision", asked->position, "a recorded decision, by its position in the log");
  decision->excludes(thing);
  verb->add_option("--language", asked->language, "of the rules of a decision: en or ar")
      ->check(CLI::IsMember({"en", "ar"}));
  verb->require_option(1, 2);
}

}  // namespace nova::cli
