#include "tests/testkit/random.hpp"

#include "core/json.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace nova::testkit {
namespace {

constexpr int depth_max = 6;                // of containers inside containers: beyond it they stay as empty as they may
constexpr std::int64_t text_size_max = 24;  // long texts only make failures hard to read
constexpr std::int64_t elements_max = 3;

constexpr std::array<std::string_view, 5> names = {"api", "web", "worker", "clinic", "one"};

}  // namespace

std::uint64_t seed_of_run() {
  const char* seed = std::getenv("NOVA_SEED");
  return seed ? std::strtoull(seed, nullptr, 10) : 20260131;
}

std::uint64_t Random::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::int64_t Random::between(std::int64_t min, std::int64_t max) {
  const auto width = std::uint64_t(max) - std::uint64_t(min) + 1;  // 0: all 64 bits
  return std::int64_t(std::uint64_t(min) + (width == 0 ? next() : below(width)));
}

std::string Generator::text(core::Shape shape, std::int64_t min, std::int64_t max) {
  if (min == 0 && random_.one_in(4)) return {};
  switch (shape) {
    case core::Shape::uuid: {
      std::string uuid = "00000000-0000-7000-8000-000000000000";
      for (auto& c : uuid)
        if (c == '0') c = "0123456789abcdef"[random_.below(16)];
      return uuid;
    }
    case core::Shape::digest: {
      std::string digest = "sha256:";
      const char digit = "0123456789abcdef"[random_.below(16)];  // few, so that equal content occurs
      return digest.append(64, digit);
    }
    case core::Shape::env_name:
      return random_.one_in(2) ? "GREETING" : "LEVEL_" + std::to_string(random_.below(3));
    case core::Shape::slug:
    case core::Shape::name: {
      std::string name(names[random_.below(names.size())]);
      if (random_.one_in(4)) name += std::to_string(random_.below(10));
      while (std::int64_t(name.size()) < min) name += 'x';
      if (std::int64_t(name.size()) > max) name.resize(std::size_t(max));
      return name;
    }
    case core::Shape::any:
    case core::Shape::line:
      break;
  }
  // Characters that break naive codecs: quotes, backslashes, several bytes, right-to-left letters.
  static constexpr std::array<std::string_view, 9> pieces = {
      "a", "Z", " ", "\"", "\\", "/", "é", "ص", "\xf0\x9f\x8f\xa5"};
  const auto size = random_.between(min, std::max(min, std::min(max, text_size_max)));
  std::string text;
  while (std::int64_t(text.size()) < size) {
    const auto piece = shape == core::Shape::any && random_.one_in(12) ? "\n" : pieces[random_.below(pieces.size())];
    if (std::int64_t(text.size() + piece.size()) > max) break;
    text += piece;
  }
  while (std::int64_t(text.size()) < min) text += 'x';
  return text;
}

void Generator::fill(const core::Type& type, void* object, int depth) {
  using core::Tag;
  switch (type.tag) {
    case Tag::boolean:
      return type.set_int(object, std::int64_t(random_.below(2)));
    case Tag::integer: {
      if (random_.one_in(10)) return type.set_int(object, random_.one_in(2) ? type.min : type.max);
      if (random_.one_in(10)) return type.set_int(object, random_.between(type.min, type.max));
      const auto low = std::clamp<std::int64_t>(0, type.min, type.max);
      return type.set_int(
          object, low + std::int64_t(random_.below(std::min<std::uint64_t>(9, std::uint64_t(type.max - low)) + 1)));
    }
    case Tag::real:
      return type.set_real(object, double(random_.between(-1000, 1000)) / 8);
    case Tag::text:
      return type.set_text(
          object, type.ref_kind.empty() ? text(type.shape, type.min, type.max) : text(core::Shape::name, 1, type.max));
    case Tag::enumeration:
      return type.set_int(object, std::int64_t(random_.below(type.names->size())));
    case Tag::timestamp:
      return type.set_int(object, random_.between(0, 4'102'444'800'000));  // 1970 to 2099
    case Tag::duration:
      return type.set_int(object, random_.between(0, 1000) * (random_.one_in(3) ? 1 : 1000));
    case Tag::secret:
      static_cast<core::Secret*>(object)->plain.clear();
      static_cast<core::Secret*>(object)->ref = "secret://clinic/" + text(core::Shape::name, 1, 63) + "@1";
      return;
    case Tag::personal:
      return void(*static_cast<core::Personal*>(object) = {text(core::Shape::line, 1, 60), false});
    case Tag::raw_json: {
      static constexpr std::array<std::string_view, 4> samples = {"null", "{}", R"({"pid":7,"port":41000})",
                                                                  R"([1,2.5,"three"])"};
      return type.set_text(object, std::string(samples[random_.below(samples.size())]));
    }
    case Tag::list:
    case Tag::map:
      return fill_elements(type, object, depth);
    case Tag::optional:
      type.clear(object);
      if (depth < depth_max && random_.one_in(2)) fill(*type.element(), type.add(object, {}), depth + 1);
      return;
    case Tag::record:
      for (const auto& field : type.record().fields) fill(*field.type, field.in(object), depth);
      return;
  }
}

void Generator::fill_elements(const core::Type& type, void* object, int depth) {
  type.clear(object);
  const auto most = depth < depth_max ? std::max(type.min, std::min(type.max, elements_max)) : type.min;
  const auto count = random_.between(type.min, most);
  const core::Type& element = *type.element();
  for (std::int64_t i = 0; i < count; ++i) {
    if (type.insert_text) {
      type.insert_text(object, text(element.shape, element.min, element.max));
      continue;
    }
    const auto shape = type.shape == core::Shape::any ? core::Shape::name : type.shape;
    void* place = type.add(object, type.tag == core::Tag::map ? text(shape, 1, 63) : std::string());
    if (place) fill(element, place, depth + 1);
  }
}

}  // namespace nova::testkit
