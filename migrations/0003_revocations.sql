-- What is no longer accepted though its signature is good: a user's tokens minted before a moment, one session, one token.
-- Entries are only ever added; `api-server revoke --prune` deletes those whose time is over.
SET LOCAL ROLE tasks_owner;

CREATE TABLE app.revocations (
  id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at         timestamptz NOT NULL DEFAULT clock_timestamp(),
  kind       text        NOT NULL,
  -- Of a session or token: whose it has to be for the entry to count, null for whoever's it is. So what a user writes about
  -- another user's session is about nobody's.
  user_id    uuid,
  session_id text        CHECK (octet_length(session_id) BETWEEN 1 AND 1024),   -- the claim `sid`
  token_id   text        CHECK (octet_length(token_id) BETWEEN 1 AND 1024),     -- the claim `jti`
  -- Tokens minted before this (`iat`), or which do not say when, are refused. `iat` is rounded down to whole seconds, so a
  -- token minted later in that same second is refused as well.
  not_before timestamptz CHECK (isfinite(not_before)),
  -- After this the entry counts no more: no token from before it can be alive then. Long enough for a token's life plus the
  -- time in which Better Auth's cookie cache mints new ones for a session that is gone.
  keep_until timestamptz NOT NULL DEFAULT now() + interval '30 days',
  reason     text        CHECK (char_length(reason) BETWEEN 1 AND 500),
  CONSTRAINT revocations_shape CHECK (CASE kind
    WHEN 'user'    THEN user_id IS NOT NULL AND not_before IS NOT NULL AND session_id IS NULL AND token_id IS NULL
    WHEN 'session' THEN session_id IS NOT NULL AND not_before IS NULL AND token_id IS NULL
    WHEN 'token'   THEN token_id IS NOT NULL AND not_before IS NULL AND session_id IS NULL
    ELSE false END)
);
CREATE INDEX revocations_by_user    ON app.revocations (user_id, keep_until)    WHERE kind = 'user';
CREATE INDEX revocations_by_session ON app.revocations (session_id, keep_until) WHERE kind = 'session';
CREATE INDEX revocations_by_token   ON app.revocations (token_id, keep_until)   WHERE kind = 'token';
CREATE INDEX revocations_by_end     ON app.revocations (keep_until);

ALTER TABLE app.revocations ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.revocations FORCE ROW LEVEL SECURITY;
-- Read for all users at once, which is how one statement asks for ten thousand of them.
CREATE POLICY revocations_read ON app.revocations FOR SELECT TO tasks_api USING (true);
-- Who serves a request adds entries about the user whose request it is, and about nobody else.
CREATE POLICY revocations_add ON app.revocations FOR INSERT TO tasks_api
  WITH CHECK (user_id = app.current_user_id());
CREATE POLICY revocations_operator ON app.revocations FOR ALL TO tasks_owner USING (true) WITH CHECK (true);

-- By column: why something was revoked is for the operator. `keep_until` is not the user's to choose.
GRANT SELECT (id, kind, user_id, session_id, token_id, not_before, keep_until) ON app.revocations TO tasks_api;
GRANT INSERT (kind, user_id, session_id, token_id, not_before, reason) ON app.revocations TO tasks_api;
