#include "governance/credentials/password.hpp"

#include "governance/credentials/encoding.hpp"
#include "tests/testkit/catch.hpp"

using namespace nova::credentials;

namespace {

// The least cost that is allowed, so that a test runs in milliseconds.
const ScryptCost cheap{10, 1, 1};

std::string hashed(const Passwords& passwords, std::string_view password) {
  return std::string(passwords.hash(password).view());
}

}  // namespace

TEST_CASE("scrypt: the vectors of RFC 7914 section 12") {
  CHECK(to_hex(scrypt("", "", {4, 1, 1}, 64).view()) ==
        "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
        "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  CHECK(to_hex(scrypt("password", "NaCl", {10, 8, 16}, 64).view()) ==
        "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
        "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
  CHECK(to_hex(scrypt("pleaseletmein", "SodiumChloride", {14, 8, 1}, 64).view()) ==
        "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
        "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

TEST_CASE("password: what another library stored is read (PHC string form)") {
  const std::string stored = "$scrypt$ln=16,r=8,p=1$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
  const Passwords passwords;
  CHECK(passwords.verify(stored, "password").right);
  CHECK(passwords.verify(stored, "password").needs_rehash);
}

TEST_CASE("password: the right one comes in, with the default cost") {
  const Passwords passwords;
  const auto stored = hashed(passwords, "correct horse battery staple");
  CHECK(stored.starts_with("$scrypt$ln=15,r=8,p=1$"));
  const auto verdict = passwords.verify(stored, "correct horse battery staple");
  CHECK(verdict.right);
  CHECK_FALSE(verdict.needs_rehash);
  CHECK_FALSE(verdict.damaged);
  CHECK(passwords.runs() == 2);
}

TEST_CASE("password: a wrong one does not") {
  const Passwords passwords(cheap);
  const auto stored = hashed(passwords, "correct horse");
  for (const std::string wrong : {"", "correct hors", "correct horse ", "Correct horse", "correct\0horse"})
    CHECK_FALSE(passwords.verify(stored, wrong).right);
  CHECK_FALSE(passwords.verify(stored, std::string_view("correct horse\0", 14)).right);
}

TEST_CASE("password: the same one is stored differently each time") {
  const Passwords passwords(cheap);
  CHECK(hashed(passwords, "correct horse") != hashed(passwords, "correct horse"));
}

TEST_CASE("password: every answer costs exactly one scrypt") {
  const Passwords passwords(cheap);
  const auto stored = hashed(passwords, "correct horse");
  const std::string long_one(password_bytes_max + 1, 'a');
  const std::optional<std::string> stores[] = {stored,
                                               std::nullopt,
                                               "",
                                               "damaged",
                                               "$scrypt$ln=30,r=8,p=1$a$b",
                                               "$scrypt$ln=10,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$"};
  auto before = passwords.runs();
  for (const auto& store : stores)
    for (const std::string_view given : {std::string_view("correct horse"), std::string_view("wrong"),
                                         std::string_view(), std::string_view(long_one)}) {
      const auto verdict = passwords.verify(store, given);
      CHECK(passwords.runs() == ++before);
      CHECK(verdict.right == (store == stored && given == "correct horse"));
      CHECK(verdict.damaged == (store && store != stored));
    }
}

TEST_CASE("password: nothing comes in by the hash that unknown users meet") {
  const Passwords passwords(cheap);
  for (const std::string_view given : {"", "\0", "00000000000000000000000000000000"})
    CHECK_FALSE(passwords.verify(std::nullopt, given).right);
}

TEST_CASE("password: a change of any byte of what is stored is noticed") {
  const Passwords passwords(cheap);
  const auto stored = hashed(passwords, "correct horse");
  for (std::size_t at = 0; at < stored.size(); ++at)
    for (const char other : {'0', '1', 'A', '$', '='}) {
      if (stored[at] == other) continue;
      auto changed = stored;
      changed[at] = other;
      if (passwords.verify(changed, "correct horse").right) FAIL(at << other);
    }
  CHECK_FALSE(passwords.verify(stored.substr(0, stored.size() - 1), "correct horse").right);
  CHECK_FALSE(passwords.verify(stored + "A", "correct horse").right);
}

TEST_CASE("password: parameters that would eat the node are damage, and cost no more than the usual") {
  const Passwords passwords(cheap);
  const std::string rest = "$aM15713r3Xsvxbi31lqr1Q$nFNh2CVHVjNldFVKDHDlm4CbdRSCdEBsjjJxD+iCs5E";
  for (const std::string parameters :
       {"ln=63,r=8,p=1", "ln=19,r=1,p=1", "ln=18,r=8,p=1", "ln=9,r=8,p=1", "ln=0,r=8,p=1", "ln=15,r=0,p=1",
        "ln=15,r=17,p=1", "ln=15,r=8,p=0", "ln=15,r=8,p=5", "ln=4294967311,r=8,p=1", "ln=015,r=8,p=1", "ln=+15,r=8,p=1",
        "ln=-1,r=8,p=1", "ln= 15,r=8,p=1", "r=8,ln=15,p=1", "ln=15,r=8", "ln=15,r=8,p=1,x=1", "ln=,r=,p="})
    CHECK(passwords.verify("$scrypt$" + parameters + rest, "password").damaged);
  CHECK_THROWS_AS(Passwords(ScryptCost{20, 8, 1}), std::invalid_argument);
  CHECK_THROWS_AS(Passwords(ScryptCost{9, 8, 1}), std::invalid_argument);
}

TEST_CASE("password: another cost asks for a new hash, but only of the right password") {
  const Passwords old(cheap), now(ScryptCost{11, 1, 1});
  const auto stored = hashed(old, "correct horse");
  CHECK(now.verify(stored, "correct horse").needs_rehash);
  CHECK_FALSE(now.verify(stored, "wrong").needs_rehash);
  CHECK_FALSE(now.verify(hashed(now, "correct horse"), "correct horse").needs_rehash);
}

TEST_CASE("password: a new one has at least eight characters, whatever their bytes") {
  CHECK_FALSE(check_new_password("1234567"));
  CHECK(check_new_password("12345678"));
  CHECK_FALSE(check_new_password("سلامسلا"));  // seven characters in fourteen bytes
  CHECK(check_new_password("سلامسلام"));
  CHECK(check_new_password("        "));
  CHECK(check_new_password(std::string(password_bytes_max, 'a')));
  CHECK_FALSE(check_new_password(std::string(password_bytes_max + 1, 'a')));
  CHECK_FALSE(check_new_password("12345678\n"));
  CHECK_FALSE(check_new_password(std::string_view("1234\0005678", 9)));
  CHECK_FALSE(check_new_password("12345678\xff"));
  const auto refused = check_new_password("hunter2", "new_password");
  CHECK(refused.error().code == "input.invalid");
  CHECK(refused.error().problems.at(0).path == "new_password");
  CHECK(nova::core::to_line(refused.error()).find("hunter2") == std::string::npos);
}
