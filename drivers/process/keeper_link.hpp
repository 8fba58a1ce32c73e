// The driver's end of a keeper: starting one, and the connection to one that runs. Nothing here blocks.
#pragma once
#include "core/result.hpp"
#include "drivers/process/run_dir.hpp"

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nova::process {

/// A descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~Fd() { reset(); }
  void reset(int fd = -1);
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

/// The parts of a keeper's order (keeper/order.hpp), in order.
using OrderParts = std::vector<std::pair<std::string_view, std::string>>;

/// A keeper that was started and has not answered yet.
class Launch {
 public:
  struct Started {
    pid_t keeper = 0, service = 0;
  };

  /// `label` is what `ps` shows.
  static core::Result<Launch> begin(const std::filesystem::path& keeper, const std::string& label,
                                    const OrderParts& parts);

  /// The same by a keeper that attends to us and whose service has ended.
  static core::Result<Launch> again(const class KeeperLink& keeper, const OrderParts& parts);

  int fd() const { return answer_.get(); }
  /// When `fd` is readable: none while the answer is not whole.
  std::optional<core::Result<Started>> step();
  /// The launcher did not answer in time.
  void abandon();

 private:
  Fd answer_;
  pid_t launcher_ = 0;
  std::string text_;
};

/// A connection to a running keeper.
class KeeperLink {
 public:
  KeeperLink() = default;
  /// Not connected when nobody listens in that folder.
  explicit KeeperLink(const InstanceDir& dir);

  bool connected() const { return bool(socket_); }
  int fd() const { return socket_.get(); }
  bool say(std::string_view line) const;
  /// A line with two descriptors, which the keeper gets copies of.
  bool say(std::string_view line, int first, int second) const;
  /// What the keeper tells. `exited`: the service ended and the keeper waits for an order, its record is written.
  enum class Heard : std::uint8_t { nothing, exited, hung_up };
  /// When `fd` is readable.
  Heard listen();
  void close() {
    socket_.reset();
    line_.clear();
  }

 private:
  Fd socket_;
  std::string line_;  ///< begun and not ended
};

}  // namespace nova::process
