#include "drivers/edge/ports.hpp"

#include "core/error.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace nova::edge {
namespace {

constexpr std::size_t table_lines_max = 100000;  // of /proc/net/tcp: enough for any machine, no more than memory bears

// Inodes of the sockets that listen on the port, as /proc/net/tcp and tcp6 list them.
std::set<std::string> listeners(std::uint16_t port) {
  std::set<std::string> inodes;
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    std::string line;
    std::getline(file, line);
    for (std::size_t n = 0; n < table_lines_max && std::getline(file, line); ++n) {
      std::istringstream words(line);
      std::string slot, local, remote, state, skip, inode;
      words >> slot >> local >> remote >> state;
      for (int i = 0; i < 5; ++i) words >> skip;
      words >> inode;
      const auto colon = local.rfind(':');
      const bool listens = state == "0A";
      if (listens && colon != std::string::npos && std::stoul(local.substr(colon + 1), nullptr, 16) == port)
        inodes.insert("socket:[" + inode + "]");
    }
  }
  return inodes;
}

bool holds_one_of(const std::filesystem::path& process, const std::set<std::string>& sockets) {
  std::error_code error;
  for (std::filesystem::directory_iterator fd(process / "fd", error), end; !error && fd != end; fd.increment(error)) {
    std::error_code unreadable;
    if (sockets.contains(std::filesystem::read_symlink(fd->path(), unreadable).string())) return true;
  }
  return false;
}

}  // namespace

int try_port(const std::string& address, std::uint16_t port) {
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1) return EADDRNOTAVAIL;
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // SO_REUSEADDR lets two sockets bind; only listening tells.
  const bool free = ::bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0 && ::listen(fd, 1) == 0;
  const int error = free ? 0 : errno;
  ::close(fd);
  return error;
}

std::string port_holder(std::uint16_t port) {
  const auto sockets = listeners(port);
  if (sockets.empty()) return {};
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end; entry.increment(error)) {
    const auto pid = entry->path().filename().string();
    if (pid.find_first_not_of("0123456789") != std::string::npos || !holds_one_of(entry->path(), sockets)) continue;
    std::string name;
    std::getline(std::ifstream(entry->path() / "comm"), name);
    return "`" + core::printable(name) + "` (pid " + pid + ")";
  }
  return {};
}

}  // namespace nova::edge
