-- What is done for users without a request of theirs: reminders, and what is over.
SET LOCAL ROLE tasks_owner;

-- The time of the reminder that an event has told of. Another time is another reminder.
ALTER TABLE app.tasks ADD COLUMN reminded_at timestamptz;
CREATE INDEX tasks_to_remind ON app.tasks (reminder_at)
  WHERE reminder_at IS NOT NULL AND reminded_at IS DISTINCT FROM reminder_at AND completed_at IS NULL AND deleted_at IS NULL;
CREATE INDEX tasks_to_purge ON app.tasks (deleted_at) WHERE deleted_at IS NOT NULL;

-- These look for what is due among all users, so they run as the owner, by policies of its own; requests have no such road. Each does
-- one thing and gives no more than whose data it has changed. Any number of servers may call them at once: whose row is locked is
-- left to the next call.
CREATE POLICY users_numbered ON app.users FOR UPDATE TO tasks_owner USING (true) WITH CHECK (true);
CREATE POLICY tasks_chores ON app.tasks FOR ALL TO tasks_owner USING (true) WITH CHECK (true);
CREATE POLICY events_chores ON app.events FOR ALL TO tasks_owner USING (true) WITH CHECK (true);

-- Writes an event for each reminder whose time has come, of some users.
CREATE FUNCTION app.remind(most integer) RETURNS TABLE (changed_user uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  FOR changed_user IN
    SELECT u.user_id FROM app.users u
     WHERE u.user_id IN (
       SELECT t.user_id FROM app.tasks t
        WHERE t.reminder_at <= now() AND t.reminder_at IS NOT NULL AND t.reminded_at IS DISTINCT FROM t.reminder_at
          AND t.completed_at IS NULL AND t.deleted_at IS NULL
        ORDER BY t.reminder_at LIMIT most)
     FOR UPDATE SKIP LOCKED
  LOOP
    WITH due AS (
      UPDATE app.tasks t SET reminded_at = t.reminder_at
       WHERE t.user_id = changed_user AND t.reminder_at <= now() AND t.reminded_at IS DISTINCT FROM t.reminder_at
         AND t.completed_at IS NULL AND t.deleted_at IS NULL
      RETURNING t.id, t.version
    ), seq AS (
      UPDATE app.users u SET last_seq = u.last_seq + n.many
        FROM (SELECT count(*) AS many FROM due) n
       WHERE u.user_id = changed_user AND n.many > 0
      RETURNING u.last_seq, n.many
    )
    INSERT INTO app.events (user_id, seq, kind, entity_id, version)
    SELECT changed_user, seq.last_seq - seq.many + d.nth, 'task.reminder', d.id, d.version
      FROM (SELECT id, version, row_number() OVER (ORDER BY id) AS nth FROM due) d, seq;
    IF FOUND THEN
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;

-- Deletes for good what has been in the trash for longer than this, of some users.
CREATE FUNCTION app.purge_trash(keep interval, most integer) RETURNS TABLE (changed_user uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
BEGIN
  FOR changed_user IN
    SELECT u.user_id FROM app.users u
     WHERE u.user_id IN (
       SELECT t.user_id FROM app.tasks t
        WHERE t.deleted_at IS NOT NULL AND t.deleted_at < now() - keep ORDER BY t.deleted_at LIMIT most)
     FOR UPDATE SKIP LOCKED
  LOOP
    WITH gone AS (
      DELETE FROM app.tasks t WHERE t.user_id = changed_user AND t.deleted_at < now() - keep
      RETURNING t.id, t.version + 1 AS version
    ), seq AS (
      UPDATE app.users u SET last_seq = u.last_seq + n.many
        FROM (SELECT count(*) AS many FROM gone) n
       WHERE u.user_id = changed_user AND n.many > 0
      RETURNING u.last_seq, n.many
    )
    INSERT INTO app.events (user_id, seq, kind, entity_id, version)
    SELECT changed_user, seq.last_seq - seq.many + d.nth, 'task.purged', d.id, d.version
      FROM (SELECT id, version, row_number() OVER (ORDER BY id) AS nth FROM gone) d, seq;
    IF FOUND THEN
      RETURN NEXT;
    END IF;
  END LOOP;
END $$;

-- Deletes events that are older than this, and notes for each user up to which number. Nobody's data change by it.
CREATE FUNCTION app.trim_history(keep interval) RETURNS TABLE (changed_user uuid)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
DECLARE
  who uuid;
  up_to bigint;
BEGIN
  FOR who IN
    SELECT u.user_id FROM app.users u
     WHERE u.user_id IN (SELECT e.user_id FROM app.events e WHERE e.at < now() - keep)
     FOR UPDATE SKIP LOCKED
  LOOP
    SELECT max(e.seq) INTO up_to FROM app.events e WHERE e.user_id = who AND e.at < now() - keep;
    DELETE FROM app.events e WHERE e.user_id = who AND e.seq <= up_to;
    UPDATE app.users u SET history_from = greatest(u.history_from, up_to) WHERE u.user_id = who;
  END LOOP;
  RETURN;
END $$;

REVOKE ALL ON FUNCTION app.remind(integer), app.purge_trash(interval, integer), app.trim_history(interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.remind(integer), app.purge_trash(interval, integer), app.trim_history(interval) TO tasks_api;

-- What is imported with a reminder in the past is not told of.
GRANT UPDATE (reminded_at) ON app.tasks TO tasks_api;

-- Who wants to be forgotten here deletes the one row that all others hang on.
GRANT DELETE ON app.users TO tasks_api;
