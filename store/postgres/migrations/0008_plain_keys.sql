-- Appends with idempotency keys are made as whole arrays too: a batch is `plain` also with keys, when no key comes twice in
-- it. This is the whole of nova.append; the batch's columns are described in 0002, and what a negative a_expected says in
-- 0006.
CREATE OR REPLACE FUNCTION nova.append(
  p_node text, p_epoch bigint, p_batch text, p_seen bigint, p_lease_ms bigint, p_now bigint, p_plain boolean,
  k_kind text[], k_tenant text[], k_id text[],
  a_key int[], a_expected bigint[], a_end bigint[], a_at bigint[], a_cause text[], a_correlation text[],
  d_version bigint[], d_intent bigint[], d_created bigint[], d_updated bigint[], d_status text[], d_parent text[], d_hash text[],
  d_reason bytea[], d_body bytea[],
  e_append int[], e_version bigint[], e_id text[], e_type text[], e_body bytea[], e_meta bytea[],
  g_append int[], g_key int[], g_version bigint[],
  c_append int[], c_name text[], c_release boolean[],
  w_append int[], w_id text[], w_twice boolean[], w_driver text[], w_verb text[], w_order text[], w_payload bytea[],
  s_append int[], s_work text[], f_append int[], f_timer text[],
  h_append int[], h_driver text[], h_key text[], h_tenant text[], h_kind text[], h_id text[], h_payload bytea[],
  t_append int[], t_id text[], t_at bigint[],
  i_append int[], i_scope text[], i_hash text[], i_answer bytea[], i_expires bigint[],
  OUT head bigint, OUT refused int[], OUT what int[], OUT at_row int[], OUT actual bigint[], OUT holder text[]
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  n CONSTANT int := coalesce(array_length(a_key, 1), 0);
  g_n CONSTANT int := coalesce(array_length(g_key, 1), 0);
  c_n CONSTANT int := coalesce(array_length(c_name, 1), 0);
  w_n CONSTANT int := coalesce(array_length(w_id, 1), 0);
  s_n CONSTANT int := coalesce(array_length(s_work, 1), 0);
  f_n CONSTANT int := coalesce(array_length(f_timer, 1), 0);
  h_n CONSTANT int := coalesce(array_length(h_key, 1), 0);
  t_n CONSTANT int := coalesce(array_length(t_id, 1), 0);
  i_n CONSTANT int := coalesce(array_length(i_scope, 1), 0);
  g int := 1; c int := 1; w int := 1; s int := 1; f int := 1; h int := 1; t int := 1; i int := 1;
  base bigint;
  stale boolean;
  k_stream bigint[]; k_version bigint[]; k_new boolean[];
  newest int[];      -- by entity: the append whose document stays
  taken boolean[];   -- by append
  ends bigint[];     -- by append: its last event, counted from the head
  count bigint := 0;
  dropped int := 0;  -- keeps
  k int; spot int; found_version bigint; events bigint; by_stream bigint; self bigint;
  r_refused int[]; r_what int[]; r_row int[]; r_actual bigint[]; r_holder bigint[];
  why int;
  short boolean;     -- no loop is needed
  k_broken boolean[] := '{}';  -- by entity: its last append was refused
BEGIN
  PERFORM pg_advisory_xact_lock(1315927649, 1);
  IF current_setting('fsync') = 'off' OR current_setting('synchronous_commit') = 'off'
     OR current_setting('full_page_writes') = 'off' THEN
    RAISE EXCEPTION 'fsync, full_page_writes or synchronous_commit is off' USING ERRCODE = 'NV003';
  END IF;
  UPDATE nova.nodes o SET batch = p_batch, expires_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    WHERE o.name = p_node AND o.epoch = p_epoch;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'another process took the place of this node' USING ERRCODE = 'NV001';
  END IF;
  head := coalesce((SELECT o.position FROM nova.events o ORDER BY o.position DESC LIMIT 1), 0);
  IF head < p_seen THEN
    RAISE EXCEPTION 'the log ends at position %, but % was seen', head, p_seen USING ERRCODE = 'NV002';
  END IF;
  IF n = 0 THEN
    RETURN;
  END IF;
  base := coalesce((SELECT o.stream FROM nova.documents o ORDER BY o.stream DESC LIMIT 1), 0);
  -- Columns are taken from the arrays by number, so that no value is copied before it reaches its row.
  SELECT array_agg(coalesce(o.stream, base + o.nr)), array_agg(coalesce(o.version, 0)), array_agg(o.stream IS NULL),
         bool_or(o.nr <= n AND coalesce(o.version, 0) <> a_expected[o.nr])
    INTO k_stream, k_version, k_new, stale
    FROM (SELECT d.stream, d.version, u.nr FROM generate_series(1, array_length(k_kind, 1)) u(nr)
            LEFT JOIN nova.documents d ON d.kind = k_kind[u.nr] AND d.tenant = k_tenant[u.nr] AND d.id = k_id[u.nr]
            ORDER BY u.nr) o;

  short := p_plain AND NOT stale;
  IF short AND i_n > 0 THEN
    -- All appends pass the lock, so a key that is free now stays so. One that is in use, or expired, takes the long way.
    short := NOT EXISTS (SELECT FROM generate_series(1, i_n) u(nr) JOIN nova.idempotency o ON o.scope = i_scope[u.nr]);
    IF short THEN
      INSERT INTO nova.idempotency(scope, expires_at, body_hash, answer)
        SELECT i_scope[u.nr], i_expires[u.nr], i_hash[u.nr], i_answer[u.nr] FROM generate_series(1, i_n) u(nr);
    END IF;
  END IF;
  IF short THEN
    ends := a_end;
  ELSE
    newest := array_fill(0, ARRAY[array_length(k_kind, 1)]);
    taken := array_fill(false, ARRAY[n]);
    ends := array_fill(0::bigint, ARRAY[n]);
    FOR a IN 1 .. n LOOP
      k := a_key[a];
      self := k_stream[k];
      why := 0;
      spot := 0;
      found_version := k_version[k];
      IF a_expected[a] >= 0 THEN k_broken[k] := false; END IF;
      IF found_version <> abs(a_expected[a]) OR k_broken[k] THEN
        why := 1;
      END IF;
      WHILE g <= g_n AND g_append[g] <= a LOOP
        IF why = 0 AND k_version[g_key[g]] <> g_version[g] THEN
          why := 2; spot := g; found_version := k_version[g_key[g]];
        END IF;
        g := g + 1;
      END LOOP;
      -- The rows of this append begin here and are gone through again when it is carried out.
      WHILE c <= c_n AND c_append[c] < a LOOP c := c + 1; END LOOP;
      WHILE w <= w_n AND w_append[w] < a LOOP w := w + 1; END LOOP;
      WHILE s <= s_n AND s_append[s] < a LOOP s := s + 1; END LOOP;
      WHILE f <= f_n AND f_append[f] < a LOOP f := f + 1; END LOOP;
      WHILE h <= h_n AND h_append[h] < a LOOP h := h + 1; END LOOP;
      WHILE t <= t_n AND t_append[t] < a LOOP t := t + 1; END LOOP;
      WHILE i <= i_n AND i_append[i] < a LOOP i := i + 1; END LOOP;
      IF why = 0 AND c <= c_n AND c_append[c] = a THEN
        FOR j IN c .. c_n LOOP
          EXIT WHEN c_append[j] > a OR why <> 0;
          IF NOT c_release[j] THEN
            SELECT o.stream INTO by_stream FROM nova.claims o WHERE o.name = c_name[j];
            IF FOUND AND by_stream <> self THEN
              why := 3; spot := j;
            END IF;
          END IF;
        END LOOP;
      END IF;
      IF why = 0 AND w <= w_n AND w_append[w] = a THEN
        FOR j IN w .. w_n LOOP
          EXIT WHEN w_append[j] > a OR why <> 0;
          IF w_twice[j] THEN
            why := 4; spot := j;
          ELSIF EXISTS (SELECT FROM nova.works o WHERE o.stream = self AND o.id = w_id[j]) THEN
            why := 4; spot := j;
            FOR x IN s .. s_n LOOP
              EXIT WHEN s_append[x] > a;
              IF s_work[x] = w_id[j] THEN why := 0; spot := 0; END IF;
            END LOOP;
          END IF;
        END LOOP;
      END IF;
      IF why = 0 AND i <= i_n AND i_append[i] = a THEN
        INSERT INTO nova.idempotency AS o(scope, expires_at, body_hash, answer)
          VALUES (i_scope[i], i_expires[i], i_hash[i], i_answer[i])
          ON CONFLICT (scope) DO UPDATE SET expires_at = excluded.expires_at, body_hash = excluded.body_hash,
            answer = excluded.answer WHERE o.expires_at <= p_now;
        IF NOT FOUND THEN
          why := 5;
        END IF;
      END IF;
      IF why <> 0 THEN
        k_broken[k] := true;
        r_refused := r_refused || a; r_what := r_what || why; r_row := r_row || spot;
        r_actual := r_actual || found_version; r_holder := r_holder || CASE why WHEN 3 THEN by_stream ELSE 0 END;
        ends[a] := count;
        CONTINUE;
      END IF;

      taken[a] := true;
      events := a_end[a] - coalesce(a_end[a - 1], 0);
      IF events > 0 THEN
        count := count + events;
        k_version[k] := abs(a_expected[a]) + events;
        newest[k] := a;
      END IF;
      ends[a] := count;
      WHILE s <= s_n AND s_append[s] = a LOOP
        DELETE FROM nova.works o WHERE o.stream = self AND o.id = s_work[s];
        s := s + 1;
      END LOOP;
      WHILE f <= f_n AND f_append[f] = a LOOP
        -- One that was armed anew for later is not the one that fired.
        DELETE FROM nova.timers o WHERE o.stream = self AND o.id = f_timer[f] AND o.at <= a_at[a];
        f := f + 1;
      END LOOP;
      WHILE w <= w_n AND w_append[w] = a LOOP
        INSERT INTO nova.works(sequence, stream, id, driver, verb, order_key, cause, correlation, attempts, started,
                               due_at, last_error, payload)
          VALUES (head + count, self, w_id[w], w_driver[w], w_verb[w], w_order[w], a_cause[a], a_correlation[a], 0,
                  false, a_at[a], '', w_payload[w]);
        w := w + 1;
      END LOOP;
      WHILE h <= h_n AND h_append[h] = a LOOP
        INSERT INTO nova.keeps AS o(sequence, stream, tenant, driver, key, report_tenant, report_kind, report_id, cause,
                                    dropped_at, payload)
          VALUES (head + count, self, k_tenant[a], h_driver[h], h_key[h], h_tenant[h], h_kind[h], h_id[h], a_cause[a],
                  CASE WHEN h_payload[h] IS NULL THEN a_at[a] END, h_payload[h])
          ON CONFLICT (tenant, driver, key) DO UPDATE SET sequence = excluded.sequence, stream = excluded.stream,
            report_tenant = excluded.report_tenant, report_kind = excluded.report_kind, report_id = excluded.report_id,
            cause = excluded.cause, dropped_at = excluded.dropped_at, payload = excluded.payload;
        IF h_payload[h] IS NULL THEN dropped := dropped + 1; END IF;
        h := h + 1;
      END LOOP;
      WHILE t <= t_n AND t_append[t] = a LOOP
        IF t_at[t] IS NULL THEN
          DELETE FROM nova.timers o WHERE o.stream = self AND o.id = t_id[t];
        ELSE
          INSERT INTO nova.timers AS o(stream, id, at, cause) VALUES (self, t_id[t], t_at[t], a_cause[a])
            ON CONFLICT (stream, id) DO UPDATE SET at = excluded.at, cause = excluded.cause;
        END IF;
        t := t + 1;
      END LOOP;
      WHILE c <= c_n AND c_append[c] = a LOOP
        IF c_release[c] THEN
          DELETE FROM nova.claims o WHERE o.name = c_name[c] AND o.stream = self;
        ELSE
          INSERT INTO nova.claims(name, stream) VALUES (c_name[c], self) ON CONFLICT (name) DO NOTHING;
        END IF;
        c := c + 1;
      END LOOP;
    END LOOP;
  END IF;

  -- Entities in order of their first append, events and documents in order of appends.
  IF r_refused IS NULL THEN
    count := coalesce(array_length(e_append, 1), 0);
    INSERT INTO nova.events(position, stream, version, at, tenant, event_id, type, body, meta)
      SELECT head + u.nr, k_stream[a_key[e_append[u.nr]]], e_version[u.nr], a_at[e_append[u.nr]],
             k_tenant[e_append[u.nr]], e_id[u.nr], e_type[u.nr], e_body[u.nr], e_meta[u.nr]
        FROM generate_series(1, count::int) u(nr);
  ELSE
    INSERT INTO nova.events(position, stream, version, at, tenant, event_id, type, body, meta)
      SELECT head + row_number() OVER (ORDER BY u.nr), k_stream[a_key[e_append[u.nr]]], e_version[u.nr],
             a_at[e_append[u.nr]], k_tenant[e_append[u.nr]], e_id[u.nr], e_type[u.nr], e_body[u.nr], e_meta[u.nr]
        FROM generate_series(1, array_length(e_append, 1)) u(nr) WHERE taken[e_append[u.nr]];
  END IF;
  IF true = ANY (k_new) THEN
    INSERT INTO nova.documents(stream, kind, tenant, id, version, intent_version, position, created_at, updated_at,
                               status, parent, state_hash, reason, body)
      SELECT k_stream[a_key[u.nr]], k_kind[u.nr], k_tenant[u.nr], k_id[u.nr], d_version[u.nr], d_intent[u.nr],
             head + ends[u.nr], d_created[u.nr], d_updated[u.nr], d_status[u.nr], d_parent[u.nr], d_hash[u.nr],
             d_reason[u.nr], d_body[u.nr]
        FROM generate_series(1, n) u(nr)
        WHERE k_new[a_key[u.nr]] AND (newest IS NULL OR newest[a_key[u.nr]] = u.nr);
  END IF;
  IF false = ANY (k_new) THEN
    UPDATE nova.documents o
      SET version = d_version[u.nr], intent_version = d_intent[u.nr], position = head + ends[u.nr],
          created_at = d_created[u.nr], updated_at = d_updated[u.nr], status = d_status[u.nr], parent = d_parent[u.nr],
          state_hash = d_hash[u.nr], reason = d_reason[u.nr], body = d_body[u.nr]
      FROM generate_series(1, n) u(nr)
      WHERE o.stream = k_stream[a_key[u.nr]] AND NOT k_new[a_key[u.nr]]
        AND (newest IS NULL OR newest[a_key[u.nr]] = u.nr);
  END IF;

  -- Twice as many as were added, so that the tables shrink to what is alive, however busy the store is.
  IF i_n > 0 THEN
    DELETE FROM nova.idempotency o WHERE o.scope IN (SELECT x.scope FROM nova.idempotency x
      WHERE x.expires_at <= p_now ORDER BY x.expires_at LIMIT least(2 * i_n, 500));
  END IF;
  IF dropped > 0 THEN
    DELETE FROM nova.keeps o WHERE (o.tenant, o.driver, o.key) IN (SELECT x.tenant, x.driver, x.key FROM nova.keeps x
      WHERE x.dropped_at <= p_now - 86400000 ORDER BY x.dropped_at LIMIT least(2 * dropped, 500));
  END IF;
  IF r_refused IS NOT NULL THEN
    refused := r_refused; what := r_what; at_row := r_row; actual := r_actual;
    SELECT array_agg(coalesce(d.tenant || '/' || d.kind || '/' || d.id, '') ORDER BY u.nr) INTO holder
      FROM unnest(r_holder) WITH ORDINALITY u(stream, nr) LEFT JOIN nova.documents d ON d.stream = u.stream;
  END IF;
  IF count > 0 THEN
    PERFORM pg_notify('nova', (head + count)::text);
  END IF;
END $$;
