// A held act: what the gate says when people must decide first, and what binds their yes to exactly that act.
#pragma once
#include "core/envelope.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace nova::gate {

/// A rule that holds an act, in words for people.
struct HoldingRule {
  std::string id, en, ar;
  std::string gate;  ///< its name in config/gates.yaml
};

/// What a hold asks for and what it stands on.
struct HoldTerms {
  std::vector<HoldingRule> rules;
  std::chrono::milliseconds life{0};
  /// The text of the rules, what their gates ask for, and the attributes that they read, as bytes: whatever of these
  /// changes, changes them.
  std::string basis;
};

/// An act that waits: the command as it came, and on what the gate stood.
struct Held {
  core::CommandEnvelope command;
  core::DecisionRecord decision;
  HoldTerms terms;
  std::uint64_t version = 0, intent_version = 0;  ///< of its target
  core::Timestamp at, deadline;
  std::string digest;
};

/// People agreed: the act that this digest is of may pass until then, once.
struct Release {
  core::EntityKey approval;
  std::string digest;
  core::Timestamp deadline;
};

/// SHA-256, "sha256:<hex>", over who does what to which entity with which body, under which expected versions; the
/// entity's intent version, the basis, and until when. Every part is preceded by its length, so that no two acts read
/// alike. Linear in the body.
std::string digest_of(const core::CommandEnvelope& command, std::uint64_t intent_version, std::string_view basis,
                      core::Timestamp deadline);

/// What a release says of itself in the decision that it allows: "approval:<id>".
inline constexpr std::string_view approved_prefix = "approval:";

/// `approval.stale`, 409: the act is no longer the one that was agreed to.
core::Error stale(const Release& release, std::string what_changed);

}  // namespace nova::gate
