// The event store in memory: for tests and simulation. Nothing survives it.
#pragma once
#include "core/time.hpp"
#include "store/store.hpp"

#include <memory>

namespace nova::store {

/// Deterministic: an append commits on the calling thread, and its completion and the subscribers are called before
/// `append` returns, except inside a completion, where it follows after. With several threads at once, one of them
/// carries out the changes of all, in the order they came. `clock` decides which idempotency records have expired; it
/// must outlive the store.
std::unique_ptr<EventStore> make_memory_store(core::Clock& clock);

}  // namespace nova::store
