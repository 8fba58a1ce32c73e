#include "cli/manifest/manifest.hpp"

#include "core/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <istream>
#include <iterator>

namespace nova::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view api_version = "webnova.io/v1";

core::Result<std::string> read_bounded(std::istream& in, const std::string& file) {
  std::string text(yaml::text_bytes_max + 1, '\0');
  in.read(text.data(), std::streamsize(text.size()));
  text.resize(std::size_t(in.gcount()));
  if (text.size() > yaml::text_bytes_max)
    return core::refusal("input.too_large", "`" + file + "` is larger than 1 MiB");
  return text;
}

core::Error not_readable(const std::string& file, const std::string& why) {
  auto error = core::refusal("manifest.not_readable", "`" + core::printable(file) + "` " + why);
  error.status = 400;
  return error;
}

core::Result<std::vector<std::string>> expand(const std::string& file) {
  std::error_code error;
  if (file == "-" || !fs::is_directory(file, error)) return std::vector<std::string>{file};
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(file, error)) {
    const auto ending = entry.path().extension();
    if (entry.is_regular_file(error) && (ending == ".yaml" || ending == ".yml")) files.push_back(entry.path().string());
  }
  if (files.empty()) return not_readable(file, "holds no .yaml file");
  std::sort(files.begin(), files.end());
  return files;
}

std::string text_of(const Json& value, const char* name) {
  return value.is_object() && value.contains(name) && value[name].is_string() ? value[name].get<std::string>()
                                                                              : std::string();
}

// The envelope only; what the spec says is the node's to judge.
void check_envelope(const Json& document, const Manifest& manifest, std::vector<core::Problem>& problems) {
  const auto wrong = [&](const std::string& path, std::string message) {
    problems.push_back({manifest.place(path), "`" + path + "` " + std::move(message)});
  };
  if (!document.is_object())
    return problems.push_back({manifest.place(""), "a manifest is a map with apiVersion, kind, metadata and spec"});
  for (const auto& [key, value] : document.items())
    if (key != "apiVersion" && key != "kind" && key != "metadata" && key != "spec")
      wrong(key, "is not a field of a manifest");
  if (text_of(document, "apiVersion") != api_version) wrong("apiVersion", "must be `" + std::string(api_version) + "`");
  if (manifest.kind != "Tenant" && manifest.kind != "Blueprint") {
    const auto near = core::nearest(manifest.kind, {"Tenant", "Blueprint"});
    wrong("kind", "must be Tenant or Blueprint, not `" + core::printable(manifest.kind) + "`" +
                      (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
  }
  if (!document.contains("metadata") || !document["metadata"].is_object())
    wrong("metadata", "must be a map with at least `name`");
  else if (manifest.name.empty())
    wrong("metadata.name", "must be a text");
  if (document.contains("spec") && !document["spec"].is_object()) wrong("spec", "must be a map");
  if (manifest.kind == "Blueprint" && manifest.tenant.empty() && !manifest.name.empty())
    wrong("metadata.tenant", "is missing, and no --tenant was given");
}

}  // namespace

std::string Manifest::place(const std::string& path) const {
  const auto at = document.find(path);
  return file + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

core::Result<std::vector<Manifest>> read_manifests(const std::vector<std::string>& given, std::istream& standard_in,
                                                   const std::string& tenant) {
  std::vector<Manifest> manifests;
  std::vector<core::Problem> problems;
  for (const auto& argument : given) {
    const auto files = expand(argument);
    if (!files) return files.error();
    for (const auto& file : *files) {
      std::ifstream opened;
      if (file != "-") opened.open(file, std::ios::binary);
      std::error_code error;
      if (file != "-" && (!opened || !fs::is_regular_file(file, error))) return not_readable(file, "cannot be read");
      const auto text = read_bounded(file == "-" ? standard_in : opened, file);
      if (!text) return text.error();
      auto documents = yaml::read(*text, file);
      if (!documents) return std::move(documents).error();
      for (auto& document : *documents) {
        Json json = Json::parse(document.json, nullptr, false);
        Manifest manifest{{}, text_of(json, "kind"), {}, {}, std::move(document), file, {}};
        manifest.folder = file == "-" ? fs::current_path(error) : fs::absolute(file, error).parent_path();
        if (json.is_object() && json.contains("metadata")) {
          manifest.name = text_of(json["metadata"], "name");
          manifest.tenant = text_of(json["metadata"], "tenant");
          if (manifest.kind == "Tenant") manifest.tenant = manifest.name;
          if (manifest.tenant.empty() && !tenant.empty() && tenant != "-" && json["metadata"].is_object())
            json["metadata"]["tenant"] = manifest.tenant = tenant;
        }
        check_envelope(json, manifest, problems);
        manifest.json = json.dump(-1, ' ', false, Json::error_handler_t::replace);
        manifests.push_back(std::move(manifest));
        if (manifests.size() > manifests_max)
          return core::refusal("input.too_large", "more than 100 manifests in one command");
      }
    }
  }
  if (manifests.empty() && problems.empty())
    return not_readable(given.empty() ? "" : given.front(), "holds no manifest");
  if (!problems.empty()) return core::invalid_input(std::move(problems));
  return manifests;
}

std::vector<LocalSource> local_sources(const std::vector<Manifest>& manifests) {
  std::vector<LocalSource> sources;
  for (std::size_t i = 0; i < manifests.size(); ++i) {
    const Json document = Json::parse(manifests[i].json);
    const Json services = document.value("/spec/services"_json_pointer, Json::object());
    if (manifests[i].kind != "Blueprint" || !services.is_object()) continue;
    for (const auto& [name, service] : services.items()) {
      if (!service.is_object() || !service.contains("source")) continue;
      const Json& source = service["source"];
      const std::string folder = source.is_string() ? source.get<std::string>() : text_of(source, "path");
      const bool has_digest = !text_of(source, "digest").empty();
      if (!folder.empty() && !has_digest) sources.push_back({i, "spec.services." + name + ".source", folder});
    }
  }
  return sources;
}

void set_source(Manifest& manifest, const LocalSource& source, const std::string& digest) {
  Json document = Json::parse(manifest.json);
  constexpr std::string_view before = "spec.services.", after = ".source";
  const std::string name = source.path.substr(before.size(), source.path.size() - before.size() - after.size());
  document["spec"]["services"][name]["source"] = Json{{"path", source.folder}, {"digest", digest}};
  manifest.json = document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

core::Error with_places(core::Error error, const std::vector<Manifest>& manifests) {
  constexpr std::string_view prefix = "manifests[";
  for (auto& problem : error.problems) {
    if (!problem.path.starts_with(prefix)) continue;
    std::size_t index = manifests.size();
    const char* from = problem.path.data() + prefix.size();
    const auto end = std::from_chars(from, problem.path.data() + problem.path.size(), index).ptr;
    if (index >= manifests.size() || *end != ']') continue;
    std::string path(end + 1);
    if (path.starts_with('.')) path.erase(0, 1);
    if (!path.empty() && problem.message.find("`" + path + "`") == std::string::npos)
      problem.message = "`" + path + "` " + problem.message;
    problem.path = manifests[index].place(path);
  }
  return error;
}

}  // namespace nova::cli
