-- A backup reads as the tail does, and needs what answers repeats too.
GRANT SELECT ON nova.idempotency TO nova_tail;
