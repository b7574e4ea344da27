//! Bounds on the retries of a read whose entry keeps changing.

use crate::layout::word::IndexWord;
use crate::ops::Dict;
use shmkit_object::error::{Error, Result};
use shmkit_os as os;

/// Attempts at one unchanged but unsound entry before it counts as damage: no writer publishes one.
const UNSOUND_TRIES: u32 = 1000;
/// Attempts at small entries between two reads of the clock. After an attempt at more bytes than `SMALL`, it is always
/// read.
const TRIES_PER_LOOK: u32 = 4096;
const SMALL: u64 = 64 << 10;
/// After an attempt at a value of more bytes than this, or at more than `SMALL` bytes of a list, the reader locks the shard.
/// Most values have been tried once before on a faster path.
const LARGE: u64 = 1 << 20;

/// Bounds the retries of one read.
#[derive(Debug)]
pub(crate) struct Retries {
    tries: u32,
    /// After an attempt at more bytes than this, the reader locks the shard.
    large: u64,
    /// Bytes that the present attempt copies.
    bytes: u64,
    since: u64,
    unsound: (u64, u64),
    unsound_tries: u32,
}

impl Retries {
    /// Bounds the retries of reading a value.
    #[inline]
    pub(crate) fn of_value() -> Retries {
        Retries { tries: 0, large: LARGE, bytes: 0, since: 0, unsound: (0, 0), unsound_tries: 0 }
    }

    /// Bounds the retries of reading items of a list.
    pub(crate) fn of_list() -> Retries {
        Retries { large: SMALL, ..Retries::of_value() }
    }

    /// Notes that an attempt copies this many bytes.
    #[inline]
    pub(crate) fn attempt(&mut self, bytes: u64) {
        self.bytes = bytes;
    }

    /// Notes that the entry changed under the attempt. Returns whether to lock its shard, because further attempts could go
    /// on for long.
    ///
    /// # Errors
    /// [`Error::Contention`] through a read-only handle, if the attempts have taken longer than the lock timeout.
    #[cold]
    pub(crate) fn changed(&mut self, dict: &Dict) -> Result<bool> {
        self.tries += 1;
        if self.bytes > SMALL || self.tries.is_multiple_of(TRIES_PER_LOOK) {
            let elapsed = self.elapsed();
            if elapsed > dict.lock_timeout.as_nanos() as u64 {
                let contention = Error::Contention { waited_ms: elapsed / 1_000_000 };
                return if dict.is_read_only() { Err(contention) } else { Ok(true) };
            }
        }
        if self.bytes > self.large && !dict.is_read_only() {
            return Ok(true);
        }
        shmkit_object::sync::spin_loop();
        Ok(false)
    }

    /// Returns the nanoseconds since this was first called.
    fn elapsed(&mut self) -> u64 {
        let now = os::clock::monotonic_ns();
        if self.since == 0 {
            self.since = now;
        }
        now - self.since
    }

    /// Notes that an index word points at something that no writer leaves there.
    #[cold]
    pub(crate) fn unsound(&mut self, dict: &Dict, word: IndexWord) -> Result<()> {
        let block = word.block();
        let version = match dict.segment.rest_of_page(block) {
            Some(8..) => dict.segment.region.load(block),
            _ => 0,
        };
        if self.unsound != (word.0, version) {
            self.unsound = (word.0, version);
            self.unsound_tries = 0;
        }
        self.unsound_tries += 1;
        if self.unsound_tries >= UNSOUND_TRIES {
            return Err(Error::Corrupt(format!("an index word leads to no sound entry, at offset {block}")));
        }
        Ok(())
    }
}
