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
  -- After this the entry counts no more; left out, never. Who adds one about a user or a token says 30 days, which no token from
  -- before outlives. One about a session stays: as long as it is used, Better Auth prolongs it under the same id, and mints.
  keep_until timestamptz NOT NULL DEFAULT 'infinity',
  reason     text        CHECK (char_length(reason) BETWEEN 1 AND 500),
  CONSTRAINT revocations_shape CHECK (CASE kind
    WHEN 'user'    THEN user_id IS NOT NULL AND not_before IS NOT NULL AND session_id IS NULL AND token_id IS NULL
    WHEN 'session' THEN session_id IS NOT NULL AND not_before IS NULL AND token_id IS NULL
    WHEN 'token'   THEN token_id IS NOT NULL AND not_before IS NULL AND session_id IS NULL
    ELSE false END)
);
-- One look each, however many entries somebody makes about one and the same user, session or token: the poll asks for
-- everybody at once, and must not become slow for all because of one.
CREATE INDEX revocations_by_user ON app.revocations (user_id, not_before) WHERE kind = 'user';
CREATE INDEX revocations_by_session ON app.revocations (session_id, keep_until) WHERE kind = 'session' AND user_id IS NULL;
CREATE INDEX revocations_by_session_of ON app.revocations (session_id, user_id, keep_until)
  WHERE kind = 'session' AND user_id IS NOT NULL;
CREATE INDEX revocations_by_token ON app.revocations (token_id, keep_until) WHERE kind = 'token' AND user_id IS NULL;
CREATE INDEX revocations_by_token_of ON app.revocations (token_id, user_id, keep_until)
  WHERE kind = 'token' AND user_id IS NOT NULL;
-- For "does any of them still count?", and for no other question: a planner that hopes to meet one user's entry soon in this order
-- would read all of them. Every id is above 0, but only a statement that says so gets this index.
CREATE INDEX revocations_by_end ON app.revocations (keep_until) WHERE id > 0;

ALTER TABLE app.revocations ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.revocations FORCE ROW LEVEL SECURITY;
-- Read for all users at once, which is how one statement asks for ten thousand of them.
CREATE POLICY revocations_read ON app.revocations FOR SELECT TO tasks_api USING (true);
-- Who serves a request adds entries about the user whose request it is, and about nobody else; and only about tokens that are
-- there: with a moment to come, a stolen token could keep its owner out. The minute is for clocks. What a request adds goes again,
-- but for sessions, of which there is no end that a request could know.
CREATE POLICY revocations_add ON app.revocations FOR INSERT TO tasks_api
  WITH CHECK (user_id = app.current_user_id() AND (not_before IS NULL OR not_before <= now() + interval '1 minute')
              AND (kind = 'session' OR keep_until <= now() + interval '31 days'));
CREATE POLICY revocations_operator ON app.revocations FOR ALL TO tasks_owner USING (true) WITH CHECK (true);

-- By column: why something was revoked is for the operator.
GRANT SELECT (id, kind, user_id, session_id, token_id, not_before, keep_until) ON app.revocations TO tasks_api;
GRANT INSERT (kind, user_id, session_id, token_id, not_before, keep_until) ON app.revocations TO tasks_api;
