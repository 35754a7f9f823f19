//! A user's events in PostgreSQL.

use domain_kit::{Row, StoreError, UserScope};

use crate::event::Event;

/// A part of a user's history.
#[derive(Debug)]
pub struct History {
    /// The number of the last event that there is.
    pub last_seq: i64,
    /// Events up to this number are gone.
    pub from: i64,
    pub events: Vec<Event>,
}

/// Where a reader stands in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What comes after can be given.
    Inside,
    /// Some of what comes after is gone.
    Trimmed,
    /// After its end.
    Ahead,
}

impl History {
    /// Where somebody stands who has seen all up to `seq`.
    pub fn standing(&self, seq: i64) -> Standing {
        if seq < self.from {
            Standing::Trimmed
        } else if seq > self.last_seq {
            Standing::Ahead
        } else {
            Standing::Inside
        }
    }
}

/// The events after number `seq`, at most `limit`; of a user of whom nothing is kept, an empty history.
pub async fn read(user: &UserScope, seq: i64, limit: i64) -> Result<History, StoreError> {
    let rows = user.query(READ_EVENTS, &[&seq, &limit]).await?;
    let Some(first) = rows.first() else {
        return Ok(History {
            last_seq: 0,
            from: 0,
            events: Vec::new(),
        });
    };
    let (last_seq, from) = (first.try_get("last_seq")?, first.try_get("history_from")?);
    let events = rows.iter().filter_map(|row| read_event(row).transpose());
    let events = events.collect::<Result<_, _>>()?;
    Ok(History {
        last_seq,
        from,
        events,
    })
}

fn read_event(row: &Row) -> Result<Option<Event>, StoreError> {
    let Some(seq) = row.try_get("seq")? else {
        return Ok(None);
    };
    Ok(Some(Event {
        seq,
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        entity_id: row.try_get("entity_id")?,
        version: row.try_get("version")?,
    }))
}

/// `$2` the number after which to begin, `$3` how many to give. Whoever changes something holds the user's row until the commit, so
/// numbers are seen in their order: what is seen here has no gap, and none will be filled later.
const READ_EVENTS: &str = "
    SELECT u.last_seq, u.history_from, e.seq, e.at, e.kind, e.entity_id, e.version
      FROM app.users u
      LEFT JOIN LATERAL (
        SELECT e.seq, e.at, e.kind, e.entity_id, e.version FROM app.events e
         WHERE e.user_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3
      ) e ON true
     WHERE u.user_id = $1
     ORDER BY e.seq";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_knows_less_than_is_kept_or_more_than_there_is_stands_outside() {
        let history = History {
            last_seq: 9,
            from: 4,
            events: Vec::new(),
        };
        for (seq, standing) in [
            (0, Standing::Trimmed),
            (3, Standing::Trimmed),
            (4, Standing::Inside),
            (9, Standing::Inside),
            (10, Standing::Ahead),
        ] {
            assert_eq!(history.standing(seq), standing, "{seq}");
        }
    }
}
