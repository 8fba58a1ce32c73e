// One load for all sides: fresh streams, one event of about 200 bytes, one document of about 150.
#pragma once
#include <string>

namespace nova::bench {

inline const std::string event_body =
    R"({"step":"build","status":"completed","attempt":1,"actor":"agent-17","tenant":"t-042","durationMs":1234,)"
    R"("inputs":["a1b2c3","d4e5f6"],"note":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"})";
inline const std::string event_meta =
    R"({"command_id":"0190a000-0000-7000-8000-000000000000","command":"step.complete","principal":"operator"})";
inline const std::string document_body =
    R"({"name":"build","status":"completed","attempts":1,"actor":"agent-17","inputs":["a1b2c3","d4e5f6"],"durationMs":1234})";

struct Measured {
  double per_second = 0;
  double p50_us = 0, p99_us = 0;  ///< from asking to durable
  double count = 0;
};

/// The limit: one connection, prepared statements, `batch` changes in one transaction, WAL with synchronous=FULL. With
/// `documents` the same rows that a store's append writes, without them the event alone (as in the peers' figures).
Measured raw_sqlite(const std::string& folder, int batch, bool documents, double seconds);

/// The same on PostgreSQL: one libpq connection, one INSERT from unnest for the batch (as in the peers' figures).
Measured raw_unnest(const std::string& url, int batch, bool documents, double seconds);

/// The same as COPY in text form, which is what a bulk load does; with `documents` two in one transaction.
Measured raw_copy(const std::string& url, int batch, bool documents, double seconds);

}  // namespace nova::bench
