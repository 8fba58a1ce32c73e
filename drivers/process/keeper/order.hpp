// What the keeper is told to do. It arrives once, over standard input, so that neither secrets nor anything else of a
// service stands in an argument list or a file.
//
// The order is a row of parts, each `tag length LF bytes LF`, closed by `end 0 LF LF`; without the end it was cut off
// and nothing is started. Tags: dir, run, note, cwd, arg (several), env (several, NAME=value), cgroup, limit (several,
// file=value inside the cgroup), log_bytes, log_files, nice, stop_ms, memory_bytes, open_files.
#pragma once
#include <cstddef>

namespace nova::keeper {

inline constexpr std::size_t order_bytes_max = 8u << 20;  ///< above the kernel's limit for arguments and environment
inline constexpr std::size_t args_max = 1024;
inline constexpr std::size_t env_max = 2048;
inline constexpr std::size_t limits_max = 8;

/// Points into the buffer it was read from.
struct Order {
  const char* dir = nullptr;  ///< the instance's own folder: lock, socket, state, log/
  const char* run = "";       ///< id of this start
  const char* note = "";      ///< the driver's own words about this start; kept in the state
  const char* cwd = nullptr;
  const char* cgroup = nullptr;  ///< folder to create and put the service into; null: none
  char* args[args_max + 1] = {};
  char* env[env_max + 1] = {};
  char* limits[limits_max + 1] = {};
  std::size_t arg_count = 0, env_count = 0, limit_count = 0;
  long log_bytes = 4 << 20;
  long log_files = 4;
  long nice = 5;
  long stop_ms = 10000;   ///< when the keeper itself is told to end by SIGTERM
  long memory_bytes = 0;  ///< per process, when there is no cgroup; 0: none
  long open_files = 0;
};

/// Reads descriptor 0 to its end. Null when the order is whole, else what is wrong with it.
const char* read_order(Order& order);

/// Overwrites and gives back the memory of the order: secrets do not stay in an idle keeper.
void forget_order();

}  // namespace nova::keeper
