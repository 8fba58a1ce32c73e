--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: nova; Type: SCHEMA; Schema: -; Owner: nova_owner
--

CREATE SCHEMA nova;


ALTER SCHEMA nova OWNER TO nova_owner;

--
-- Name: add_dead_letter(text, text, text, text, bigint, text, bigint, bytea, bytea, bytea); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.add_dead_letter(p_id text, p_tenant text, p_kind text, p_entity text, p_at bigint, p_status text, p_retries bigint, p_error bytea, p_reason bytea, p_what bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  INSERT INTO nova.dead_letters(id, tenant, kind, entity, at, status, retries, error, reason, what)
    VALUES (p_id, p_tenant, p_kind, p_entity, p_at, p_status, p_retries, p_error, p_reason, p_what)
    ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;


ALTER FUNCTION nova.add_dead_letter(p_id text, p_tenant text, p_kind text, p_entity text, p_at bigint, p_status text, p_retries bigint, p_error bytea, p_reason bytea, p_what bytea) OWNER TO nova_owner;

--
-- Name: append(text, bigint, text, bigint, bigint, bigint, boolean, text[], text[], text[], integer[], bigint[], bigint[], bigint[], text[], text[], bigint[], bigint[], bigint[], bigint[], text[], text[], text[], bytea[], bytea[], integer[], bigint[], text[], text[], bytea[], bytea[], integer[], integer[], bigint[], integer[], text[], boolean[], integer[], text[], boolean[], text[], text[], text[], bytea[], integer[], text[], integer[], text[], integer[], text[], text[], text[], text[], text[], bytea[], integer[], text[], bigint[], integer[], text[], text[], bytea[], bigint[]); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.append(p_node text, p_epoch bigint, p_batch text, p_seen bigint, p_lease_ms bigint, p_now bigint, p_plain boolean, k_kind text[], k_tenant text[], k_id text[], a_key integer[], a_expected bigint[], a_end bigint[], a_at bigint[], a_cause text[], a_correlation text[], d_version bigint[], d_intent bigint[], d_created bigint[], d_updated bigint[], d_status text[], d_parent text[], d_hash text[], d_reason bytea[], d_body bytea[], e_append integer[], e_version bigint[], e_id text[], e_type text[], e_body bytea[], e_meta bytea[], g_append integer[], g_key integer[], g_version bigint[], c_append integer[], c_name text[], c_release boolean[], w_append integer[], w_id text[], w_twice boolean[], w_driver text[], w_verb text[], w_order text[], w_payload bytea[], s_append integer[], s_work text[], f_append integer[], f_timer text[], h_append integer[], h_driver text[], h_key text[], h_tenant text[], h_kind text[], h_id text[], h_payload bytea[], t_append integer[], t_id text[], t_at bigint[], i_append integer[], i_scope text[], i_hash text[], i_answer bytea[], i_expires bigint[], OUT head bigint, OUT refused integer[], OUT what integer[], OUT at_row integer[], OUT actual bigint[], OUT holder text[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
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

  IF p_plain AND NOT stale THEN
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


ALTER FUNCTION nova.append(p_node text, p_epoch bigint, p_batch text, p_seen bigint, p_lease_ms bigint, p_now bigint, p_plain boolean, k_kind text[], k_tenant text[], k_id text[], a_key integer[], a_expected bigint[], a_end bigint[], a_at bigint[], a_cause text[], a_correlation text[], d_version bigint[], d_intent bigint[], d_created bigint[], d_updated bigint[], d_status text[], d_parent text[], d_hash text[], d_reason bytea[], d_body bytea[], e_append integer[], e_version bigint[], e_id text[], e_type text[], e_body bytea[], e_meta bytea[], g_append integer[], g_key integer[], g_version bigint[], c_append integer[], c_name text[], c_release boolean[], w_append integer[], w_id text[], w_twice boolean[], w_driver text[], w_verb text[], w_order text[], w_payload bytea[], s_append integer[], s_work text[], f_append integer[], f_timer text[], h_append integer[], h_driver text[], h_key text[], h_tenant text[], h_kind text[], h_id text[], h_payload bytea[], t_append integer[], t_id text[], t_at bigint[], i_append integer[], i_scope text[], i_hash text[], i_answer bytea[], i_expires bigint[], OUT head bigint, OUT refused integer[], OUT what integer[], OUT at_row integer[], OUT actual bigint[], OUT holder text[]) OWNER TO nova_owner;

--
-- Name: claim_holder(text); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.claim_holder(p_name text, OUT tenant text, OUT kind text, OUT id text) RETURNS SETOF record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT d.tenant, d.kind, d.id FROM nova.claims c JOIN nova.documents d ON d.stream = c.stream WHERE c.name = p_name
$$;


ALTER FUNCTION nova.claim_holder(p_name text, OUT tenant text, OUT kind text, OUT id text) OWNER TO nova_owner;

--
-- Name: fence_node(text); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.fence_node(p_node text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1315927649, 1);
  UPDATE nova.nodes o SET epoch = o.epoch + 1 WHERE o.name = p_node AND o.expires_at <= clock_timestamp();
  RETURN FOUND;
END $$;


ALTER FUNCTION nova.fence_node(p_node text) OWNER TO nova_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: idempotency; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.idempotency (
    scope text NOT NULL COLLATE pg_catalog."C",
    expires_at bigint NOT NULL,
    body_hash text NOT NULL COLLATE pg_catalog."C",
    answer bytea NOT NULL
);


ALTER TABLE nova.idempotency OWNER TO nova_owner;

--
-- Name: idempotency_record(text, bigint); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.idempotency_record(p_scope text, p_now bigint) RETURNS SETOF nova.idempotency
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
  SELECT * FROM nova.idempotency o WHERE o.scope = p_scope AND o.expires_at > p_now
$$;


ALTER FUNCTION nova.idempotency_record(p_scope text, p_now bigint) OWNER TO nova_owner;

--
-- Name: documents; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.documents (
    stream bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    tenant text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    version bigint NOT NULL,
    intent_version bigint NOT NULL,
    "position" bigint NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    parent text NOT NULL COLLATE pg_catalog."C",
    state_hash text NOT NULL COLLATE pg_catalog."C",
    reason bytea NOT NULL,
    body bytea NOT NULL
)
WITH (fillfactor='85');

ALTER TABLE ONLY nova.documents FORCE ROW LEVEL SECURITY;


ALTER TABLE nova.documents OWNER TO nova_owner;

--
-- Name: load(text[], text[], text[]); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.load(p_tenant text[], p_kind text[], p_id text[]) RETURNS SETOF nova.documents
    LANGUAGE plpgsql
    AS $$
DECLARE
  named text;
BEGIN
  FOR named IN SELECT DISTINCT t FROM pg_catalog.unnest(p_tenant) t LOOP
    PERFORM pg_catalog.set_config('nova.tenant', named, true);
    RETURN QUERY SELECT found.* FROM pg_catalog.generate_series(1, pg_catalog.array_length(p_id, 1)) k(nr)
      CROSS JOIN LATERAL (SELECT d.* FROM nova.documents d
        WHERE d.kind = p_kind[k.nr] AND d.tenant = p_tenant[k.nr] AND d.id = p_id[k.nr] LIMIT 1) found
      WHERE p_tenant[k.nr] = named;
  END LOOP;
END $$;


ALTER FUNCTION nova.load(p_tenant text[], p_kind text[], p_id text[]) OWNER TO nova_owner;

--
-- Name: mark_works(text[], text[], text[], text[], boolean[], bigint[], bigint[], bytea[]); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.mark_works(o_kind text[], o_tenant text[], o_id text[], m_work text[], m_started boolean[], m_attempts bigint[], m_due bigint[], m_error bytea[]) RETURNS integer[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  missing int[] := '{}';
BEGIN
  FOR m IN 1 .. coalesce(array_length(m_work, 1), 0) LOOP
    UPDATE nova.works w SET started = m_started[m], attempts = m_attempts[m], due_at = m_due[m], last_error = m_error[m]
      FROM nova.documents d
      WHERE d.kind = o_kind[m] AND d.tenant = o_tenant[m] AND d.id = o_id[m] AND w.stream = d.stream AND w.id = m_work[m];
    IF NOT FOUND THEN
      missing := missing || m;
    END IF;
  END LOOP;
  RETURN missing;
END $$;


ALTER FUNCTION nova.mark_works(o_kind text[], o_tenant text[], o_id text[], m_work text[], m_started boolean[], m_attempts bigint[], m_due bigint[], m_error bytea[]) OWNER TO nova_owner;

--
-- Name: register_node(text, bigint, bigint, text); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.register_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_process text, OUT state text, OUT epoch bigint, OUT batch text, OUT head bigint, OUT head_event text, OUT left_ms bigint, OUT held boolean) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  known record;
BEGIN
  PERFORM pg_advisory_xact_lock(1315927649, 1);
  held := pg_try_advisory_lock(1315927650, hashtext(p_node));
  SELECT o.epoch AS epoch, o.batch AS batch, o.expires_at AS expires_at,
         o.registration = p_process || '/' || o.epoch AS own INTO known FROM nova.nodes o WHERE o.name = p_node;
  state := 'ok';
  batch := '';
  epoch := 1;
  IF FOUND THEN
    batch := known.batch;
    epoch := known.epoch + 1;
    IF p_epoch <> 0 AND p_epoch <> known.epoch AND NOT known.own THEN
      state := 'fenced';
    ELSIF p_epoch = 0 AND NOT held AND NOT known.own AND known.expires_at > clock_timestamp() THEN
      state := 'held';
      left_ms := extract(epoch FROM known.expires_at - clock_timestamp()) * 1000;
    END IF;
  END IF;
  IF state <> 'ok' THEN
    IF held THEN
      PERFORM pg_advisory_unlock(1315927650, hashtext(p_node));
    END IF;
    RETURN;
  END IF;
  INSERT INTO nova.nodes AS o(name, epoch, expires_at, batch, registered_at, registration)
    VALUES (p_node, register_node.epoch, clock_timestamp() + p_lease_ms * interval '1 millisecond', batch,
            clock_timestamp(), p_process || '/' || register_node.epoch)
    ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, expires_at = excluded.expires_at,
      registered_at = excluded.registered_at, registration = excluded.registration;
  SELECT o.position, o.event_id INTO head, head_event FROM nova.events o ORDER BY o.position DESC LIMIT 1;
  head := coalesce(head, 0);
END $$;


ALTER FUNCTION nova.register_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_process text, OUT state text, OUT epoch bigint, OUT batch text, OUT head bigint, OUT head_event text, OUT left_ms bigint, OUT held boolean) OWNER TO nova_owner;

--
-- Name: release_node(text, bigint); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.release_node(p_node text, p_epoch bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  UPDATE nova.nodes o SET expires_at = clock_timestamp() WHERE o.name = p_node AND o.epoch = p_epoch;
  RETURN FOUND;
END $$;


ALTER FUNCTION nova.release_node(p_node text, p_epoch bigint) OWNER TO nova_owner;

--
-- Name: renew_node(text, bigint, bigint, boolean); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.renew_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_held boolean) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  IF current_setting('fsync') = 'off' OR current_setting('synchronous_commit') = 'off'
     OR current_setting('full_page_writes') = 'off' THEN
    RAISE EXCEPTION 'fsync, full_page_writes or synchronous_commit is off' USING ERRCODE = 'NV003';
  END IF;
  UPDATE nova.nodes o SET expires_at = clock_timestamp() + p_lease_ms * interval '1 millisecond'
    WHERE o.name = p_node AND o.epoch = p_epoch;
  IF NOT FOUND THEN
    RETURN 'fenced';
  ELSIF p_held OR pg_try_advisory_lock(1315927650, hashtext(p_node)) THEN
    RETURN 'held';
  END IF;
  RETURN 'ok';
END $$;


ALTER FUNCTION nova.renew_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_held boolean) OWNER TO nova_owner;

--
-- Name: set_dead_letter(text, text[], text, bigint, bytea); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.set_dead_letter(p_id text, p_from text[], p_status text, p_retries bigint, p_reason bytea) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
DECLARE
  found_status text;
BEGIN
  SELECT l.status INTO found_status FROM nova.dead_letters l WHERE l.id = p_id;
  UPDATE nova.dead_letters l SET status = p_status, retries = p_retries, reason = p_reason
    WHERE l.id = p_id AND l.status = ANY (p_from);
  RETURN found_status;
END $$;


ALTER FUNCTION nova.set_dead_letter(p_id text, p_from text[], p_status text, p_retries bigint, p_reason bytea) OWNER TO nova_owner;

--
-- Name: settle(text[], text[], text[], bigint[], text[]); Type: FUNCTION; Schema: nova; Owner: nova_owner
--

CREATE FUNCTION nova.settle(p_kind text[], p_tenant text[], p_id text[], p_version bigint[], p_event text[]) RETURNS bigint[]
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
BEGIN
  RETURN (SELECT array_agg(coalesce(o.position, 0) ORDER BY u.nr)
    FROM unnest(p_kind, p_tenant, p_id, p_version, p_event) WITH ORDINALITY u(kind, tenant, id, version, event, nr)
    LEFT JOIN (nova.documents d JOIN nova.events o ON o.stream = d.stream)
      ON d.kind = u.kind AND d.tenant = u.tenant AND d.id = u.id AND o.version = u.version AND o.event_id = u.event);
END $$;


ALTER FUNCTION nova.settle(p_kind text[], p_tenant text[], p_id text[], p_version bigint[], p_event text[]) OWNER TO nova_owner;

--
-- Name: claims; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.claims (
    name text NOT NULL COLLATE pg_catalog."C",
    stream bigint NOT NULL
);


ALTER TABLE nova.claims OWNER TO nova_owner;

--
-- Name: dead_letters; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.dead_letters (
    id text NOT NULL COLLATE pg_catalog."C",
    tenant text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    entity text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    status text NOT NULL COLLATE pg_catalog."C",
    retries bigint NOT NULL,
    error bytea NOT NULL,
    reason bytea NOT NULL,
    what bytea NOT NULL
);


ALTER TABLE nova.dead_letters OWNER TO nova_owner;

--
-- Name: events; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.events (
    "position" bigint NOT NULL,
    stream bigint NOT NULL,
    version bigint NOT NULL,
    at bigint NOT NULL,
    tenant text NOT NULL COLLATE pg_catalog."C",
    event_id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    body bytea NOT NULL,
    meta bytea NOT NULL
);

ALTER TABLE ONLY nova.events FORCE ROW LEVEL SECURITY;


ALTER TABLE nova.events OWNER TO nova_owner;

--
-- Name: keeps; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.keeps (
    sequence bigint NOT NULL,
    stream bigint NOT NULL,
    tenant text NOT NULL COLLATE pg_catalog."C",
    driver text NOT NULL COLLATE pg_catalog."C",
    key text NOT NULL COLLATE pg_catalog."C",
    report_tenant text NOT NULL COLLATE pg_catalog."C",
    report_kind text NOT NULL COLLATE pg_catalog."C",
    report_id text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    dropped_at bigint,
    payload bytea
);


ALTER TABLE nova.keeps OWNER TO nova_owner;

--
-- Name: meta; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.meta (
    name text NOT NULL,
    value text NOT NULL
);


ALTER TABLE nova.meta OWNER TO nova_owner;

--
-- Name: migrations; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.migrations (
    number integer NOT NULL,
    name text NOT NULL,
    applied_at bigint NOT NULL
);


ALTER TABLE nova.migrations OWNER TO nova_owner;

--
-- Name: nodes; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.nodes (
    name text NOT NULL COLLATE pg_catalog."C",
    epoch bigint NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    batch text NOT NULL COLLATE pg_catalog."C",
    registered_at timestamp with time zone NOT NULL,
    registration text DEFAULT ''::text NOT NULL
)
WITH (fillfactor='50');


ALTER TABLE nova.nodes OWNER TO nova_owner;

--
-- Name: timers; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.timers (
    stream bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    cause text NOT NULL COLLATE pg_catalog."C"
);


ALTER TABLE nova.timers OWNER TO nova_owner;

--
-- Name: works; Type: TABLE; Schema: nova; Owner: nova_owner
--

CREATE TABLE nova.works (
    sequence bigint NOT NULL,
    stream bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    driver text NOT NULL COLLATE pg_catalog."C",
    verb text NOT NULL COLLATE pg_catalog."C",
    order_key text NOT NULL COLLATE pg_catalog."C",
    cause text NOT NULL COLLATE pg_catalog."C",
    correlation text NOT NULL COLLATE pg_catalog."C",
    attempts bigint NOT NULL,
    started boolean NOT NULL,
    due_at bigint NOT NULL,
    last_error bytea NOT NULL,
    payload bytea NOT NULL
);


ALTER TABLE nova.works OWNER TO nova_owner;

--
-- Data for Name: claims; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.claims VALUES ('name', 1);


--
-- Data for Name: dead_letters; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--



--
-- Data for Name: documents; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.documents VALUES (1, 'platform', 'acme', 'a', 2, 2, 2, 1767225600000, 1767225600000, 'open', '', '0123456789abcdef', '\x', '\x7b2276657273696f6e223a327d');


--
-- Data for Name: events; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.events VALUES (1, 1, 1, 1767225600000, 'acme', '01a1fda9-84e2-74ea-a417-474b076649b4', 'platform.changed', '\x7b22746f223a317d', '\x7b227072696e636970616c223a22616d79227d');
INSERT INTO nova.events VALUES (2, 1, 2, 1767225600000, 'acme', '01a1fda9-84e2-74eb-aa2e-4a7150df955c', 'platform.changed', '\x7b22746f223a327d', '\x7b227072696e636970616c223a22616d79227d');


--
-- Data for Name: idempotency; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.idempotency VALUES ('scope', 1893456000000, 'h', '\x7b7d');


--
-- Data for Name: keeps; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.keeps VALUES (2, 1, 'acme', 'process', 'api', 'acme', 'platform', 'a', 'command-1', NULL, '\x7b7d');


--
-- Data for Name: meta; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.meta VALUES ('store_id', '01a1fda9-84e2-74e9-962d-afee02dadf03');


--
-- Data for Name: migrations; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.migrations VALUES (1, '0001_log', 1795257107682);
INSERT INTO nova.migrations VALUES (2, '0002_append', 1795257107682);
INSERT INTO nova.migrations VALUES (3, '0003_books', 1795257107682);
INSERT INTO nova.migrations VALUES (4, '0004_load', 1800000000000);
INSERT INTO nova.migrations VALUES (5, '0005_backup', 1800000000000);
INSERT INTO nova.migrations VALUES (6, '0006_chains', 1800000000000);
INSERT INTO nova.migrations VALUES (7, '0007_registration', 1800000000000);


--
-- Data for Name: nodes; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.nodes VALUES ('local', 1, '2026-11-21 10:31:47.789845+00', '01a1fda9-8539-77cf-82b6-45958d1267ba', '2026-11-21 10:31:47.767097+00', '');


--
-- Data for Name: timers; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.timers VALUES (1, 't', 5, 'command-1');


--
-- Data for Name: works; Type: TABLE DATA; Schema: nova; Owner: nova_owner
--

INSERT INTO nova.works VALUES (2, 1, 'w1', 'sources', 'fetch', '', 'command-1', 'request-1', 0, false, 1767225600000, '\x', '\x7b7d');


--
-- Name: claims claims_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (name);


--
-- Name: dead_letters dead_letters_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.dead_letters
    ADD CONSTRAINT dead_letters_pkey PRIMARY KEY (id);


--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (stream);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");


--
-- Name: idempotency idempotency_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.idempotency
    ADD CONSTRAINT idempotency_pkey PRIMARY KEY (scope);


--
-- Name: keeps keeps_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.keeps
    ADD CONSTRAINT keeps_pkey PRIMARY KEY (tenant, driver, key);


--
-- Name: meta meta_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.meta
    ADD CONSTRAINT meta_pkey PRIMARY KEY (name);


--
-- Name: migrations migrations_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);


--
-- Name: nodes nodes_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.nodes
    ADD CONSTRAINT nodes_pkey PRIMARY KEY (name);


--
-- Name: timers timers_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.timers
    ADD CONSTRAINT timers_pkey PRIMARY KEY (stream, id);


--
-- Name: works works_pkey; Type: CONSTRAINT; Schema: nova; Owner: nova_owner
--

ALTER TABLE ONLY nova.works
    ADD CONSTRAINT works_pkey PRIMARY KEY (stream, id);


--
-- Name: dead_letters_status; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX dead_letters_status ON nova.dead_letters USING btree (status, id);


--
-- Name: documents_key; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE UNIQUE INDEX documents_key ON nova.documents USING btree (kind, tenant, id);


--
-- Name: documents_parent; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX documents_parent ON nova.documents USING btree (kind, parent, tenant, id) WHERE (parent <> ''::text);


--
-- Name: documents_status; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX documents_status ON nova.documents USING btree (kind, status, tenant, id) WHERE (status <> ''::text);


--
-- Name: events_stream; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE UNIQUE INDEX events_stream ON nova.events USING btree (stream, version);


--
-- Name: idempotency_expiry; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX idempotency_expiry ON nova.idempotency USING btree (expires_at);


--
-- Name: keeps_dropped; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX keeps_dropped ON nova.keeps USING btree (dropped_at) WHERE (dropped_at IS NOT NULL);


--
-- Name: keeps_order; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX keeps_order ON nova.keeps USING btree (sequence);


--
-- Name: timers_due; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX timers_due ON nova.timers USING btree (at);


--
-- Name: works_order; Type: INDEX; Schema: nova; Owner: nova_owner
--

CREATE INDEX works_order ON nova.works USING btree (sequence, id);


--
-- Name: documents; Type: ROW SECURITY; Schema: nova; Owner: nova_owner
--

ALTER TABLE nova.documents ENABLE ROW LEVEL SECURITY;

--
-- Name: events; Type: ROW SECURITY; Schema: nova; Owner: nova_owner
--

ALTER TABLE nova.events ENABLE ROW LEVEL SECURITY;

--
-- Name: documents of_owner; Type: POLICY; Schema: nova; Owner: nova_owner
--

CREATE POLICY of_owner ON nova.documents TO nova_owner USING (true) WITH CHECK (true);


--
-- Name: events of_owner; Type: POLICY; Schema: nova; Owner: nova_owner
--

CREATE POLICY of_owner ON nova.events TO nova_owner USING (true) WITH CHECK (true);


--
-- Name: documents of_reader; Type: POLICY; Schema: nova; Owner: nova_owner
--

CREATE POLICY of_reader ON nova.documents FOR SELECT TO nova_reader USING ((tenant = current_setting('nova.tenant'::text, true)));


--
-- Name: events of_reader; Type: POLICY; Schema: nova; Owner: nova_owner
--

CREATE POLICY of_reader ON nova.events FOR SELECT TO nova_reader USING ((tenant = current_setting('nova.tenant'::text, true)));


--
-- Name: documents of_tail; Type: POLICY; Schema: nova; Owner: nova_owner
--

CREATE POLICY of_tail ON nova.documents FOR SELECT TO nova_tail USING (true);


--
-- Name: events of_tail; Type: POLICY; Schema: nova; Owner: nova_owner
--

CREATE POLICY of_tail ON nova.events FOR SELECT TO nova_tail USING (true);


--
-- Name: SCHEMA nova; Type: ACL; Schema: -; Owner: nova_owner
--

GRANT USAGE ON SCHEMA nova TO PUBLIC;
GRANT USAGE ON SCHEMA nova TO nova_writer;
GRANT USAGE ON SCHEMA nova TO nova_reader;
GRANT USAGE ON SCHEMA nova TO nova_tail;


--
-- Name: FUNCTION add_dead_letter(p_id text, p_tenant text, p_kind text, p_entity text, p_at bigint, p_status text, p_retries bigint, p_error bytea, p_reason bytea, p_what bytea); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.add_dead_letter(p_id text, p_tenant text, p_kind text, p_entity text, p_at bigint, p_status text, p_retries bigint, p_error bytea, p_reason bytea, p_what bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.add_dead_letter(p_id text, p_tenant text, p_kind text, p_entity text, p_at bigint, p_status text, p_retries bigint, p_error bytea, p_reason bytea, p_what bytea) TO nova_writer;


--
-- Name: FUNCTION append(p_node text, p_epoch bigint, p_batch text, p_seen bigint, p_lease_ms bigint, p_now bigint, p_plain boolean, k_kind text[], k_tenant text[], k_id text[], a_key integer[], a_expected bigint[], a_end bigint[], a_at bigint[], a_cause text[], a_correlation text[], d_version bigint[], d_intent bigint[], d_created bigint[], d_updated bigint[], d_status text[], d_parent text[], d_hash text[], d_reason bytea[], d_body bytea[], e_append integer[], e_version bigint[], e_id text[], e_type text[], e_body bytea[], e_meta bytea[], g_append integer[], g_key integer[], g_version bigint[], c_append integer[], c_name text[], c_release boolean[], w_append integer[], w_id text[], w_twice boolean[], w_driver text[], w_verb text[], w_order text[], w_payload bytea[], s_append integer[], s_work text[], f_append integer[], f_timer text[], h_append integer[], h_driver text[], h_key text[], h_tenant text[], h_kind text[], h_id text[], h_payload bytea[], t_append integer[], t_id text[], t_at bigint[], i_append integer[], i_scope text[], i_hash text[], i_answer bytea[], i_expires bigint[], OUT head bigint, OUT refused integer[], OUT what integer[], OUT at_row integer[], OUT actual bigint[], OUT holder text[]); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.append(p_node text, p_epoch bigint, p_batch text, p_seen bigint, p_lease_ms bigint, p_now bigint, p_plain boolean, k_kind text[], k_tenant text[], k_id text[], a_key integer[], a_expected bigint[], a_end bigint[], a_at bigint[], a_cause text[], a_correlation text[], d_version bigint[], d_intent bigint[], d_created bigint[], d_updated bigint[], d_status text[], d_parent text[], d_hash text[], d_reason bytea[], d_body bytea[], e_append integer[], e_version bigint[], e_id text[], e_type text[], e_body bytea[], e_meta bytea[], g_append integer[], g_key integer[], g_version bigint[], c_append integer[], c_name text[], c_release boolean[], w_append integer[], w_id text[], w_twice boolean[], w_driver text[], w_verb text[], w_order text[], w_payload bytea[], s_append integer[], s_work text[], f_append integer[], f_timer text[], h_append integer[], h_driver text[], h_key text[], h_tenant text[], h_kind text[], h_id text[], h_payload bytea[], t_append integer[], t_id text[], t_at bigint[], i_append integer[], i_scope text[], i_hash text[], i_answer bytea[], i_expires bigint[], OUT head bigint, OUT refused integer[], OUT what integer[], OUT at_row integer[], OUT actual bigint[], OUT holder text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.append(p_node text, p_epoch bigint, p_batch text, p_seen bigint, p_lease_ms bigint, p_now bigint, p_plain boolean, k_kind text[], k_tenant text[], k_id text[], a_key integer[], a_expected bigint[], a_end bigint[], a_at bigint[], a_cause text[], a_correlation text[], d_version bigint[], d_intent bigint[], d_created bigint[], d_updated bigint[], d_status text[], d_parent text[], d_hash text[], d_reason bytea[], d_body bytea[], e_append integer[], e_version bigint[], e_id text[], e_type text[], e_body bytea[], e_meta bytea[], g_append integer[], g_key integer[], g_version bigint[], c_append integer[], c_name text[], c_release boolean[], w_append integer[], w_id text[], w_twice boolean[], w_driver text[], w_verb text[], w_order text[], w_payload bytea[], s_append integer[], s_work text[], f_append integer[], f_timer text[], h_append integer[], h_driver text[], h_key text[], h_tenant text[], h_kind text[], h_id text[], h_payload bytea[], t_append integer[], t_id text[], t_at bigint[], i_append integer[], i_scope text[], i_hash text[], i_answer bytea[], i_expires bigint[], OUT head bigint, OUT refused integer[], OUT what integer[], OUT at_row integer[], OUT actual bigint[], OUT holder text[]) TO nova_writer;


--
-- Name: FUNCTION claim_holder(p_name text, OUT tenant text, OUT kind text, OUT id text); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.claim_holder(p_name text, OUT tenant text, OUT kind text, OUT id text) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.claim_holder(p_name text, OUT tenant text, OUT kind text, OUT id text) TO nova_reader;
GRANT ALL ON FUNCTION nova.claim_holder(p_name text, OUT tenant text, OUT kind text, OUT id text) TO nova_tail;


--
-- Name: FUNCTION fence_node(p_node text); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.fence_node(p_node text) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.fence_node(p_node text) TO nova_writer;


--
-- Name: TABLE idempotency; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.idempotency TO nova_tail;


--
-- Name: FUNCTION idempotency_record(p_scope text, p_now bigint); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.idempotency_record(p_scope text, p_now bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.idempotency_record(p_scope text, p_now bigint) TO nova_reader;
GRANT ALL ON FUNCTION nova.idempotency_record(p_scope text, p_now bigint) TO nova_tail;


--
-- Name: TABLE documents; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.documents TO nova_reader;
GRANT SELECT ON TABLE nova.documents TO nova_tail;


--
-- Name: FUNCTION load(p_tenant text[], p_kind text[], p_id text[]); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.load(p_tenant text[], p_kind text[], p_id text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.load(p_tenant text[], p_kind text[], p_id text[]) TO nova_reader;
GRANT ALL ON FUNCTION nova.load(p_tenant text[], p_kind text[], p_id text[]) TO nova_tail;


--
-- Name: FUNCTION mark_works(o_kind text[], o_tenant text[], o_id text[], m_work text[], m_started boolean[], m_attempts bigint[], m_due bigint[], m_error bytea[]); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.mark_works(o_kind text[], o_tenant text[], o_id text[], m_work text[], m_started boolean[], m_attempts bigint[], m_due bigint[], m_error bytea[]) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.mark_works(o_kind text[], o_tenant text[], o_id text[], m_work text[], m_started boolean[], m_attempts bigint[], m_due bigint[], m_error bytea[]) TO nova_writer;


--
-- Name: FUNCTION register_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_process text, OUT state text, OUT epoch bigint, OUT batch text, OUT head bigint, OUT head_event text, OUT left_ms bigint, OUT held boolean); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.register_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_process text, OUT state text, OUT epoch bigint, OUT batch text, OUT head bigint, OUT head_event text, OUT left_ms bigint, OUT held boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.register_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_process text, OUT state text, OUT epoch bigint, OUT batch text, OUT head bigint, OUT head_event text, OUT left_ms bigint, OUT held boolean) TO nova_writer;


--
-- Name: FUNCTION release_node(p_node text, p_epoch bigint); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.release_node(p_node text, p_epoch bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.release_node(p_node text, p_epoch bigint) TO nova_writer;


--
-- Name: FUNCTION renew_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_held boolean); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.renew_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_held boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.renew_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_held boolean) TO nova_writer;


--
-- Name: FUNCTION set_dead_letter(p_id text, p_from text[], p_status text, p_retries bigint, p_reason bytea); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.set_dead_letter(p_id text, p_from text[], p_status text, p_retries bigint, p_reason bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.set_dead_letter(p_id text, p_from text[], p_status text, p_retries bigint, p_reason bytea) TO nova_writer;


--
-- Name: FUNCTION settle(p_kind text[], p_tenant text[], p_id text[], p_version bigint[], p_event text[]); Type: ACL; Schema: nova; Owner: nova_owner
--

REVOKE ALL ON FUNCTION nova.settle(p_kind text[], p_tenant text[], p_id text[], p_version bigint[], p_event text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION nova.settle(p_kind text[], p_tenant text[], p_id text[], p_version bigint[], p_event text[]) TO nova_writer;


--
-- Name: TABLE claims; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.claims TO nova_tail;


--
-- Name: TABLE dead_letters; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.dead_letters TO nova_tail;


--
-- Name: TABLE events; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.events TO nova_reader;
GRANT SELECT ON TABLE nova.events TO nova_tail;


--
-- Name: TABLE keeps; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.keeps TO nova_tail;


--
-- Name: TABLE meta; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.meta TO nova_reader;
GRANT SELECT ON TABLE nova.meta TO nova_tail;
GRANT SELECT ON TABLE nova.meta TO nova_writer;


--
-- Name: TABLE migrations; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.migrations TO PUBLIC;


--
-- Name: TABLE nodes; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.nodes TO nova_tail;


--
-- Name: TABLE timers; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.timers TO nova_tail;


--
-- Name: TABLE works; Type: ACL; Schema: nova; Owner: nova_owner
--

GRANT SELECT ON TABLE nova.works TO nova_tail;


--
-- PostgreSQL database dump complete
--


