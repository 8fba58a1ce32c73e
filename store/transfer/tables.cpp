#include "store/transfer/tables.hpp"

namespace nova::store::transfer {

const std::vector<Table>& tables() {
  using C = Cell;
  static const std::vector<Table> all = {
      {"documents",
       {{"stream", C::number},
        {"kind", C::text},
        {"tenant", C::text},
        {"id", C::text},
        {"version", C::number},
        {"intent_version", C::number},
        {"position", C::number},
        {"created_at", C::number},
        {"updated_at", C::number},
        {"status", C::text},
        {"parent", C::text},
        {"state_hash", C::text},
        {"reason", C::words},
        {"body", C::bytes}},
       1,
       true},
      {"events",
       {{"position", C::number},
        {"stream", C::number},
        {"version", C::number},
        {"at", C::number},
        {"event_id", C::text},
        {"type", C::text},
        {"body", C::bytes},
        {"meta", C::bytes}},
       1,
       true},
      {"works",
       {{"stream", C::number},
        {"id", C::text},
        {"sequence", C::number},
        {"driver", C::text},
        {"verb", C::text},
        {"order_key", C::text},
        {"cause", C::text},
        {"correlation", C::text},
        {"attempts", C::number},
        {"started", C::flag},
        {"due_at", C::number},
        {"last_error", C::words},
        {"payload", C::bytes}},
       2},
      {"keeps",
       {{"tenant", C::text},
        {"driver", C::text},
        {"key", C::text},
        {"sequence", C::number},
        {"stream", C::number},
        {"report_tenant", C::text},
        {"report_kind", C::text},
        {"report_id", C::text},
        {"cause", C::text},
        {"dropped_at", C::number, true},
        {"payload", C::bytes, true}},
       3},
      {"timers", {{"stream", C::number}, {"id", C::text}, {"at", C::number}, {"cause", C::text}}, 2},
      {"claims", {{"name", C::text}, {"stream", C::number}}, 1},
      // In order of expiry, which is the order in which SQLite purges them.
      {"idempotency", {{"expires_at", C::number}, {"scope", C::text}, {"body_hash", C::text}, {"answer", C::bytes}}, 2},
      {"dead_letters",
       {{"id", C::text},
        {"tenant", C::text},
        {"kind", C::text},
        {"entity", C::text},
        {"at", C::number},
        {"status", C::text},
        {"retries", C::number},
        {"error", C::words},
        {"reason", C::words},
        {"what", C::bytes}},
       1},
  };
  return all;
}

const Table* find_table(std::string_view name) {
  for (const auto& table : tables())
    if (table.name == name) return &table;
  return nullptr;
}

}  // namespace nova::store::transfer
