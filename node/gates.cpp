#include "node/gates.hpp"

#include "drivers/yaml/yaml.hpp"

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

core::Result<std::shared_ptr<const gates::Gates>> load_gates(const Config& config) {
  const std::string file = config.governance.gates_file;
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
  return std::move(*gates);
}

}  // namespace nova::node
