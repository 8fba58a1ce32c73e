#include "tests/testkit/temp_dir.hpp"

#include <stdlib.h>

#include <stdexcept>
#include <string>
#include <system_error>

namespace nova::testkit {

TempDir::TempDir() {
  // Short names, since a Unix socket's path below it may hold at most 107 bytes.
  std::string name = (std::filesystem::temp_directory_path() / "nova-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder at " + name);
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace nova::testkit
