-- One vault for all nodes of a store. What stands here is sealed under the node key (AES-256-GCM), which is in no
-- database: each node has it in a file. No role but the owner sees these tables; nodes come through the functions.
CREATE TABLE nova.vault_mark(
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  fingerprint text COLLATE "C" NOT NULL,  -- of the key that opens the rest
  sealed bytea NOT NULL                   -- a known text under it
);
-- A destroyed version keeps its row with nothing sealed, so that its number is never given again.
CREATE TABLE nova.vault_secrets(
  path text COLLATE "C" NOT NULL,
  version bigint NOT NULL,
  sealed bytea,
  PRIMARY KEY (path, version)
);
CREATE TABLE nova.vault_subjects(
  subject text COLLATE "C" PRIMARY KEY,
  generation bigint NOT NULL,
  sealed bytea
);
-- What was destroyed lies in its page until a vacuum, so that comes soon.
ALTER TABLE nova.vault_secrets SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0,
  toast.autovacuum_vacuum_threshold = 0, toast.autovacuum_vacuum_scale_factor = 0);
ALTER TABLE nova.vault_subjects SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);

ALTER TABLE nova.vault_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE nova.vault_mark FORCE ROW LEVEL SECURITY;
ALTER TABLE nova.vault_secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE nova.vault_secrets FORCE ROW LEVEL SECURITY;
ALTER TABLE nova.vault_subjects ENABLE ROW LEVEL SECURITY;
ALTER TABLE nova.vault_subjects FORCE ROW LEVEL SECURITY;
CREATE POLICY of_owner ON nova.vault_mark TO nova_owner USING (true) WITH CHECK (true);
CREATE POLICY of_owner ON nova.vault_secrets TO nova_owner USING (true) WITH CHECK (true);
CREATE POLICY of_owner ON nova.vault_subjects TO nova_owner USING (true) WITH CHECK (true);

CREATE FUNCTION nova.vault_mark_get(OUT r_fingerprint text, OUT r_sealed bytea)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT fingerprint, sealed FROM nova.vault_mark
$$;
-- The first one stays.
CREATE FUNCTION nova.vault_mark_put(p_fingerprint text, p_sealed bytea)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  INSERT INTO nova.vault_mark(fingerprint, sealed) VALUES (p_fingerprint, p_sealed) ON CONFLICT DO NOTHING
$$;

-- `p_version` 0: the newest one; -1: the newest one that was not destroyed.
CREATE FUNCTION nova.vault_get(p_path text, p_version bigint, OUT r_version bigint, OUT r_sealed bytea)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT s.version, s.sealed FROM nova.vault_secrets s
    WHERE s.path = p_path AND (p_version < 1 OR s.version = p_version) AND (p_version <> -1 OR s.sealed IS NOT NULL)
    ORDER BY s.version DESC LIMIT 1
$$;
CREATE FUNCTION nova.vault_add(p_path text, p_version bigint, p_sealed bytea, p_destroyed boolean, OUT added boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO nova.vault_secrets(path, version, sealed)
    VALUES (p_path, p_version, CASE WHEN p_destroyed THEN NULL ELSE p_sealed END) ON CONFLICT DO NOTHING;
  added := FOUND;
END $$;
CREATE FUNCTION nova.vault_destroy(p_path text, p_version bigint, OUT known boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE nova.vault_secrets SET sealed = NULL
    WHERE path = p_path AND (p_version = 0 OR version = p_version) AND sealed IS NOT NULL;
  known := EXISTS (SELECT FROM nova.vault_secrets WHERE path = p_path AND (p_version = 0 OR version = p_version));
END $$;

CREATE FUNCTION nova.vault_subject_get(p_subject text, OUT r_generation bigint, OUT r_sealed bytea)
RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT generation, sealed FROM nova.vault_subjects WHERE subject = p_subject
$$;
CREATE FUNCTION nova.vault_subject_add(p_subject text, p_generation bigint, p_sealed bytea, p_forgotten boolean,
  OUT added boolean
) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO nova.vault_subjects(subject, generation, sealed)
    VALUES (p_subject, p_generation, CASE WHEN p_forgotten THEN NULL ELSE p_sealed END)
    ON CONFLICT (subject) DO UPDATE SET generation = excluded.generation, sealed = excluded.sealed
    WHERE excluded.generation > vault_subjects.generation;
  added := FOUND;
END $$;
CREATE FUNCTION nova.vault_subject_forget(p_subject text)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  UPDATE nova.vault_subjects SET sealed = NULL WHERE subject = p_subject AND sealed IS NOT NULL
$$;

-- For a backup or a move, page by page.
CREATE FUNCTION nova.vault_secrets_after(p_path text, p_version bigint, p_limit bigint,
  OUT r_path text, OUT r_version bigint, OUT r_sealed bytea
) RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT path, version, sealed FROM nova.vault_secrets WHERE (path, version) > (p_path, p_version)
    ORDER BY path, version LIMIT p_limit
$$;
CREATE FUNCTION nova.vault_subjects_after(p_subject text, p_limit bigint,
  OUT r_subject text, OUT r_generation bigint, OUT r_sealed bytea
) RETURNS SETOF record LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT subject, generation, sealed FROM nova.vault_subjects WHERE subject > p_subject ORDER BY subject LIMIT p_limit
$$;

REVOKE ALL ON FUNCTION nova.vault_mark_get, nova.vault_mark_put, nova.vault_get, nova.vault_add, nova.vault_destroy,
  nova.vault_subject_get, nova.vault_subject_add, nova.vault_subject_forget, nova.vault_secrets_after,
  nova.vault_subjects_after FROM PUBLIC;
GRANT EXECUTE ON FUNCTION nova.vault_mark_get, nova.vault_mark_put, nova.vault_get, nova.vault_add, nova.vault_destroy,
  nova.vault_subject_get, nova.vault_subject_add, nova.vault_subject_forget, nova.vault_secrets_after,
  nova.vault_subjects_after TO nova_writer;
