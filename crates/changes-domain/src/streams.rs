//! Who follows, and how many may.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain_kit::UserId;

/// Most streams of one user at one server. A browser has six connections to one origin.
pub const MOST_OF_ONE_USER: usize = 8;

/// The open streams of this process, counted by user.
#[derive(Debug, Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<UserId, usize>>>);

/// One open stream; ends with it.
#[derive(Debug)]
pub struct Stream {
    streams: Streams,
    user: UserId,
}

impl Streams {
    /// Another one of this user; `None` when there are enough.
    pub fn open(&self, user: UserId) -> Option<Stream> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_default();
        if *count >= MOST_OF_ONE_USER {
            return None;
        }
        *count += 1;
        metrics::gauge!("change_streams").increment(1.0);
        let streams = self.clone();
        Some(Stream { streams, user })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let mut open = self
            .streams
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        metrics::gauge!("change_streams").decrement(1.0);
        match open.get_mut(&self.user) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(open.remove(&self.user)),
        }
    }
}
