-- The log. `stream` numbers an entity; its address stands once, in `documents`, which is written in the same commit.
CREATE TABLE events(
  position INTEGER PRIMARY KEY,
  stream INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  type TEXT NOT NULL,
  body BLOB NOT NULL,
  meta BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_stream ON events(stream, version);

-- The short columns stand first, so that a lookup never reads the pages of a long body.
CREATE TABLE documents(
  stream INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  tenant TEXT NOT NULL,
  id TEXT NOT NULL,
  version INTEGER NOT NULL,
  intent_version INTEGER NOT NULL,
  position INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  status TEXT NOT NULL,
  parent TEXT NOT NULL,
  state_hash TEXT NOT NULL,
  reason TEXT NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX documents_key ON documents(kind, tenant, id);
CREATE INDEX documents_status ON documents(kind, status, tenant, id);
CREATE INDEX documents_parent ON documents(kind, parent, tenant, id) WHERE parent <> '';

CREATE TABLE works(
  sequence INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  id TEXT NOT NULL,
  driver TEXT NOT NULL,
  verb TEXT NOT NULL,
  order_key TEXT NOT NULL,
  cause TEXT NOT NULL,
  correlation TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  started INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX works_id ON works(stream, id);
CREATE INDEX works_order ON works(sequence, id);

-- A dropped keep stays for a day with no payload; `dropped_at` says since when.
CREATE TABLE keeps(
  sequence INTEGER NOT NULL,
  stream INTEGER NOT NULL,
  tenant TEXT NOT NULL,
  driver TEXT NOT NULL,
  key TEXT NOT NULL,
  report_tenant TEXT NOT NULL,
  report_kind TEXT NOT NULL,
  report_id TEXT NOT NULL,
  cause TEXT NOT NULL,
  dropped_at INTEGER,
  payload BLOB
) STRICT;
CREATE UNIQUE INDEX keeps_key ON keeps(tenant, driver, key);
CREATE INDEX keeps_order ON keeps(sequence);
CREATE INDEX keeps_dropped ON keeps(dropped_at) WHERE dropped_at IS NOT NULL;

CREATE TABLE timers(
  stream INTEGER NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  cause TEXT NOT NULL,
  PRIMARY KEY(stream, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX timers_due ON timers(at);

CREATE TABLE claims(
  name TEXT PRIMARY KEY,
  stream INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- In order of their row ids records expire, since all live equally long: purging looks at the first ones only.
CREATE TABLE idempotency(
  scope TEXT NOT NULL UNIQUE,
  expires_at INTEGER NOT NULL,
  body_hash TEXT NOT NULL,
  answer BLOB NOT NULL
) STRICT;

CREATE TABLE dead_letters(
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  entity TEXT NOT NULL,
  at INTEGER NOT NULL,
  status TEXT NOT NULL,
  retries INTEGER NOT NULL,
  error TEXT NOT NULL,
  reason TEXT NOT NULL,
  what BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX dead_letters_status ON dead_letters(status, id);
