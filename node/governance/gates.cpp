#include "node/governance/gates.hpp"

#include "drivers/yaml/yaml.hpp"

#include <fstream>
#include <sstream>

namespace nova::node {
namespace {

constexpr std::string_view shipped_name = "gates.yaml";

core::Result<std::string> text_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (in && text.str().size() <= yaml::text_bytes_max) return text.str();
  return core::refusal("gates.unreadable", "`" + file + "` cannot be read, or is larger than 1 MiB")
      .fix("check `governance.gates_file` in the configuration");
}

core::Result<std::shared_ptr<const gates::Gates>> parsed(std::string_view text, const std::string& name) {
  const auto documents = yaml::read(text, name);
  if (!documents) return documents.error();
  if (documents->size() != 1) return core::refusal("gates.invalid", "`" + name + "` must hold one document");
  auto gates = gates::Gates::parse(documents->front().json);
  if (gates) return std::move(*gates);
  auto& error = gates.error();
  if (!error.problems.empty()) error.message = yaml::describe_problems(error, documents->front(), name);
  return std::move(error);
}

}  // namespace

core::Result<std::shared_ptr<const gates::Gates>> load_gates(const Config& config) {
  auto shipped = parsed(gates::shipped_text(), std::string(shipped_name));
  const std::string file = config.governance.gates_file;
  if (!shipped || file.empty()) return shipped;
  const auto text = text_of(file);
  if (!text) return text.error();
  auto own = parsed(*text, file);
  if (!own) return std::move(own).error();
  return (*own)->completed(**shipped);
}

}  // namespace nova::node
