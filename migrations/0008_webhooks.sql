-- Addresses of a user's that are told of the user's events.
SET LOCAL ROLE tasks_owner;

CREATE TABLE app.webhooks (
  user_id     uuid        NOT NULL REFERENCES app.users (user_id) ON DELETE CASCADE,
  id          uuid        NOT NULL,
  url         text        NOT NULL CHECK (octet_length(url) BETWEEN 1 AND 2048),
  kinds       text[]      CHECK (cardinality(kinds) BETWEEN 1 AND 50),   -- null: all
  secret      bytea       NOT NULL CHECK (octet_length(secret) = 32),
  enabled     boolean     NOT NULL DEFAULT true,
  last_seq    bigint      NOT NULL,              -- delivered up to this event
  next_at     timestamptz NOT NULL DEFAULT now(),  -- not tried before
  failures    integer     NOT NULL DEFAULT 0,    -- since the last success
  last_error  text,
  disabled_at timestamptz,                       -- by the service, after too many failures
  version     bigint      NOT NULL DEFAULT 1,
  created_at  timestamptz NOT NULL DEFAULT now(),
  updated_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (user_id, id)
);
CREATE INDEX webhooks_to_try ON app.webhooks (next_at) WHERE enabled;
ALTER TABLE app.webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.webhooks FORCE ROW LEVEL SECURITY;
CREATE POLICY webhooks_owner_only ON app.webhooks FOR ALL TO tasks_api
  USING (user_id = app.current_user_id()) WITH CHECK (user_id = app.current_user_id());
CREATE POLICY webhooks_chores ON app.webhooks FOR ALL TO tasks_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON app.webhooks TO tasks_api;
GRANT UPDATE (url, kinds, enabled, last_seq, next_at, failures, last_error, disabled_at, version, updated_at)
  ON app.webhooks TO tasks_api;

-- Gives webhooks that have something to tell, each with its next events, and leaves them alone for so long: whoever got them has that
-- time to deliver, and if it dies another one tries. Asked by any number of servers at once.
CREATE FUNCTION app.claim_webhooks(most integer, lease interval)
  RETURNS TABLE (webhook_user uuid, webhook_id uuid, webhook_url text, webhook_secret bytea, up_to bigint, events text)
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    WITH due AS (
      SELECT w.user_id, w.id FROM app.webhooks w JOIN app.users u ON u.user_id = w.user_id
       WHERE w.enabled AND w.next_at <= now() AND u.last_seq > w.last_seq
       ORDER BY w.next_at LIMIT most
       FOR UPDATE OF w SKIP LOCKED
    ), claimed AS (
      UPDATE app.webhooks w SET next_at = now() + lease
        FROM due WHERE w.user_id = due.user_id AND w.id = due.id
      RETURNING w.user_id, w.id, w.url, w.secret, w.kinds, w.last_seq
    )
    SELECT c.user_id, c.id, c.url, c.secret, coalesce(e.up_to, c.last_seq), e.events
      FROM claimed c CROSS JOIN LATERAL (
        SELECT max(e.seq) AS up_to,
               json_agg(json_build_object('seq', e.seq, 'at', to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                          'kind', e.kind, 'entity_id', e.entity_id, 'version', e.version) ORDER BY e.seq)
                 FILTER (WHERE c.kinds IS NULL OR e.kind = ANY (c.kinds))::text AS events
          FROM (SELECT * FROM app.events e WHERE e.user_id = c.user_id AND e.seq > c.last_seq ORDER BY e.seq LIMIT 50) e
      ) e
  $$;

-- Notes how a delivery ended. After a failure the next try is twice as far away as the last one, an hour at most; after fifteen in a row
-- the webhook is disabled.
CREATE FUNCTION app.settle_webhook(settled_user uuid, settled_id uuid, up_to bigint, failure text) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    UPDATE app.webhooks w
       SET last_seq = CASE WHEN failure IS NULL THEN greatest(w.last_seq, up_to) ELSE w.last_seq END,
           failures = CASE WHEN failure IS NULL THEN 0 ELSE w.failures + 1 END,
           last_error = left(failure, 500),
           next_at = CASE WHEN failure IS NULL THEN now()
                          ELSE now() + least(interval '1 second' * 2 ^ least(w.failures + 1, 12), interval '1 hour') END,
           enabled = w.enabled AND (failure IS NULL OR w.failures < 14),
           disabled_at = CASE WHEN failure IS NOT NULL AND w.failures >= 14 THEN now() ELSE w.disabled_at END
     WHERE w.user_id = settled_user AND w.id = settled_id
  $$;
REVOKE ALL ON FUNCTION app.claim_webhooks(integer, interval), app.settle_webhook(uuid, uuid, bigint, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.claim_webhooks(integer, interval), app.settle_webhook(uuid, uuid, bigint, text) TO tasks_api;
