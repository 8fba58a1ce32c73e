#include "drivers/edge/runtime.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>

namespace nova::edge {
namespace {

using Clock = std::chrono::steady_clock;

struct Socket {
  int fd = -1;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};

bool wait_for(int fd, short events, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return false;
    pollfd one{fd, events, 0};
    const int ready = ::poll(&one, 1, int(left));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

core::Error refused(const std::filesystem::path& socket) {
  return core::unavailable("edge.socket_refused",
                           "haproxy does not answer on `" + socket.string() + "`: " + std::strerror(errno));
}
core::Error timed_out() { return core::unavailable("edge.socket_timeout", "haproxy did not answer in time"); }

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (std::size_t at = 0; at < line.size();) {
    const auto start = line.find_first_not_of(" \t\r", at);
    if (start == std::string_view::npos) break;
    const auto end = std::min(line.find_first_of(" \t\r", start), line.size());
    words.push_back(line.substr(start, end - start));
    at = end;
  }
  return words;
}

template <class Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

template <class T>
T number(std::string_view text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Columns of the two tables, found by name: HAProxy adds some from version to version.
struct Columns {
  std::vector<std::string> names;
  void learn(const std::vector<std::string_view>& words) {
    names.clear();
    // The first word is "#", glued to the first name in some tables.
    for (auto word : words) {
      if (word == "#") continue;
      if (word.front() == '#') word.remove_prefix(1);
      names.emplace_back(word);
    }
  }
  std::string_view in(const std::vector<std::string_view>& row, std::string_view name) const {
    for (std::size_t i = 0; i < names.size() && i < row.size(); ++i)
      if (names[i] == name) return row[i];
    return {};
  }
};

}  // namespace

core::Result<std::string> ask(const std::filesystem::path& path, const std::string& command) {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (path.native().size() >= sizeof where.sun_path)
    return core::refusal("edge.path_too_long", "`" + path.string() + "` is too long for a socket");
  std::memcpy(where.sun_path, path.c_str(), path.native().size() + 1);

  Socket socket{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.fd < 0 || ::connect(socket.fd, reinterpret_cast<sockaddr*>(&where), sizeof where) != 0)
    return refused(path);

  const auto deadline = Clock::now() + std::chrono::milliseconds(answer_time_ms);
  std::string line = command + "\n";
  for (std::string_view rest = line; !rest.empty();) {
    const auto sent = ::send(socket.fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent > 0)
      rest.remove_prefix(std::size_t(sent));
    else if (errno != EAGAIN && errno != EINTR)
      return refused(path);
    else if (!wait_for(socket.fd, POLLOUT, deadline))
      return timed_out();
  }
  // The master keeps a connection open until it has heard the last word.
  ::shutdown(socket.fd, SHUT_WR);
  std::string answer;
  for (char buffer[16384];;) {
    const auto got = ::recv(socket.fd, buffer, sizeof buffer, 0);
    if (got == 0) return answer;
    if (got > 0)
      answer.append(buffer, std::size_t(got));
    else if (errno != EAGAIN && errno != EINTR)
      return refused(path);
    else if (!wait_for(socket.fd, POLLIN, deadline))
      return timed_out();
    if (answer.size() > answer_bytes_max)
      return core::unavailable("edge.answer_too_long", "haproxy's answer is longer than 8 MiB");
  }
}

std::vector<ServerState> parse_servers(std::string_view answer) {
  constexpr int starting = 1, running = 2;            // srv_op_state
  constexpr unsigned maintenance = 1 | 2, drain = 8;  // srv_admin_state, bits: forced, inherited
  // srv_check_health of a server that came up by an order is `rise` (1), and rise + fall - 1 once a check has passed.
  // srv_check_result would not do: it still holds what the slot's last guest left.
  constexpr int passed = 2;
  std::vector<ServerState> servers;
  Columns columns;
  each_line(answer, [&](std::string_view line) {
    const auto row = words_of(line);
    if (row.size() < 2) return;
    if (row.front().front() == '#') return columns.learn(row);
    if (columns.names.empty()) return;
    ServerState server;
    server.backend = columns.in(row, "be_name");
    server.name = columns.in(row, "srv_name");
    server.port = number<std::uint16_t>(columns.in(row, "srv_port"));
    const auto state = number<int>(columns.in(row, "srv_op_state"));
    const auto admin = number<unsigned>(columns.in(row, "srv_admin_state"));
    server.up = state == running || state == starting;
    server.passed = number<int>(columns.in(row, "srv_check_health")) >= passed;
    server.draining = (admin & drain) != 0 && (admin & maintenance) == 0;
    server.ready = (admin & (maintenance | drain)) == 0;
    servers.push_back(std::move(server));
  });
  return servers;
}

std::map<std::uint16_t, std::uint64_t> parse_connections(std::string_view answer) {
  std::map<std::uint16_t, std::uint64_t> in_use;
  Columns columns;
  each_line(answer, [&](std::string_view line) {
    const auto row = words_of(line);
    if (row.size() < 4) return;
    if (row.front().front() == '#') return columns.learn(row);
    if (columns.names.empty()) return;
    const auto port = number<std::uint16_t>(columns.in(row, "port"));
    if (port != 0) in_use[port] += number<std::uint64_t>(columns.in(row, "used_cur"));
  });
  return in_use;
}

std::string info_value(std::string_view answer, std::string_view name) {
  std::string value;
  const auto label = std::string(name) + ": ";
  each_line(answer, [&](std::string_view line) {
    if (line.starts_with(label)) value = line.substr(label.size());
  });
  return value;
}

Processes parse_processes(std::string_view answer) {
  Processes found;
  each_line(answer, [&](std::string_view line) {
    const auto row = words_of(line);
    if (row.size() < 3 || row.front().front() == '#') return;
    const auto pid = number<std::int64_t>(row[0]);
    if (row[1] == "worker") found.workers.push_back(pid);
    if (row[1] != "master") return;
    found.master = pid;
    const auto failed = line.find("[failed: ");
    if (failed != std::string_view::npos) found.reloads_failed = number<unsigned>(line.substr(failed + 9));
  });
  return found;
}

}  // namespace nova::edge
