#include "governance/cedar/values/value.hpp"

#include "governance/cedar/extensions/extensions.hpp"

#include <algorithm>
#include <cstring>

namespace nova::cedar {
namespace {

int sign(std::strong_ordering order) { return order < 0 ? -1 : (order > 0 ? 1 : 0); }

template <class T>
int three_way(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

int compare_sets(const Set& a, const Set& b) {
  if (a.size != b.size) return three_way(a.size, b.size);
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (const int order = compare(a.items[i], b.items[i])) return order;
  }
  return 0;
}

int compare_records(const Record& a, const Record& b) {
  if (a.size != b.size) return three_way(a.size, b.size);
  for (std::uint32_t i = 0; i < a.size; ++i) {
    if (const auto order = a.fields[i].key <=> b.fields[i].key; order != 0) return sign(order);
    if (const int order = compare(a.fields[i].value, b.fields[i].value)) return order;
  }
  return 0;
}

int compare_ips(const IpAddress& a, const IpAddress& b) {
  if (a.is_v6 != b.is_v6) return a.is_v6 ? 1 : -1;
  if (a.prefix != b.prefix) return three_way(a.prefix, b.prefix);
  return std::memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

void append(std::string& out, const Value& value, std::size_t size_max);

void append_list(std::string& out, std::span<const Value> items, std::size_t size_max) {
  out += '[';
  for (std::size_t i = 0; i < items.size() && out.size() < size_max; ++i) {
    if (i > 0) out += ", ";
    append(out, items[i], size_max);
  }
  out += ']';
}

void append_fields(std::string& out, const Record& record, std::size_t size_max) {
  // By name: the order of the fields in memory follows their hashes.
  std::vector<const Field*> fields;
  for (const Field& field : record.view()) fields.push_back(&field);
  std::sort(fields.begin(), fields.end(), [](const Field* a, const Field* b) { return a->key.view() < b->key.view(); });
  out += '{';
  for (std::size_t i = 0; i < fields.size() && out.size() < size_max; ++i) {
    if (i > 0) out += ", ";
    out += quoted(fields[i]->key.view()) + ": ";
    append(out, fields[i]->value, size_max);
  }
  out += '}';
}

void append(std::string& out, const Value& value, std::size_t size_max) {
  switch (value.kind) {
    case Kind::boolean:
      out += value.boolean ? "true" : "false";
      return;
    case Kind::integer:
      out += std::to_string(value.integer);
      return;
    case Kind::string:
      out += quoted(value.text().substr(0, size_max));
      return;
    case Kind::entity:
      out += to_text(*value.entity);
      return;
    case Kind::set:
      append_list(out, value.set->view(), size_max);
      return;
    case Kind::record:
      append_fields(out, *value.record, size_max);
      return;
    case Kind::decimal:
      out += "decimal(\"" + decimal_text(value.integer) + "\")";
      return;
    case Kind::datetime:
      out += datetime_text(value.integer);
      return;
    case Kind::duration:
      out += "duration(\"" + duration_text(value.integer) + "\")";
      return;
    case Kind::ipaddr:
      out += "ip(\"" + ip_text(*value.ip) + "\")";
      return;
  }
}

}  // namespace

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "a boolean";
    case Kind::integer:
      return "a long";
    case Kind::string:
      return "a string";
    case Kind::entity:
      return "an entity";
    case Kind::set:
      return "a set";
    case Kind::record:
      return "a record";
    case Kind::decimal:
      return "a decimal";
    case Kind::datetime:
      return "a datetime";
    case Kind::duration:
      return "a duration";
    case Kind::ipaddr:
      return "an ipaddr";
  }
  return "a value";
}

const Value* Record::find(const Text& key) const {
  std::uint32_t low = 0;
  for (std::uint32_t high = size; low < high;) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (fields[middle].key < key) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < size && fields[low].key == key ? &fields[low].value : nullptr;
}

int compare(const Value& a, const Value& b) {
  if (a.kind != b.kind) return three_way(a.kind, b.kind);
  switch (a.kind) {
    case Kind::boolean:
      return three_way(a.boolean, b.boolean);
    case Kind::string:
      return sign(a.text().compare(b.text()) <=> 0);
    case Kind::entity:
      return a.entity == b.entity ? 0 : sign(*a.entity <=> *b.entity);
    case Kind::set:
      return a.set == b.set ? 0 : compare_sets(*a.set, *b.set);
    case Kind::record:
      return a.record == b.record ? 0 : compare_records(*a.record, *b.record);
    case Kind::ipaddr:
      return compare_ips(*a.ip, *b.ip);
    default:
      return three_way(a.integer, b.integer);
  }
}

Value make_set(Arena& arena, std::span<Value> items) {
  const auto less = [](const Value& a, const Value& b) { return compare(a, b) < 0; };
  if (!std::is_sorted(items.begin(), items.end(), less)) std::sort(items.begin(), items.end(), less);
  const auto end = std::unique(items.begin(), items.end(), [](const Value& a, const Value& b) { return equal(a, b); });
  return Value::of(arena.make<Set>(items.data(), static_cast<std::uint32_t>(end - items.begin())));
}

bool contains(const Set& set, const Value& item) {
  const auto view = set.view();
  const auto at = std::lower_bound(view.begin(), view.end(), item,
                                   [](const Value& a, const Value& b) { return compare(a, b) < 0; });
  return at != view.end() && equal(*at, item);
}

bool contains_all(const Set& set, const Set& others) {
  if (others.size > set.size) return false;
  return std::all_of(others.items, others.items + others.size, [&](const Value& v) { return contains(set, v); });
}

bool contains_any(const Set& set, const Set& others) {
  const Set& small = set.size < others.size ? set : others;
  const Set& large = set.size < others.size ? others : set;
  return std::any_of(small.items, small.items + small.size, [&](const Value& v) { return contains(large, v); });
}

Value make_record(Arena& arena, std::span<Field> fields, const Text** duplicate) {
  std::sort(fields.begin(), fields.end(), [](const Field& a, const Field& b) { return a.key < b.key; });
  if (duplicate != nullptr) {
    for (std::size_t i = 1; i < fields.size(); ++i) {
      if (fields[i - 1].key == fields[i].key) *duplicate = &fields[i].key;
    }
  }
  return Value::of(arena.make<Record>(fields.data(), static_cast<std::uint32_t>(fields.size())));
}

Value copy(Arena& arena, const Value& value) {
  switch (value.kind) {
    case Kind::string:
      return Value::of(arena.copy(value.text()));
    case Kind::entity:
      return Value::of(arena.make<EntityUid>(copy(arena, *value.entity)));
    case Kind::ipaddr:
      return Value::of(arena.make<IpAddress>(*value.ip));
    case Kind::set: {
      const auto items = arena.list<Value>(value.set->size);
      for (std::uint32_t i = 0; i < value.set->size; ++i) items[i] = copy(arena, value.set->items[i]);
      return Value::of(arena.make<Set>(items.data(), value.set->size));
    }
    case Kind::record: {
      const auto fields = arena.list<Field>(value.record->size);
      for (std::uint32_t i = 0; i < value.record->size; ++i) {
        const Field& from = value.record->fields[i];
        fields[i] = Field{copy(arena, from.key.view()), copy(arena, from.value)};
      }
      return Value::of(arena.make<Record>(fields.data(), value.record->size));
    }
    default:
      return value;
  }
}

std::string to_text(const Value& value, std::size_t size_max) {
  std::string out;
  append(out, value, size_max);
  return out;
}

}  // namespace nova::cedar
