-- The log. `stream` numbers an entity; its address stands once, in `documents`, which is written in the same commit.
-- Texts are compared byte by byte (collation "C"), so that lists have the same order in every store.
CREATE TABLE nova.events(
  position bigint PRIMARY KEY,
  stream bigint NOT NULL,
  version bigint NOT NULL,
  at bigint NOT NULL,
  tenant text COLLATE "C" NOT NULL,  -- of the stream; what row-level security looks at
  event_id text COLLATE "C" NOT NULL,
  type text COLLATE "C" NOT NULL,
  body bytea NOT NULL,
  meta bytea NOT NULL
);
CREATE UNIQUE INDEX events_stream ON nova.events(stream, version);

-- Room is left in each page, so that a document that changes stays in its page and no index is touched.
CREATE TABLE nova.documents(
  stream bigint PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  id text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  intent_version bigint NOT NULL,
  position bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  status text COLLATE "C" NOT NULL,
  parent text COLLATE "C" NOT NULL,
  state_hash text COLLATE "C" NOT NULL,
  reason bytea NOT NULL,
  body bytea NOT NULL
) WITH (fillfactor = 85);
CREATE UNIQUE INDEX documents_key ON nova.documents(kind, tenant, id);
-- Partial, also in that every document has a status: a lookup by key names no status, so that no plan, made while the
-- table is empty and all indexes look the same, can take this index for it.
CREATE INDEX documents_status ON nova.documents(kind, status, tenant, id) WHERE status <> '';
CREATE INDEX documents_parent ON nova.documents(kind, parent, tenant, id) WHERE parent <> '';

CREATE TABLE nova.works(
  sequence bigint NOT NULL,
  stream bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  driver text COLLATE "C" NOT NULL,
  verb text COLLATE "C" NOT NULL,
  order_key text COLLATE "C" NOT NULL,
  cause text COLLATE "C" NOT NULL,
  correlation text COLLATE "C" NOT NULL,
  attempts bigint NOT NULL,
  started boolean NOT NULL,
  due_at bigint NOT NULL,
  last_error bytea NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (stream, id)
);
CREATE INDEX works_order ON nova.works(sequence, id);

-- A dropped keep stays for a day with no payload; `dropped_at` says since when.
CREATE TABLE nova.keeps(
  sequence bigint NOT NULL,
  stream bigint NOT NULL,
  tenant text COLLATE "C" NOT NULL,
  driver text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  report_tenant text COLLATE "C" NOT NULL,
  report_kind text COLLATE "C" NOT NULL,
  report_id text COLLATE "C" NOT NULL,
  cause text COLLATE "C" NOT NULL,
  dropped_at bigint,
  payload bytea,
  PRIMARY KEY (tenant, driver, key)
);
CREATE INDEX keeps_order ON nova.keeps(sequence);
CREATE INDEX keeps_dropped ON nova.keeps(dropped_at) WHERE dropped_at IS NOT NULL;

CREATE TABLE nova.timers(
  stream bigint NOT NULL,
  id text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  cause text COLLATE "C" NOT NULL,
  PRIMARY KEY (stream, id)
);
CREATE INDEX timers_due ON nova.timers(at);

CREATE TABLE nova.claims(
  name text COLLATE "C" PRIMARY KEY,
  stream bigint NOT NULL
);

CREATE TABLE nova.idempotency(
  scope text COLLATE "C" PRIMARY KEY,
  expires_at bigint NOT NULL,
  body_hash text COLLATE "C" NOT NULL,
  answer bytea NOT NULL
);
CREATE INDEX idempotency_expiry ON nova.idempotency(expires_at);

CREATE TABLE nova.dead_letters(
  id text COLLATE "C" PRIMARY KEY,
  tenant text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  entity text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  status text COLLATE "C" NOT NULL,
  retries bigint NOT NULL,
  error bytea NOT NULL,
  reason bytea NOT NULL,
  what bytea NOT NULL
);
CREATE INDEX dead_letters_status ON nova.dead_letters(status, id);

-- The nodes that write here. `epoch` is the fencing number: who comes with an older one may not append. `batch` is the
-- last one that a node committed, by which it learns what became of a commit whose answer was lost.
CREATE TABLE nova.nodes(
  name text COLLATE "C" PRIMARY KEY,
  epoch bigint NOT NULL,
  expires_at timestamptz NOT NULL,
  batch text COLLATE "C" NOT NULL,
  registered_at timestamptz NOT NULL
) WITH (fillfactor = 50);

-- Three roles. The writer may call functions and nothing else. The reader sees the rows of the one tenant that its
-- transaction names. The tail sees all rows and writes none.
ALTER TABLE nova.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE nova.events FORCE ROW LEVEL SECURITY;
ALTER TABLE nova.documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE nova.documents FORCE ROW LEVEL SECURITY;
CREATE POLICY of_owner ON nova.events TO nova_owner USING (true) WITH CHECK (true);
CREATE POLICY of_owner ON nova.documents TO nova_owner USING (true) WITH CHECK (true);
CREATE POLICY of_tail ON nova.events FOR SELECT TO nova_tail USING (true);
CREATE POLICY of_tail ON nova.documents FOR SELECT TO nova_tail USING (true);
CREATE POLICY of_reader ON nova.events FOR SELECT TO nova_reader USING (tenant = current_setting('nova.tenant', true));
CREATE POLICY of_reader ON nova.documents FOR SELECT TO nova_reader
  USING (tenant = current_setting('nova.tenant', true));

GRANT USAGE ON SCHEMA nova TO nova_writer, nova_reader, nova_tail;
GRANT SELECT ON nova.events, nova.documents TO nova_reader, nova_tail;
GRANT SELECT ON nova.works, nova.keeps, nova.timers, nova.claims, nova.dead_letters, nova.nodes TO nova_tail;
GRANT SELECT ON nova.meta TO nova_reader, nova_tail, nova_writer;
