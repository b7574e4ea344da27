//! Pins of a shard. A pin keeps the blocks of a long value as they are while a reader copies it without the lock.
//!
//! A pin takes a slot of the lease table:
//!
//! ```text
//! 0  offset of the pinned entry's block
//! 8  owner: slot 10 | generation 21 | 0 1 | 0 32
//! 16 token, from the shard's sequence
//! 24 state 3, the rest 0        4 pinned, 5 kept: the entry has been replaced or deleted, its blocks are still in use
//! ```
//! | step | under the lock | store                                   | dies before the next step: |
//! |------|----------------|-----------------------------------------|----------------------------|
//! | 1    | the reader     | block, owner, token, then state PINNED  | nothing is kept yet; a reader that needs the slot ends the pin |
//! | 2    | a writer       | the entry's version odd, state KEPT     | the next owner finishes the writer's publish: the entry is kept once |
//! | 3    | the reader     | the bits of the blocks, then state FREE | the next owner ends all kept pins before it uses a block |
//!
//! A pin only asks: what needs the space ends it, and the reader finds out under the lock and copies again. So a reader that
//! stands still, or is dead, takes nothing from others. Evictions, sweeps, and rebuilding end a pin instead of
//! keeping its blocks.

use crate::entry::read::Snapshot;
use crate::layout::version::Version;
use crate::lease::{FREE, OWNER, STATE, TOKEN, owner_word};
use crate::list;
use crate::shard::Shard;

const BLOCK: u64 = 0;
const PINNED: u64 = 4;
const KEPT: u64 = 5;

/// Proof of a granted pin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pin {
    pub(crate) shard: u32,
    slot: u32,
    token: u64,
}

impl Shard<'_> {
    /// Pins the entry in `block`, or returns `None` if the table is full.
    pub(crate) fn pin(&self, block: u64) -> Option<Pin> {
        self.end_pins(|slot| self.is_orphan(slot));
        let slot = (0..self.segment.geometry.leases).find(|&slot| self.lease_state(slot) == FREE)?;
        let (at, token) = (self.lease(slot), self.draw_sequence());
        self.count_one_more_lease();
        self.store(at + BLOCK, block);
        self.store(at + OWNER, owner_word(self.segment.me, 0));
        self.store(at + TOKEN, token);
        self.store(at + STATE, PINNED);
        Some(Pin { shard: self.id, slot, token })
    }

    /// Ends a pin. Returns whether it has lasted until now, so that its blocks have not changed.
    pub(crate) fn unpin(&self, pin: Pin) -> bool {
        let has_lasted = self.is_pin(pin.slot) && self.load(self.lease(pin.slot) + TOKEN) == pin.token;
        if has_lasted {
            self.end_pin(pin.slot);
        }
        has_lasted
    }

    /// Keeps the blocks of an entry that a writer frees, if a reader has pinned it. Returns whether it has.
    #[cold]
    pub(crate) fn keep_pinned(&self, block: u64) -> bool {
        let mut is_pinned = false;
        for slot in self.pins_of(block) {
            is_pinned = true;
            self.store(self.lease(slot) + STATE, KEPT);
        }
        is_pinned
    }

    /// Returns whether the blocks of an entry are kept for readers.
    #[inline(always)]
    pub(crate) fn is_kept(&self, block: u64) -> bool {
        self.has_leases() && self.has_kept(|slot| self.load(self.lease(slot) + BLOCK) == block)
    }

    /// Ends the pins of an entry that is about to be freed for its space.
    #[inline(always)]
    pub(crate) fn drop_pins_of(&self, block: u64) {
        if self.has_leases() {
            self.end_pins(|slot| self.load(self.lease(slot) + BLOCK) == block);
        }
    }

    /// Frees what is only kept for readers. Returns whether there was anything.
    #[inline(always)]
    pub(crate) fn end_kept_pins(&self) -> bool {
        self.has_leases() && self.end_pins(|slot| self.lease_state(slot) == KEPT)
    }

    /// Returns whether there is anything that is only kept for readers.
    #[inline(always)]
    pub(crate) fn has_kept_pins(&self) -> bool {
        self.has_leases() && self.has_kept(|_| true)
    }

    /// Ends all pins before the bitmaps are rebuilt, which frees what they keep.
    pub(crate) fn forget_pins(&self) {
        self.pins().for_each(|slot| self.store(self.lease(slot) + STATE, FREE));
    }

    /// Returns the blocks that are only kept for readers.
    pub(crate) fn kept_blocks(&self) -> Vec<u64> {
        let kept = self.pins().filter(|&slot| self.lease_state(slot) == KEPT);
        kept.flat_map(|slot| self.freed_blocks(self.load(self.lease(slot) + BLOCK))).collect()
    }

    /// Returns whether a slot of the lease table holds a pin.
    pub(crate) fn is_pin(&self, slot: u32) -> bool {
        matches!(self.lease_state(slot), PINNED | KEPT)
    }

    /// Ends the pin in a slot, and frees the blocks that no other pin keeps.
    pub(crate) fn end_pin(&self, slot: u32) {
        let block = self.load(self.lease(slot) + BLOCK);
        let is_last = self.lease_state(slot) == KEPT && self.pins_of(block).nth(1).is_none();
        let blocks = if is_last { self.freed_blocks(block) } else { Vec::new() };
        blocks.iter().for_each(|&block| self.unmark_at(block));
        self.store(self.lease(slot) + STATE, FREE);
        self.count_leases();
        if self.segment.wipe {
            blocks.iter().for_each(|&block| self.wipe_block(block));
        }
        blocks.iter().for_each(|&block| self.release_empty_at(block));
    }

    #[cold]
    #[inline(never)]
    fn has_kept(&self, is_meant: impl Fn(u32) -> bool) -> bool {
        self.pins().any(|slot| self.lease_state(slot) == KEPT && is_meant(slot))
    }

    #[cold]
    #[inline(never)]
    fn end_pins(&self, is_due: impl Fn(u32) -> bool) -> bool {
        let due: Vec<u32> = self.pins().filter(|&slot| is_due(slot)).collect();
        due.iter().for_each(|&slot| self.end_pin(slot));
        !due.is_empty()
    }

    fn pins(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.segment.geometry.leases).filter(|&slot| self.is_pin(slot))
    }

    fn pins_of(&self, block: u64) -> impl Iterator<Item = u32> + '_ {
        self.pins().filter(move |&slot| self.load(self.lease(slot) + BLOCK) == block)
    }

    /// Returns the blocks of a freed entry, each of them once; none if there is no such entry.
    fn freed_blocks(&self, block: u64) -> Vec<u64> {
        let mut blocks = Vec::new();
        if self.block_id(block).is_some()
            && let Ok(entry) = Snapshot::read_freed(self.segment, block)
            && Version(self.segment.region.load(block)).is_odd()
        {
            // An unsound link only ends the walk: the blocks after it are found when the shard is rebuilt.
            let _ = list::each_block(self.segment, block, &entry, &mut |block| blocks.push(block));
        }
        blocks
    }
}
