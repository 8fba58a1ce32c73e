#include "drivers/process/ports.hpp"

#include "drivers/process/keeper_link.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <functional>

namespace nova::process {

bool port_is_free(std::uint16_t port) {
  const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return false;
  // Connections of the former owner that linger in TIME_WAIT are no reason to give the port up; a listener is, on any
  // address.
  const int on = 1;
  ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(port);
  at.sin_addr.s_addr = htonl(INADDR_ANY);
  return ::bind(socket.get(), reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && ::listen(socket.get(), 1) == 0;
}

bool Ports::may_have(const std::string& key, std::uint16_t port) const {
  if (port < first_ || port > last_ || reserved_.contains(port)) return false;
  const auto owner = owners_.find(port);
  return (owner == owners_.end() || owner->second == key) && port_is_free(port);
}

std::optional<std::uint16_t> Ports::take(const std::string& key, std::uint16_t preferred) {
  if (preferred != 0 && may_have(key, preferred)) return owners_[preferred] = key, preferred;
  release(key);
  const std::uint32_t count = std::uint32_t(last_ - first_) + 1;
  const auto place = std::uint32_t(std::hash<std::string>{}(salt_ + key) % count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto port = std::uint16_t(first_ + (place + i) % count);
    if (may_have(key, port)) return owners_[port] = key, port;
  }
  return std::nullopt;
}

void Ports::release(const std::string& key) {
  std::erase_if(owners_, [&](const auto& entry) { return entry.second == key; });
}

}  // namespace nova::process
