#include "tests/drivers_http/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

namespace nova::testkit {

bool HttpServer::Connection::write(const std::string& bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto sent = ::send(socket, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    done += std::size_t(sent);
  }
  return true;
}

void HttpServer::Connection::reset() const {
  const linger now{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

void HttpServer::Connection::wait_for_end() const {
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) > 0) {
  }
}

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0)
    throw std::runtime_error("no port for a server");
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] {
    for (int socket; (socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0;) {
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(socket);
      threads_.emplace_back([this, socket] { serve(socket); });
    }
  });
}

HttpServer::~HttpServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
  {
    std::lock_guard lock(mutex_);
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& thread : threads_) thread.join();
}

void HttpServer::serve(int socket) {
  Connection connection{socket, {}};
  const auto whole = [&] {
    if (connection.request.starts_with('\x16')) return true;  // the first record of TLS
    const auto end = connection.request.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const auto at = connection.request.find("Content-Length: ");
    const auto length = at == std::string::npos ? 0 : std::strtoul(connection.request.c_str() + at + 16, nullptr, 10);
    return connection.request.size() >= end + 4 + length;
  };
  char bytes[4096];
  while (!whole()) {
    const auto got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0) break;
    connection.request.append(bytes, std::size_t(got));
  }
  if (whole()) handler_(connection);
  std::lock_guard lock(mutex_);
  std::erase(open_, socket);
  ::close(socket);
}

std::string HttpServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::string answer(int status, const std::string& body, const std::string& headers) {
  return "HTTP/1.1 " + std::to_string(status) + " Said\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace nova::testkit
