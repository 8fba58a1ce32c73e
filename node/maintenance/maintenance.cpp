#include "node/maintenance/maintenance.hpp"

#include "core/problem.hpp"
#include "node/maintenance/request.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <istream>
#include <iterator>
#include <ostream>

namespace nova::node {
namespace {

constexpr std::size_t request_bytes_max = 64 * 1024;

struct Verb {
  const char* name;
  Outcome (*run)(const Request&);
};
constexpr std::array<Verb, 6> verbs = {{{"store.move", move_store},
                                        {"store.reopen", reopen_store},
                                        {"backup.key", make_backup_key},
                                        {"backup.create", create_backup},
                                        {"backup.verify", verify_backup},
                                        {"backup.restore", restore_backup}}};

Outcome run(Request request, std::vector<Override> overrides) {
  const auto name = request.text("verb");
  const auto verb = std::find_if(verbs.begin(), verbs.end(), [&](const Verb& known) { return known.name == name; });
  if (verb == verbs.end()) {
    auto error = core::refusal("maintenance.unknown_verb", "no work is called `" + core::printable(name) + "`");
    return std::move(error).fix("use the novactl of the node's release");
  }
  request.config_file = request.text("config");
  if (const auto state = request.text("state"); !state.empty())
    overrides.push_back({"node.state_dir", state, "flag --state"});
  auto loaded = load_config(request.config_file, overrides);
  if (!loaded) return std::move(loaded).error();
  request.loaded = std::move(*loaded);
  return verb->run(request);
}

}  // namespace

void put_facts(core::JsonWriter& json, const store::EventStore::Digests& digests,
               const std::map<std::string, std::uint64_t>& rows) {
  json.field("log", digests.log).field("documents", digests.documents).key("rows").object();
  for (const auto& [table, count] : rows) json.field(table, count);
  json.end();
}

int maintain(std::istream& in, std::ostream& out, std::ostream& err, const std::vector<Override>& overrides) {
  // What is made here is for its owner: archives, keys, restored folders.
  ::umask(077);
  Request request;
  request.json.assign(std::istreambuf_iterator<char>(in), {});
  if (request.json.size() > request_bytes_max || !core::json_valid(request.json)) {
    out << core::to_problem_json(core::invalid_input("", "the request is no JSON object")) << std::endl;
    return 1;
  }
  request.progress = [&err, wanted = request.flag("progress")](std::string_view what, std::uint64_t rows) {
    if (!wanted) return;
    err << core::printable(what);
    if (rows > 0) err << " " << rows;
    err << std::endl;
  };
  const auto outcome = run(std::move(request), overrides);
  out << (outcome ? *outcome : core::to_problem_json(outcome.error())) << std::endl;
  return outcome ? 0 : 1;
}

}  // namespace nova::node
