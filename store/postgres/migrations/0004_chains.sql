-- Decisions of one node may stand on each other before any of them is committed. When another node's event takes the
-- place of the first, the second finds the version that it expects, and would be carried out on a state that never came
-- to be. A negative a_expected says that an append stands on the one before it of the same entity in this batch: it is
-- refused with it.
DO $$
DECLARE
  body text := pg_get_functiondef('nova.append'::regproc);
  step text[];
BEGIN
  FOREACH step SLICE 1 IN ARRAY ARRAY[
    ['  why int;', E'  why int;\n  k_broken boolean[] := ''{}'';  -- by entity: its last append was refused'],
    ['      IF found_version <> a_expected[a] THEN',
     E'      IF a_expected[a] >= 0 THEN k_broken[k] := false; END IF;\n'
     '      IF found_version <> abs(a_expected[a]) OR k_broken[k] THEN'],
    [E'      IF why <> 0 THEN\n        r_refused', E'      IF why <> 0 THEN\n        k_broken[k] := true;\n        r_refused'],
    ['k_version[k] := a_expected[a] + events', 'k_version[k] := abs(a_expected[a]) + events']
  ] LOOP
    IF strpos(body, step[1]) = 0 THEN
      RAISE EXCEPTION 'nova.append is not the function of schema 3';
    END IF;
    body := replace(body, step[1], step[2]);
  END LOOP;
  EXECUTE body;
END $$;
