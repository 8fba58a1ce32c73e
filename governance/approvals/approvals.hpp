// From a held act to its approval, and from a yes to the act. What waits is durable before anybody is told of it: the
// approval is one append, with the act's body sealed in the vault.
//
//   turn ──hold──> approval.request ──committed──> caller: 202, who may decide, until when
//   entity asks ──work "ask"──> approval.request, with remedies to choose from (proposals.hpp)
//   approve ... ──quorum──> approval.approved + work "release" ──> `Release` driver ──submit_released──> turn
#pragma once
#include "actors/host/driver.hpp"
#include "actors/host/host.hpp"
#include "governance/authority/book.hpp"
#include "governance/gates/gates.hpp"
#include "store/store.hpp"
#include "store/vault.hpp"

#include <functional>
#include <memory>
#include <string>

namespace nova::approval {
struct State;
}

namespace nova::approvals {

/// All of it outlives the rest.
struct Parts {
  host::Host* host = nullptr;
  store::EventStore* store = nullptr;
  store::Vault* vault = nullptr;
  const authority::Book* book = nullptr;
  core::Clock* clock = &core::system_clock();
  /// The gates that the rules name now.
  std::function<std::shared_ptr<const gates::Gates>()> gates;
  /// For ids that follow from a caller's idempotency key and can be guessed by nobody else.
  std::string_view lookup_key;
  /// Runs a step that may block on a thread where that does no harm.
  std::function<void(std::function<void()>)> slowly;
};

/// Any thread.
class Approvals {
 public:
  explicit Approvals(Parts parts) : parts_(std::move(parts)) {}

  /// For `HostParts::hold`: stores the approval, with the attributes that the rules read (JSON by path), and answers
  /// with `Answer::held`. A repeat with the same idempotency key finds the approval that there is, whatever became of
  /// it. Errors: `idempotency.mismatch`, `vault.*`, `store.*`, `input.too_large`.
  void hold(gate::Held held, std::string read, host::Host::Done done);

  /// How many active users other than `but_user` and who asked could still decide on it; counting ends at `enough`.
  /// Walks all accounts: about a millisecond for 10,000.
  std::size_t others_who_may(const approval::State& approval, const std::string& tenant, const std::string& but_user,
                             std::size_t enough = 1) const;

 private:
  const Parts parts_;
};

/// The driver "approval". Verb "ask": lays an entity's question before people (proposals.hpp). Verb "release": opens
/// the sealed body, sends the command in the name of who asked, and says what came of it. Idempotent: the command's id
/// and idempotency key follow from the approval. Whoever may not act any more (`authority::may_act`) has nothing done
/// in their name.
std::unique_ptr<host::WorkDriver> make_release_driver(Parts parts);

/// The approval as callers see it who were told "held": address, digest, rules in both languages, who may decide, until
/// when.
std::string held_json(const core::EntityKey& key, const approval::State& approval);

/// A command's body with what no approver should read left out: secrets, personal data, raw JSON. At most `bytes_max`,
/// else only its size.
std::string shown_body(const core::Type& type, const void* body, std::size_t bytes_max);

}  // namespace nova::approvals
