// Every entity folded from its events and compared with its document: what a restore must bring back is what the log
// says.
#pragma once
#include "core/result.hpp"
#include "store/store.hpp"
#include "store/transfer/port.hpp"
#include "store/vault.hpp"

#include <cstdint>

namespace nova::node {

struct Replayed {
  std::uint64_t entities = 0;
  std::uint64_t events = 0;
  std::uint64_t older = 0;    ///< documents of another description: folded, not compared
  std::uint64_t unknown = 0;  ///< of kinds that this version does not have
};

/// `rows` and `store` are of the same store. `replay.differs` names the first entity whose document is not what its
/// events make of it; `entity.*` as in the host.
core::Result<Replayed> replay_all(store::transfer::Snapshot& rows, const store::EventStore& store, store::Vault& vault,
                                  const store::transfer::Snapshot::Take& after_each);

}  // namespace nova::node
