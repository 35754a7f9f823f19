/// A statement that changes one row, and with it writes the change's row of `app.events`, numbered for its user without a gap.
///
/// What is logged is an `INSERT`, `UPDATE` or `DELETE` on a table with the columns `id` and `version`, without `RETURNING`. The whole
/// gives the changed row with all its columns; or none when nothing was changed, and then nothing is logged. Run it where the
/// user's other changes are held back: in [`UserScope::change`](crate::UserScope::change), or after
/// [`UserTx::lock_user`](crate::UserTx::lock_user).
///
/// ```
/// /// `$2` id.
/// const DELETE: &str = domain_kit::logged!("note.deleted" => "DELETE FROM app.notes WHERE user_id = $1 AND id = $2");
/// assert!(DELETE.contains("'note.deleted'"));
/// ```
#[macro_export]
macro_rules! logged {
    ($kind:literal => $change:literal) => {
        ::std::concat!(
            "WITH changed AS (",
            $change,
            " RETURNING *), seq AS (
               UPDATE app.users u SET last_seq = u.last_seq + 1 FROM changed WHERE u.user_id = $1 RETURNING u.last_seq
             ), logged AS (
               INSERT INTO app.events (user_id, seq, kind, entity_id, version)
               SELECT $1, seq.last_seq, '",
            $kind,
            "', changed.id, changed.version FROM seq, changed
             )
             SELECT * FROM changed"
        )
    };
}
