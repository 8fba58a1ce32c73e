#include "governance/limits/subject.hpp"

#include <functional>

namespace nova::limits {
namespace {

constexpr std::size_t prefix_bytes = 8;  // of an IPv6 address: its /64

std::string_view place_of(const Address& address) {
  const auto all = credentials::view_of(address.bytes);
  return address.is_v4() ? all : all.substr(0, prefix_bytes);
}

// Neither part may hold a zero, so no two pairs give one text.
void join(std::string& out, std::string_view tenant, std::string_view user) {
  out.append(tenant).append(1, '\0').append(user);
}

}  // namespace

Subjects::Subjects(std::string_view key)
    : key_(credentials::view_of(credentials::hmac_sha256(key, "webnova rate limits"))) {}

Subject Subjects::of(char sort, std::string_view text) const {
  std::string said(1, sort);
  said.append(text);
  return credentials::hmac_sha256(key_, said);
}

Subject Subjects::of_address(const Address& address) const { return of('a', place_of(address)); }

Subject Subjects::of_user(std::string_view tenant, std::string_view user) const {
  std::string text;
  join(text, tenant, user);
  return of('u', text);
}

Subject Subjects::of_token(std::string_view id) const { return of('t', id); }

template <class Make>
const Subject& SubjectCache::find(Make make) {
  auto& line = lines_[std::hash<std::string_view>()(asked_) % lines_max];
  if (line.text != asked_) {
    line.subject = make();
    line.text = asked_;
  }
  return line.subject;
}

const Subject& SubjectCache::of_address(const Address& address) {
  asked_.assign(1, 'a').append(place_of(address));
  return find([&] { return subjects_.of_address(address); });
}

const Subject& SubjectCache::of_user(std::string_view tenant, std::string_view user) {
  asked_.assign(1, 'u');
  join(asked_, tenant, user);
  return find([&] { return subjects_.of_user(tenant, user); });
}

const Subject& SubjectCache::of_token(std::string_view id) {
  asked_.assign(1, 't').append(id);
  return find([&] { return subjects_.of_token(id); });
}

}  // namespace nova::limits
