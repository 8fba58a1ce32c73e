#include "tests/cli/fake_node.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

namespace nova::cli {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
  return text;
}

// Reads until the head and the body that it announces are there; false when the client went away.
bool read_request(int connection, FakeRequest& request) {
  std::string text;
  std::size_t head_end = std::string::npos, body_size = 0;
  char buffer[65536];
  while (head_end == std::string::npos || text.size() < head_end + 4 + body_size) {
    const auto got = ::recv(connection, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    text.append(buffer, std::size_t(got));
    if (head_end != std::string::npos) continue;
    head_end = text.find("\r\n\r\n");
    if (head_end == std::string::npos) continue;
    std::size_t start = text.find("\r\n") + 2;
    while (start < head_end + 2) {
      const auto end = text.find("\r\n", start);
      const std::string line = text.substr(start, end - start);
      const auto colon = line.find(':');
      request.headers[lower(line.substr(0, colon))] = line.substr(line.find_first_not_of(' ', colon + 1));
      start = end + 2;
    }
    if (request.headers.count("content-length")) body_size = std::stoul(request.headers["content-length"]);
  }
  const std::string first = text.substr(0, text.find("\r\n"));
  request.method = first.substr(0, first.find(' '));
  const auto target_start = request.method.size() + 1;
  const std::string target = first.substr(target_start, first.find(' ', target_start) - target_start);
  request.path = target.substr(0, target.find('?'));
  request.query = target.find('?') == std::string::npos ? "" : target.substr(target.find('?') + 1);
  request.body = text.substr(head_end + 4);
  return true;
}

}  // namespace

FakeNode::FakeNode(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0 || ::pipe(stop_) != 0)
    throw std::runtime_error("no port for the fake node");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

FakeNode::~FakeNode() {
  (void)!::write(stop_[1], "x", 1);
  thread_.join();
  for (const int file : {listener_, stop_[0], stop_[1]}) ::close(file);
}

std::vector<FakeRequest> FakeNode::requests() const {
  const std::lock_guard lock(guard_);
  return requests_;
}

std::vector<FakeRequest> FakeNode::requests_to(const std::string& path) const {
  std::vector<FakeRequest> found;
  for (auto& request : requests())
    if (request.path == path) found.push_back(request);
  return found;
}

void FakeNode::serve() {
  for (;;) {
    pollfd files[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    ::poll(files, 2, -1);
    if (files[1].revents) return;
    const int connection = ::accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    handle(connection);
    ::close(connection);
  }
}

void FakeNode::handle(int connection) {
  FakeRequest request;
  if (!read_request(connection, request)) return;
  {
    const std::lock_guard lock(guard_);
    requests_.push_back(request);
  }
  const FakeAnswer answer = handler_(request);
  if (answer.lose_connection) return;
  std::string text = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nContent-Type: " + answer.content_type +
                     "\r\nConnection: close\r\n";
  const bool is_stream = answer.content_type == "text/event-stream";
  if (!is_stream) text += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  text += "\r\n" + (request.method == "HEAD" ? "" : answer.body);
  for (std::size_t sent = 0; sent < text.size();) {
    const auto more = ::send(connection, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (more <= 0) return;
    sent += std::size_t(more);
  }
}

FakeAnswer problem(int status, const std::string& code, const std::string& detail, const std::string& more) {
  return {
      status,
      R"({"status":)" + std::to_string(status) + R"(,"code":")" + code + R"(","detail":")" + detail + "\"" + more + "}",
      "application/problem+json", false};
}

}  // namespace nova::cli
