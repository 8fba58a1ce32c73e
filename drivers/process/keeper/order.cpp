#include "drivers/process/keeper/order.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace nova::keeper {
namespace {

char* buffer = nullptr;

const char* add(char** list, std::size_t& count, std::size_t count_max, char* value) {
  if (count == count_max) return "the order has too many parts of one kind";
  list[count++] = value;
  list[count] = nullptr;
  return nullptr;
}

const char* take(Order& order, const char* tag, char* value) {
  const auto is = [&](const char* name) { return std::strcmp(tag, name) == 0; };
  if (is("arg")) return add(order.args, order.arg_count, args_max, value);
  if (is("env")) return add(order.env, order.env_count, env_max, value);
  if (is("limit")) return add(order.limits, order.limit_count, limits_max, value);
  if (is("dir")) return order.dir = value, nullptr;
  if (is("run")) return order.run = value, nullptr;
  if (is("note")) return order.note = value, nullptr;
  if (is("cwd")) return order.cwd = value, nullptr;
  if (is("cgroup")) return order.cgroup = value, nullptr;
  if (is("log_bytes")) return order.log_bytes = std::atol(value), nullptr;
  if (is("log_files")) return order.log_files = std::atol(value), nullptr;
  if (is("nice")) return order.nice = std::atol(value), nullptr;
  if (is("stop_ms")) return order.stop_ms = std::atol(value), nullptr;
  if (is("memory_bytes")) return order.memory_bytes = std::atol(value), nullptr;
  if (is("open_files")) return order.open_files = std::atol(value), nullptr;
  return "the order has a part that this keeper does not know";
}

const char* parse(Order& order, char* at, char* const end) {
  while (at < end) {
    char* const space = static_cast<char*>(std::memchr(at, ' ', std::size_t(end - at)));
    char* const line_end = static_cast<char*>(std::memchr(at, '\n', std::size_t(end - at)));
    if (!space || !line_end || space > line_end) return "the order is malformed";
    *space = *line_end = '\0';
    const unsigned long length = std::strtoul(space + 1, nullptr, 10);
    char* const value = line_end + 1;
    if (length >= std::size_t(end - value) || value[length] != '\n') return "the order was cut off";
    value[length] = '\0';
    if (std::strcmp(at, "end") == 0) return nullptr;
    if (const char* problem = take(order, at, value)) return problem;
    at = value + length + 1;
  }
  return "the order was cut off";
}

}  // namespace

const char* read_order(Order& order) {
  void* const memory = mmap(nullptr, order_bytes_max, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return "no memory for the order";
  buffer = static_cast<char*>(memory);
  std::size_t size = 0;
  while (size < order_bytes_max) {
    const ssize_t got = read(0, buffer + size, order_bytes_max - size);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    size += std::size_t(got);
  }
  if (const char* problem = parse(order, buffer, buffer + size)) return problem;
  if (!order.dir || !order.cwd || order.arg_count == 0) return "the order lacks a part";
  return nullptr;
}

void forget_order() {
  if (!buffer) return;
  // Anonymous pages are dropped and read as zero afterwards; the kernel clears them before anybody else gets them.
  madvise(buffer, order_bytes_max, MADV_DONTNEED);
  munmap(buffer, order_bytes_max);
  buffer = nullptr;
}

}  // namespace nova::keeper
