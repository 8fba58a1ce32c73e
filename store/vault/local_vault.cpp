#include "core/ids.hpp"
#include "store/sqlite/database.hpp"
#include "store/vault.hpp"
#include "store/vault/key_file.hpp"
#include "store/vault/subject_cipher.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <unordered_map>

namespace nova::store {
namespace {

using sqlite::Blob;
using sqlite::Connection;
using sqlite::Query;
using vault::Key;
using vault::SubjectCipher;

constexpr std::string_view scheme = "secret://";
constexpr std::size_t path_bytes_max = 512;
constexpr std::size_t value_bytes_max = 64 * 1024;
/// Ciphers kept ready, some 200 bytes each: subjects of entities that are busy.
constexpr std::size_t ciphers_max = 4096;
/// Sealed under the node key at the first start: a vault that another key made is noticed before anything is sealed.
constexpr std::string_view check_text = "nova vault 1";
constexpr std::string_view check_bound_to = "check";

constexpr auto schema =
    "CREATE TABLE IF NOT EXISTS checks(sealed BLOB NOT NULL);"
    "CREATE TABLE IF NOT EXISTS secrets(path TEXT NOT NULL, version INTEGER NOT NULL, sealed BLOB, "
    "PRIMARY KEY(path, version)) WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS subjects(subject TEXT PRIMARY KEY, generation INTEGER NOT NULL, sealed BLOB) WITHOUT "
    "ROWID;";

struct Reference {
  std::string path;
  std::uint64_t version = 0;
};

std::string text_of(const Reference& reference) {
  return std::string(scheme) + reference.path + "@" + std::to_string(reference.version);
}
std::string bound_to(const Reference& reference) {
  return "secret:" + reference.path + "@" + std::to_string(reference.version);
}
std::string subject_bound_to(const std::string& subject, std::uint64_t generation) {
  return "key:" + subject + "@" + std::to_string(generation);
}

std::optional<Reference> parse(std::string_view text) {
  const auto at = text.rfind('@');
  if (!text.starts_with(scheme) || at == std::string_view::npos || at <= scheme.size()) return std::nullopt;
  Reference reference{std::string(text.substr(scheme.size(), at - scheme.size())), 0};
  const auto [end, error] = std::from_chars(text.data() + at + 1, text.data() + text.size(), reference.version);
  if (error != std::errc() || end != text.data() + text.size() || reference.version == 0) return std::nullopt;
  return reference;
}

bool is_path(std::string_view path) {
  return !path.empty() && path.size() <= path_bytes_max &&
         std::none_of(path.begin(), path.end(), [](unsigned char c) { return c <= 0x20 || c == '@' || c == 0x7f; });
}

core::Error damaged(const std::string& what) {
  return core::unavailable("vault.damaged", what + " cannot be opened: it was changed, or sealed under another key")
      .fix("restore the vault and its key file from the same backup");
}

class LocalVault final : public Vault {
 public:
  LocalVault(std::unique_ptr<Connection> db, const Key& key) : db_(std::move(db)), key_(key) {}

  core::Result<std::string> seal(const std::string& path, std::string_view value) override {
    if (!is_path(path)) return core::invalid_input("path", "must be 1 to 512 bytes without spaces and `@`");
    if (value.size() > value_bytes_max) return core::invalid_input("value", "must be at most 64 KiB");
    std::lock_guard lock(mutex_);
    Reference newest{path, 0};
    {
      Query row(*db_, "SELECT version, sealed FROM secrets WHERE path=?1 ORDER BY version DESC LIMIT 1", path);
      if (row.row()) {
        newest.version = row.count(0);
        auto plain = row.null(1) ? std::nullopt : vault::open(key_, row.view(1), bound_to(newest));
        const bool unchanged = plain && vault::same(*plain, value);
        if (plain) vault::wipe(*plain);
        if (unchanged) return text_of(newest);
      }
    }
    ++newest.version;
    const auto sealed = vault::seal(key_, value, bound_to(newest));
    Query(*db_, "INSERT INTO secrets(path, version, sealed) VALUES(?1,?2,?3)", path, newest.version, Blob{sealed})
        .done();
    if (auto failed = failure()) return std::move(*failed);
    return text_of(newest);
  }

  core::Result<std::string> reveal(const std::string& reference) const override {
    const auto parsed = parse(reference);
    const auto not_found = [&] {
      return core::refusal("secret.not_found", "no secret `" + core::printable(reference) + "`");
    };
    if (!parsed) return not_found();
    std::lock_guard lock(mutex_);
    Query row(*db_, "SELECT sealed FROM secrets WHERE path=?1 AND version=?2", parsed->path, parsed->version);
    const bool there = row.row();
    if (auto failed = failure()) return std::move(*failed);
    if (!there) return not_found();
    if (row.null(0)) {
      auto error = core::refusal("secret.destroyed", "the secret `" + core::printable(reference) + "` was destroyed");
      error.status = 410;
      return error;
    }
    auto plain = vault::open(key_, row.view(0), bound_to(*parsed));
    if (!plain) return damaged("the secret `" + core::printable(reference) + "`");
    return std::move(*plain);
  }

  core::Result<std::optional<std::string>> newest(const std::string& path) const override {
    std::lock_guard lock(mutex_);
    Query row(*db_, "SELECT version FROM secrets WHERE path=?1 AND sealed IS NOT NULL ORDER BY version DESC LIMIT 1",
              path);
    const bool there = row.row();
    if (auto failed = failure()) return std::move(*failed);
    if (!there) return std::optional<std::string>();
    return std::optional<std::string>(text_of({path, row.count(0)}));
  }

  core::Status destroy(const std::string& path) override {
    std::lock_guard lock(mutex_);
    // The rows stay, so that no version is ever given twice.
    Query(*db_, "UPDATE secrets SET sealed=NULL WHERE path=?1", path).done();
    if (auto failed = failure()) return std::move(*failed);
    if (db_->changes() == 0) return core::refusal("secret.not_found", "no secret at `" + core::printable(path) + "`");
    return core::ok();
  }

  core::Result<std::shared_ptr<const core::FieldCipher>> subject(const std::string& subject) override {
    if (!is_path(subject)) return core::invalid_input("subject", "must be 1 to 512 bytes without spaces and `@`");
    std::lock_guard lock(mutex_);
    if (const auto ready = ciphers_.find(subject); ready != ciphers_.end())
      return std::shared_ptr<const core::FieldCipher>(ready->second);
    std::uint64_t generation = 1;
    {
      Query row(*db_, "SELECT generation, sealed FROM subjects WHERE subject=?1", subject);
      if (row.row()) {
        generation = row.count(0);
        if (!row.null(1)) {
          auto bytes = vault::open(key_, row.view(1), subject_bound_to(subject, generation));
          auto key = bytes ? Key::from(*bytes) : std::nullopt;
          if (!key) return damaged("the key of `" + core::printable(subject) + "`");
          return remember(subject, generation, *key);
        }
        ++generation;
      }
    }
    if (auto failed = failure()) return std::move(*failed);
    const auto key = Key::random();
    const auto sealed = vault::seal(key_, key.view(), subject_bound_to(subject, generation));
    Query(*db_, "INSERT OR REPLACE INTO subjects(subject, generation, sealed) VALUES(?1,?2,?3)", subject, generation,
          Blob{sealed})
        .done();
    if (auto failed = failure()) return std::move(*failed);
    return remember(subject, generation, key);
  }

  core::Status forget(const std::string& subject) override {
    std::lock_guard lock(mutex_);
    Query(*db_, "UPDATE subjects SET sealed=NULL WHERE subject=?1", subject).done();
    if (auto failed = failure()) return std::move(*failed);
    if (const auto ready = ciphers_.find(subject); ready != ciphers_.end()) {
      ready->second->forget();
      ciphers_.erase(ready);
    }
    return core::ok();
  }

 private:
  core::Result<std::shared_ptr<const core::FieldCipher>> remember(const std::string& subject, std::uint64_t generation,
                                                                  const Key& key) {
    // Ciphers that are in use elsewhere stay, since `forget` must reach them.
    if (ciphers_.size() >= ciphers_max)
      std::erase_if(ciphers_, [](const auto& entry) { return entry.second.use_count() == 1; });
    auto cipher = std::make_shared<SubjectCipher>(subject, generation, key);
    ciphers_[subject] = cipher;
    return std::shared_ptr<const core::FieldCipher>(std::move(cipher));
  }

  std::optional<core::Error> failure() const {
    if (!db_->failed()) return std::nullopt;
    const bool is_damaged = db_->fault().trouble == sqlite::Trouble::damaged;
    const auto message = "the vault `" + db_->file() + "` failed: " + db_->fault().message;
    auto error = is_damaged ? core::unavailable("vault.damaged", message).fix("restore the vault from a backup")
                            : core::unavailable("vault.unavailable", message).fix("check the disk");
    db_->clear_fault();
    return error;
  }

  mutable std::mutex mutex_;
  std::unique_ptr<Connection> db_;
  const Key key_;
  std::unordered_map<std::string, std::shared_ptr<SubjectCipher>> ciphers_;
};

core::Status prepare(Connection& db, const std::string& file) {
  // A rollback journal instead of a write-ahead log, and freed bytes overwritten: a destroyed key must not linger in
  // the file.
  if (db.run("PRAGMA journal_mode=DELETE") && db.run("PRAGMA synchronous=EXTRA") && db.run("PRAGMA secure_delete=ON") &&
      db.run(schema))
    return core::ok();
  if (db.fault().trouble == sqlite::Trouble::not_a_database || db.fault().trouble == sqlite::Trouble::damaged)
    return core::unavailable("vault.damaged", "`" + file + "` is not a vault: " + db.fault().message)
        .fix("restore the vault from a backup");
  return core::unavailable("vault.unavailable", "`" + file + "` cannot be opened: " + db.fault().message)
      .fix("check the disk");
}

core::Result<std::unique_ptr<Connection>> open_file(const std::string& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return core::unavailable("vault.unavailable", "`" + file + "` cannot be opened: " + std::strerror(errno))
        .fix("check the folder and its owner");
  close(fd);
  auto db = Connection::open(file, {});
  if (!db) return db;
  if (auto ready = prepare(**db, file); !ready) return std::move(ready).error();
  return db;
}

core::Result<Key> key_for(Connection& db, const std::string& key_file) {
  auto stored = vault::read_key(key_file);
  if (!stored) return std::move(stored).error();
  Query check(db, "SELECT sealed FROM checks");
  const bool used = check.row();
  if (!*stored && used)
    return core::unavailable("vault.sealed",
                             "the key file `" + key_file + "` is gone, and with it what `" + db.file() + "` holds")
        .fix("put the key file back from where keys are kept");
  if (!*stored) return vault::make_key(key_file);
  if (used && !vault::open(**stored, check.view(0), check_bound_to))
    return core::unavailable("vault.sealed",
                             "the key in `" + key_file + "` is not the one that sealed `" + db.file() + "`")
        .fix("put the right key file back");
  return **stored;
}

core::Status mark(Connection& db, const Key& key) {
  const auto sealed = vault::seal(key, check_text, check_bound_to);
  Query(db, "INSERT INTO checks(sealed) SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM checks)", Blob{sealed}).done();
  if (!db.failed()) return core::ok();
  return core::unavailable("vault.unavailable", "`" + db.file() + "` cannot be written: " + db.fault().message)
      .fix("check the disk");
}

}  // namespace

core::Result<std::unique_ptr<Vault>> open_local_vault(const std::string& file, const std::string& key_file) {
  auto db = open_file(file);
  if (!db) return std::move(db).error();
  auto key = key_for(**db, key_file);
  if (!key) return std::move(key).error();
  if (auto marked = mark(**db, *key); !marked) return std::move(marked).error();
  return std::unique_ptr<Vault>(std::make_unique<LocalVault>(std::move(*db), *key));
}

std::unique_ptr<Vault> make_memory_vault() {
  auto db = Connection::open(":memory:", {});
  if (!db || !(*db)->run(schema)) throw std::runtime_error("no database in memory");
  return std::make_unique<LocalVault>(std::move(*db), Key::random());
}

}  // namespace nova::store
