// Which local port an instance gets. The same key gets the same port again, so that what was told about it stays true
// across restarts.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace nova::process {

class Ports {
 public:
  /// `salt` keeps two nodes on one machine, which may hold the same keys, from trying the same ports first.
  Ports(std::uint16_t first, std::uint16_t last, std::set<std::uint16_t> reserved, std::string salt = {})
      : first_(first), last_(last < first ? first : last), reserved_(std::move(reserved)), salt_(std::move(salt)) {}

  /// Never handed out from now on: a blueprint's stable port.
  void reserve(std::uint16_t port) { reserved_.insert(port); }
  /// `preferred` (0: none) while nobody else has it or listens on it, else the next free one from a place in the range
  /// that the key determines. None: the range is used up.
  std::optional<std::uint16_t> take(const std::string& key, std::uint16_t preferred);
  /// `key` runs on this port already.
  void adopt(const std::string& key, std::uint16_t port) { owners_[port] = key; }
  void release(const std::string& key);

 private:
  bool may_have(const std::string& key, std::uint16_t port) const;

  std::uint16_t first_, last_;
  std::set<std::uint16_t> reserved_;
  std::string salt_;
  std::map<std::uint16_t, std::string> owners_;
};

/// True when nobody listens on that port of this machine, by binding to it and letting go.
bool port_is_free(std::uint16_t port);

}  // namespace nova::process
