// Marks in a store's own table of facts, for stores that no node may start on.
#pragma once
#include "core/error.hpp"

#include <string>

namespace nova::store::transfer {

inline constexpr auto mark_moved = "moved_to";
inline constexpr auto mark_unfinished = "unfinished";

/// The error of whoever opens a store with that mark.
core::Error refused_by(const std::string& mark, const std::string& value, const std::string& store);
/// `store.not_empty`: what is to be filled holds something.
core::Error not_empty(const std::string& store);
/// `store.older_schema`: written by an older version, and not brought forward since.
core::Error older_schema(const std::string& store);

}  // namespace nova::store::transfer
