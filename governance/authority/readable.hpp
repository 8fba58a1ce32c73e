// What somebody may see at most, for stores that keep tenants apart by themselves. It follows from who they are alone,
// so it holds also where a question was let through by mistake.
#pragma once
#include "core/time.hpp"
#include "governance/authority/book.hpp"
#include "store/read_scope.hpp"

namespace nova::authority {

/// Everything for the node, its operator and who holds any permission of the platform; the key's tenant for a key;
/// their tenants and what is their own for people; nothing for everybody else. At most `readable_tenants_max` tenants,
/// in order of name. Any thread; a few microseconds.
store::Readable readable_by(const Book& book, const core::Principal& principal, core::Timestamp now);

/// People are in a handful. It bounds what is sent with each read.
inline constexpr std::size_t readable_tenants_max = 1000;

}  // namespace nova::authority
