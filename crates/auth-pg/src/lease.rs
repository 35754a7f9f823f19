use std::{
    ops::Deref,
    sync::atomic::{AtomicBool, Ordering},
};

use deadpool_postgres::{Client, Object};
use tokio::time::error::Elapsed;

use crate::StoreError;

/// A borrowed connection that goes back to the pool only in a known state: dropped between [`open`](Self::open) and
/// [`closed`](Self::closed), as happens when the caller goes away, it is disconnected, and PostgreSQL rolls back.
pub(crate) struct Lease {
    client: Option<Client>,
    open: AtomicBool,
}

impl Lease {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client: Some(client),
            open: AtomicBool::new(false),
        }
    }

    /// Passes the answer on. A connection whose answer never came, or whose prepared statements no longer fit the schema, is
    /// closed instead of going back. No CancelRequest: cancelling a commit that waits for a synchronous standby makes
    /// PostgreSQL report success for a row that may be lost.
    pub(crate) fn settle<T>(
        &self,
        answer: Result<Result<T, StoreError>, Elapsed>,
    ) -> Result<T, StoreError> {
        let answer = flatten(answer);
        if let Err(StoreError::OutcomeUnknown(_) | StoreError::Broken(_)) = answer {
            self.open();
        }
        answer
    }

    /// Something was begun on the connection.
    pub(crate) fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// It has ended, or all that ends it is on its way: the connection is as it was for who comes next.
    pub(crate) fn closed(&self) {
        self.open.store(false, Ordering::Relaxed);
    }
}

impl Deref for Lease {
    type Target = Client;

    fn deref(&self) -> &Client {
        self.client.as_ref().expect("taken by drop only")
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(client) = self.client.take()
            && *self.open.get_mut()
        {
            drop(Object::take(client));
        }
    }
}

/// One error for what the database said and for what it did not say in time.
pub(crate) fn flatten<T, E: Into<StoreError>>(
    answer: Result<Result<T, E>, Elapsed>,
) -> Result<T, StoreError> {
    match answer {
        Ok(answer) => answer.map_err(Into::into),
        Err(elapsed) => Err(StoreError::OutcomeUnknown(Some(elapsed.into()))),
    }
}
