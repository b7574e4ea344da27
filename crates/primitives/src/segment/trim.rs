//! Moving the data to the front so that a death at any instant loses none of it.
//!
//! The bytes are moved in parts through the journal in the file's head, because a part may overlap its own
//! destination. `moved` counts the bytes done; its top bit says that the journal holds the next part.
//!
//! | step | what the next owner of the lock does after a death |
//! |---|---|
//! | store what to keep, then **arm** | moves everything |
//! | copy the part at `moved` to the journal | copies it again: nothing at or past it was overwritten |
//! | store `moved` with its top bit | copies it from the journal |
//! | copy it from the journal to its destination | copies it again |
//! | store `moved`, the part's end | continues with the next part |
//! | all moved: store the size; change the capacity | stores and changes the same again |
//! | **disarm** | nothing |

use super::SharedSegment;
use super::file::{INTENT, JOURNAL, JOURNAL_BYTES, SIZE};
use shmkit_object::error::Result;

/// States of the intent.
const IDLE: u64 = 0;
const ARMED: u64 = 1;
/// The fields after the state.
const FIRST: u64 = INTENT + 8;
const KEPT: u64 = INTENT + 16;
const MOVED: u64 = INTENT + 24;
/// In `moved`: the journal holds the part that begins there.
const IN_JOURNAL: u64 = 1 << 63;

impl SharedSegment {
    /// Arms the intent to move `kept` bytes from `first` on to the front.
    pub(super) fn begin_trim(&self, first: u64, kept: u64) {
        let region = &self.membership.region;
        region.store(FIRST, first);
        region.store(KEPT, kept);
        region.store(MOVED, 0);
        region.store(INTENT, ARMED);
    }

    /// Moves what the intent says and is not moved yet. The caller must hold the lock of S4. An implausible intent
    /// is dropped: the segment's bytes are untrusted.
    pub(super) fn finish_trim(&self) -> Result<()> {
        let region = &self.membership.region;
        let (first, kept, moved) = (region.load(FIRST), region.load(KEPT), region.load(MOVED));
        let is_plausible = first.checked_add(kept).is_some_and(|end| end <= self.capacity())
            && moved & !IN_JOURNAL <= kept
            && first > 0;
        if region.load(INTENT) == ARMED && is_plausible {
            self.move_down(first, kept, moved)?;
            region.store(SIZE, kept);
            self.resize(kept)?;
        } else if region.load(INTENT) == ARMED && moved == kept {
            // The capacity has been cut already.
            region.store(SIZE, kept.min(self.capacity()));
        }
        region.store(INTENT, IDLE);
        Ok(())
    }

    fn move_down(&self, first: u64, kept: u64, from: u64) -> Result<()> {
        let region = &self.membership.region;
        let Some(memory) = self.memory()? else { return Ok(()) };
        let mut moved = from & !IN_JOURNAL;
        let mut is_in_journal = from & IN_JOURNAL != 0;
        let mut part = Vec::with_capacity(JOURNAL_BYTES as usize);
        while moved < kept {
            let length = JOURNAL_BYTES.min(kept - moved) as usize;
            part.clear();
            if is_in_journal {
                region.copy_out(JOURNAL, length, &mut part);
            } else {
                part.resize(length, 0);
                // SAFETY: the vector is that long.
                unsafe { memory.read((first + moved) as usize, part.as_mut_ptr(), length) }?;
                region.copy_in(JOURNAL, &part);
                region.store(MOVED, moved | IN_JOURNAL);
            }
            // SAFETY: the vector is that long.
            unsafe { memory.write(moved as usize, part.as_ptr(), length) }?;
            moved += length as u64;
            region.store(MOVED, moved);
            is_in_journal = false;
            self.note_progress();
        }
        Ok(())
    }
}
