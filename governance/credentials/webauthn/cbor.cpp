#include "governance/credentials/webauthn/cbor.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <string>

namespace nova::credentials::cbor {
namespace {

using Kind = Value::Kind;

enum Major : std::uint8_t { unsigned_integer, negative_integer, byte_string, text_string, array, map, tag, simple };

class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes.substr(0, bytes_max)) {}

  core::Result<std::pair<Value, std::size_t>> run() {
    Value root;
    if (value(root, 0)) return std::pair(std::move(root), at_);
    return core::invalid_input("", "not canonical CBOR at byte " + std::to_string(at_) + ": " + what_);
  }

 private:
  bool wrong(const char* what) {
    what_ = what;
    return false;
  }

  std::size_t left() const { return bytes_.size() - at_; }

  // The initial byte and its argument in the shortest form (RFC 8949, section 4.2.1).
  bool head(std::uint8_t& major, std::uint64_t& argument) {
    if (left() == 0) return wrong("it ends too early");
    const auto first = static_cast<unsigned char>(bytes_[at_]);
    major = first >> 5;
    const auto low = first & 31u;
    if (low < 24) return ++at_, argument = low, true;
    if (low > 27) return wrong("an indefinite or reserved length");
    const std::size_t size = std::size_t{1} << (low - 24);
    if (left() <= size) return wrong("it ends too early");
    argument = 0;
    for (std::size_t i = 1; i <= size; ++i) argument = argument << 8 | static_cast<unsigned char>(bytes_[at_ + i]);
    const std::uint64_t least = size == 1 ? 24 : std::uint64_t{1} << (4 * size);
    if (argument < least) return wrong("a number that is not in its shortest form");
    at_ += size + 1;
    return true;
  }

  bool value(Value& out, int depth) {
    if (++values_ > values_max) return wrong("too many values");
    const auto start = at_;
    std::uint8_t major = 0;
    std::uint64_t argument = 0;
    return head(major, argument) && content(out, depth, major, argument, at_ - start);
  }

  bool content(Value& out, int depth, std::uint8_t major, std::uint64_t argument, std::size_t head_size) {
    switch (major) {
      case unsigned_integer:
      case negative_integer:
        if (argument > INT64_MAX) return wrong("an integer beyond 64 bits");
        out.kind = Kind::integer;
        out.integer =
            major == unsigned_integer ? static_cast<std::int64_t>(argument) : -1 - static_cast<std::int64_t>(argument);
        return true;
      case byte_string:
      case text_string:
        return string(out, major == text_string, argument);
      case array:
        return list(out, depth, argument);
      case map:
        return pairs(out, depth, argument);
      case simple:
        return simple_value(out, head_size, argument);
      default:
        return wrong("a tag");
    }
  }

  bool string(Value& out, bool is_text, std::uint64_t size) {
    if (size > left()) return wrong("a text or bytes beyond the end");
    out.kind = is_text ? Kind::text : Kind::bytes;
    out.view = bytes_.substr(at_, static_cast<std::size_t>(size));
    if (is_text && !core::is_utf8(out.view)) return wrong("a text that is not UTF-8");
    at_ += out.view.size();
    return true;
  }

  bool list(Value& out, int depth, std::uint64_t count) {
    if (depth >= depth_max) return wrong("too many levels");
    if (count > left()) return wrong("a list beyond the end");  // each item takes a byte
    out.kind = Kind::list;
    for (std::uint64_t i = 0; i < count; ++i)
      if (!value(out.items.emplace_back(), depth + 1)) return false;
    return true;
  }

  bool pairs(Value& out, int depth, std::uint64_t count) {
    if (depth >= depth_max) return wrong("too many levels");
    if (count > left() / 2) return wrong("a map beyond the end");
    out.kind = Kind::map;
    std::string_view before;
    for (std::uint64_t i = 0; i < count; ++i) {
      auto& key = out.keys.emplace_back();
      const auto start = at_;
      if (!value(key, depth + 1)) return false;
      if (!key.is(Kind::integer) && !key.is(Kind::text)) return wrong("a key that is neither integer nor text");
      const auto written = bytes_.substr(start, at_ - start);
      if (i > 0 && !in_order(before, written)) return wrong("keys that are not in order");
      before = written;
      if (!value(out.items.emplace_back(), depth + 1)) return false;
    }
    return true;
  }

  // By major type, then the shorter, then byte by byte; two that are equal are in no order. For the keys allowed here
  // this is what CTAP2 says: integers before texts, shorter encodings first.
  static bool in_order(std::string_view a, std::string_view b) {
    const auto major = [](std::string_view key) { return static_cast<unsigned char>(key.front()) >> 5; };
    if (major(a) != major(b)) return major(a) < major(b);
    if (a.size() != b.size()) return a.size() < b.size();
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
      return static_cast<unsigned char>(x) < static_cast<unsigned char>(y);
    });
  }

  bool simple_value(Value& out, std::size_t head_size, std::uint64_t argument) {
    // Behind a longer head stands a floating-point number.
    if (head_size != 1 || argument < 20 || argument > 22) return wrong("a number or value of another kind");
    out.kind = argument == 22 ? Kind::null : Kind::boolean;
    out.integer = argument == 21;
    return true;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  const char* what_ = "";
};

}  // namespace

const Value* Value::find(std::int64_t key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].is(Kind::integer) && keys[i].integer == key) return &items[i];
  return nullptr;
}

const Value* Value::find(std::string_view key) const {
  for (std::size_t i = 0; i < keys.size(); ++i)
    if (keys[i].is(Kind::text) && keys[i].view == key) return &items[i];
  return nullptr;
}

core::Result<std::pair<Value, std::size_t>> read_first(std::string_view bytes) { return Reader(bytes).run(); }

core::Result<Value> read(std::string_view bytes) {
  if (bytes.size() > bytes_max) return core::invalid_input("", "more than 64 KiB of CBOR");
  auto first = read_first(bytes);
  if (!first) return std::move(first).error();
  if (first->second != bytes.size())
    return core::invalid_input("", "not canonical CBOR at byte " + std::to_string(first->second) + ": more behind it");
  return std::move(first->first);
}

}  // namespace nova::credentials::cbor
