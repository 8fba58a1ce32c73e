#include "core/describe/codec.hpp"
#include "core/json.hpp"

#include <algorithm>
#include <cstdio>

namespace nova::core {
namespace {

// FNV-1a, 64 bits: stable everywhere, and nobody attacks his own descriptions.
class Hash {
 public:
  void add(std::string_view text) {
    for (const char c : text) mix(static_cast<unsigned char>(c));
    mix(0xff);  // so that "ab","c" and "a","bc" differ
  }
  void add(std::int64_t number) {
    for (int shift = 0; shift < 64; shift += 8) mix(std::uint64_t(number) >> shift & 0xff);
  }
  std::uint64_t value() const { return value_; }

 private:
  void mix(std::uint64_t byte) { value_ = (value_ ^ byte) * 0x100000001b3; }
  std::uint64_t value_ = 0xcbf29ce484222325;
};

void hash_type(Hash& hash, const Type& type, std::vector<const Record*>& open) {
  hash.add(std::int64_t(type.tag));
  hash.add(type.min);
  hash.add(type.max);
  hash.add(std::int64_t(type.shape));
  hash.add(type.ref_kind);
  hash.add(std::int64_t(type.insert_text != nullptr));
  if (type.names)
    for (const auto name : *type.names) hash.add(name);
  if (type.element) hash_type(hash, *type.element(), open);
  if (!type.record) return;
  const Record& record = type.record();
  hash.add(record.name);
  // A record inside itself (a tree) is known by its name.
  if (std::find(open.begin(), open.end(), &record) != open.end()) return;
  open.push_back(&record);
  for (const auto& field : record.fields) {
    hash.add(field.name);
    hash_type(hash, *field.type, open);
  }
  open.pop_back();
}

// Most types hold no secret; the walk ends early there.
void visit_secrets(const Type& type, void* object, std::string& path,
                   const std::function<void(const std::string&, Secret&)>& visit) {
  const auto below = [&](std::string_view step, const Type& step_type, void* value) {
    const auto size = path.size();
    if (!step.empty()) path.append(size > 0 && step[0] != '[' ? "." : "").append(step);
    visit_secrets(step_type, value, path, visit);
    path.resize(size);
  };
  if (type.tag == Tag::secret) return visit(path, *static_cast<Secret*>(object));
  if (type.tag == Tag::record) {
    for (const auto& field : type.record().fields) below(field.name, *field.type, field.in(object));
    return;
  }
  if (!type.each_mutable) return;
  std::size_t index = 0;
  type.each_mutable(object, [&](const std::string& key, void* element) {
    const auto step = type.tag == Tag::list ? "[" + std::to_string(index++) + "]" : key;
    below(step, *type.element(), element);
  });
}

bool guards(const Type& type, std::vector<const Record*>& open) {
  if (type.tag == Tag::personal) return true;
  if (type.element) return guards(*type.element(), open);
  if (!type.record) return false;
  const Record& record = type.record();
  if (std::find(open.begin(), open.end(), &record) != open.end()) return false;
  open.push_back(&record);
  const bool found = std::any_of(record.fields.begin(), record.fields.end(),
                                 [&](const Field& field) { return field.hidden || guards(*field.type, open); });
  open.pop_back();
  return found;
}

}  // namespace

Record make_record(std::string_view name, std::string_view doc, std::vector<Field> fields) {
  Record made{name, doc, std::move(fields)};
  for (const auto& field : made.fields) made.json_keys.push_back("," + json_escape(field.name) + ":");
  return made;
}

const Field* Record::find(std::string_view field_name) const {
  for (const auto& field : fields)
    if (field.name == field_name) return &field;
  return nullptr;
}

std::string description_hash(const Type& type) {
  Hash hash;
  std::vector<const Record*> open;
  hash_type(hash, type, open);
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash.value()));
  return text;
}

bool is_guarded(const Type& type) {
  std::vector<const Record*> open;
  return guards(type, open);
}

void each_secret(const Type& type, void* object, const std::function<void(const std::string& path, Secret&)>& visit) {
  std::string path;
  visit_secrets(type, object, path, visit);
}

}  // namespace nova::core
