// The text that stands above every command: policies in Cedar, each with an id and a sentence for people in English and
// Arabic. A text that does not hold together is refused as a whole.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/eval/authorizer.hpp"
#include "governance/constitution/paths.hpp"
#include "governance/constitution/schema.hpp"
#include "governance/gates/gates.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nova::constitution {

/// One policy, for people.
struct Rule {
  std::string id;
  bool forbids = false;
  std::string en, ar;
  std::string gate;         ///< of a forbid that people may lift for one act; empty: it forbids
  std::vector<Path> reads;  ///< what an approval of an act that it holds is bound to
  std::string code;         ///< of the error that who breaks it is told: "ai.no_layer"; empty: `gate.denied`
};

/// Compiled; never changes once made. Any thread.
class Constitution {
 public:
  /// Fails with `constitution.invalid`, one problem a fault (path "line:column"): syntax, words that the schema does
  /// not have, types that cannot meet, a policy without `@id`, `@en` or `@ar`, an id that stands twice, a template, and
  /// `@gate` on a permit or with a name that is none of `gates` (left out, those of the words), and `@code` on a
  /// permit or with what is no code.
  static core::Result<std::shared_ptr<const Constitution>> load(std::string text, std::string version,
                                                                std::shared_ptr<const Words> words,
                                                                std::shared_ptr<const gates::Gates> gates = nullptr);

  /// The same under another version's name; shares what was compiled.
  std::shared_ptr<const Constitution> named(std::string version) const;

  const std::string& version() const { return version_; }
  /// SHA-256 of the text: two texts under one version are two constitutions.
  const std::string& digest() const { return digest_; }
  const std::string& text() const { return text_; }
  const Words& words() const { return *words_; }
  /// What its `@gate`s name; nullptr: nothing is held.
  const gates::Gates* gates() const { return gates_.get(); }
  const std::shared_ptr<const gates::Gates>& shared_gates() const { return gates_; }
  const cedar::Authorizer& engine() const { return *engine_; }
  /// In the order of the text; the engine's numbers are places in it.
  const std::vector<Rule>& rules() const { return rules_; }
  const Rule* find(std::string_view id) const;
  /// Whether the policy of that number asks people (`@gate`) instead of forbidding.
  bool names_gate(std::uint32_t number) const;
  /// Whether any policy reads the command's fields; where none does, they need not be made.
  bool reads_input() const { return reads_input_; }

 private:
  Constitution() = default;

  std::string version_, text_, digest_;
  std::shared_ptr<const Words> words_;
  std::shared_ptr<const gates::Gates> gates_;
  std::shared_ptr<const cedar::Authorizer> engine_;
  std::vector<Rule> rules_;
  bool reads_input_ = false;
};

/// What a new store begins with: config/constitution, built in.
std::string_view genesis_text();
inline constexpr std::string_view genesis_version = "1.0.0";
inline constexpr std::size_t text_size_max = 1024 * 1024;

}  // namespace nova::constitution
