// store: the node's store is moved from SQLite to PostgreSQL, or back.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/maintenance/novad.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

namespace nova::cli {
namespace {

constexpr const char* store_examples =
    "  novactl store move --to postgresql://nova@db.example/nova --password-file /etc/webnova/postgres.password\n"
    "  novactl store move --to /var/lib/webnova/nova-new.db        back to SQLite\n"
    "  novactl store reopen                                        go back to a store that was moved away\n";

struct Options {
  NodePlace node;
  std::string from, from_password_file, to, to_password_file;
  bool keep = false;
};

core::Result<Json> base_request(const Options& options, const char* verb) {
  auto node = options.from.empty() ? find_node(options.node) : core::Result<NodePlace>(options.node);
  if (!node) return std::move(node).error();
  return Json{{"verb", verb},
              {"config", node->config},
              {"state", node->state},
              {"from", options.from},
              {"from_password_file", options.from_password_file}};
}

core::Result<int> move(Session& session, const Options& options) {
  auto request = base_request(options, "store.move");
  if (!request) return std::move(request).error();
  (*request)["to"] = options.to;
  (*request)["to_password_file"] = options.to_password_file;
  (*request)["keep"] = options.keep;
  auto moved = ask_novad(session, std::move(*request));
  if (!moved) return std::move(moved).error();
  const auto& rows = at(*moved, "rows");
  std::string text = "moved " + text_at(rows, "events") + " events and " + text_at(rows, "documents") +
                     " documents to " + text_at(*moved, "to") + "\n" + "log        " + text_at(*moved, "log") +
                     " on both sides\n" + "documents  " + text_at(*moved, "documents") + " on both sides\n\n" +
                     "Change the node's configuration, then start it:\n\n" + text_at(*moved, "configuration") + "\n";
  text += flag_at(*moved, "source_marked")
              ? "No node starts on the old store from now on. It is as it was; remove it when the new one has proved "
                "itself.\n"
              : "The old store is not marked: take care that no node starts on it again.\n";
  session.print(*moved, text);
  return exit_ok;
}

core::Result<int> reopen(Session& session, const Options& options) {
  auto request = base_request(options, "store.reopen");
  if (!request) return std::move(request).error();
  auto done = ask_novad(session, std::move(*request));
  if (!done) return std::move(done).error();
  session.print(*done, flag_at(*done, "reopened") ? "nodes start on it again\n" : "it was not moved away\n");
  return exit_ok;
}

}  // namespace

void add_store(CLI::App& app, Chosen& chosen) {
  auto* store = app.add_subcommand("store", "Move a node's store to another place");
  store->fallthrough();
  store->require_subcommand(1);
  store->footer(std::string("Examples:\n") + store_examples);
  auto options = std::make_shared<Options>();
  auto* verb = add_verb(*store, chosen, "move", "Copy everything, compare digests, close the old store", store_examples,
                        [options](Session& session) { return move(session, *options); });
  add_node_place(*verb, options->node);
  verb->add_option("--to", options->to, "a file, or an address of PostgreSQL")->required()->type_name("STORE");
  verb->add_option("--password-file", options->to_password_file, "password for --to, mode 0600")->type_name("FILE");
  verb->add_option("--from", options->from, "instead of the store that the node's configuration names")
      ->type_name("STORE");
  verb->add_option("--from-password-file", options->from_password_file, "password for --from")->type_name("FILE");
  verb->add_flag("--keep", options->keep, "do not close the old store: for a trial");
  auto other = std::make_shared<Options>();
  verb = add_verb(*store, chosen, "reopen", "Let nodes start again on a store that was moved away", store_examples,
                  [other](Session& session) { return reopen(session, *other); });
  add_node_place(*verb, other->node);
  verb->add_option("--from", other->from, "instead of the store that the node's configuration names")
      ->type_name("STORE");
  verb->add_option("--from-password-file", other->from_password_file, "password for --from")->type_name("FILE");
}

}  // namespace nova::cli
