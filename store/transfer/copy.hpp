// From one store into another, whole, and the proof that both hold the same.
#pragma once
#include "store/transfer/port.hpp"

#include <functional>
#include <map>

namespace nova::store::transfer {

/// Told every now and then: rows so far, of which table.
using Progress = std::function<void(std::string_view table, std::uint64_t rows)>;

struct Copied {
  EventStore::Digests digests;                ///< the same on both sides
  std::map<std::string, std::uint64_t> rows;  ///< by table
};

/// Reads all of `from` into `into`, compares the digests of log and documents, and finishes. On an error `into` stays
/// unfinished: `transfer.differs` when the digests are not equal, else what the stores say.
core::Result<Copied> copy(Snapshot& from, Import& into, const Progress& progress);

/// `transfer.differs`, naming what differs, when the two are not equal.
core::Status compare(const EventStore::Digests& wanted, const EventStore::Digests& found);

}  // namespace nova::store::transfer
