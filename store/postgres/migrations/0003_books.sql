-- What else the writer may do, always after `append` in one transaction: that call takes the lock and knows the fence.

-- Marks that name a work that is not outstanding come back by their row.
CREATE FUNCTION nova.mark_works(
  o_kind text[], o_tenant text[], o_id text[], m_work text[], m_started boolean[], m_attempts bigint[], m_due bigint[],
  m_error bytea[]
) RETURNS int[] LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

CREATE FUNCTION nova.add_dead_letter(
  p_id text, p_tenant text, p_kind text, p_entity text, p_at bigint, p_status text, p_retries bigint, p_error bytea,
  p_reason bytea, p_what bytea
) RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO nova.dead_letters(id, tenant, kind, entity, at, status, retries, error, reason, what)
    VALUES (p_id, p_tenant, p_kind, p_entity, p_at, p_status, p_retries, p_error, p_reason, p_what)
    ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;

-- The status that was found; the change is made when it is one of `p_from`.
CREATE FUNCTION nova.set_dead_letter(p_id text, p_from text[], p_status text, p_retries bigint, p_reason bytea)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  found_status text;
BEGIN
  SELECT l.status INTO found_status FROM nova.dead_letters l WHERE l.id = p_id;
  UPDATE nova.dead_letters l SET status = p_status, retries = p_retries, reason = p_reason
    WHERE l.id = p_id AND l.status = ANY (p_from);
  RETURN found_status;
END $$;

-- A node begins, or goes on after its connection was lost (then with its own epoch, and the append lock tells that no
-- batch of its old connection can still commit). Its epoch is given anew each time, so that what an old connection
-- still sends is refused. A name is free when its lease ran out or when the session that holds it is gone.
CREATE FUNCTION nova.register_node(p_node text, p_epoch bigint, p_lease_ms bigint,
  OUT state text, OUT epoch bigint, OUT batch text, OUT head bigint, OUT head_event text, OUT left_ms bigint, OUT held boolean
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  known record;
BEGIN
  PERFORM pg_advisory_xact_lock(1315927649, 1);
  held := pg_try_advisory_lock(1315927650, hashtext(p_node));
  SELECT o.epoch AS epoch, o.batch AS batch, o.expires_at AS expires_at INTO known FROM nova.nodes o WHERE o.name = p_node;
  state := 'ok';
  batch := '';
  epoch := 1;
  IF FOUND THEN
    batch := known.batch;
    epoch := known.epoch + 1;
    IF p_epoch <> 0 AND p_epoch <> known.epoch THEN
      state := 'fenced';
    ELSIF p_epoch = 0 AND NOT held AND known.expires_at > clock_timestamp() THEN
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
  INSERT INTO nova.nodes AS o(name, epoch, expires_at, batch, registered_at)
    VALUES (p_node, register_node.epoch, clock_timestamp() + p_lease_ms * interval '1 millisecond', batch,
            clock_timestamp())
    ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch, expires_at = excluded.expires_at,
      registered_at = excluded.registered_at;
  SELECT o.position, o.event_id INTO head, head_event FROM nova.events o ORDER BY o.position DESC LIMIT 1;
  head := coalesce(head, 0);
END $$;

-- What became of a batch whose answer was lost: the position of each append's last event, 0 where it is not there.
CREATE FUNCTION nova.settle(p_kind text[], p_tenant text[], p_id text[], p_version bigint[], p_event text[])
RETURNS bigint[] LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN (SELECT array_agg(coalesce(o.position, 0) ORDER BY u.nr)
    FROM unnest(p_kind, p_tenant, p_id, p_version, p_event) WITH ORDINALITY u(kind, tenant, id, version, event, nr)
    LEFT JOIN (nova.documents d JOIN nova.events o ON o.stream = d.stream)
      ON d.kind = u.kind AND d.tenant = u.tenant AND d.id = u.id AND o.version = u.version AND o.event_id = u.event);
END $$;

-- fenced: another process took the place. held: the session holds the node's name. ok: an old session still does.
CREATE FUNCTION nova.renew_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_held boolean)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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

-- A node that ends in order gives its name back at once.
CREATE FUNCTION nova.release_node(p_node text, p_epoch bigint)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE nova.nodes o SET expires_at = clock_timestamp() WHERE o.name = p_node AND o.epoch = p_epoch;
  RETURN FOUND;
END $$;

-- Declares a node lost: nothing of it is written from here on. Refused (false) while its lease runs.
CREATE FUNCTION nova.fence_node(p_node text)
RETURNS boolean LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1315927649, 1);
  UPDATE nova.nodes o SET epoch = o.epoch + 1 WHERE o.name = p_node AND o.expires_at <= clock_timestamp();
  RETURN FOUND;
END $$;

-- Reads of a request: the tenant is set inside the transaction that reads, and row-level security does the rest.
CREATE FUNCTION nova.load(p_tenant text[], p_kind text[], p_id text[])
RETURNS SETOF nova.documents LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  named text;
BEGIN
  FOR named IN SELECT DISTINCT t FROM pg_catalog.unnest(p_tenant) t LOOP
    PERFORM pg_catalog.set_config('nova.tenant', named, true);
    RETURN QUERY SELECT d.* FROM ROWS FROM (pg_catalog.unnest(p_tenant), pg_catalog.unnest(p_kind),
                                            pg_catalog.unnest(p_id)) k(tenant, kind, id)
      JOIN nova.documents d ON d.kind = k.kind AND d.tenant = k.tenant AND d.id = k.id
      WHERE k.tenant = named;
  END LOOP;
END $$;

-- The reader has no look at these tables, but may ask for what it can name.
CREATE FUNCTION nova.idempotency_record(p_scope text, p_now bigint)
RETURNS SETOF nova.idempotency LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT * FROM nova.idempotency o WHERE o.scope = p_scope AND o.expires_at > p_now
$$;
CREATE FUNCTION nova.claim_holder(p_name text, OUT tenant text, OUT kind text, OUT id text)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT d.tenant, d.kind, d.id FROM nova.claims c JOIN nova.documents d ON d.stream = c.stream WHERE c.name = p_name
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA nova FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA nova TO nova_writer;
REVOKE ALL ON FUNCTION nova.load, nova.idempotency_record, nova.claim_holder FROM nova_writer;
GRANT EXECUTE ON FUNCTION nova.load, nova.idempotency_record, nova.claim_holder TO nova_reader, nova_tail;
