// backup: archives of a node, made while it runs, proved, and put back.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/maintenance/novad.hpp"
#include "cli/verbs/verbs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <filesystem>

namespace nova::cli {
namespace {

constexpr const char* backup_examples =
    "  novactl backup key /etc/webnova/backup.key                          once; keep a copy elsewhere\n"
    "  novactl backup create /backups --key-file /etc/webnova/backup.key   incremental after the first\n"
    "  novactl backup verify /backups/20261121T020000.000Z-full.novabackup --key-file backup.key\n"
    "  novactl backup restore ARCHIVE --key-file backup.key --state /var/lib/webnova\n";

struct Options {
  NodePlace node;
  std::string archive, key_file, base, scratch;
  bool full = false, force = false, without_data = false;
};

core::Result<int> make_key(Session& session, const Options& options) {
  auto made = ask_novad(session, {{"verb", "backup.key"}, {"file", options.archive}});
  if (!made) return std::move(made).error();
  session.print(*made, "made " + options.archive +
                           "\nWhoever has it can read every archive; without it nobody can. Keep a copy in another "
                           "place than the archives.\n");
  return exit_ok;
}

core::Result<int> create(Session& session, const Options& options) {
  auto node = find_node(options.node);
  if (!node) return std::move(node).error();
  auto made = ask_novad(session, {{"verb", "backup.create"},
                                  {"config", node->config},
                                  {"state", node->state},
                                  {"target", options.archive},
                                  {"key_file", options.key_file},
                                  {"base", options.base},
                                  {"full", options.full},
                                  {"force", options.force},
                                  {"without_data", options.without_data}});
  if (!made) return std::move(made).error();
  const auto& rows = at(*made, "rows");
  std::string text = text_at(*made, "archive") + ": " + text_at(*made, "bytes") + " bytes, " + text_at(rows, "events") +
                     " events up to position " + text_at(*made, "position") + ", " + text_at(*made, "files") +
                     " files\n";
  if (const auto note = text_at(*made, "note"); !note.empty()) text += "note: " + note + "\n";
  if (number_at(*made, "changed_while_read") > 0)
    text += "note: " + text_at(*made, "changed_while_read") +
            " files of services changed while they were read, and are kept as they were found\n";
  session.print(*made, text);
  return exit_ok;
}

core::Result<int> verify(Session& session, const Options& options) {
  auto good = ask_novad(session, {{"verb", "backup.verify"},
                                  {"archive", options.archive},
                                  {"key_file", options.key_file},
                                  {"scratch", options.scratch}});
  if (!good) return std::move(good).error();
  std::string text = options.archive + " is good: " + text_at(*good, "entities") + " entities replayed from " +
                     text_at(*good, "events") + " events, " + text_at(*good, "files") + " files, made at " +
                     text_at(*good, "created_at") + "\nlog        " + text_at(*good, "log") + "\ndocuments  " +
                     text_at(*good, "documents") + "\n";
  if (number_at(*good, "not_compared") > 0)
    text += "note: " + text_at(*good, "not_compared") +
            " entities are of another version's kinds or fields, and are covered by the digests alone\n";
  session.print(*good, text);
  return exit_ok;
}

core::Result<int> restore(Session& session, const Options& options) {
  auto node = find_node(options.node);
  if (!node) return std::move(node).error();
  auto done = ask_novad(session, {{"verb", "backup.restore"},
                                  {"config", node->config},
                                  {"state", node->state},
                                  {"archive", options.archive},
                                  {"key_file", options.key_file}});
  if (!done) return std::move(done).error();
  std::string text = "restored to " + text_at(*done, "state") + " and " + text_at(*done, "store") + ": position " +
                     text_at(*done, "position") + ", " + text_at(*done, "files") + " files\nlog        " +
                     text_at(*done, "log") + "\ndocuments  " + text_at(*done, "documents") + "\n";
  if (const auto config = text_at(*done, "configuration"); !config.empty())
    text += "The configuration that the node had lies in " + config + ".\n";
  session.print(*done, text + "Start the node.\n");
  return exit_ok;
}

/// The node reads files from where it is run, which is here.
void need_archive(CLI::App& verb, Options& options, const char* name, const char* what) {
  verb.add_option(name, options.archive, what)->required();
  verb.add_option("--key-file", options.key_file, "the backup key, mode 0600")->required()->type_name("FILE");
}

}  // namespace

void add_backup(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("backup", "Archives of a node: make, prove, put back");
  group->fallthrough();
  group->require_subcommand(1);
  group->footer(std::string("Examples:\n") + backup_examples);
  const auto add = [&](const char* name, const char* summary, core::Result<int> (*work)(Session&, const Options&)) {
    auto options = std::make_shared<Options>();
    auto* verb = add_verb(*group, chosen, name, summary, backup_examples,
                          [options, work](Session& session) { return work(session, *options); });
    return std::pair(verb, options);
  };
  const auto [key, key_options] = add("key", "Make a backup key", make_key);
  key->add_option("FILE", key_options->archive, "where to; never over an existing file")->required();

  const auto [create_verb, making] = add("create", "Archive a node, which may run", create);
  need_archive(*create_verb, *making, "TARGET", "a folder of archives, or a file");
  add_node_place(*create_verb, making->node);
  create_verb->add_option("--base", making->base, "only what is new since that archive")->type_name("ARCHIVE");
  create_verb->add_flag("--full", making->full, "everything, also into a folder with archives");
  create_verb->add_flag("--force", making->force, "write over an existing file");
  create_verb->add_flag("--without-data", making->without_data, "leave out what services keep in NOVA_DATA");

  const auto [verify_verb, proving] = add("verify", "Restore to a scratch place, replay, compare digests", verify);
  need_archive(*verify_verb, *proving, "ARCHIVE", "the newest part of the chain; its bases lie beside it");
  verify_verb->add_option("--scratch", proving->scratch, "folder with room for the whole node (TMPDIR)")
      ->type_name("FOLDER");

  const auto [restore_verb, restoring] = add("restore", "Put a node back on a machine without one", restore);
  need_archive(*restore_verb, *restoring, "ARCHIVE", "the newest part of the chain; its bases lie beside it");
  add_node_place(*restore_verb, restoring->node);
}

}  // namespace nova::cli
