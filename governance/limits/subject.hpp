// What stands for an address, a user or a token wherever requests are counted, listed and audited: HMAC-SHA-256, so
// that nothing collides by chance or by design, and no list gives an address away.
#pragma once
#include "governance/limits/address.hpp"
#include "governance/limits/limiter.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace nova::limits {

/// Any thread; about a microsecond a call. An IPv6 client is its /64: each has that many addresses to itself.
class Subjects {
 public:
  /// From a key of the node, the same on every node of an installation.
  explicit Subjects(std::string_view key);

  Subject of_address(const Address& address) const;
  Subject of_user(std::string_view tenant, std::string_view user) const;
  Subject of_token(std::string_view id) const;

 private:
  Subject of(char sort, std::string_view text) const;
  std::string key_;
};

/// The last ones made, since most requests come from who was here before: some 50 ns. One thread.
class SubjectCache {
 public:
  explicit SubjectCache(const Subjects& subjects) : subjects_(subjects), lines_(lines_max) {}

  const Subject& of_address(const Address& address);
  const Subject& of_user(std::string_view tenant, std::string_view user);
  const Subject& of_token(std::string_view id);

 private:
  static constexpr std::size_t lines_max = 1024;
  struct Line {
    std::string text;
    Subject subject;
  };
  template <class Make>
  const Subject& find(Make make);

  const Subjects& subjects_;
  std::vector<Line> lines_;
  std::string asked_;
};

}  // namespace nova::limits
