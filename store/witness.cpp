#include "store/witness.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sstream>

namespace nova::store {
namespace {

constexpr auto magic = "nova-head-1";
constexpr std::size_t file_bytes_max = 4096;

// FNV-1a: tells a torn or edited file from a whole one; not a defence against people.
std::uint64_t checksum(const std::string& text) {
  std::uint64_t sum = 0xcbf29ce484222325;
  for (const unsigned char c : text) sum = (sum ^ c) * 0x100000001b3;
  return sum;
}

std::string line_of(const Witness& witness) {
  return std::string(magic) + " " + witness.store_id + " " + std::to_string(witness.position) + " " + witness.event_id;
}

core::Error damaged(const std::string& path) {
  return core::unavailable("store.damaged", "the head witness `" + path + "` is not readable")
      .fix("check the disk; if the store beside it is known to be the newest, delete this file");
}

}  // namespace

core::Result<std::optional<Witness>> read_witness(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) return std::optional<Witness>();
  if (fd < 0) return damaged(path);
  char bytes[file_bytes_max];
  const auto size = read(fd, bytes, sizeof bytes);
  close(fd);
  if (size <= 0) return damaged(path);
  std::istringstream words(std::string(bytes, static_cast<std::size_t>(size)));
  std::string head;
  std::uint64_t sum = 0;
  Witness witness;
  words >> head >> witness.store_id >> witness.position >> witness.event_id >> sum;
  if (!words || head != magic || sum != checksum(line_of(witness))) return damaged(path);
  return std::optional<Witness>(std::move(witness));
}

bool write_witness(const std::string& path, const Witness& witness) {
  const auto line = line_of(witness);
  const auto text = line + " " + std::to_string(checksum(line)) + "\n";
  const auto fresh = path + ".new";
  const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  // Synced before it is renamed, or a power cut could leave an empty file under the good name.
  const bool written = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fdatasync(fd) == 0;
  close(fd);
  return written && std::rename(fresh.c_str(), path.c_str()) == 0;
}

}  // namespace nova::store
