// One struct with a field of every sort, for the tests of the codecs.
#pragma once
#include "core/describe/describe.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nova::sample {

enum class Colour : std::uint8_t { red, green, blue };
inline const std::vector<std::string_view>& names_of(const Colour*) {
  static const std::vector<std::string_view> names = {"red", "green", "blue"};
  return names;
}

struct Inner {
  core::Bounded<1, 10> level{1};
  std::string note;
};

struct PlatformTag {
  static constexpr std::string_view kind = "platform";
};

struct Everything {
  bool flag = false;
  std::int64_t count = 0;
  std::uint16_t small = 0;
  double ratio = 0;
  std::string text;
  core::Slug slug;
  core::Label label;
  Colour colour = Colour::red;
  core::Timestamp at;
  std::chrono::milliseconds wait{0};
  core::RawJson raw;
  core::EntityRef<PlatformTag> platform;
  std::vector<Inner> list;
  std::map<std::string, Inner> map;
  std::map<core::Text<1, 63, core::Shape::env_name>, std::string> variables;
  std::set<core::Name> names;
  std::optional<Inner> maybe;
  Inner inner;
};

struct Tree {
  std::string name;
  std::vector<Tree> children;
};

struct Secrets {
  core::Secret token;
  std::map<std::string, core::Secret> by_name;
  std::vector<core::Secret> list;
  std::optional<core::Secret> maybe;
  core::Personal who;
};

const core::Record& describe(const Inner*);
const core::Record& describe(const Everything*);
const core::Record& describe(const Tree*);
const core::Record& describe(const Secrets*);

}  // namespace nova::sample
