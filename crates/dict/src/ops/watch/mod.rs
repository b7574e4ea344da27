//! Watching a dictionary: what has changed, in the order of each key, without a lock.
//!
//! A watcher has a cursor in each shard's ring. Records of an earlier epoch than the last one told are dropped: `clear`
//! undid what they tell. Within one call, records of later epochs are held back until those before them are told.

pub(super) mod event;
mod read;
mod start;
mod wait;

pub use wait::WatcherWait;

use crate::feed::{Change, RecordHead};
use crate::ops::Dict;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::value::Key;
use event::{Event, Later};
use read::ShardCursor;
use shmkit_object::error::Result;
use shmkit_os as os;
use std::sync::Arc;

/// After it was woken, a watcher sleeps for this many nanoseconds before it asks to be woken again, so that a busy writer
/// wakes it once in that time.
const REST: u64 = 100_000;

/// What watches a dictionary. Dropping it ends that.
#[derive(Debug)]
pub struct Watcher {
    segment: Arc<Segment>,
    cursors: Vec<ShardCursor>,
    /// The shard that the next call reads first.
    next: usize,
    /// The last epoch that was told, or in which watching began.
    epoch: u64,
    later: Vec<Later>,
    buffer: Vec<u8>,
    /// When the watcher may ask to be woken again, on the monotonic clock.
    rests_until: u64,
}

impl Dict {
    /// Watches all changes that begin after this call has returned.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::ReadOnly`]; [`shmkit_object::error::Error::Unsupported`] without a feed; those of `delete`.
    pub fn watch(&self) -> Result<Watcher> {
        self.check_fork()?;
        let segment = self.segment.clone();
        let mut cursors = Vec::new();
        segment.start_watching(self.lock_timeout, &mut |shard| cursors.push(ShardCursor::at_head(shard)))?;
        let epoch = segment.epoch().epoch();
        Ok(Watcher {
            segment,
            cursors,
            next: 0,
            epoch,
            later: Vec::new(),
            buffer: Vec::new(),
            rests_until: 0,
        })
    }
}

/// Another watcher at the same place, which holds nothing back and does not rest.
impl Clone for Watcher {
    fn clone(&self) -> Watcher {
        self.segment.keep_watching();
        Watcher {
            segment: self.segment.clone(),
            cursors: self.cursors.clone(),
            next: self.next,
            epoch: self.epoch,
            later: Vec::new(),
            buffer: Vec::new(),
            rests_until: 0,
        }
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.segment.stop_watching();
    }
}

impl Watcher {
    /// Returns a watcher of one shard that has this many records of a short key before it.
    #[cfg(loom)]
    pub fn behind(dict: &Dict, records: u64) -> Watcher {
        let segment = dict.segment.clone();
        // Once more than it is dropped, so that dropping it changes nothing.
        (0..2).for_each(|_| segment.keep_watching());
        let cursors = vec![ShardCursor::behind(&Shard::new(&segment, 0), records)];
        let epoch = segment.epoch().epoch();
        Watcher { segment, cursors, next: 0, epoch, later: Vec::new(), buffer: Vec::new(), rests_until: 0 }
    }

    /// Calls `visit` with what has changed, until about `most` events were visited. Returns whether there may be more.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`] once everything that was told before is read.
    pub fn read(&mut self, most: usize, visit: &mut dyn FnMut(Event<'_>)) -> Result<bool> {
        // Read before the rings: it is told after what was told in the epochs before.
        let word = self.segment.epoch();
        let mut visited = 0;
        let mut is_empty = true;
        let first = self.next;
        for step in 0..self.cursors.len() {
            let number = (first + step) % self.cursors.len();
            let has_more = self.read_shard(number, most, &mut visited, visit);
            is_empty &= !has_more;
            if visited >= most {
                self.next = if has_more { number } else { number + 1 };
                is_empty = is_empty && step + 1 == self.cursors.len();
                break;
            }
        }
        self.tell_later(visit);
        if is_empty && !word.is_retired() && word.epoch() > self.epoch {
            self.epoch = word.epoch();
            visited += 1;
            visit(Event::Cleared);
        }
        if visited == 0 && is_empty {
            self.segment.live_epoch()?;
        }
        Ok(!is_empty)
    }

    /// Reads one shard. Returns whether there may be more.
    fn read_shard(
        &mut self,
        number: usize,
        most: usize,
        visited: &mut usize,
        visit: &mut dyn FnMut(Event<'_>),
    ) -> bool {
        let segment = self.segment.clone();
        let shard = Shard::new(&segment, number as u32);
        let mut cursor = self.cursors[number];
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut has_more = true;
        while has_more && *visited < most {
            has_more = cursor.read(&shard, &mut buffer, most - *visited, &mut |record| {
                *visited += usize::from(self.hear(record, visit));
            });
        }
        self.buffer = buffer;
        self.cursors[number] = cursor;
        has_more
    }

    /// Tells a record, or holds it back, or drops it. Returns whether it counts.
    fn hear(&mut self, record: read::Heard<'_>, visit: &mut dyn FnMut(Event<'_>)) -> bool {
        let (change, head, version, key) = match record {
            read::Heard::Missed(missed) => {
                visit(Event::Missed(missed));
                return true;
            }
            read::Heard::Record { change, head, version, key } => (change, head, version, key),
        };
        // The tags of two epochs that a watcher sees together are at most 2^15 apart.
        let ahead = head.epoch.wrapping_sub(self.epoch as u16) as i16;
        match ahead {
            0 => visit(event_of(change, key, version)),
            ..0 => return false,
            _ => self.later.push(Later {
                epoch: self.epoch.wrapping_add(ahead as u64),
                change,
                key: key.map(|key| (key.bytes().to_vec(), key.is_wide())),
                version,
            }),
        }
        true
    }

    /// Tells the records of later epochs that were held back.
    fn tell_later(&mut self, visit: &mut dyn FnMut(Event<'_>)) {
        if self.later.is_empty() {
            return;
        }
        let mut later = std::mem::take(&mut self.later);
        later.sort_by_key(|record| record.epoch);
        for Later { epoch, change, key, version } in later {
            if epoch != self.epoch {
                self.epoch = epoch;
                visit(Event::Cleared);
            }
            let key = key.as_ref().map(|(bytes, is_wide)| Key::new(bytes, *is_wide));
            match key.transpose() {
                Ok(key) => visit(event_of(change, key, version)),
                Err(_) => visit(Event::Missed(None)),
            }
        }
    }

    /// Makes the next wait rest without end.
    #[cfg(test)]
    pub(crate) fn rest_for_ever(&mut self) {
        assert!(self.rests_until > 0);
        self.rests_until = u64::MAX;
    }

    /// Returns what to wait for until there is something to read.
    pub fn wait(&mut self) -> WatcherWait {
        WatcherWait::new(self.segment.clone(), self.cursors.clone(), self.epoch, self.rests_until)
    }

    /// Notes that a wait has ended because something can be read.
    pub fn note_woken(&mut self) {
        self.rests_until = os::clock::monotonic_ns() + REST;
    }
}

fn event_of(change: Change, key: Option<Key<'_>>, version: u64) -> Event<'_> {
    key.map_or(Event::Missed(Some(1)), |key| Event::Changed(change, key, version))
}

/// The parts of a record's third word that a watcher needs.
type Head = RecordHead;
