//! Beginning and ending to watch; see [`crate::feed`].

use crate::guard::Guard;
use crate::segment::Segment;
use crate::shard::Shard;
use shmkit_object::error::{Error, Result};
use std::sync::PoisonError;
use std::time::Duration;

/// The wait for a shard whose mark is cleared at the end; a writer clears it otherwise.
const END_TIMEOUT: Duration = Duration::ZERO;

impl Segment {
    fn mark_watching(&self, watches: bool) {
        let generation = if watches { self.me.generation } else { 0 };
        self.region.store32(self.geometry.watcher(self.me.slot), generation);
    }

    /// Makes writers tell changes, and calls `visit` with each shard, under its lock, from which on they do.
    ///
    /// # Errors
    /// [`Error::ReadOnly`], [`Error::Unsupported`] without a feed, [`Error::LockTimeout`], [`Error::Retired`].
    pub(super) fn start_watching(&self, timeout: Duration, visit: &mut dyn FnMut(&Shard<'_>)) -> Result<()> {
        self.check_writable()?;
        if self.geometry.feed == 0 {
            return Err(Error::Unsupported(
                "the dictionary was created with the option feed: 0, so nothing can watch it".into(),
            ));
        }
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        *watchers += 1;
        self.mark_watching(true);
        drop(watchers);
        for id in 0..self.geometry.shards {
            match Guard::acquire(self, id, timeout) {
                Ok(guard) => {
                    guard.set_watched(true);
                    visit(&guard);
                }
                Err(error) => {
                    self.stop_watching();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Counts one more watcher beside one that there is.
    pub(super) fn keep_watching(&self) {
        *self.watchers.lock().unwrap_or_else(PoisonError::into_inner) += 1;
    }

    /// Ends what `start_watching` started.
    pub(super) fn stop_watching(&self) {
        let mut watchers = self.watchers.lock().unwrap_or_else(PoisonError::into_inner);
        *watchers -= 1;
        if *watchers > 0 {
            return;
        }
        self.mark_watching(false);
        if self.has_watchers() {
            return;
        }
        for id in 0..self.geometry.shards {
            if let Ok(guard) = Guard::acquire(self, id, END_TIMEOUT) {
                guard.check_watchers();
            }
        }
    }
}
