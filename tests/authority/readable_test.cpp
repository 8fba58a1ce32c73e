// What somebody may see at most, by who they are.
#include "governance/authority/readable.hpp"

#include "tests/authority/people.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace nova;
using namespace nova::test;

namespace {

using Tenants = std::vector<std::string>;

store::Readable of(const authority::Book& book, const std::string& user) {
  return authority::readable_by(book, {user, user.find('/') == std::string::npos ? "user" : "api_key"}, noon);
}

}  // namespace

TEST_CASE("people see their tenants and what is their own; the platform's people see everything") {
  authority::Book book;
  settle(book);
  for (const char* user : {"t-owner", "t-viewer"}) {
    CHECK_FALSE(of(book, user).everything);
    CHECK(of(book, user).tenants == Tenants{"clinic"});
    CHECK(of(book, user).user == user);
  }
  for (const char* user : {"root", "admin", "finance_admin", "support_agent"}) CHECK(of(book, user).everything);
  for (const char* user : {"sovereign", "invited"}) {
    CHECK_FALSE(of(book, user).everything);
    CHECK(of(book, user).tenants.empty());
  }
  CHECK(of(book, "nobody").user.empty());
  CHECK(authority::readable_by(book, {"operator", "service"}, noon).everything);
  CHECK(authority::readable_by(book, core::system_principal(), noon).everything);
  CHECK_FALSE(authority::readable_by(book, {"", "anonymous"}, noon).everything);
}

TEST_CASE("who loses a tenant sees it no more, and an exception opens what it names") {
  authority::Book book;
  settle(book);
  book.put_membership("clinic", "t-staff", {"staff", "removed"}, 2);
  CHECK(of(book, "t-staff").tenants.empty());
  auto line = person();
  line.overrides = {{"dashboard.view", true, "bakery", {}},
                    {"dashboard.view", false, "mill", {}},
                    {"app.deploy", true, "port", noon}};
  book.put_user("t-staff", line, 2);
  CHECK(of(book, "t-staff").tenants == Tenants{"bakery"});
  line.overrides.push_back({"dashboard.view", true, "", {}});
  book.put_user("t-staff", line, 3);
  CHECK(of(book, "t-staff").everything);
  line.overrides.clear();
  line.permissions = {"users:read"};
  book.put_user("t-staff", line, 4);
  CHECK(of(book, "t-staff").everything);
}

TEST_CASE("a key sees its tenant, whatever its maker sees, and nothing of its maker's own") {
  authority::Book book;
  settle(book);
  book.put_key(key_of("root", {"platform.read"}), 1);
  const auto seen = of(book, "clinic/root-key");
  CHECK_FALSE(seen.everything);
  CHECK(seen.tenants == Tenants{"clinic"});
  CHECK(seen.user.empty());
  CHECK(of(book, "clinic/no-key").tenants.empty());
}

TEST_CASE("whatever a question is let through for, its asker may see") {
  // What may be seen is never less than what the judge lets be read.
  authority::Book book;
  settle(book);
  for (const char* user : {"root", "t-owner", "t-admin", "t-staff", "t-viewer", "stranger", "invited", "admin",
                           "finance_admin", "support_agent", "sovereign"})
    for (const auto* kind : core::kinds())
      for (const char* tenant : {"clinic", "bakery", "system", ""}) {
        if (!ask(book, user, kind->read, tenant).allow) continue;
        const auto seen = of(book, user);
        INFO(user << " may read " << kind->plural << " of `" << tenant << "`");
        CHECK((seen.everything || std::find(seen.tenants.begin(), seen.tenants.end(), tenant) != seen.tenants.end()));
      }
}
