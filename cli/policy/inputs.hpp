// What the policy verbs read: texts of policies, schemas, entities and requests, with the file's name in every error.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/data/entity_json.hpp"
#include "governance/cedar/schema/schema.hpp"
#include "governance/cedar/syntax/ast.hpp"

#include <filesystem>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nova::cli::policy {

/// A text and where it came from, as a person wrote it; "-" is standard input.
struct Source {
  std::string file;
  std::string text;
};

/// Reads files whole, standard input at most once. One thread.
class Files {
 public:
  explicit Files(std::istream& standard_in) : standard_in_(standard_in) {}
  /// At most cedar::text_size_max bytes. Errors: `policy.not_readable`, `input.too_large`, all with status 400.
  core::Result<Source> read(const std::string& file);

 private:
  std::istream& standard_in_;
  bool is_read_ = false;
};

/// The error of one text with "FILE:LINE:COLUMN" (or "FILE: path in it") at each problem, in its message too; without
/// a file the path alone. What was
/// handed in is wrong, so its status is 400, whatever the code.
core::Error in_file(core::Error error, const std::string& file);

struct Policies {
  std::string file;
  cedar::PolicySet set;

  /// "clinic.cedar:12:7"; the file alone for policies that came as JSON.
  std::string place(cedar::Span span) const;
  /// By its id; a link stands where its template stands.
  std::string place_of(std::string_view id) const;
};

/// Cedar text, or JSON when the first character that is not white space is `{`; `links` may be empty.
core::Result<Policies> read_policies(Files& files, const std::string& file, const std::string& links);
core::Result<cedar::Schema> read_schema(Files& files, const std::string& file);
/// Whether a JSON array of entities conforms to the schema.
core::Status check_entities(const Source& source, const cedar::Schema& schema);

/// Names of files as the command line or a test file gives them; empty: none.
struct Names {
  std::string policies, links, schema, entities;
};

/// Everything that decisions need, read once. Requests are read against it.
class World {
 public:
  /// `entities` takes the place of a file of them: a JSON array. Errors: those of reading and parsing, in the order
  /// schema, policies, links, entities.
  static core::Result<World> read(Files& files, const Names& names, std::optional<Source> entities = {});

  const Policies& policies() const { return policies_; }
  const cedar::Schema* schema() const { return schema_ ? &*schema_ : nullptr; }
  const cedar::EntityStore& entities() const { return entities_; }
  /// Reads a request's JSON into memory of this world; with a schema it must conform to it.
  core::Result<cedar::Request> request(Source source);

 private:
  Policies policies_;
  std::optional<cedar::Schema> schema_;
  std::shared_ptr<cedar::Arena> arena_ = std::make_shared<cedar::Arena>();
  std::vector<std::unique_ptr<Source>> kept_;  // entities and requests point into their texts
  cedar::EntityStore entities_;
};

/// A request by its parts: entities as in policy text (`User::"amy"`), the context as JSON or as the name of a file.
struct RequestWords {
  std::string principal, action, resource, context;
};
/// The parts as one request in JSON. Errors: `policy.bad_entity`, `policy.bad_context`, and those of reading a file.
core::Result<Source> request_of(Files& files, const RequestWords& words);

/// An entity of the command line or of a test file as JSON: `User::"amy"` to {"type":"User","id":"amy"}.
core::Result<std::string> entity_json(std::string_view text, std::string_view what);

/// Writes the text beside the file and puts it in its place, with the file's mode: a reader sees the old text or the
/// new. A symbolic link is followed. Errors: `policy.not_writable`.
core::Status replace(const std::string& file, const std::string& text);

}  // namespace nova::cli::policy
