// What a node needs for acts that wait for people: the gates that its constitution names, and who keeps the approvals.
#include "drivers/yaml/yaml.hpp"
#include "node/parts.hpp"

#include <fstream>
#include <sstream>

namespace nova::node {
namespace {

constexpr std::string_view shipped_name = "gates.yaml";

core::Result<std::string> text_of(const std::string& file) {
  if (file.empty()) return std::string(gates::shipped_text());
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (in && text.str().size() <= yaml::text_bytes_max) return text.str();
  return core::refusal("gates.unreadable", "`" + file + "` cannot be read, or is larger than 1 MiB")
      .fix("check `governance.gates_file` in the configuration");
}

}  // namespace

core::Status load_gates(Parts& parts) {
  const std::string file = parts.config.governance.gates_file;
  const auto name = file.empty() ? std::string(shipped_name) : file;
  const auto text = text_of(file);
  if (!text) return text.error();
  const auto documents = yaml::read(*text, name);
  if (!documents) return documents.error();
  if (documents->size() != 1) return core::refusal("gates.invalid", "`" + name + "` must hold one document");
  auto gates = gates::Gates::parse(documents->front().json);
  if (!gates) {
    auto& error = gates.error();
    if (!error.problems.empty()) error.message = yaml::describe_problems(error, documents->front(), name);
    return std::move(error);
  }
  parts.gates = std::move(*gates);
  return core::ok();
}

approvals::Parts approval_parts(Parts& parts) {
  approvals::Parts made;
  made.host = parts.host.get();
  made.store = parts.store.get();
  made.vault = parts.vault.get();
  made.book = &parts.book;
  made.gates = [&parts] { return parts.gates; };
  made.lookup_key = parts.keys->lookup();
  made.slowly = [&parts](std::function<void()> step) { parts.slow->post(std::move(step)); };
  return made;
}

}  // namespace nova::node
