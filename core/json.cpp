#include "core/json.hpp"

#include "core/describe/value.hpp"

#include <charconv>
#include <stdexcept>

namespace nova::core {
namespace {

using detail::Value;

const Value* member(const Value& map, std::string_view name) {
  if (map.kind != Value::Kind::map) return nullptr;
  for (std::size_t i = 0; i < map.keys.size(); ++i)
    if (map.keys[i] == name) return &map.items[i];
  return nullptr;
}

const Value* element(const Value& list, std::string_view index) {
  std::size_t at = 0;
  const auto read = std::from_chars(index.data(), index.data() + index.size(), at);
  if (list.kind != Value::Kind::list || read.ec != std::errc() || read.ptr != index.data() + index.size())
    return nullptr;
  return at < list.items.size() ? &list.items[at] : nullptr;
}

// One step of the path is a name up to `.` or `[`, or an index in brackets.
const Value* find(const Value& root, std::string_view path) {
  const Value* here = &root;
  while (here && !path.empty()) {
    if (path.front() == '.') path.remove_prefix(1);
    if (path.starts_with('[')) {
      const auto end = path.find(']');
      if (end == std::string_view::npos) return nullptr;
      here = element(*here, path.substr(1, end - 1));
      path.remove_prefix(end + 1);
      continue;
    }
    const auto end = std::min(path.find_first_of(".["), path.size());
    here = member(*here, path.substr(0, end));
    path.remove_prefix(end);
  }
  return here;
}

std::string compact(const Value& value) {
  std::string out;
  detail::append_value(out, value);
  return out;
}

void merge(Value& base, Value&& over) {
  if (base.kind != Value::Kind::map || over.kind != Value::Kind::map) {
    base = std::move(over);
    return;
  }
  for (std::size_t i = 0; i < over.keys.size(); ++i) {
    auto& change = over.items[i];
    std::size_t at = 0;
    while (at < base.keys.size() && base.keys[at] != over.keys[i]) ++at;
    const bool there = at < base.keys.size();
    if (change.kind == Value::Kind::null) {
      if (!there) continue;
      base.keys.erase(base.keys.begin() + std::ptrdiff_t(at));
      base.items.erase(base.items.begin() + std::ptrdiff_t(at));
    } else if (there) {
      merge(base.items[at], std::move(change));
    } else {
      base.keys.push_back(std::move(over.keys[i]));
      base.items.push_back(std::move(change));
    }
  }
}

}  // namespace

std::optional<std::string> json_part(std::string_view document, std::string_view path) {
  const auto root = detail::parse_json(document);
  if (!root) return {};
  const Value* part = find(*root, path);
  if (!part) return {};
  return compact(*part);
}

std::optional<std::string> json_text(std::string_view document, std::string_view path) {
  const auto root = detail::parse_json(document);
  if (!root) return {};
  const Value* part = find(*root, path);
  if (!part || part->kind == Value::Kind::null) return {};
  return part->kind == Value::Kind::text ? part->text : compact(*part);
}

std::optional<std::int64_t> json_int(std::string_view document, std::string_view path) {
  const auto root = detail::parse_json(document);
  if (!root) return {};
  const Value* part = find(*root, path);
  if (!part || part->kind != Value::Kind::integer) return {};
  return part->integer;
}

std::vector<std::string> json_keys(std::string_view document, std::string_view path) {
  const auto root = detail::parse_json(document);
  if (!root) return {};
  const Value* part = find(*root, path);
  if (!part) return {};
  if (part->kind == Value::Kind::map) return part->keys;
  std::vector<std::string> indices;
  for (std::size_t i = 0; i < part->items.size(); ++i) indices.push_back("[" + std::to_string(i) + "]");
  return indices;
}

std::optional<std::string> json_compact(std::string_view text, std::size_t size_max, std::size_t depth_max) {
  const auto root = detail::parse_json(text, {size_max, std::min(depth_max, detail::depth_max)});
  if (!root) return {};
  return compact(*root);
}

bool json_valid(std::string_view text, std::size_t size_max, std::size_t depth_max) {
  return detail::parse_json(text, {size_max, std::min(depth_max, detail::depth_max)}).ok();
}

std::string json_escape(std::string_view text) {
  std::string out;
  detail::append_text(out, text);
  return out;
}

std::optional<std::string> json_merge(std::string_view base, std::string_view over) {
  auto merged = detail::parse_json(base);
  auto change = detail::parse_json(over);
  if (!merged || !change) return {};
  merge(*merged, std::move(*change));
  return compact(*merged);
}

void JsonWriter::comma() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = false;
}

JsonWriter& JsonWriter::open(char start, char end) {
  comma();
  out_ += start;
  ends_ += end;
  return *this;
}

JsonWriter& JsonWriter::end() {
  if (ends_.empty()) throw std::logic_error("JsonWriter: nothing to end");
  out_ += ends_.back();
  ends_.pop_back();
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  comma();
  detail::append_text(out_, name);
  out_ += ':';
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  comma();
  detail::append_text(out_, text);
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  comma();
  detail::append_real(out_, number);
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::whole(std::int64_t number) {
  comma();
  detail::append_int(out_, number);
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::natural(std::uint64_t number) { return raw(std::to_string(number)); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  comma();
  out_ += json;
  needs_comma_ = true;
  return *this;
}

}  // namespace nova::core
