-- What a request may see follows from who asks, not from what is asked for: `nova.tenant` holds the tenants of the caller,
-- put apart by a unit separator, and `nova.reader` the account whose own rows are seen wherever they are. Until here the
-- tenant was that of the row asked for, so a question that should not have been let through was answered. A name alone is
-- a list of one, so nodes of earlier versions go on.
--
-- The lists are read once a statement, in sub-selects: as bare expressions they would be taken apart for every row.
ALTER POLICY of_reader ON nova.documents USING (
  tenant = ANY ((SELECT string_to_array(current_setting('nova.tenant', true), chr(31)))::text[])
  OR id = (SELECT nullif(current_setting('nova.reader', true), ''))
  OR (tenant = 'system' AND parent = (SELECT 'user/' || nullif(current_setting('nova.reader', true), '')))
);
-- An event is seen by who sees its entity.
ALTER POLICY of_reader ON nova.events USING (
  tenant = ANY ((SELECT string_to_array(current_setting('nova.tenant', true), chr(31)))::text[])
  OR ((SELECT nullif(current_setting('nova.reader', true), '')) IS NOT NULL
      AND EXISTS (SELECT 1 FROM nova.documents d WHERE d.stream = events.stream))
);

-- Dead letters hold what tenants asked for.
ALTER TABLE nova.dead_letters ENABLE ROW LEVEL SECURITY;
ALTER TABLE nova.dead_letters FORCE ROW LEVEL SECURITY;
CREATE POLICY of_owner ON nova.dead_letters TO nova_owner USING (true) WITH CHECK (true);
CREATE POLICY of_tail ON nova.dead_letters FOR SELECT TO nova_tail USING (true);
CREATE POLICY of_reader ON nova.dead_letters FOR SELECT TO nova_reader
  USING (tenant = ANY ((SELECT string_to_array(current_setting('nova.tenant', true), chr(31)))::text[]));
GRANT SELECT ON nova.dead_letters TO nova_reader;

-- Planned once a connection and not for each call: planning was two thirds of a load, and grows with the policy.
ALTER FUNCTION nova.load SET plan_cache_mode = force_generic_plan;

-- One document for a caller, in one round trip.
CREATE FUNCTION nova.load_for(p_tenants text, p_reader text, p_kind text, p_tenant text, p_id text)
RETURNS SETOF nova.documents LANGUAGE plpgsql VOLATILE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  PERFORM pg_catalog.set_config('nova.tenant', p_tenants, true), pg_catalog.set_config('nova.reader', p_reader, true);
  RETURN QUERY SELECT d.* FROM nova.documents d WHERE d.kind = p_kind AND d.tenant = p_tenant AND d.id = p_id LIMIT 1;
END $$;
REVOKE ALL ON FUNCTION nova.load_for FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nova.load_for TO nova_reader;
