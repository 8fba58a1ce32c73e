#include "store/vault.hpp"

#include "store/sqlite/database.hpp"

#include "tests/testkit/catch.hpp"
#include "tests/testkit/temp_dir.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

using namespace nova;
using nova::testkit::TempDir;

namespace {

struct Files {
  TempDir dir;
  std::string vault = dir / "vault.db", key = dir / "node.key";
  core::Result<std::unique_ptr<store::Vault>> open() const { return store::open_local_vault(vault, key); }
};

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool any_file_holds(const std::filesystem::path& folder, const std::string& text) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file() && bytes_of(entry.path()).find(text) != std::string::npos) return true;
  return false;
}

template <class T>
std::string code_of(const core::Result<T>& result) {
  return result.ok() ? "ok" : result.error().code;
}

const std::string value = "correct horse battery staple";
const std::string path = "clinic/deployment/clinic-development/api/API_KEY";

}  // namespace

TEST_CASE("vault: a sealed value comes back by its reference, also after a new start") {
  Files files;
  std::string reference;
  {
    auto vault = files.open().value().release();
    reference = vault->seal(path, value).value();
    CHECK(reference == "secret://" + path + "@1");
    CHECK(vault->reveal(reference).value() == value);
    delete vault;
  }
  CHECK(files.open().value()->reveal(reference).value() == value);
}

TEST_CASE("vault: a value stands in no file in plain text") {
  Files files;
  auto opened = files.open();
  auto& vault = *opened.value();
  REQUIRE(vault.seal(path, value).ok());
  const auto cipher = vault.subject("clinic/user/amy").value();
  const auto sealed = cipher->seal(value);
  CHECK_FALSE(any_file_holds(files.dir.path(), value));
  CHECK(sealed.find(value) == std::string::npos);
  // The test would find it: the path, which is no secret, stands there.
  CHECK(any_file_holds(files.dir.path(), path));
}

TEST_CASE("vault: the same value gives the same reference, another a new version") {
  Files files;
  auto opened = files.open();
  auto& vault = *opened.value();
  CHECK(vault.seal(path, "one").value() == "secret://" + path + "@1");
  CHECK(vault.seal(path, "one").value() == "secret://" + path + "@1");
  CHECK(vault.seal(path, "two").value() == "secret://" + path + "@2");
  CHECK(vault.seal(path, "one").value() == "secret://" + path + "@3");
  CHECK(vault.seal("other/path", "one").value() == "secret://other/path@1");
  CHECK(vault.reveal("secret://" + path + "@2").value() == "two");
}

TEST_CASE("vault: one flipped bit anywhere in a sealed value and nothing is revealed") {
  Files files;
  const auto reference = files.open().value()->seal(path, value).value();
  const auto whole = bytes_of(files.vault);
  // The sealed value stands behind its path in the row (SQLite stores version 1 in no bytes); bytes all over it are
  // tried.
  const auto row = whole.find(path);
  REQUIRE(row != std::string::npos);
  const std::size_t sealed_size = 12 + value.size() + 16;
  int refused = 0, tried = 0;
  for (std::size_t i = 0; i < sealed_size; i += 3, ++tried) {
    auto flipped = whole;
    flipped[row + path.size() + i] ^= 0x10;
    std::ofstream(files.vault, std::ios::binary) << flipped;
    auto opened = files.open();
    refused += !opened.ok() || !opened.value()->reveal(reference).ok();
  }
  CHECK(refused == tried);
}

TEST_CASE("vault: a sealed value that was put under another name does not open") {
  Files files;
  {
    auto opened = files.open();
    REQUIRE(opened.value()->seal("aaaa/key", "mine").ok());
    REQUIRE(opened.value()->seal("bbbb/key", "yours").ok());
  }
  {
    // By somebody who can write the file as SQLite would, with pages in order.
    auto db = store::sqlite::Connection::open(files.vault, {});
    REQUIRE(db.ok());
    REQUIRE((*db)->run("UPDATE secrets SET path='aaab/key' WHERE path='aaaa/key'"));
  }
  CHECK(code_of(files.open().value()->reveal("secret://aaab/key@1")) == "vault.damaged");
  CHECK(files.open().value()->reveal("secret://bbbb/key@1").value() == "yours");
}

TEST_CASE("vault: a lost or foreign key is vault.sealed and is never replaced") {
  Files files;
  REQUIRE(files.open().value()->seal(path, value).ok());
  const auto key = bytes_of(files.key);
  CHECK(key.size() == 32);
  std::filesystem::remove(files.key);
  CHECK(code_of(files.open()) == "vault.sealed");
  CHECK_FALSE(std::filesystem::exists(files.key));

  Files other;
  REQUIRE(other.open().ok());
  std::filesystem::copy(other.key, files.key);
  CHECK(code_of(files.open()) == "vault.sealed");

  std::ofstream(files.key, std::ios::binary) << key;
  CHECK(files.open().ok());
  std::ofstream(files.key, std::ios::binary) << "short";
  CHECK(code_of(files.open()) == "vault.damaged");
}

TEST_CASE("vault: a key file that others may read is refused") {
  Files files;
  REQUIRE(files.open().ok());
  for (const mode_t mode : {0640, 0604, 0660, 0644}) {
    REQUIRE(chmod(files.key.c_str(), mode) == 0);
    CHECK(code_of(files.open()) == "vault.key_exposed");
  }
  REQUIRE(chmod(files.key.c_str(), 0600) == 0);
  CHECK(files.open().ok());
  std::filesystem::rename(files.key, files.dir / "elsewhere");
  std::filesystem::create_symlink(files.dir / "elsewhere", files.key);
  CHECK_FALSE(files.open().ok());
}

TEST_CASE("vault: file and key are made for their owner only") {
  Files files;
  REQUIRE(files.open().ok());
  struct stat info {};
  REQUIRE(stat(files.key.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  REQUIRE(stat(files.vault.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
}

TEST_CASE("vault: a file that is no vault is refused") {
  Files files;
  std::ofstream(files.vault) << "a shopping list, long enough to be taken for something else";
  CHECK(code_of(files.open()) == "vault.damaged");
  CHECK_FALSE(std::filesystem::exists(files.key));
}

TEST_CASE("vault: a destroyed secret is gone and its versions are never given again") {
  Files files;
  auto opened = files.open();
  auto& vault = *opened.value();
  const auto reference = vault.seal(path, value).value();
  REQUIRE(vault.destroy(path).ok());
  CHECK(code_of(vault.reveal(reference)) == "secret.destroyed");
  CHECK(vault.seal(path, value).value() == "secret://" + path + "@2");
  CHECK(code_of(vault.destroy("unknown")) == "secret.not_found");
}

TEST_CASE("vault: references that name nothing are not found") {
  auto vault = store::make_memory_vault();
  REQUIRE(vault->seal("a", "x").ok());
  for (const char* reference :
       {"secret://a@2", "secret://b@1", "secret://a", "secret://a@", "secret://a@x", "secret://a@0", "a@1", ""})
    CHECK(code_of(vault->reveal(reference)) == "secret.not_found");
  CHECK(code_of(vault->seal("", "x")) == "input.invalid");
  CHECK(code_of(vault->seal("a@b", "x")) == "input.invalid");
  CHECK(code_of(vault->seal("a", std::string(70000, 'x'))) == "input.invalid");
  CHECK(vault->reveal(vault->seal("empty", "").value()).value().empty());
}

TEST_CASE("vault: personal data opens under its subject only, also after a new start") {
  Files files;
  std::string sealed;
  {
    auto opened = files.open();
    const auto amy = opened.value()->subject("clinic/user/amy").value();
    sealed = amy->seal("Amy Müller");
    CHECK(amy->open(sealed).value() == "Amy Müller");
    CHECK(amy->seal("Amy Müller") != sealed);
    CHECK_FALSE(opened.value()->subject("clinic/user/bob").value()->open(sealed));
    CHECK(amy->open(amy->seal("")).value().empty());
  }
  CHECK(files.open().value()->subject("clinic/user/amy").value()->open(sealed).value() == "Amy Müller");
}

TEST_CASE("vault: what was sealed under a forgotten subject can never be opened again") {
  Files files;
  std::string sealed;
  {
    auto opened = files.open();
    auto& vault = *opened.value();
    const auto held = vault.subject("clinic/user/amy").value();
    const auto other = vault.subject("clinic/user/bob").value();
    sealed = held->seal("Amy");
    const auto bob = other->seal("Bob");
    REQUIRE(vault.forget("clinic/user/amy").ok());
    // Not by who still holds the cipher, nor by a new one, whose own data opens.
    CHECK_FALSE(held->open(sealed));
    CHECK_FALSE(held->open(held->seal("late")));
    const auto again = vault.subject("clinic/user/amy").value();
    CHECK_FALSE(again->open(sealed));
    CHECK(again->open(again->seal("new")).value() == "new");
    CHECK(other->open(bob).value() == "Bob");
    CHECK(vault.forget("clinic/user/nobody").ok());
  }
  CHECK_FALSE(files.open().value()->subject("clinic/user/amy").value()->open(sealed));
}

TEST_CASE("vault: sealed personal text that was changed opens as nothing") {
  auto vault = store::make_memory_vault();
  const auto cipher = vault->subject("a/b/c").value();
  const auto sealed = cipher->seal("Amy");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    auto changed = sealed;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(cipher->open(changed));
  }
  CHECK_FALSE(cipher->open(""));
  CHECK_FALSE(cipher->open("p1."));
  CHECK_FALSE(cipher->open("p1.1.===="));
}
