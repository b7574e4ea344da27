//! The blocks that the rest of a chain takes: as many whole pages as it fills, and one or two smaller blocks for the
//! remainder. The smaller blocks come first in the chain; only they share pages with other entries.

use crate::layout::class::Classes;
use crate::layout::header::HEADER_BYTES;
use crate::shard::Shard;
use crate::slab::Picks;

/// The blocks of a chain after its first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct PiecePlan {
    /// Classes of the blocks for the remainder.
    pub ends: [Option<u8>; 2],
    /// Number of pieces of a whole page each.
    pub pages: u64,
}

impl PiecePlan {
    /// Returns the plan for `bytes`.
    pub(crate) fn holding(classes: &Classes, bytes: u64) -> PiecePlan {
        let page = u64::from(classes.size(classes.whole_page()).expect("a class"));
        let capacity = page - HEADER_BYTES;
        PiecePlan { ends: ends(classes, bytes % capacity), pages: bytes / capacity }
    }

    /// Returns the number of blocks.
    pub(crate) fn blocks(&self) -> u64 {
        self.ends.iter().flatten().count() as u64 + self.pages
    }

    /// Returns the bytes of all blocks.
    pub(crate) fn bytes(&self, classes: &Classes) -> u64 {
        let size = |class| u64::from(classes.size(class).unwrap_or(0));
        self.ends.into_iter().flatten().map(size).sum::<u64>() + self.pages * size(classes.whole_page())
    }

    /// Picks the blocks, in addition to the present picks. Returns `None` if there is no space, or no hint of it.
    pub(crate) fn pick(&self, shard: &Shard<'_>, picks: &mut Picks) -> Option<()> {
        if self.pages > 1 && !shard.may_have_pages(self.pages) {
            return None;
        }
        for class in self.ends.into_iter().flatten() {
            shard.pick(class, picks)?;
        }
        if self.pages > 0 { shard.pick_pages(self.pages, picks) } else { Some(()) }
    }

    /// Like `pick`, with larger blocks for the remainder if there are none of its classes.
    pub(crate) fn pick_or_larger(&self, shard: &Shard<'_>, picks: &mut Picks) -> Option<()> {
        for class in self.ends.into_iter().flatten() {
            shard.pick(class, picks).or_else(|| shard.pick_larger(class, picks))?;
        }
        if self.pages > 0 { shard.pick_pages(self.pages, picks) } else { Some(()) }
    }
}

/// Returns one block for `bytes`, which fit into a page, or two if that saves at least a quarter.
fn ends(classes: &Classes, bytes: u64) -> [Option<u8>; 2] {
    if bytes == 0 {
        return [None, None];
    }
    let need = bytes + HEADER_BYTES;
    let one = classes.holding(need);
    let size = |class: u8| u64::from(classes.size(class).expect("a class"));
    if let (Some(one), Some(first)) = (one, classes.within(need))
        && need < size(one)
    {
        let rest = bytes - (size(first) - HEADER_BYTES);
        let second = classes.holding(rest + HEADER_BYTES);
        if rest > 0 && second.is_some_and(|second| (size(first) + size(second)) * 4 <= size(one) * 3) {
            return [Some(first), second];
        }
    }
    [one, None]
}
