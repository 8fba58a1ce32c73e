// One command's turn on one state version, without actors or I/O: parse, check, gate, decide, and the change to append.
// The entity actor calls these steps in order and does the waiting between them.
#pragma once
#include "actors/host/host.hpp"
#include "governance/gate/gate.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <memory>
#include <optional>

namespace nova::host {

/// What the host knows of an entity: the state after all decisions so far, committed or not.
struct Image {
  core::EntityKey key;
  const core::Kind* kind = nullptr;
  std::shared_ptr<void> state;
  std::uint64_t version = 0;
  std::uint64_t intent_version = 0;
  std::uint64_t position = 0;
  core::Timestamp created_at;
};

/// A command whose body was read and found well-formed.
struct Prepared {
  std::size_t row = 0;
  std::shared_ptr<void> body;  ///< the described struct
  std::vector<core::FactNeed> needs;
  std::vector<std::string> settled_works;  ///< when it is the outcome of a work
  std::vector<std::string> fired_timers;   ///< when it is a timer's firing
};

struct Decided {
  Image after;
  store::Append change;
  Answer answer;
  std::optional<core::Error> refused;  ///< what the caller is told instead of `answer`, once the change is stored
  bool nothing = false;                ///< "already so" of an internal command: nothing to store
  std::optional<gate::Held> held;      ///< people must agree first: nothing of the rest counts
};

/// An entity that does not exist yet.
Image blank_image(const core::Kind& kind, core::EntityKey key);

/// From a document, or by replay of `events` when it was written under another description. Errors park the entity:
/// `entity.unknown_event`, `entity.unreadable`.
core::Result<Image> image_of(const core::Kind& kind, const store::Document& document, const core::FieldCipher* cipher);
bool must_replay(const core::Kind& kind, const store::Document& document);
core::Status replay(Image& image, const std::vector<core::StoredEvent>& events, const core::FieldCipher* cipher);

/// True when a value of this kind may hold personal data, so that a cipher is needed to store it.
bool holds_personal(const core::Kind& kind);

/// Reads the command's body, checks that the entity exists (or may be created) and asks the kind which facts it needs.
core::Result<Prepared> prepare(const Image& image, const core::CommandEnvelope& command);

/// True when the command brings secrets or names some, so that the vault has to be asked.
bool brings_secrets(const Image& image, const Prepared& prepared);

/// Seals the secrets of a prepared command, so that `decide` sees references only. A dry run seals nothing. Errors:
/// those of the vault; `secret.foreign` for a reference of another tenant; `secret.not_found` and `secret.destroyed`
/// for one of an entity `secret` that opens nothing.
core::Status seal_secrets(const Image& image, Prepared& prepared, store::Vault& vault, bool dry_run);

struct TurnInput {
  const core::CommandEnvelope& command;
  const Prepared& prepared;
  const std::map<core::EntityKey, core::Fact>& facts;
  std::shared_ptr<const gate::Rules> rules;
  std::string_view tenant_status;
  core::Timestamp now;
  const core::FieldCipher* cipher = nullptr;
  core::Caller caller = {};
  core::DecisionRecord* denied = nullptr;  ///< where a denial is put, for the record
  std::string* read = nullptr;             ///< where the attributes that it, or a hold, was decided on are put
  const gate::Release* release = nullptr;  ///< people agreed to an act: it must be this one
};

/// The gate's word alone, before anything is sealed or loaded for the command; `take_turn` asks again. A hold is told
/// already here: what would be sealed for the act belongs to its approval then.
core::Result<std::optional<gate::Held>> may_turn(const Image& image, const TurnInput& input);

/// Gate, version checks, decide, evolve. Pure. A refusal that records events is no error here. Errors: denials,
/// refusals, `entity.version_mismatch`, `entity.too_large`; `approval.stale` of a release. What `decide` refuses is not
/// held: nobody need agree to what cannot be done.
core::Result<Decided> take_turn(const Image& image, const TurnInput& input);

/// The scope of an idempotency key: tenant, principal, verb on what, key.
std::string idempotency_scope(const core::CommandEnvelope& command);
inline constexpr std::chrono::hours idempotency_life{24};

}  // namespace nova::host
