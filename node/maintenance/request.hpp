// A request of novactl and what the verbs share. For the sources of this room.
#pragma once
#include "core/json.hpp"
#include "core/result.hpp"
#include "node/config/config.hpp"
#include "store/transfer/copy.hpp"

#include <string>

namespace nova::node {

struct Request {
  std::string json;
  Loaded loaded;
  std::string config_file;  ///< that it was loaded from; may be empty
  store::transfer::Progress progress;

  std::string text(const char* field) const { return core::json_text(json, field).value_or(""); }
  bool flag(const char* field) const { return core::json_text(json, field) == "true"; }
};

/// The JSON of a result.
using Outcome = core::Result<std::string>;

Outcome move_store(const Request& request);
Outcome reopen_store(const Request& request);
Outcome make_backup_key(const Request& request);
Outcome create_backup(const Request& request);
Outcome verify_backup(const Request& request);
Outcome restore_backup(const Request& request);

/// Fields `log` and `documents`, and `rows` by table.
void put_facts(core::JsonWriter& json, const store::EventStore::Digests& digests,
               const std::map<std::string, std::uint64_t>& rows);

}  // namespace nova::node
