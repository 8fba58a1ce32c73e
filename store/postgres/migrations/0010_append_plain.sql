-- What nova.append does, for a batch that asks for no more than events and documents of entities of its own: `plain`, and
-- each entity once. A call of nova.append costs by its 63 parameters and nine statements before it has written a row; this
-- one has few of either. `made` is false, and nothing is written, when the batch has to go the long way: a version is not
-- the expected one, or an idempotency key is in use.
-- Arrays hold several columns, row by row:
--   a_text: kind, tenant, id, status, parent, state hash     a_number: expected version, end (last event of this append,
--   counted from the head), at, version, intent version, created, updated     a_bytes: reason, body
--   e_number: append, version     e_text: event id, type     e_bytes: body, meta
--   i_text: scope, body hash      i_expires, i_answer
CREATE FUNCTION nova.append_plain(
  p_node text, p_epoch bigint, p_batch text, p_seen bigint, p_lease_ms bigint, p_now bigint,
  a_text text[], a_number bigint[], a_bytes bytea[], e_number bigint[], e_text text[], e_bytes bytea[],
  i_text text[], i_expires bigint[], i_answer bytea[],
  OUT head bigint, OUT made boolean
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  n CONSTANT int := array_length(a_bytes, 1) / 2;
  e_n CONSTANT int := array_length(e_bytes, 1) / 2;
  base bigint;
  k_stream bigint[];  -- null: a new one
  k_new int;
  stale boolean;
BEGIN
  PERFORM pg_advisory_xact_lock(1315927649, 1);
  -- A statement of its own, which sees all that was committed before the lock was had.
  SELECT (SELECT o.position FROM nova.events o ORDER BY o.position DESC LIMIT 1),
         (SELECT o.stream FROM nova.documents o ORDER BY o.stream DESC LIMIT 1),
         x.streams, x.new, x.stale
    INTO head, base, k_stream, k_new, stale
    FROM (SELECT array_agg(d.stream) AS streams, count(*) FILTER (WHERE d.stream IS NULL) AS new,
                 bool_or(coalesce(d.version, 0) <> a_number[7 * u.nr - 6]) AS stale
            FROM generate_series(1, n) u(nr)
            LEFT JOIN LATERAL (SELECT o.stream, o.version FROM nova.documents o WHERE o.kind = a_text[6 * u.nr - 5]
                                 AND o.tenant = a_text[6 * u.nr - 4] AND o.id = a_text[6 * u.nr - 3] LIMIT 1) d
              ON true) x;
  IF current_setting('fsync') = 'off' OR current_setting('synchronous_commit') = 'off'
     OR current_setting('full_page_writes') = 'off' THEN
    RAISE EXCEPTION 'fsync, full_page_writes or synchronous_commit is off' USING ERRCODE = 'NV003';
  END IF;
  head := coalesce(head, 0);
  base := coalesce(base, 0);
  IF head < p_seen THEN
    RAISE EXCEPTION 'the log ends at position %, but % was seen', head, p_seen USING ERRCODE = 'NV002';
  END IF;
  made := NOT stale;
  IF made AND array_length(i_answer, 1) > 0 THEN
    -- All appends pass the lock, so a key that is free now stays so.
    made := NOT EXISTS (SELECT FROM generate_series(1, array_length(i_answer, 1)) u(nr)
                          JOIN nova.idempotency o ON o.scope = i_text[2 * u.nr - 1]);
    IF made THEN
      INSERT INTO nova.idempotency(scope, expires_at, body_hash, answer)
        SELECT i_text[2 * u.nr - 1], i_expires[u.nr], i_text[2 * u.nr], i_answer[u.nr]
          FROM generate_series(1, array_length(i_answer, 1)) u(nr);
    END IF;
  END IF;
  IF NOT made THEN
    RETURN;
  END IF;

  WITH event AS (
    INSERT INTO nova.events(position, stream, version, at, tenant, event_id, type, body, meta)
      SELECT head + u.nr, coalesce(k_stream[e_number[2 * u.nr - 1]], base + e_number[2 * u.nr - 1]), e_number[2 * u.nr],
             a_number[7 * e_number[2 * u.nr - 1] - 4], a_text[6 * e_number[2 * u.nr - 1] - 4], e_text[2 * u.nr - 1],
             e_text[2 * u.nr], e_bytes[2 * u.nr - 1], e_bytes[2 * u.nr]
        FROM generate_series(1, e_n) u(nr)
  )
  UPDATE nova.nodes o SET batch = p_batch, expires_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    WHERE o.name = p_node AND o.epoch = p_epoch;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another process took the place of this node' USING ERRCODE = 'NV001';
  END IF;
  IF k_new > 0 THEN
    INSERT INTO nova.documents(stream, kind, tenant, id, version, intent_version, position, created_at, updated_at,
                               status, parent, state_hash, reason, body)
      SELECT base + u.nr, a_text[6 * u.nr - 5], a_text[6 * u.nr - 4], a_text[6 * u.nr - 3], a_number[7 * u.nr - 3],
             a_number[7 * u.nr - 2], head + a_number[7 * u.nr - 5], a_number[7 * u.nr - 1], a_number[7 * u.nr],
             a_text[6 * u.nr - 2], a_text[6 * u.nr - 1], a_text[6 * u.nr], a_bytes[2 * u.nr - 1], a_bytes[2 * u.nr]
        FROM generate_series(1, n) u(nr) WHERE k_stream[u.nr] IS NULL;
  END IF;
  IF k_new < n THEN
    UPDATE nova.documents o
      SET version = a_number[7 * u.nr - 3], intent_version = a_number[7 * u.nr - 2],
          position = head + a_number[7 * u.nr - 5], created_at = a_number[7 * u.nr - 1], updated_at = a_number[7 * u.nr],
          status = a_text[6 * u.nr - 2], parent = a_text[6 * u.nr - 1], state_hash = a_text[6 * u.nr],
          reason = a_bytes[2 * u.nr - 1], body = a_bytes[2 * u.nr]
      FROM generate_series(1, n) u(nr) WHERE o.stream = k_stream[u.nr];
  END IF;

  -- Twice as many as were added, so that the table shrinks to what is alive, however busy the store is.
  IF array_length(i_answer, 1) > 0 THEN
    DELETE FROM nova.idempotency o WHERE o.scope IN (SELECT x.scope FROM nova.idempotency x
      WHERE x.expires_at <= p_now ORDER BY x.expires_at LIMIT least(2 * array_length(i_answer, 1), 500));
  END IF;
  PERFORM pg_notify('nova', (head + e_n)::text);
END $$;
REVOKE ALL ON FUNCTION nova.append_plain FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nova.append_plain TO nova_writer;
