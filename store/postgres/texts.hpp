// Texts that are names in the database: UTF-8 without NUL.
#pragma once
#include "store/store.hpp"

#include <optional>
#include <string_view>

namespace nova::store::postgres {

bool is_text(std::string_view value);
/// `store.malformed` naming the part that is none.
std::optional<core::Error> refuse_texts(const Append& change);
std::optional<core::Error> refuse_texts(const DeadLetter& letter);

}  // namespace nova::store::postgres
