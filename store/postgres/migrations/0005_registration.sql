-- The answer to a registration may be lost, and with it the epoch that it gave. So that a node is not taken for another
-- process then, each registration says which process it was made by.
ALTER TABLE nova.nodes ADD COLUMN registration text NOT NULL DEFAULT '';  -- process and epoch

DROP FUNCTION nova.register_node(text, bigint, bigint);

-- A node begins, or goes on after its connection was lost (then with its own epoch, and the append lock tells that no
-- batch of its old connection can still commit). Its epoch is given anew each time, so that what an old connection
-- still sends is refused. A name is free when its lease ran out or when the session that holds it is gone.
CREATE FUNCTION nova.register_node(p_node text, p_epoch bigint, p_lease_ms bigint, p_process text,
  OUT state text, OUT epoch bigint, OUT batch text, OUT head bigint, OUT head_event text, OUT left_ms bigint, OUT held boolean
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
REVOKE ALL ON FUNCTION nova.register_node FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nova.register_node TO nova_writer;
