#include "tests/gateway/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace nova::test {
namespace {

constexpr std::chrono::milliseconds usual_limit = std::chrono::seconds(10);

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

bool has(const std::vector<std::string>& headers, const std::string& name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& h) { return lower(h).starts_with(name + ":"); });
}

}  // namespace

Client::Client(std::uint16_t port, int receive_buffer) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error("cannot connect");
}

Client::~Client() { ::close(fd_); }

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd wait{fd_, POLLOUT, 0};
    if (::poll(&wait, 1, int(usual_limit.count())) <= 0) return false;
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(std::size_t(sent));
  }
  return true;
}

bool Client::fill(std::chrono::milliseconds limit) {
  pollfd wait{fd_, POLLIN, 0};
  if (::poll(&wait, 1, int(std::max<long>(0, limit.count()))) <= 0) return false;
  char bytes[16384];
  const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
  if (got <= 0) return false;
  buffer_.append(bytes, std::size_t(got));
  return true;
}

std::string Client::read_until(std::string_view mark, std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto found = buffer_.find(mark);
    const bool got = found != std::string::npos;
    if (got ||
        !fill(std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()))) {
      const auto end = got ? found + mark.size() : buffer_.size();
      std::string text = buffer_.substr(0, end);
      buffer_.erase(0, end);
      return text;
    }
  }
}

bool Client::ended(std::chrono::milliseconds limit) {
  // Time is counted in looks, each of which the other side had, too: a process that was stopped gives up nothing.
  constexpr std::chrono::milliseconds look{20};
  for (auto left = limit; left.count() > 0;) {
    pollfd wait{fd_, POLLIN, 0};
    const auto part = std::min(look, left);
    if (::poll(&wait, 1, int(part.count())) <= 0) {
      left -= part;
      continue;
    }
    char bytes[16384];
    if (::recv(fd_, bytes, sizeof bytes, 0) <= 0) return true;
  }
  return false;
}

Answer Client::receive_head() {
  Answer answer;
  const auto head = read_until("\r\n\r\n");
  if (!head.starts_with("HTTP/1.") || head.size() < 12) return answer;
  answer.status = std::stoi(head.substr(9, 3));
  for (std::size_t at = head.find("\r\n") + 2; at < head.size();) {
    const auto end = head.find("\r\n", at);
    const auto line = head.substr(at, end - at);
    at = end + 2;
    if (const auto colon = line.find(": "); colon != std::string::npos)
      answer.headers[lower(line.substr(0, colon))] = line.substr(colon + 2);
  }
  return answer;
}

Answer Client::receive(bool head_only) {
  auto answer = receive_head();
  if (head_only || answer.status == 204 || answer.status == 304 || answer.status == 100) return answer;
  if (answer.header("transfer-encoding") == "chunked") {
    for (;;) {
      const auto size = std::stoul(read_until("\r\n"), nullptr, 16);
      while (buffer_.size() < size + 2 && fill(usual_limit)) {
      }
      answer.body += buffer_.substr(0, size);
      buffer_.erase(0, size + 2);
      if (size == 0) return answer;
    }
  }
  const auto length = answer.headers.contains("content-length") ? std::stoul(answer.header("content-length")) : 0;
  while (buffer_.size() < length && fill(usual_limit)) {
  }
  answer.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return answer;
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         const std::vector<std::string>& headers) {
  std::string text = std::string(method) + " " + std::string(target) + " HTTP/1.1\r\n";
  if (!has(headers, "host")) text += "Host: localhost\r\n";
  if (!has(headers, "authorization")) text += "Authorization: Bearer test-token\r\n";
  if (!body.empty() && !has(headers, "content-type")) text += "Content-Type: application/json\r\n";
  if (!body.empty() && !has(headers, "content-length") && !has(headers, "transfer-encoding"))
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  for (const auto& header : headers) text += header + "\r\n";
  return text + "\r\n" + std::string(body);
}

}  // namespace nova::test
