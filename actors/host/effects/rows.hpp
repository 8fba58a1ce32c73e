// What the store has outstanding, read in pages.
#pragma once
#include "core/text.hpp"
#include "core/work.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

namespace nova::host {

inline constexpr std::size_t page = 1000;
inline constexpr std::int64_t never_ms = INT64_MAX / 2;  ///< due_at of a work that waits in the dead letters

inline core::Result<std::vector<store::KeepRow>> all_keeps(const store::EventStore& store) {
  std::vector<store::KeepRow> all;
  for (std::uint64_t after = 0;;) {
    auto rows = store.keeps(after, page);
    if (!rows) return rows.error();
    const bool last = rows->size() < page;
    if (!rows->empty()) after = rows->back().sequence;
    all.insert(all.end(), std::make_move_iterator(rows->begin()), std::make_move_iterator(rows->end()));
    if (last) return all;
  }
}

/// What is said to who wants something of a driver that this node does not have.
inline core::Report no_driver(const core::KeepAsk& ask, core::Timestamp now) {
  core::Report report;
  report.driver = ask.driver;
  report.key = ask.key;
  report.sequence = std::uint64_t(now.ms);
  report.phase = "failed";
  report.code = "driver.not_found";
  report.message = "this node has no driver `" + ask.driver + "`";
  report.at = now;
  return report;
}

/// A work in the dead letters: `dead_letter.not_found`.
inline core::Result<store::WorkRow> buried(const store::EventStore& store, const core::EntityKey& owner,
                                           const std::string& work_id) {
  for (std::uint64_t after = 0;;) {
    auto rows = store.works(after, page);
    if (!rows) return rows.error();
    for (auto& row : *rows)
      if (row.owner == owner && row.ask.id == work_id && row.due_at.ms >= never_ms) return std::move(row);
    if (rows->size() < page)
      return core::refusal("dead_letter.not_found", "the work `" + core::printable(work_id) + "` is not outstanding");
    after = rows->back().sequence;
  }
}

}  // namespace nova::host
