// What the rules that could apply read of a request: recorded with the decision, so that the same question can be asked
// again under another text.
#pragma once
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/constitution/paths.hpp"
#include "governance/constitution/schema.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace nova::constitution {

/// A path under the name by which it is recorded: "context.caller.role".
struct NamedPath {
  std::string name;
  Path path;
};

/// Of one compiled text; never changes once made. Any thread.
class Reads {
 public:
  Reads(const cedar::Authorizer& engine, const Words& words);

  /// What policies whose scope admits the command and the type of principal may read; in order of name. `context.now`
  /// and what follows from the event itself (see `follows_from_event`) is left out.
  const std::vector<NamedPath>& of(const core::CommandRow& command, const cedar::Text& principal) const;

  /// Whether any of them is of the command's own fields; where none is, these need not be made.
  bool reads_input(const core::CommandRow& command, const cedar::Text& principal) const;

  /// A JSON object with the value of each such path in Cedar's JSON format; null for what was not there; what would
  /// take it beyond `read_bytes_max` is left out. Empty text: nothing is read.
  void write(std::string& out, const core::CommandRow& command, const cedar::Text& principal,
             const cedar::Value& context, const cedar::Entities& entities, cedar::Arena& arena,
             const cedar::EntityUid& resource) const;

 private:
  struct OfCommand {
    struct Of {
      cedar::Text principal;
      std::vector<NamedPath> paths;
      bool input = false;
    };
    std::vector<Of> by_principal;
  };
  const OfCommand::Of* find(const core::CommandRow& command, const cedar::Text& principal) const;
  std::unordered_map<const core::CommandRow*, OfCommand> all_;
};

inline constexpr std::size_t read_bytes_max = 4096;

/// Paths whose value the event and the kinds' descriptions tell: who, a resource's tenant, id and existence, the
/// impact.
bool follows_from_event(const Path& path);

/// In Cedar's JSON format, with `__extn` escapes.
void append_json(std::string& out, const cedar::Value& value);

}  // namespace nova::constitution
