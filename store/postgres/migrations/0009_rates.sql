-- Rate limits that hold for all nodes together. What is here is worth nothing after a crash of the server, which forgives
-- a few minutes of requests, so it needs no log; keys are keyed hashes.

-- What a node let pass of callers that near their limits, told to the other nodes.
CREATE UNLOGGED TABLE nova.rate_counts(
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  node text COLLATE "C" NOT NULL,
  at timestamptz NOT NULL,
  key bytea NOT NULL,
  count bigint NOT NULL
);
CREATE INDEX rate_counts_at ON nova.rate_counts(at);

-- Each request that passed of the few that are counted here and nowhere else: signing in, registering.
CREATE UNLOGGED TABLE nova.rate_passes(
  key bytea NOT NULL,
  at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX rate_passes_key ON nova.rate_passes(key, at);
CREATE INDEX rate_passes_expiry ON nova.rate_passes(expires_at);

-- Under one lock, so that numbers become visible in their order and nobody skips one.
CREATE FUNCTION nova.exchange_rates(p_node text, p_after bigint, k_key bytea[], k_count bigint[],
  OUT r_number bigint, OUT r_key bytea, OUT r_count bigint
) RETURNS SETOF record LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(1315927649, 9);
  INSERT INTO nova.rate_counts(node, at, key, count)
    SELECT p_node, clock_timestamp(), u.key, u.count FROM unnest(k_key, k_count) u(key, count);
  DELETE FROM nova.rate_counts o WHERE o.at < clock_timestamp() - interval '10 seconds';
  DELETE FROM nova.rate_passes o WHERE o.expires_at <= clock_timestamp();
  -- After a crash of the server numbers begin again.
  IF (SELECT max(o.number) FROM nova.rate_counts o) < p_after THEN
    p_after := 0;
  END IF;
  RETURN QUERY SELECT o.number, o.key, o.count FROM nova.rate_counts o
    WHERE o.number > p_after AND o.node <> p_node ORDER BY o.number LIMIT 10000;
END $$;

-- A sliding window over single requests, one asker of a key after the other.
CREATE FUNCTION nova.take_rate(p_key bytea, p_window_ms bigint, p_max bigint,
  OUT passes boolean, OUT used bigint, OUT retry_ms bigint
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  span CONSTANT interval := p_window_ms * interval '1 millisecond';
  this_moment timestamptz;
  leaves timestamptz;
BEGIN
  PERFORM pg_advisory_xact_lock(1315927651, hashtext(encode(p_key, 'hex')));
  this_moment := clock_timestamp();
  used := (SELECT count(*) FROM nova.rate_passes o WHERE o.key = p_key AND o.at > this_moment - span);
  passes := used < p_max;
  retry_ms := 0;
  IF passes THEN
    INSERT INTO nova.rate_passes(key, at, expires_at) VALUES (p_key, this_moment, this_moment + span);
    used := used + 1;
  ELSE
    SELECT o.at + span INTO leaves FROM nova.rate_passes o WHERE o.key = p_key AND o.at > this_moment - span
      ORDER BY o.at DESC OFFSET greatest(p_max, 1) - 1 LIMIT 1;
    retry_ms := ceil(extract(epoch FROM leaves - this_moment) * 1000);
  END IF;
END $$;

REVOKE ALL ON FUNCTION nova.exchange_rates, nova.take_rate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nova.exchange_rates, nova.take_rate TO nova_writer;
