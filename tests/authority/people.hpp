// A small town: one of each sort of person, in two tenants.
#pragma once
#include "governance/authority/judge.hpp"

#include <string>

namespace nova::test {

inline constexpr core::Timestamp noon{1'000'000};

inline authority::UserLine person(std::string role = "free", std::string status = "active") {
  authority::UserLine line;
  line.role = std::move(role);
  line.status = std::move(status);
  return line;
}

/// Users are named for what they are: "t-admin" is an admin of the tenant `clinic`; "stranger" has another tenant.
inline void settle(authority::Book& book) {
  book.put("clinic", {"active", "free"}, 1);
  book.put("bakery", {"active", "free"}, 1);
  auto root = person();
  root.root_owner = true;
  book.put_user("root", root, 1);
  for (const char* role : {"owner", "admin", "staff", "viewer"}) {
    book.put_user(std::string("t-") + role, person(), 1);
    book.put_membership("clinic", std::string("t-") + role, {role, "active"}, 1);
  }
  for (const char* role : {"admin", "finance_admin", "support_agent", "sovereign"})
    book.put_user(role, person(role), 1);
  book.put_user("stranger", person(), 1);
  book.put_membership("bakery", "stranger", {"owner", "active"}, 1);
  book.put_user("invited", person(), 1);
  book.put_membership("clinic", "invited", {"admin", "invited"}, 1);
}

inline authority::KeyLine key_of(const std::string& user, std::vector<std::string> scopes) {
  authority::KeyLine key;
  key.tenant = "clinic";
  key.id = user + "-key";
  key.user = user;
  key.status = "active";
  key.hash = "hash-" + user;
  key.scopes = std::move(scopes);
  return key;
}

inline authority::Verdict ask(const authority::Book& book, const std::string& user, const core::Access& access,
                              const std::string& tenant = "clinic", const std::string& owner = {}) {
  const core::Principal principal{user, user.find('/') == std::string::npos ? "user" : "api_key"};
  return authority::judge(book, {principal, access, tenant, owner, noon});
}

}  // namespace nova::test
