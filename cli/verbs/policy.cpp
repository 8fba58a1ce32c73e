// policy: check, authorize, validate, format, explain, diff, test. They read files and need no node.
#include "cli/exit.hpp"
#include "cli/json.hpp"
#include "cli/policy/answers.hpp"
#include "cli/policy/expectations.hpp"
#include "cli/policy/inputs.hpp"
#include "cli/text/safe.hpp"
#include "cli/verbs/verbs.hpp"
#include "governance/cedar/batch.hpp"
#include "governance/cedar/limits.hpp"
#include "governance/cedar/syntax/print.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <fstream>
#include <istream>
#include <ostream>

namespace nova::cli {
namespace {

constexpr const char* check_examples =
    "  novactl policy check --batch cases.jsonl      one JSON object a line in, one answer a line out\n"
    "  novactl policy check --batch - < cases.jsonl\n";
constexpr const char* authorize_examples =
    "  novactl policy authorize clinic.cedar -e entities.json \\\n"
    "    --principal 'User::\"amy\"' --action 'Action::\"read\"' --resource 'Chart::\"c1\"'\n"
    "  novactl policy authorize clinic.cedar -s clinic.cedarschema -e entities.json --request request.json\n"
    "Exit code 0: allow. 3: deny.\n";
constexpr const char* explain_examples =
    "  novactl policy explain clinic.cedar -e entities.json --request request.json\n"
    "  novactl policy explain clinic.cedar -e entities.json --principal 'User::\"amy\"' \\\n"
    "    --action 'Action::\"read\"' --resource 'Chart::\"c1\"' --request-context '{\"mfa\": true}'\n";
constexpr const char* validate_examples =
    "  novactl policy validate clinic.cedar -s clinic.cedarschema\n"
    "  novactl policy validate clinic.cedar -s clinic.cedarschema -e entities.json --unused\n"
    "Exit code 1: invalid.\n";
constexpr const char* format_examples =
    "  novactl policy format clinic.cedar              prints it\n"
    "  novactl policy format --check *.cedar           names the files that differ; exit 1\n"
    "  novactl policy format --write *.cedar           rewrites them\n"
    "  novactl policy format - < clinic.cedar\n";
constexpr const char* diff_examples =
    "  novactl policy diff old.cedar new.cedar -s clinic.cedarschema\n"
    "  novactl policy diff old.cedar new.cedar -s clinic.cedarschema --exit-code    10 when decisions differ\n"
    "It is bounded: it tries requests made of both sets' literals and the schema's types. An example is a proof. That "
    "there\n"
    "is none is exact where permits were only removed and forbids only added, or the reverse; the answer says so.\n";
constexpr const char* test_examples =
    "  novactl policy test clinic.test.yaml            exit 1 when a test fails\n"
    "  novactl policy test clinic.test.yaml --all\n"
    "A test file:\n"
    "  policies: clinic.cedar          # relative to this file\n"
    "  schema: clinic.cedarschema      # optional\n"
    "  entities: entities.json         # optional; or the list itself\n"
    "  tests:\n"
    "    - name: a doctor reads a chart of her ward\n"
    "      principal: User::\"amy\"\n"
    "      action: Action::\"read\"\n"
    "      resource: Chart::\"c1\"\n"
    "      context: { mfa: true }      # optional\n"
    "      expect: allow               # allow, deny or refused\n"
    "      reason: [policy0]           # optional: exactly these decide\n"
    "      errors: []                  # optional: exactly these fail\n";

core::Error usage(std::string message, std::string remedy) {
  auto error = core::refusal("cli.usage", std::move(message));
  error.status = 400;
  return std::move(error).fix(std::move(remedy));
}

// Reads up to the line's end; what is beyond the bound is dropped, and one byte too many tells the engine so.
bool read_line(std::istream& in, std::string& out) {
  out.clear();
  std::streambuf& bytes = *in.rdbuf();
  constexpr auto end = std::istream::traits_type::eof();
  int byte = bytes.sbumpc();
  if (byte == end) return false;
  for (; byte != end && byte != '\n'; byte = bytes.sbumpc())
    if (out.size() <= cedar::text_size_max) out += char(byte);
  return true;
}

core::Result<int> check(Session& session, const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    std::error_code error;
    if (!std::filesystem::is_directory(file, error)) opened.open(file, std::ios::binary);
    if (!opened.is_open()) {
      auto missing = core::refusal("policy.not_readable", "`" + core::printable(file) + "` cannot be read");
      missing.status = 400;
      return std::move(missing).fix("name a file of JSON lines, or - for standard input");
    }
  }
  std::istream& in = file == "-" ? session.terminal().in : opened;
  std::ostream& out = session.terminal().out;
  std::string line;
  while (read_line(in, line)) {
    if (line.empty()) continue;
    out << cedar::answer_batch_line(line) << '\n' << std::flush;
    if (!out) return core::refusal("cli.output_failed", "the answers cannot be written");
  }
  return exit_ok;
}

struct RequestOptions {
  policy::Names names;
  policy::RequestWords words;
  std::string request;
};

core::Result<policy::Source> request_source(policy::Files& files, const RequestOptions& options) {
  const policy::RequestWords& words = options.words;
  const bool has_parts =
      !words.principal.empty() || !words.action.empty() || !words.resource.empty() || !words.context.empty();
  if (!options.request.empty()) {
    if (has_parts) return usage("a request is given twice", "either --request or its parts");
    return files.read(options.request);
  }
  if (words.principal.empty() || words.action.empty() || words.resource.empty())
    return usage("a request is missing", "give --principal, --action and --resource, or --request FILE");
  return policy::request_of(files, words);
}

core::Result<int> authorize(Session& session, const RequestOptions& options, bool explain) {
  policy::Files files(session.terminal().in);
  auto source = request_source(files, options);
  if (!source) return std::move(source).error();
  auto world = policy::World::read(files, options.names);
  if (!world) return std::move(world).error();
  const auto request = world->request(std::move(*source));
  if (!request) return request.error();
  const cedar::Authorizer authorizer(world->policies().set);
  cedar::Scratch scratch;
  const cedar::Explanation found = authorizer.explain(*request, world->entities(), scratch);
  if (explain) {
    const Json json = policy::explanation_json(authorizer, world->policies(), found);
    session.print(json, policy::explanation_text(json, session.paint()));
    return exit_ok;
  }
  const Json json = policy::answer_json(authorizer, world->policies(), found.answer);
  session.print(json, policy::answer_text(json, session.paint()));
  return found.answer.decision == cedar::Decision::allow ? exit_ok : exit_denied;
}

struct ValidateOptions {
  policy::Names names;
  bool permissive = false, unused = false, strict_warnings = false;
};

core::Result<int> validate(Session& session, const ValidateOptions& options) {
  policy::Files files(session.terminal().in);
  const auto schema = policy::read_schema(files, options.names.schema);
  if (!schema) return schema.error();
  const auto policies = policy::read_policies(files, options.names.policies, options.names.links);
  if (!policies) return policies.error();
  const auto mode = options.permissive ? cedar::ValidationMode::permissive : cedar::ValidationMode::strict;
  Json json = policy::validation_json(*policies, cedar::validate(policies->set, *schema, mode));
  if (!options.names.entities.empty()) {
    const auto text = files.read(options.names.entities);
    if (!text) return text.error();
    if (auto fine = policy::check_entities(*text, *schema); !fine) policy::add_error(json, fine.error());
  }
  if (options.unused) policy::add_unused(json, *policies, cedar::inspect(policies->set, *schema));
  session.print(json, policy::validation_text(json, session.paint()));
  const bool is_good = flag_at(json, "ok") && (!options.strict_warnings || at(json, "warnings").empty());
  return is_good ? exit_ok : exit_failed;
}

struct FormatOptions {
  std::vector<std::string> files;
  bool check = false, write = false;
  std::size_t width = 100;
};

core::Result<int> format(Session& session, const FormatOptions& options) {
  const bool prints = !options.check && !options.write;
  if (prints && options.files.size() > 1)
    return usage("only one file can be printed", "format several with --write or --check");
  policy::Files files(session.terminal().in);
  Json items = Json::array();
  std::string text;
  std::optional<core::Error> failed;
  bool differs = false;
  for (const std::string& file : options.files) {
    if (options.write && file == "-") return usage("standard input cannot be rewritten", "leave out --write");
    const auto source = files.read(file);
    if (!source) return source.error();
    auto formatted = cedar::format_policies(source->text, options.width);
    if (!formatted) {
      // Files are judged one by one, and all their errors are told at once.
      auto error = policy::in_file(std::move(formatted).error(), file);
      if (!failed)
        failed = std::move(error);
      else
        failed->problems.insert(failed->problems.end(), error.problems.begin(), error.problems.end());
      continue;
    }
    const bool is_changed = *formatted != source->text;
    differs = differs || is_changed;
    if (is_changed && options.write && !session.globals().dry_run)
      if (auto written = policy::replace(file, *formatted); !written) return std::move(written).error();
    items.push_back({{"file", file}, {"changed", is_changed}});
    if (prints) items.back()["text"] = *formatted;
    if (prints)
      text = session.terminal().out_is_terminal ? safe_lines(*formatted) : *formatted;
    else if (is_changed)
      text += safe(file) + (options.check ? " is not formatted\n" : " rewritten\n");
  }
  // Of files with faults nothing is printed; what could be rewritten was.
  if (failed) return std::move(*failed);
  session.print(Json{{"items", std::move(items)}}, text);
  return options.check && differs ? exit_failed : exit_ok;
}

struct DiffOptions {
  std::vector<std::string> files;
  std::string schema;
  bool exit_code = false;
};

core::Result<int> diff(Session& session, const DiffOptions& options) {
  policy::Files files(session.terminal().in);
  const auto schema = policy::read_schema(files, options.schema);
  if (!schema) return schema.error();
  const auto before = policy::read_policies(files, options.files[0], "");
  if (!before) return before.error();
  const auto after = policy::read_policies(files, options.files[1], "");
  if (!after) return after.error();
  for (const auto* policies : {&*before, &*after})
    if (!cedar::validate(policies->set, *schema).ok())
      session.note("note: " + policies->file +
                   " does not fit the schema, so fewer of its requests are tried; see: novactl "
                   "policy validate");
  const auto comparison = cedar::compare(before->set, after->set, *schema);
  const Json json = policy::comparison_json(comparison);
  session.print(json, policy::comparison_text(json, session.paint()));
  return options.exit_code && comparison.change != cedar::Change::equivalent ? exit_changes : exit_ok;
}

core::Result<int> test(Session& session, const std::string& file, bool all) {
  policy::Files files(session.terminal().in);
  const auto results = policy::run_expectations(files, file);
  if (!results) return results.error();
  session.print(*results, policy::expectations_text(*results, all, session.paint()));
  return number_at(*results, "failed") == 0 ? exit_ok : exit_failed;
}

void add_names(CLI::App& verb, policy::Names& names, bool needs_schema) {
  verb.add_option("POLICIES", names.policies, "policies in Cedar syntax or as JSON; - is standard input")->required();
  auto* schema = verb.add_option("-s,--schema", names.schema, "schema in Cedar syntax or as JSON")->type_name("FILE");
  if (needs_schema) schema->required();
  verb.add_option("-e,--entities", names.entities, "entities as a JSON array")->type_name("FILE");
  verb.add_option("--links", names.links, "links of templates as a JSON array")->type_name("FILE");
}

void add_request_verb(CLI::App& group, Chosen& chosen, const char* name, const char* summary, const char* examples,
                      bool explain) {
  auto options = std::make_shared<RequestOptions>();
  auto* verb = add_verb(group, chosen, name, summary, examples,
                        [options, explain](Session& session) { return authorize(session, *options, explain); });
  add_names(*verb, options->names, false);
  verb->add_option("--principal", options->words.principal, "who asks")->type_name("ENTITY");
  verb->add_option("--action", options->words.action, "to do what")->type_name("ENTITY");
  verb->add_option("--resource", options->words.resource, "with what")->type_name("ENTITY");
  verb->add_option("--request-context", options->words.context, "the request's context: JSON, or a file of it")
      ->type_name("JSON");
  verb->add_option("--request", options->request, "the whole request as JSON: principal, action, resource, context")
      ->type_name("FILE");
}

}  // namespace

void add_policy(CLI::App& app, Chosen& chosen) {
  auto* group = app.add_subcommand("policy", "Cedar policies: decide, explain, validate, format, compare, test");
  group->fallthrough();
  group->require_subcommand(1);
  group->footer(std::string("Examples:\n") + validate_examples + authorize_examples);

  auto batch = std::make_shared<std::string>();
  auto* verb = add_verb(*group, chosen, "check", "Answer whole cases, one JSON object a line", check_examples,
                        [batch](Session& session) { return check(session, *batch); });
  verb->add_option("--batch", *batch, "cases as JSON lines; - is standard input")->type_name("FILE")->required();

  add_request_verb(*group, chosen, "authorize", "Decide one request", authorize_examples, false);
  add_request_verb(*group, chosen, "explain", "Decide one request and show why", explain_examples, true);

  auto validation = std::make_shared<ValidateOptions>();
  verb = add_verb(*group, chosen, "validate", "Check policies, and entities, against a schema", validate_examples,
                  [validation](Session& session) { return validate(session, *validation); });
  add_names(*verb, validation->names, true);
  verb->add_flag("--permissive", validation->permissive, "types may differ where no value can go wrong");
  verb->add_flag("--unused", validation->unused, "look for policies that never match and forbids that change nothing");
  verb->add_flag("--warnings-fail", validation->strict_warnings, "exit 1 on warnings too");

  auto layout = std::make_shared<FormatOptions>();
  verb = add_verb(*group, chosen, "format", "Lay out policy text; comments stay", format_examples,
                  [layout](Session& session) { return format(session, *layout); });
  verb->add_option("FILE", layout->files, "policies in Cedar syntax; - is standard input")->required();
  auto* checks = verb->add_flag("--check", layout->check, "only name the files that differ");
  verb->add_flag("--write", layout->write, "rewrite the files")->excludes(checks);
  verb->add_option("--width", layout->width, "columns of a line")->check(CLI::Range(40, 400));

  auto change = std::make_shared<DiffOptions>();
  verb = add_verb(*group, chosen, "diff", "What a change of policies does to decisions", diff_examples,
                  [change](Session& session) { return diff(session, *change); });
  verb->add_option("FILES", change->files, "the old policies, then the new ones")->required()->expected(2);
  verb->add_option("-s,--schema", change->schema, "schema in Cedar syntax or as JSON")->type_name("FILE")->required();
  verb->add_flag("--exit-code", change->exit_code, "exit 10 when decisions differ");

  auto file = std::make_shared<std::string>();
  auto all = std::make_shared<bool>(false);
  verb = add_verb(*group, chosen, "test", "Run a file of requests with expected answers", test_examples,
                  [file, all](Session& session) { return test(session, *file, *all); });
  verb->add_option("FILE", *file, "the tests as YAML; - is standard input")->required();
  verb->add_flag("--all", *all, "name the tests that passed, too");
}

}  // namespace nova::cli
