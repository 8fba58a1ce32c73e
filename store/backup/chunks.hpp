// Sealing and opening the chunks of one archive. One thread.
#pragma once
#include "store/backup/format.hpp"
#include "store/vault/sealing.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace nova::store::backup {

using vault::Key;

/// Which key sealed an archive, without saying anything of the key.
std::string key_id_of(const Key& key);

class Chunks {
 public:
  Chunks(const Key& key, const Header& header);
  ~Chunks();

  std::string seal(std::string_view content, std::uint64_t number, bool last);
  /// None when the chunk, its number or its place at the end are not those that it was sealed with.
  std::optional<std::string> open(std::string_view sealed, std::uint64_t number, bool last);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nova::store::backup
