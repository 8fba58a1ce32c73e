#include "drivers/edge/files.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace nova::edge {
namespace {

core::Error cannot_write(const std::filesystem::path& file) {
  return core::unavailable("edge.write_failed", "cannot write `" + file.string() + "`: " + std::strerror(errno))
      .fix("free disk space or check the folder's owner");
}

}  // namespace

core::Status write_whole(const std::filesystem::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return cannot_write(file);
  std::size_t done = 0;
  while (done < text.size()) {
    const auto wrote = ::write(fd, text.data() + done, text.size() - done);
    if (wrote > 0)
      done += std::size_t(wrote);
    else if (errno != EINTR)
      break;
  }
  const bool good = done == text.size() && ::fsync(fd) == 0;
  const auto error = good ? core::ok() : core::Status(cannot_write(file));
  ::close(fd);
  return error;
}

core::Status replace_file(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) return cannot_write(to);
  const int folder = ::open(to.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return cannot_write(to);
  const bool good = ::fsync(folder) == 0;
  ::close(folder);
  if (!good) return cannot_write(to);
  return core::ok();
}

std::string read_whole(const std::filesystem::path& file) {
  constexpr std::uintmax_t bytes_max = 16u << 20;
  std::error_code error;
  if (std::filesystem::file_size(file, error) > bytes_max || error) return {};
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void choose_user(Ground& ground) {
  if (::geteuid() != 0) return;
  for (const char* name : {"haproxy", "nobody"}) {
    char buffer[4096];
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwnam_r(name, &entry, buffer, sizeof buffer, &found) != 0 || !found) continue;
    char group_buffer[4096];
    group group_entry{};
    group* group_found = nullptr;
    if (::getgrgid_r(entry.pw_gid, &group_entry, group_buffer, sizeof group_buffer, &group_found) != 0 || !group_found)
      continue;
    ground.user = name;
    ground.group = group_entry.gr_name;
    return;
  }
}

unsigned connections_for_limit() {
  constexpr rlim_t most = 4000, least = 100, own_files = 200;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_max == RLIM_INFINITY) return unsigned(most);
  const auto room = files.rlim_max > own_files ? (files.rlim_max - own_files) / 2 : 0;
  return unsigned(std::clamp(room, least, most));
}

}  // namespace nova::edge
