// Talking to a running HAProxy over its sockets, and reading its tables.
#pragma once
#include "core/result.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace nova::edge {

inline constexpr std::size_t answer_bytes_max = 8u << 20;  // 1000 fronts of 64 slots in two backends, and room
inline constexpr int answer_time_ms = 2000;                // HAProxy answers in microseconds; a hung one not at all

/// One command line (several commands with `;` between), the whole answer.
/// Errors: edge.socket_refused, edge.socket_timeout, edge.answer_too_long.
core::Result<std::string> ask(const std::filesystem::path& socket, const std::string& command);

/// A row of `show servers state`.
struct ServerState {
  std::string backend;
  std::string name;
  std::uint16_t port = 0;
  bool up = false;      ///< takes traffic as far as its checks know
  bool passed = false;  ///< its last check passed
  bool ready = false;   ///< neither in maintenance nor draining by an order of ours
  bool draining = false;
};
std::vector<ServerState> parse_servers(std::string_view answer);

/// Connections in use by port of the instance, from `show servers conn`.
std::map<std::uint16_t, std::uint64_t> parse_connections(std::string_view answer);

/// The value after "name: " in `show info`; empty when it is not there.
std::string info_value(std::string_view answer, std::string_view name);

/// `show proc` of the master.
struct Processes {
  std::int64_t master = 0;
  unsigned reloads_failed = 0;
  std::vector<std::int64_t> workers;  ///< the current one first, then those that finish their connections
};
Processes parse_processes(std::string_view answer);

}  // namespace nova::edge
