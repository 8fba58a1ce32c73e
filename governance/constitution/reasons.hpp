// Why a decision was as it was, for people: the sentence of each rule that a record names, in English and in Arabic.
#pragma once
#include <string>
#include <string_view>

namespace nova::constitution {

struct Sentence {
  std::string en, ar;
};

/// Of the rules that stand in no text: roles, memberships, keys, and what is built in ("access.role.admin",
/// "builtin.tenant_suspended"). Never empty.
Sentence sentence_of(std::string_view rule);

}  // namespace nova::constitution
