#include "cli/policy/expectations.hpp"

#include "cli/json.hpp"
#include "cli/policy/answers.hpp"
#include "cli/text/safe.hpp"
#include "core/text.hpp"
#include "drivers/yaml/yaml.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace nova::cli::policy {
namespace {

using Words = std::vector<std::string_view>;

const Words file_fields = {"policies", "schema", "entities", "links", "tests"};
const Words test_fields = {"name", "principal", "action", "resource", "context", "expect", "reason", "errors"};

// The file's shape is checked as a whole before anything runs, so that a person mends it once.
class Checker {
 public:
  Checker(const yaml::Document& document, const std::string& file) : document_(document), file_(file) {}

  std::string place(const std::string& path) const {
    const auto at = document_.find(path);
    return file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  }

  void check(const Json& root) {
    if (!root.is_object()) return wrong("", "a test file is a map with `policies` and `tests`");
    known(root, "", file_fields);
    if (text_at(root, "policies").empty() || !root["policies"].is_string()) wrong("policies", "must name a file");
    for (const char* name : {"schema", "links"})
      if (root.contains(name) && !root[name].is_string()) wrong(name, "must name a file");
    if (root.contains("entities") && !root["entities"].is_string() && !root["entities"].is_array())
      wrong("entities", "must name a file or be a list");
    if (!at(root, "tests").is_array() || at(root, "tests").empty()) return wrong("tests", "must be a list of tests");
    std::set<std::string> names;
    for (std::size_t i = 0; i < root["tests"].size(); ++i)
      check_test(root["tests"][i], "tests[" + std::to_string(i) + "]", names);
  }

  core::Status status() const {
    if (problems_.empty()) return core::ok();
    auto error = core::refusal("policy.bad_test_file", problems_[0].path + ": " + problems_[0].message);
    error.status = 400;
    error.problems = problems_;
    return std::move(error).fix("see: novactl policy test --help");
  }

 private:
  void wrong(const std::string& path, const std::string& what) {
    if (problems_.size() < 20) problems_.push_back({place(path), (path.empty() ? "" : "`" + path + "` ") + what});
  }

  void known(const Json& object, const std::string& base, const Words& fields) {
    for (const auto& [key, value] : object.items()) {
      if (std::find(fields.begin(), fields.end(), key) != fields.end()) continue;
      const auto near = core::nearest(key, fields);
      wrong((base.empty() ? "" : base + ".") + core::printable(key),
            "is no field here" + (near.empty() ? "" : "; did you mean " + std::string(near) + "?"));
    }
  }

  void check_test(const Json& test, const std::string& base, std::set<std::string>& names) {
    if (!test.is_object()) return wrong(base, "must be a map");
    known(test, base, test_fields);
    if (!at(test, "name").is_string() || text_at(test, "name").empty())
      wrong(base + ".name", "must say what is tested");
    else if (!names.insert(text_at(test, "name")).second)
      wrong(base + ".name", "stands twice");
    for (const char* part : {"principal", "action", "resource"}) {
      if (!at(test, part).is_string())
        wrong(base + "." + part, "must be an entity such as User::\"amy\"");
      else if (const auto json = entity_json(text_at(test, part), part); !json)
        wrong(base + "." + part, "is no entity: write TYPE::\"ID\", in single quotes where YAML asks for it");
    }
    if (test.contains("context") && !test["context"].is_object()) wrong(base + ".context", "must be a map");
    const std::string expected = text_at(test, "expect");
    if (expected != "allow" && expected != "deny" && expected != "refused")
      wrong(base + ".expect", "must be allow, deny or refused");
    for (const char* list : {"reason", "errors"}) {
      if (!test.contains(list)) continue;
      const Json& ids = test[list];
      const auto is_text = [](const Json& id) { return id.is_string(); };
      if (!ids.is_array() || !std::all_of(ids.begin(), ids.end(), is_text))
        wrong(base + "." + list, "must be a list of policies");
      else if (expected == "refused")
        wrong(base + "." + list, "has no meaning where a request is refused");
    }
  }

  const yaml::Document& document_;
  std::string file_;
  std::vector<core::Problem> problems_;
};

std::string joined(const std::set<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "no policy" : out;
}

// What a test says about one list of the answer, or nothing. A policy may be named by its id or its annotation `@id`.
std::string difference(const Json& test, const Json& answer, const char* list) {
  if (!test.contains(list)) return {};
  std::set<std::string> wanted, missing, surplus;
  for (const auto& id : test[list]) wanted.insert(id.get<std::string>());
  missing = wanted;
  for (const auto& policy : answer[list]) {
    const std::string id = text_at(policy, "policy"), name = text_at(policy, "name");
    const bool is_wanted = wanted.count(id) > 0 || (!name.empty() && wanted.count(name) > 0);
    missing.erase(id);
    missing.erase(name);
    if (!is_wanted) surplus.insert(id);
  }
  if (missing.empty() && surplus.empty()) return {};
  std::string out = std::string(list) + ": expected " + joined(wanted);
  if (!missing.empty()) out += "; missing: " + joined(missing);
  if (!surplus.empty()) out += "; surplus: " + joined(surplus);
  return out;
}

std::string decided_by(const Json& answer) {
  std::set<std::string> ids;
  for (const auto& policy : answer["reason"]) ids.insert(text_at(policy, "policy") + " at " + text_at(policy, "place"));
  std::string out = ids.empty() ? "no policy applies" : "decided by " + joined(ids);
  for (const auto& failed : answer["errors"])
    out += "; skipped " + text_at(failed, "policy") + ": " + text_at(failed, "message");
  return out;
}

Json run_test(World& world, const cedar::Authorizer& authorizer, const Json& test, const std::string& place) {
  Json result = {{"name", text_at(test, "name")}, {"place", place}, {"ok", false}, {"expected", test["expect"]}};
  std::string request = "{";
  for (const char* part : {"principal", "action", "resource"})
    request += "\"" + std::string(part) + "\":" + *entity_json(text_at(test, part), part) + ",";
  request += "\"context\":" + (test.contains("context") ? test["context"] : Json::object()).dump() + "}";
  const auto read = world.request({place, std::move(request)});
  if (!read) {
    result["got"] = "refused";
    if (test["expect"] == "refused")
      result["ok"] = true;
    else
      result["message"] = read.error().message;
    return result;
  }
  cedar::Scratch scratch;
  cedar::Answer decided;
  authorizer.decide(*read, world.entities(), scratch, decided);
  const Json answer = answer_json(authorizer, world.policies(), decided);
  result["got"] = answer["decision"];
  std::string message = result["got"] == test["expect"] ? "" : decided_by(answer);
  for (const char* list : {"reason", "errors"})
    if (const auto wrong = difference(test, answer, list); message.empty() && !wrong.empty()) message = wrong;
  result["ok"] = message.empty();
  if (!message.empty()) result["message"] = message;
  return result;
}

core::Result<World> world_of(Files& files, const Json& root, const std::string& file) {
  const std::filesystem::path folder = file == "-" ? "" : std::filesystem::path(file).parent_path();
  const auto beside = [&](const char* name) {
    const std::string given = at(root, name).is_string() ? text_at(root, name) : "";
    return given.empty() || given == "-" ? given : (folder / given).string();
  };
  const Names names{beside("policies"), beside("links"), beside("schema"), beside("entities")};
  if (!at(root, "entities").is_array()) return World::read(files, names);
  return World::read(files, names, Source{file, root["entities"].dump()});
}

}  // namespace

core::Result<Json> run_expectations(Files& files, const std::string& file) {
  const auto source = files.read(file);
  if (!source) return source.error();
  const std::string shown = file == "-" ? "standard input" : file;
  const auto documents = yaml::read(source->text, shown);
  if (!documents) return documents.error();
  if (documents->size() != 1) {
    auto error = core::refusal("policy.bad_test_file", "`" + core::printable(shown) + "` must hold one document");
    error.status = 400;
    return std::move(error).fix("see: novactl policy test --help");
  }
  const Json root = Json::parse(documents->front().json, nullptr, false);
  Checker checker(documents->front(), shown);
  checker.check(root);
  if (auto fine = checker.status(); !fine) return std::move(fine).error();
  auto world = world_of(files, root, file);
  if (!world) return std::move(world).error();
  const cedar::Authorizer authorizer(world->policies().set);
  Json items = Json::array();
  std::size_t passed = 0;
  for (std::size_t i = 0; i < root["tests"].size(); ++i) {
    items.push_back(run_test(*world, authorizer, root["tests"][i], checker.place("tests[" + std::to_string(i) + "]")));
    passed += items.back()["ok"].get<bool>() ? 1 : 0;
  }
  return Json{{"passed", passed}, {"failed", items.size() - passed}, {"items", std::move(items)}};
}

std::string expectations_text(const Json& results, bool all, const Paint& paint) {
  std::string out;
  for (const auto& item : at(results, "items")) {
    const bool ok = flag_at(item, "ok");
    if (ok && !all) continue;
    out += (ok ? paint.green("ok  ") : paint.red("FAIL")) + " " + safe(text_at(item, "name")) + "\n";
    if (ok) continue;
    out += "     " + safe(text_at(item, "place")) + ": expected " + text_at(item, "expected") + ", got " +
           text_at(item, "got") + "\n     " + safe(text_at(item, "message")) + "\n";
  }
  return out + text_at(results, "passed") + " passed, " + text_at(results, "failed") + " failed\n";
}

}  // namespace nova::cli::policy
