// Described structs as the policy language sees them: each shape as a type of the schema, each struct as a value. What
// policies may not read is left out on both sides: secrets, personal data, hidden fields, raw JSON, floating point.
#pragma once
#include "core/describe/describe.hpp"
#include "governance/cedar/values/value.hpp"

#include <string>

namespace nova::constitution {

/// The shape as a JSON object of Cedar's schema format: integers are Long, texts and enumerations String, times
/// `datetime`, durations `duration`, lists Set, a map a Set of `{key, value}`, optionals attributes that may lack.
std::string schema_type(const core::Record& record);

/// The struct as a record of that type. Strings point into the struct, the rest lies in `arena`. Linear in the struct.
cedar::Value value_of(const core::Record& record, const void* object, cedar::Arena& arena);

/// Names of the environments in which the entity of this state is at work: its field `environment`, and the keys of
/// its map `environments`. A set of texts; empty for kinds that know of none.
cedar::Value environments_of(const core::Record& state, const void* object, cedar::Arena& arena);

/// Records inside each other; what lies deeper is left out.
inline constexpr int depth_max = 8;

}  // namespace nova::constitution
