#include "cli/policy/inputs.hpp"

#include "core/json.hpp"
#include "governance/cedar/json/links.hpp"
#include "governance/cedar/json/policy_json.hpp"
#include "governance/cedar/limits.hpp"
#include "governance/cedar/syntax/parser.hpp"

#include <fstream>
#include <istream>
#include <utility>

namespace nova::cli::policy {
namespace {

namespace fs = std::filesystem;

core::Error bad_input(std::string code, std::string message) {
  auto error = core::refusal(std::move(code), std::move(message));
  error.status = 400;
  return error;
}

bool begins_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

// "12:7" is a place in the file; anything else is a path within the document.
bool is_line_and_column(std::string_view path) {
  return !path.empty() && path.find_first_not_of("0123456789:") == std::string_view::npos;
}

// The text must outlive the store.
core::Result<cedar::EntityStore> read_store(const Source& source, const cedar::Schema* schema,
                                            std::shared_ptr<cedar::Arena> arena) {
  const auto json = cedar::read_json(source.text, *arena);
  if (!json) return in_file(json.error(), source.file);
  auto store = cedar::read_entities(*json, schema, std::move(arena));
  if (!store) return in_file(std::move(store).error(), source.file);
  return store;
}

std::string remedy_for(const std::string& code) {
  if (code == "cedar.policy_syntax") return "mend each place; docs/cedar.md names the grammar";
  if (code == "cedar.json_invalid") return "check the document with a JSON tool";
  if (code == "cedar.entities_invalid") return "an entity is {\"uid\", \"attrs\", \"parents\"}, as the schema has it";
  if (code == "cedar.request_invalid") return "ask as the schema declares it, or leave out --schema";
  return "mend the input and run it again";
}

}  // namespace

core::Result<Source> Files::read(const std::string& file) {
  std::ifstream opened;
  if (file == "-") {
    if (is_read_) return bad_input("policy.not_readable", "standard input can be only one of the inputs");
    is_read_ = true;
  } else {
    std::error_code error;
    const bool is_folder = fs::is_directory(file, error);
    if (!is_folder) opened.open(file, std::ios::binary);
    if (is_folder || !opened)
      return bad_input("policy.not_readable",
                       "`" + core::printable(file) + "` " + (is_folder ? "is a folder" : "cannot be read"))
          .fix("name a file that you may read, or - for standard input");
  }
  std::istream& in = file == "-" ? standard_in_ : opened;
  Source source{file, {}};
  // Grows with what is there: a small file costs little, and a pipe without end stops at the bound.
  constexpr std::size_t piece = 64 * 1024;
  while (in && source.text.size() <= cedar::text_size_max) {
    const std::size_t had = source.text.size();
    source.text.resize(had + piece);
    in.read(source.text.data() + had, std::streamsize(piece));
    source.text.resize(had + std::size_t(in.gcount()));
  }
  if (in.bad()) return bad_input("policy.not_readable", "`" + core::printable(file) + "` cannot be read to its end");
  if (source.text.size() > cedar::text_size_max)
    return bad_input("input.too_large", "`" + core::printable(file) + "` is larger than 64 MiB");
  return source;
}

core::Error in_file(core::Error error, const std::string& file) {
  error.status = 400;
  std::string shown = file == "-" ? "standard input" : file;
  if (error.problems.empty()) error.problems.push_back({"", error.message});
  for (auto& problem : error.problems) {
    const bool is_whole = shown.empty() || problem.path.empty();
    const char* between = is_whole ? "" : is_line_and_column(problem.path) ? ":" : ": ";
    problem.path = shown + between + problem.path;
  }
  const auto& first = error.problems[0];
  error.message = first.path + (first.path.empty() ? "" : ": ") + first.message;
  if (error.remedy.empty()) error.remedy = remedy_for(error.code);
  return error;
}

std::string Policies::place(cedar::Span span) const {
  const std::string shown = file == "-" ? "standard input" : file;
  if (set.source.empty()) return shown;
  const auto at = cedar::position_of(set.source, span.begin);
  return shown + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

std::string Policies::place_of(std::string_view id) const {
  if (const auto* found = set.find(id)) return place(found->span);
  for (const auto& link : set.links)
    if (link.id == id) return place(set.policies[link.policy].span);
  return file;
}

core::Result<Policies> read_policies(Files& files, const std::string& file, const std::string& links) {
  auto source = files.read(file);
  if (!source) return std::move(source).error();
  auto set = begins_like_json(source->text) ? cedar::read_policies_json(source->text)
                                            : cedar::parse_policies(std::move(source->text));
  if (!set) return in_file(std::move(set).error(), file);
  if (!links.empty()) {
    const auto text = files.read(links);
    if (!text) return text.error();
    cedar::Arena arena;
    const auto json = cedar::read_json(text->text, arena);
    if (!json) return in_file(json.error(), links);
    if (auto linked = cedar::read_links(*json, *set); !linked) return in_file(std::move(linked).error(), links);
  }
  return Policies{file, std::move(*set)};
}

core::Result<cedar::Schema> read_schema(Files& files, const std::string& file) {
  const auto source = files.read(file);
  if (!source) return source.error();
  auto schema = cedar::Schema::parse_either(source->text);
  if (!schema) return in_file(std::move(schema).error(), file);
  return schema;
}

core::Status check_entities(const Source& source, const cedar::Schema& schema) {
  const auto store = read_store(source, &schema, std::make_shared<cedar::Arena>());
  if (!store) return store.error();
  return core::ok();
}

core::Result<World> World::read(Files& files, const Names& names, std::optional<Source> entities) {
  World world;
  if (!names.schema.empty()) {
    auto parsed = read_schema(files, names.schema);
    if (!parsed) return std::move(parsed).error();
    world.schema_ = std::move(*parsed);
  }
  auto policies = read_policies(files, names.policies, names.links);
  if (!policies) return std::move(policies).error();
  world.policies_ = std::move(*policies);
  if (!entities) entities = Source{"entities", "[]"};
  if (!names.entities.empty()) {
    auto source = files.read(names.entities);
    if (!source) return std::move(source).error();
    entities = std::move(*source);
  }
  world.kept_.push_back(std::make_unique<Source>(std::move(*entities)));
  auto store = read_store(*world.kept_.back(), world.schema(), world.arena_);
  if (!store) return std::move(store).error();
  world.entities_ = std::move(*store);
  return world;
}

core::Result<cedar::Request> World::request(Source source) {
  kept_.push_back(std::make_unique<Source>(std::move(source)));
  const Source& kept = *kept_.back();
  const auto json = cedar::read_json(kept.text, *arena_);
  if (!json) return in_file(json.error(), kept.file);
  auto request = cedar::read_request(*json, schema(), true, *arena_);
  if (!request) return in_file(std::move(request).error(), kept.file);
  return request;
}

core::Result<std::string> entity_json(std::string_view text, std::string_view what) {
  cedar::Arena arena;
  const auto parsed = cedar::parse_expression(text, arena);
  const bool is_entity =
      parsed.ok() && (*parsed)->kind == cedar::ExprKind::literal && (*parsed)->value.kind == cedar::Kind::entity;
  if (!is_entity)
    return bad_input("policy.bad_entity", std::string(what) + ": `" + core::printable(text) + "` is no entity")
        .fix("write TYPE::\"ID\", for example User::\"amy\"; the shell needs quotes around the whole");
  std::string out;
  core::JsonWriter(out)
      .object()
      .field("type", (*parsed)->value.entity->type.view())
      .field("id", (*parsed)->value.entity->id.view())
      .end();
  return out;
}

core::Result<Source> request_of(Files& files, const RequestWords& words) {
  Source source{"", {}};
  core::JsonWriter out(source.text);
  out.object();
  for (const auto& [name, text] :
       {std::pair{"principal", &words.principal}, {"action", &words.action}, {"resource", &words.resource}}) {
    const auto json = entity_json(*text, std::string("--") + name);
    if (!json) return json.error();
    out.raw_field(name, *json);
  }
  if (!words.context.empty()) {
    Source context{"--request-context", words.context};
    if (!begins_like_json(words.context)) {
      auto read = files.read(words.context);
      if (!read) return std::move(read).error();
      context = std::move(*read);
    }
    cedar::Arena arena;
    const auto json = cedar::read_json(context.text, arena);
    if (!json) return in_file(json.error(), context.file);
    if (!json->is(cedar::JsonKind::object))
      return bad_input("policy.bad_context", "`" + core::printable(context.file) + "` is no JSON object");
    out.raw_field("context", context.text);
  }
  out.end();
  return source;
}

core::Status replace(const std::string& file, const std::string& text) {
  const auto failed = [&](const char* what) {
    return core::refusal("policy.not_writable", "`" + core::printable(file) + "` " + what);
  };
  std::error_code error;
  const fs::path target = fs::canonical(file, error);
  if (error) return failed("does not exist");
  const fs::path beside = target.parent_path() / ("." + target.filename().string() + ".formatted");
  {
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    out << text;
    if (!out.flush()) {
      fs::remove(beside, error);
      return failed("cannot be written: no room or no right in its folder");
    }
  }
  fs::permissions(beside, fs::status(target, error).permissions(), error);
  fs::rename(beside, target, error);
  if (error) {
    std::error_code ignored;
    fs::remove(beside, ignored);
    return failed("cannot be replaced");
  }
  return core::ok();
}

}  // namespace nova::cli::policy
