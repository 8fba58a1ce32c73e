-- A load asks for each key by itself. As a join the planner was free to read all documents of the tenant and compare
-- their ids: the plan is made when the table is nearly empty, and kept while it grows. Equality on the whole key inside
-- a sub-select with a limit cannot be taken apart, whatever the statistics say.
CREATE OR REPLACE FUNCTION nova.load(p_tenant text[], p_kind text[], p_id text[])
RETURNS SETOF nova.documents LANGUAGE plpgsql VOLATILE AS $$
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
