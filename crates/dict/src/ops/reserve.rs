//! Overwriting in a full dictionary, through the reserve of the shard.
//!
//! If no block is free for an entry that replaces another one, it is written into the reserve, and is moved out at once,
//! into what the old entry has left. Both steps are ordinary publishes, between two stores of the shard's state:
//!
//! | step | store                              | dies before the next step: the next owner |
//! |------|------------------------------------|-------------------------------------------|
//! | 1    | state VACATE                       | finds the reserve empty, stores OK        |
//! | 2    | publish the entry in the reserve   | completes it, moves the entry, stores OK  |
//! | 3    | publish it in blocks of its own    | the same                                  |
//! | 4    | state OK                           | does nothing                              |
//! | 5    | empty pages returned               | finds them when space is needed           |
//!
//! Until step 4 the shard's lock is held and no page is returned, so what the old entry has left stays free: step 3 finds
//! room, also when the next owner takes it.

use super::commit::{move_from_reserve, publish_unreleased, release};
use crate::entry::Shape;
use crate::entry::piece_plan::PiecePlan;
use crate::entry::read::Snapshot;
use crate::entry::write::{BlockPlan, EntryDraft};
use crate::guard::Guard;
use crate::index::find::LookupResult;
use crate::layout::hash::KeyHash;
use crate::layout::header::MAX_INLINE_VALUE;
use crate::layout::shard::{STATE, STATE_OK, STATE_VACATE};
use crate::list;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::ValueKind;
use smallvec::SmallVec;

/// Longest chain, in pages, that goes through the reserve.
const MOST_PAGES: u64 = 15;

/// What an entry needs to get to its blocks through the reserve.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Detour {
    /// The blocks of the entry in the reserve.
    transit: BlockPlan,
    /// The blocks after its first that the old entry does not leave for it.
    missing: PiecePlan,
}

impl Detour {
    /// Returns how `draft` can replace the entry that was found, without regard to what is free.
    pub(crate) fn of(
        shard: &Shard<'_>,
        found: &LookupResult,
        draft: &EntryDraft<'_>,
        plan: &BlockPlan,
    ) -> Option<Detour> {
        let classes = &shard.segment.geometry.classes;
        let (slot, old) = found.entry.as_ref()?;
        let head = shard.block_id(slot.word.block())?.class;
        let is_enough = if plan.header.chained { head == plan.head } else { head >= plan.head };
        if !is_enough || head == classes.reserve() || plan.pieces.pages > MOST_PAGES {
            return None;
        }
        let transit = BlockPlan { head: classes.reserve(), ..in_one_block(shard, draft).unwrap_or(*plan) };
        let missing = missing(shard, slot.word.block(), old, plan)?;
        Some(Detour { transit, missing })
    }

    /// Picks the blocks of the entry in the reserve. Returns `None` if there is no space.
    pub(crate) fn pick(&self, shard: &Shard<'_>) -> Option<Picks> {
        let mut picks = Picks::of_reserve(shard, shard.free_reserve()?);
        let transit = self.transit.pieces.pick(shard, &mut picks);
        let count = picks.offsets().len();
        let Some(()) = transit.and_then(|()| self.missing.pick_or_larger(shard, &mut picks)) else {
            shard.release_picked(&picks);
            return None;
        };
        picks.truncate(count);
        Some(picks)
    }
}

/// Returns the plan of a draft in a single block, if a page is large enough.
fn in_one_block(shard: &Shard<'_>, draft: &EntryDraft<'_>) -> Option<BlockPlan> {
    let header = draft.header(false);
    let need = Shape::of(&header, shard.segment.checksums).payload + draft.payload_len();
    let fits =
        need <= shard.segment.geometry.page_bytes() && draft.value.bytes.len() as u64 <= MAX_INLINE_VALUE;
    fits.then_some(BlockPlan { header, head: 0, pieces: PiecePlan::default() })
}

/// Returns the pieces of a plan for which the old entry leaves no block; `None` if the old entry cannot be walked.
fn missing(shard: &Shard<'_>, block: u64, old: &Snapshot, plan: &BlockPlan) -> Option<PiecePlan> {
    let mut missing = plan.pieces;
    if missing.blocks() == 0 || old.header.kind == ValueKind::List {
        return Some(missing);
    }
    let mut left = SmallVec::<[u8; 16]>::new();
    let mut note = |part| {
        if part != block
            && left.len() < 16
            && let Some(id) = shard.block_id(part)
        {
            left.push(id.class);
        }
    };
    list::each_block(shard.segment, block, old, &mut note).ok()?;
    let mut take = |class| left.iter().position(|&other| other == class).map(|at| left.swap_remove(at));
    for end in &mut missing.ends {
        *end = end.filter(|&class| take(class).is_none());
    }
    while missing.pages > 0 && take(shard.segment.geometry.classes.whole_page()).is_some() {
        missing.pages -= 1;
    }
    Some(missing)
}

/// Publishes a draft through the reserve, in the blocks that `detour` picked.
pub(crate) fn publish_through_reserve(
    guard: &Guard<'_>,
    hash: KeyHash,
    found: &LookupResult,
    draft: &EntryDraft<'_>,
    detour: &Detour,
    picks: &Picks,
) {
    let (slot, old) = found.entry.as_ref().expect("a detour replaces an entry");
    let page = guard.segment.page_of(slot.word.block()).expect("the entry was found there");
    guard.drop_pins_of(slot.word.block());
    guard.store32(STATE, STATE_VACATE);
    publish_unreleased(guard, guard.epoch(), hash, found, draft, &detour.transit, picks);
    move_from_reserve(guard, page..page + 1);
    finish_vacating(guard);
    release(guard, slot.word, old);
}

/// Moves what is in the reserve to blocks of its own, for an owner that died or was not able to.
pub(crate) fn vacate_reserve(shard: &Shard<'_>) {
    shard.reset_partial_hints();
    move_from_reserve(shard, 0..shard.segment.pages());
    finish_vacating(shard);
}

fn finish_vacating(shard: &Shard<'_>) {
    // Not if the old entry was damaged: then the shard has to be rebuilt.
    if shard.load32(STATE) == STATE_VACATE {
        shard.store32(STATE, STATE_OK);
    }
}
