#include "cli/manifest/plan_file.hpp"

#include "cli/json.hpp"
#include "cli/text/safe.hpp"
#include "cli/text/table.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace nova::cli {
namespace {

constexpr std::size_t plan_bytes_max = 16u << 20;
// A value in a diff is shown on one line; who needs all of it takes -o json.
constexpr std::size_t value_width_max = 60;

std::string shown(const Json& value) {
  const std::string text = value.is_null() ? "" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
  return cut(safe(text), value_width_max);
}

core::Result<std::string> read_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(in ? plan_bytes_max + 1 : 0, '\0');
  in.read(text.data(), std::streamsize(text.size()));
  text.resize(std::size_t(in.gcount()));
  if (text.empty() || text.size() > plan_bytes_max) {
    auto error = core::refusal("plan.invalid", "`" + core::printable(file) + "` cannot be read as a plan");
    return error;
  }
  return text;
}

}  // namespace

Json make_plan(const Json& manifests, const Json& changes, const std::string& now) {
  Json base = Json::array();
  for (const auto& change : changes)
    base.push_back({{"tenant", at(change, "tenant")},
                    {"kind", at(change, "kind")},
                    {"id", at(change, "id")},
                    {"intent_version", number_at(change, "intent_version")}});
  return {{"format", plan_format},
          {"created_at", now},
          {"base", std::move(base)},
          {"changes", changes},
          {"manifests", manifests}};
}

core::Status write_plan(const std::string& file, const Json& plan) {
  const std::string text = plan.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
  const std::string fresh = file + ".new";
  const int opened = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = opened >= 0 && ::fchmod(opened, 0600) == 0 &&
                       ::write(opened, text.data(), text.size()) == ssize_t(text.size()) && ::fsync(opened) == 0;
  if (opened >= 0) ::close(opened);
  if (written && ::rename(fresh.c_str(), file.c_str()) == 0) return core::ok();
  ::unlink(fresh.c_str());
  auto failed = core::refusal("plan.not_written", "cannot write `" + core::printable(file) + "`");
  failed.status = 500;
  return failed;
}

bool is_plan_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::string start(256, '\0');
  in.read(start.data(), std::streamsize(start.size()));
  start.resize(std::size_t(in.gcount()));
  return start.starts_with('{') && start.find(plan_format) != std::string::npos;
}

core::Result<Json> read_plan(const std::string& file) {
  const auto text = read_file(file);
  if (!text) return text.error();
  Json plan = Json::parse(*text, nullptr, false);
  const bool is_whole = plan.is_object() && text_at(plan, "format") == plan_format &&
                        at(plan, "manifests").is_array() && at(plan, "base").is_array();
  if (!is_whole)
    return core::refusal("plan.invalid", "`" + core::printable(file) + "` is no plan of this program")
        .fix("make one with: novactl plan -f FILE --out PLAN");
  return plan;
}

bool has_changes(const Json& changes) {
  for (const auto& change : changes)
    if (text_at(change, "action") != "none") return true;
  return false;
}

std::string plan_text(const Json& changes, const Paint& paint) {
  std::string out;
  int created = 0, changed = 0, same = 0;
  for (const auto& change : changes) {
    const std::string action = text_at(change, "action");
    const std::string name =
        safe(text_at(change, "tenant") + "/" + text_at(change, "kind") + "/" + text_at(change, "id"));
    if (action == "none") {
      ++same;
      continue;
    }
    ++(action == "create" ? created : changed);
    out += (action == "create" ? paint.green("+ " + name) : paint.yellow("~ " + name)) + "\n";
    for (const auto& line : at(change, "diff")) {
      const Json &from = at(line, "from"), &to = at(line, "to");
      const std::string path = safe(text_at(line, "path"));
      if (from.is_null())
        out += paint.green("    + " + path + ": " + shown(to)) + "\n";
      else if (to.is_null())
        out += paint.red("    - " + path + ": " + shown(from)) + "\n";
      else
        out += paint.yellow("    ~ " + path + ": ") + shown(from) + " -> " + shown(to) + "\n";
    }
  }
  if (created + changed == 0) return "nothing to change\n";
  return out + std::to_string(created) + " to create, " + std::to_string(changed) + " to change, " +
         std::to_string(same) + " as they are\n";
}

}  // namespace nova::cli
