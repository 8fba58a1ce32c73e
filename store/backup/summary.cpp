#include "store/backup/summary.hpp"

#include "core/json.hpp"

namespace nova::store::backup {

std::string to_json(const Summary& s) {
  std::string out;
  core::JsonWriter json(out);
  json.object()
      .field("version", s.version)
      .field("node", s.node)
      .field("store", s.store)
      .field("base_file", s.base_file)
      .field("store_id", s.head.store_id)
      .field("position", s.head.position)
      .field("event_id", s.head.event_id)
      .field("base_position", s.base_position)
      .field("log", s.digests.log)
      .field("documents", s.digests.documents)
      .field("files", s.files)
      .field("changed_while_read", s.changed_while_read);
  json.key("rows").object();
  for (const auto& [table, count] : s.rows) json.field(table, count);
  json.end().key("tables").object();
  for (const auto& [table, digest] : s.tables) json.field(table, digest);
  json.end().end();
  return out;
}

std::optional<Summary> read_summary(std::string_view json) {
  if (!core::json_valid(json)) return std::nullopt;
  bool whole = true;
  const auto text = [&](const std::string& path) {
    auto value = core::json_text(json, path);
    whole &= value.has_value();
    return value.value_or("");
  };
  const auto number = [&](const std::string& path) {
    const auto value = core::json_int(json, path);
    whole &= value.has_value();
    return std::uint64_t(value.value_or(0));
  };
  Summary s;
  s.version = text("version");
  s.node = text("node");
  s.store = text("store");
  s.base_file = text("base_file");
  s.head = {text("store_id"), number("position"), text("event_id")};
  s.base_position = number("base_position");
  s.digests = {text("log"), text("documents")};
  s.files = number("files");
  s.changed_while_read = number("changed_while_read");
  for (const auto& table : core::json_keys(json, "rows")) s.rows[table] = number("rows." + table);
  for (const auto& table : core::json_keys(json, "tables")) s.tables[table] = text("tables." + table);
  return whole ? std::optional<Summary>(std::move(s)) : std::nullopt;
}

core::Result<Tail> read_tail(Reader& reader) {
  if (auto there = reader.to_tail(); !there) return std::move(there).error();
  Tail tail;
  tail.file = reader.file();
  tail.header = reader.header();
  for (;;) {
    auto record = reader.next();
    if (!record) return std::move(record).error();
    if (!*record) return reader.damaged("it has no summary");
    if ((*record)->type == 'S') {
      auto summary = read_summary((*record)->body);
      if (!summary) return reader.damaged("its summary makes no sense");
      tail.summary = std::move(*summary);
      return tail;
    }
    auto entry = (*record)->type == 'I' ? read_entry((*record)->body) : std::nullopt;
    if (!entry) return reader.damaged("its list of files makes no sense");
    auto path = entry->path;
    tail.entries.emplace(std::move(path), std::move(*entry));
  }
}

}  // namespace nova::store::backup
