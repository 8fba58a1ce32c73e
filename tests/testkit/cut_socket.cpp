#include "tests/testkit/cut_socket.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <stdexcept>

namespace nova::testkit {
namespace {

constexpr auto socket_name = "/.s.PGSQL.5432";

sockaddr_un address_in(const std::string& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto path = folder + socket_name;
  if (path.size() >= sizeof address.sun_path) throw std::runtime_error("the path of a socket is too long: " + path);
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

bool pass(int from, int to, bool swallow) {
  std::array<char, 65536> bytes;
  const auto size = read(from, bytes.data(), bytes.size());
  if (size <= 0) return false;
  if (swallow) return true;
  for (ssize_t sent = 0; sent < size;) {
    const auto part = send(to, bytes.data() + sent, std::size_t(size - sent), MSG_NOSIGNAL);
    if (part <= 0) return false;
    sent += part;
  }
  return true;
}

}  // namespace

struct CutSocket::Link {
  int client = -1, server = -1;
};

CutSocket::CutSocket(const std::string& folder) : server_(folder) {
  listening_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = address_in(dir_.path().string());
  if (bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 || listen(listening_, 64) != 0)
    throw std::runtime_error("no socket in " + dir_.path().string());
  thread_ = std::thread([this] { run(); });
}

CutSocket::~CutSocket() {
  stopping_ = true;
  thread_.join();
  close(listening_);
}

void CutSocket::cut() {
  cutting_ = true;
  while (cutting_) poll(nullptr, 0, 1);
}

void CutSocket::run() {
  std::vector<Link> links;
  const auto end = [](Link& link) {
    close(link.client);
    close(link.server);
    link.client = -1;
  };
  while (!stopping_) {
    if (cutting_) {
      for (auto& link : links) end(link);
      links.clear();
      cutting_ = false;
    }
    std::vector<pollfd> waits{{listening_, POLLIN, 0}};
    for (const auto& link : links) {
      waits.push_back({link.client, POLLIN, 0});
      waits.push_back({link.server, POLLIN, 0});
    }
    poll(waits.data(), waits.size(), 5);
    for (std::size_t i = 0; i < links.size(); ++i) {
      auto& link = links[i];
      const bool asked = waits[1 + 2 * i].revents != 0, answered = waits[2 + 2 * i].revents != 0;
      if ((asked && !pass(link.client, link.server, no_questions_)) ||
          (answered && !pass(link.server, link.client, no_answers_)))
        end(link);
    }
    std::erase_if(links, [](const Link& link) { return link.client < 0; });
    if (waits[0].revents == 0) continue;
    Link link;
    link.client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    link.server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = address_in(server_);
    if (refuse_ || connect(link.server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      end(link);
    else
      links.push_back(link);
  }
  for (auto& link : links) end(link);
}

}  // namespace nova::testkit
