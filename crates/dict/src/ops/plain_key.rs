//! Keys looked at where they lie in shared memory, which takes a fraction of the time of copying their entries.

use super::Dict;
use crate::layout::header::{HEADER_BYTES, Header};
use crate::layout::plain::PlainLayout;
use crate::layout::version::Version;
use crate::layout::word::IndexWord;

/// The key of a plain entry, before it is known to be that of the entry.
#[derive(Debug)]
pub(super) struct PlainKey<'a> {
    /// The entry's header.
    pub header: Header,
    /// The entry's layout.
    pub layout: &'a PlainLayout,
    /// The offset of the key, whose bytes, padded to 8, are all within the region.
    pub at: u64,
}

impl Dict {
    /// Calls `look` with the key of the entry that `word`, loaded from offset `at`, points at. Returns what it returns if the
    /// entry did not change meanwhile, and `None` if it did or is not plain.
    #[inline(always)]
    pub(super) fn look_at_key<T>(
        &self,
        at: u64,
        word: IndexWord,
        look: impl FnOnce(PlainKey<'_>) -> Option<T>,
    ) -> Option<T> {
        let (segment, block) = (&*self.segment, word.block());
        let region = &segment.region;
        if !region.reaches(block, HEADER_BYTES) {
            return None;
        }
        let version = Version(region.load(block));
        let bits = region.load_relaxed(block + 8);
        let header = Header::decode(bits).filter(|header| !header.chained)?;
        let layout = segment.plain_layouts.of(bits)?;
        let key = block + u64::from(layout.payload) * 8;
        if !region.reaches(key, u64::from(header.key_len).next_multiple_of(8)) {
            return None;
        }
        let seen = look(PlainKey { header, layout, at: key })?;
        // As for every read: the index word, then the version; `read::slow` says why.
        region.read_fence();
        let is_current = region.load(at) == word.0 && region.load(block) == version.0;
        (is_current && !version.is_odd()).then_some(seen)
    }
}
