// One store, one process: a file lock that the kernel drops when the holder dies.
#pragma once
#include "core/result.hpp"

#include <memory>
#include <string>

namespace nova::store::sqlite {

class LockFile {
 public:
  /// Takes `path` (made with 0600) and writes our pid into it; `store.locked` names the holder's pid.
  static core::Result<std::unique_ptr<LockFile>> take(const std::string& path, const std::string& what);
  ~LockFile();
  LockFile(const LockFile&) = delete;
  LockFile& operator=(const LockFile&) = delete;

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace nova::store::sqlite
