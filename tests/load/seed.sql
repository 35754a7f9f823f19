-- Tasks number :from to :to of :tasks, and the users and tags that they need, for `cargo xtask bench tasks`.
--
-- One user, the first, has each :heavy_every-th task, as people who never clean up do. The others, from the second on, are :users
-- and have about a hundred each. Tasks come in the order of their times with all users mixed, so a user's rows lie far
-- apart on disk, as they do where many people work. Every number gives the same row every time.
--
-- Users are those of `auth_testkit::FakeIssuer`: 1, 2, 3… as UUIDs.
BEGIN;
-- What is made here fits: no need to look for the other end of each foreign key, which would be most of the time.
SET LOCAL session_replication_role = replica;
SET LOCAL row_security = off;
SET LOCAL synchronous_commit = off;

CREATE FUNCTION pg_temp.user_at(place bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN lpad(to_hex(place), 32, '0')::uuid;
CREATE FUNCTION pg_temp.tag_of(owner bigint, nth bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
  RETURN md5('tag ' || owner || ' ' || nth)::uuid;

CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
SELECT n, owner, pg_temp.user_at(owner) AS user_id, at,
       -- A UUIDv7 of that time.
       (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5('task ' || n), 1, 3)
         || 'a' || substr(md5('task ' || n), 4, 15))::uuid AS id,
       CASE WHEN owner = 1 THEN 50 ELSE 5 END AS tags
  FROM generate_series(:from::bigint, :to::bigint) AS n,
       LATERAL (SELECT CASE WHEN n % :heavy_every = 0 THEN 1 ELSE 2 + (n - n / :heavy_every) % :users END AS owner) AS o,
       LATERAL (SELECT timestamptz '2025-01-01 00:00Z' + n * (interval '365 days' / :tasks) AS at) AS w;

CREATE TEMPORARY TABLE owners ON COMMIT DROP AS SELECT DISTINCT owner, user_id, tags FROM fresh;
INSERT INTO app.users (user_id) SELECT user_id FROM owners ON CONFLICT DO NOTHING;
INSERT INTO app.tags (user_id, id, name, color)
SELECT user_id, pg_temp.tag_of(owner, nth), 'tag ' || nth, '#' || upper(substr(md5(nth::text), 1, 6))
  FROM owners, generate_series(1, tags) AS nth
ON CONFLICT DO NOTHING;
INSERT INTO app.tasks (user_id, id, title, description, completed_at, priority, due_date, created_at, updated_at)
SELECT user_id, id, 'Task ' || n || ' of user ' || owner,
       'Description of task ' || n || ': ' || repeat('lorem ipsum ', 1 + n::int % 8),
       CASE WHEN n % 3 = 0 THEN at END, n % 4, CASE WHEN n / 3 % 4 > 0 THEN at + interval '30 days' END, at, at
  FROM fresh ORDER BY n;
-- None, one, two or three each.
INSERT INTO app.task_tags (user_id, task_id, tag_id)
SELECT user_id, id, pg_temp.tag_of(owner, 1 + (n / 7 + nth) % tags) FROM fresh, generate_series(1, n / 5 % 4) AS nth ORDER BY n;
COMMIT;
DROP FUNCTION pg_temp.user_at(bigint), pg_temp.tag_of(bigint, bigint);
