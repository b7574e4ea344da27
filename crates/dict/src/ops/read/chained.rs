//! The fast path for values in a chain of blocks: they are copied straight to their destination, without a copy in
//! between.
//!
//! The protocol is that of [`super::slow`], which handles all other entries and any concurrent change.

use super::fast_lookup::{ProbeResult, Slot};
use super::result::{ReadResult, Validator};
use crate::entry::chain::Chain;
use crate::entry::read::Snapshot;
use crate::entry::view::{ValueView, ViewBytes};
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::ops::Dict;
use crate::value::{Key, ValueKind};
use shmkit_object::error::Result;
use shmkit_object::superblock::EpochWord;

impl Dict {
    /// Calls `make` with a view of a live entry's chained value. `None` means that the slow path must decide.
    // Cold, so that the fast path before it keeps its registers.
    #[cold]
    #[inline(never)]
    pub(crate) fn try_read_chain<T>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        make: &mut impl FnMut(ValueView<'_>) -> T,
    ) -> Result<Option<(ReadResult<T>, Validator)>> {
        let epoch = self.segment.live_epoch()?;
        let probe = match self.segment.geometry.is_elastic() {
            true => self.probe::<true>(hash),
            false => self.probe::<false>(hash),
        };
        let ProbeResult::Slot(Slot { at, word, .. }) = probe else { return Ok(None) };
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
        make: &mut impl FnMut(ValueView<'_>) -> T,
    ) -> Option<(ReadResult<T>, Validator)> {
        let segment = &*self.segment;
        let region = &segment.region;
        let is_current = |entry: &Snapshot| {
            region.read_fence();
            region.load(at) == word.0 && region.load(word.block()) == entry.version.0
        };
        let entry = Snapshot::read(segment, word.block()).ok()?;
        let chain = Chain::of(segment, word.block(), entry, key)?;
        // A torn length could ask for more memory than there is, so the entry is validated before as well.
        if entry.header.kind == ValueKind::List || entry.header.epoch != epoch.tag() || !is_current(&entry) {
            return None;
        }
        let output =
            make(ValueView { kind: entry.header.kind, scalar: 0, bytes: ViewBytes::Chained(&chain) });
        let mut observed_at = 0;
        if entry.cells.deadline != 0 {
            region.read_fence();
            if region.load(at) != word.0 {
                return None;
            }
            observed_at = segment.clock.now();
        }
        if chain.is_torn() || entry.is_expired(observed_at) || !is_current(&entry) {
            return None;
        }
        let (version, deadline) = (entry.version.0, entry.cells.deadline);
        Some((
            ReadResult { output, version, deadline, observed_at },
            Validator::new(epoch, at, word, entry.version),
        ))
    }
}
