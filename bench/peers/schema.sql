-- The peers' tables: a log with one version for each stream, an event of about 200 bytes, and who may write.
DROP TABLE IF EXISTS events, heads, roles CASCADE;
CREATE TABLE events (
  seq bigserial PRIMARY KEY,
  stream_id uuid NOT NULL,
  version int NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (stream_id, version));
CREATE TABLE roles(user_id text PRIMARY KEY, role text NOT NULL);
INSERT INTO roles SELECT 'u' || i, 'operator' FROM generate_series(1, 1000) i;
ANALYZE;
