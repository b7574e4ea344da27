//! Bounds on the retries of a read whose entry keeps changing.

use crate::layout::word::IndexWord;
use crate::ops::Dict;
use shmkit_object::error::{Error, Result};
use shmkit_os as os;

/// Attempts at one unchanged but unsound entry before it counts as damage: no writer publishes one.
const UNSOUND_TRIES: u32 = 1000;
/// Attempts between two reads of the clock.
const TRIES_PER_LOOK: u32 = 4096;
/// Bounds the retries of one read.
#[derive(Debug, Default)]
pub(crate) struct Retries {
    tries: u32,
    since: u64,
    unsound: (u64, u64),
    unsound_tries: u32,
}

impl Retries {
    /// Notes that the entry changed under the read.
    #[cold]
    pub(crate) fn changed(&mut self, dict: &Dict) -> Result<()> {
        self.tries += 1;
        if self.tries.is_multiple_of(TRIES_PER_LOOK) {
            let now = os::clock::monotonic_ns();
            if self.since == 0 {
                self.since = now;
            } else if now - self.since > dict.lock_timeout.as_nanos() as u64 {
                return Err(Error::LockTimeout { pid: 0, waited_ms: (now - self.since) / 1_000_000 });
            }
        }
        shmkit_object::sync::spin_loop();
        Ok(())
    }

    /// Notes that an index word points at something that no writer leaves there.
    #[cold]
    pub(crate) fn unsound(&mut self, dict: &Dict, word: IndexWord) -> Result<()> {
        let block = word.block();
        let version = match dict.segment.geometry.rest_of_page(block) {
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
        self.changed(dict)
    }
}
