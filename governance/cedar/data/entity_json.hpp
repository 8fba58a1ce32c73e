// Entities and requests in Cedar's JSON format.
#pragma once
#include "core/result.hpp"
#include "governance/cedar/data/entities.hpp"
#include "governance/cedar/eval/program.hpp"
#include "governance/cedar/json/reader.hpp"
#include "governance/cedar/schema/schema.hpp"

#include <memory>
#include <vector>

namespace nova::cedar {

/// An array of `{"uid", "attrs", "parents", "tags"?}`. With a schema, types say what is meant, every entity must
/// conform, and the schema's actions are there too. The JSON's text must outlive the store. Fails with
/// `cedar.entities_invalid`, `cedar.entity_cycle`, `cedar.entity_duplicate`, `cedar.entities_limit`; the first fault
/// ends it, with its path. Linear, but for the sorts of EntityStore::make().
core::Result<EntityStore> read_entities(const Json& json, const Schema* schema, std::shared_ptr<Arena> arena);

/// The same list as it is read, before anything is said about the whole: no closure, no actions of the schema.
core::Status read_entity_list(const Json& json, const Schema* schema, Arena& arena, std::vector<EntityData>& out);

/// Reads `{"principal", "action", "resource", "context"?}` into the arena. With a schema the action must be declared
/// and the context of its type; `check_types` asks also that the action applies to the types of principal and resource.
/// Fails with `cedar.request_invalid`, naming the path. Linear.
core::Result<Request> read_request(const Json& json, const Schema* schema, bool check_types, Arena& arena);

/// The same for values that are there already. `context` of a request may be left as a null record.
core::Status check_request(const Request& request, const Schema& schema);

}  // namespace nova::cedar
