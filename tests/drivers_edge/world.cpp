#include "tests/drivers_edge/world.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

namespace nova::edge::world {
namespace {

int listen_on(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0 || ::listen(fd, 128) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in where{};
  socklen_t size = sizeof where;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&where), &size);
  return ntohs(where.sin_port);
}

bool readable(int fd, int limit_ms) {
  pollfd one{fd, POLLIN, 0};
  return ::poll(&one, 1, limit_ms) > 0;
}

std::string read_head(int fd, const std::atomic<bool>& stopping) {
  std::string head;
  char buffer[2048];
  while (head.find("\r\n\r\n") == std::string::npos && !stopping) {
    if (!readable(fd, 20)) continue;
    const auto got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got <= 0) return {};
    head.append(buffer, std::size_t(got));
  }
  return head;
}

}  // namespace

// Below the kernel's ephemeral range: no outgoing connection can take it between here and its use.
std::uint16_t free_port() {
  std::random_device random;
  for (;;) {
    const auto port = std::uint16_t(10000 + random() % 10000);
    const int fd = listen_on(port);
    if (fd < 0) continue;
    ::close(fd);
    return port;
  }
}

Web::Web(std::string name, std::uint16_t port) : name_(std::move(name)) {
  listener_ = listen_on(port);
  if (listener_ < 0) throw std::runtime_error("cannot listen on " + std::to_string(port));
  port_ = port_of(listener_);
  thread_ = std::thread([this] { serve(); });
}

void Web::serve() {
  while (!stopping_) {
    if (!readable(listener_, 10)) continue;
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const std::lock_guard lock(mutex_);
    workers_.emplace_back([this, fd] { answer(fd); });
  }
  ::close(listener_);
}

void Web::answer(int fd) {
  const auto head = read_head(fd, stopping_);
  if (head.starts_with("GET /slow")) {
    ++slow_waiting_;
    while (!released_ && !stopping_) ::poll(nullptr, 0, 5);
    --slow_waiting_;
  }
  if (!head.empty() && !stopping_) {
    const auto text =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(name_.size()) + "\r\nConnection: close\r\n\r\n" + name_;
    (void)::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
  }
  ::close(fd);
}

void Web::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  // At once, as the kernel does for a killed process: nothing more is accepted and then dropped.
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  for (auto& worker : workers_) worker.join();
}

Answer get(std::uint16_t port, const std::string& path, int limit_ms) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in where{};
  where.sin_family = AF_INET;
  where.sin_port = htons(port);
  where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string text;
  if (::connect(fd, reinterpret_cast<sockaddr*>(&where), sizeof where) == 0) {
    const auto head = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    (void)::send(fd, head.data(), head.size(), MSG_NOSIGNAL);
    char buffer[4096];
    while (readable(fd, limit_ms)) {
      const auto got = ::recv(fd, buffer, sizeof buffer, 0);
      if (got <= 0) break;
      text.append(buffer, std::size_t(got));
    }
  }
  ::close(fd);
  const auto body = text.find("\r\n\r\n");
  if (!text.starts_with("HTTP/1.1 ") || body == std::string::npos) return {};
  return {std::stoi(text.substr(9, 3)), text.substr(body + 4)};
}

Poller::Poller(std::uint16_t port)
    : thread_([this, port] {
        while (!stopping_) {
          const auto answer = get(port);
          if (answer.status != 200) {
            const std::lock_guard lock(mutex_);
            failures_.push_back("request " + std::to_string(count_) + ": " + std::to_string(answer.status) + " " +
                                answer.body);
          }
          ++count_;
        }
      }) {}

void Poller::finish() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

bool Poller::more(int answers) {
  const int goal = count_ + answers;
  return testkit::await([&] { return count_ >= goal; }, std::chrono::seconds(30));
}

std::vector<std::string> Poller::failures() {
  const std::lock_guard lock(mutex_);
  return failures_;
}

Edge::Edge(const testkit::TempDir& folder, std::filesystem::path haproxy) : folder_(folder / "edge") {
  options_.run_dir = folder_;
  options_.haproxy = std::move(haproxy);
  options_.timings.retry = milliseconds(100);
  options_.timings.confirm = milliseconds(1000);
  driver_ = make_edge_driver(options_);
}

Edge::~Edge() {
  if (!driver_) {
    driver_ = make_edge_driver(options_);
    adopt();
  }
  driver_->shut_down(true);
}

namespace {

host::Kept kept(const service::Route& route) {
  const core::EntityKey owner{"acme", "deployment", "shop"};
  return {owner, {"edge", "shop." + route.service, core::to_json(route), owner}, "cause"};
}

}  // namespace

void Edge::adopt(std::vector<service::Route> routes) {
  std::vector<host::Kept> all;
  for (const auto& one : routes) all.push_back(kept(one));
  driver_->adopt(std::move(all), [this](core::EntityKey, core::Report report) {
    const std::lock_guard lock(mutex_);
    reports_.push_back(std::move(report));
  });
}

void Edge::keep(const service::Route& route) { driver_->keep(kept(route)); }
void Edge::drop(const std::string& service) { driver_->drop("acme", "shop." + service); }

std::vector<core::Report> Edge::reports(const std::string& service) {
  const std::lock_guard lock(mutex_);
  std::vector<core::Report> mine;
  for (const auto& report : reports_)
    if (report.key == "shop." + service) mine.push_back(report);
  return mine;
}

bool Edge::await_report(const std::string& service, const std::string& phase, std::uint64_t generation) {
  const auto data = "{\"generation\":" + std::to_string(generation) + "}";
  return testkit::await(
      [&] {
        for (const auto& report : reports(service))
          if (report.phase == phase && report.data.text == data) return true;
        return false;
      },
      std::chrono::seconds(20));
}

std::int64_t Edge::haproxy_pid() {
  for (const auto& line : driver_->snapshot()) {
    const auto at = line.facts.find("\"haproxy_pid\":");
    if (at != std::string::npos) return std::stoll(line.facts.substr(at + 14));
  }
  return 0;
}

std::string Edge::config() const {
  std::ifstream file(folder_ / "haproxy.cfg");
  return {std::istreambuf_iterator<char>(file), {}};
}

service::Route route(std::string service, std::uint16_t port, std::vector<std::uint16_t> backends,
                     std::uint64_t generation) {
  service::Route made;
  made.service = std::move(service);
  made.port = port;
  made.http = "/health";
  made.generation = generation;
  for (auto backend : backends) made.backends.push_back({"i" + std::to_string(backend), backend});
  return made;
}

std::vector<std::int64_t> children_of(std::int64_t parent) {
  std::vector<std::int64_t> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string line;
    std::getline(file, line);
    const auto close = line.rfind(')');
    if (close == std::string::npos) continue;
    char state = 'Z';
    std::int64_t ppid = 0;
    std::istringstream(line.substr(close + 1)) >> state >> ppid;
    if (ppid == parent && state != 'Z') children.push_back(std::stoll(name));
  }
  return children;
}

}  // namespace nova::edge::world
