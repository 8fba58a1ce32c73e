#include "store/backup/key.hpp"

#include "store/vault/key_file.hpp"

#include <filesystem>

namespace nova::store::backup {
namespace {

core::Error renamed(core::Error error) {
  error.code = error.code == "vault.key_exposed" ? "backup.key_exposed"
               : error.code == "vault.damaged"   ? "backup.bad_key"
                                                 : "backup.no_key";
  error.status = 422;
  error.retryable = false;
  return error;
}

}  // namespace

core::Result<vault::Key> read_key(const std::string& file) {
  auto key = vault::read_key(file);
  if (!key) return renamed(std::move(key).error());
  if (*key) return std::move(**key);
  auto missing = core::refusal("backup.no_key", "there is no key file `" + file + "`");
  missing.status = 422;
  return std::move(missing).fix("make one with `novactl backup key " + file + "`, or name the one that there is");
}

core::Status make_key(const std::string& file) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored))) {
    auto exists = core::refusal("backup.exists", "`" + file + "` is there already, and was not changed");
    exists.status = 409;
    return std::move(exists).fix("name another file; a key that sealed archives must be kept as long as they are");
  }
  auto made = vault::make_key(file);
  if (!made) return renamed(std::move(made).error());
  return core::ok();
}

}  // namespace nova::store::backup
