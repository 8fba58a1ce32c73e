#include "store/transfer/copy.hpp"

namespace nova::store::transfer {
namespace {

constexpr std::uint64_t rows_between_words = 10'000;

}  // namespace

core::Status compare(const EventStore::Digests& wanted, const EventStore::Digests& found) {
  if (wanted.log == found.log && wanted.documents == found.documents) return core::ok();
  const bool log = wanted.log != found.log;
  auto error = core::refusal("transfer.differs", std::string("the digests of the ") + (log ? "log" : "documents") +
                                                     " are not equal: `" + (log ? wanted.log : wanted.documents) +
                                                     "` was, `" + (log ? found.log : found.documents) + "` is");
  error.status = 500;
  return std::move(error).fix("the source is as it was; check disk and memory, then run the command again");
}

core::Result<Copied> copy(Snapshot& from, Import& into, const Progress& progress) {
  Copied copied;
  for (const auto& table : tables()) {
    auto& rows = copied.rows[std::string(table.name)];
    auto read = from.read(table, 0, [&](const Row& row) {
      if (++rows % rows_between_words == 0) progress(table.name, rows);
      return into.put(table, row);
    });
    if (!read) return std::move(read).error();
    progress(table.name, rows);
  }
  progress("digests", 0);
  auto wanted = from.digests();
  if (!wanted) return std::move(wanted).error();
  from.end();
  auto found = into.digests();
  if (!found) return std::move(found).error();
  if (auto same = compare(*wanted, *found); !same) return std::move(same).error();
  if (auto finished = into.finish(); !finished) return std::move(finished).error();
  copied.digests = std::move(*found);
  return copied;
}

}  // namespace nova::store::transfer
