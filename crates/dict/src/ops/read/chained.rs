//! One look for an entry whose value is a chain, without a copy of its own: large values go straight to where they
//! are wanted.
//!
//! The protocol is that of [`super::slow`]. Whatever is otherwise, or changes under it, is left to that.

use super::fast_lookup::{Sight, Sighted};
use super::result::{Reading, Witness};
use crate::entry::chain::Chain;
use crate::entry::read::Snapshot;
use crate::entry::view::{Seen, SeenBytes};
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::ops::Dict;
use crate::value::{Key, ValueKind};
use shmkit_object::error::Result;
use shmkit_object::superblock::EpochWord;

impl Dict {
    /// Lets `make` something of the value of a live entry in a chain. `None` says nothing but that it takes a closer
    /// look.
    // Cold, so that the short way before it keeps its registers.
    #[cold]
    #[inline(never)]
    pub(crate) fn look_at_chain<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        make: &mut impl FnMut(Seen<'_>) -> T,
    ) -> Result<Option<(Reading<T>, Witness)>> {
        let epoch = self.segment.live_epoch()?;
        let Sighted::Word(Sight { at, word, .. }) = self.seek(hash) else { return Ok(None) };
        let found = self.read_chain(at, word, key, epoch, make);
        if found.is_some() {
            self.count_read(true, Some(at));
        }
        Ok(found)
    }

    fn read_chain<T>(
        &self,
        at: u64,
        word: IndexWord,
        key: Key<'_>,
        epoch: EpochWord,
        make: &mut impl FnMut(Seen<'_>) -> T,
    ) -> Option<(Reading<T>, Witness)> {
        let segment = &*self.segment;
        let region = &segment.region;
        let stands = |entry: &Snapshot| {
            region.read_fence();
            region.load(at) == word.0 && region.load(word.block()) == entry.version.0
        };
        let entry = Snapshot::read(segment, word.block()).ok()?;
        let chain = Chain::of(segment, word.block(), entry, key)?;
        // A torn length would ask for memory that nobody has: so the same checks before.
        if entry.header.kind == ValueKind::List || entry.header.epoch != epoch.tag() || !stands(&entry) {
            return None;
        }
        let made = make(Seen { kind: entry.header.kind, scalar: 0, bytes: SeenBytes::Chained(&chain) });
        let mut seen_at = 0;
        if entry.cells.deadline != 0 {
            region.read_fence();
            if region.load(at) != word.0 {
                return None;
            }
            seen_at = segment.clock.now();
        }
        if chain.is_torn() || entry.is_expired(seen_at) || !stands(&entry) {
            return None;
        }
        let (version, deadline) = (entry.version.0, entry.cells.deadline);
        Some((Reading { made, version, deadline, seen_at }, Witness::new(epoch, at, word, entry.version)))
    }
}
