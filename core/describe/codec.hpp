// The engines that walk descriptions: JSON, msgpack, JSON Schema. All are pure and may run on any thread.
#pragma once
#include "core/describe/describe.hpp"
#include "core/result.hpp"

#include <string>
#include <string_view>

namespace nova::core {

/// How strictly input is read.
enum class Reading : std::uint8_t {
  command,  ///< unknown fields, missing required fields, wrong types, out-of-range values: each a problem with its path
  stored,   ///< unknown fields are ignored and missing ones keep their default; limits of old versions do not count
};

/// Turns personal data into what may be stored (printable text) and back. `subject` is the entity whose key protects
/// it.
class FieldCipher {
 public:
  virtual ~FieldCipher() = default;
  virtual std::string seal(std::string_view plain) const = 0;
  /// Empty when the subject's key was destroyed.
  virtual std::optional<std::string> open(std::string_view sealed) const = 0;
};

/// Compact JSON, fields in the order of the description, absent optionals left out, timestamps as RFC 3339, durations
/// as "5s". Secrets appear as their reference only. Personal values are sealed with `cipher`, or plain when it is null
/// (answers to people who may read them).
std::string to_json(const Type& type, const void* object, const FieldCipher* cipher = nullptr);
void append_json(std::string& out, const Type& type, const void* object, const FieldCipher* cipher = nullptr);

/// The same as people may see it: hidden fields left out, personal values in the clear.
std::string to_shown_json(const Type& type, const void* object);
/// True when what is stored of the type is not what is shown: something in it is hidden or personal. Walks the
/// description; ask once.
bool is_guarded(const Type& type);

/// Fills `object` from JSON text; on error the object is partly filled and the error names every wrong field by its
/// path
/// (`spec.services.api.port`). At most 1 MiB of text and 32 levels.
Status from_json(const Type& type, void* object, std::string_view json, Reading reading,
                 const FieldCipher* cipher = nullptr);

/// The same faces in msgpack (maps with text keys), for the bus.
std::string to_msgpack(const Type& type, const void* object, const FieldCipher* cipher = nullptr);
Status from_msgpack(const Type& type, void* object, std::string_view bytes, Reading reading,
                    const FieldCipher* cipher = nullptr);

/// JSON Schema, draft 2020-12, of the JSON form. Records that occur more than once stand in `$defs`.
std::string to_json_schema(const Type& type);

/// 64 bits over names, types and limits of a description, as 16 hex digits: a document written under another hash is
/// rebuilt by replay.
std::string description_hash(const Type& type);

/// "secret://path@version": a path of names, and a version from 1 on.
bool is_secret_ref(std::string_view text);

/// The part of a secret that may be written. Throws when it was not sealed: a broken invariant.
const std::string& sealed_ref(const Secret& secret);

/// Visits every secret in `object`, with its path.
void each_secret(const Type& type, void* object, const std::function<void(const std::string& path, Secret&)>& visit);

template <class T>
std::string to_json(const T& object, const FieldCipher* cipher = nullptr) {
  return to_json(*type_of<T>(), &object, cipher);
}

template <class T>
Result<T> from_json(std::string_view json, Reading reading = Reading::command, const FieldCipher* cipher = nullptr) {
  T object{};
  auto status = from_json(*type_of<T>(), &object, json, reading, cipher);
  if (!status) return std::move(status).error();
  return object;
}

}  // namespace nova::core
