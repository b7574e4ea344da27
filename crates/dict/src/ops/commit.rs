//! Committing: the intent, the marks, one store, the steps after it. Their order is the one that `recovery` relies on.

use crate::entry::blocks;
use crate::entry::read::{Snapshot, Want};
use crate::entry::write::{BlockPlan, EntryDraft, compose};
use crate::feed::{Change, Told, Untold};
use crate::index::find::{EntryLocation, IndexSlot, LookupResult};
use crate::index::unreference;
use crate::intent::{self, Publish};
use crate::layout::hash::KeyHash;
use crate::layout::shard::{LIVE, NEXT_DEADLINE, STATE, STATE_REBUILD};
use crate::layout::version::Version;
use crate::layout::word::{IndexWord, Link};
use crate::list;
use crate::recovery;
use crate::segment::live_word;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::{Key, ValueKind};
use shmkit_object::superblock::EpochWord;
use std::ops::Range;

/// Returns the shard's live word after `old` is removed and, if `adds`, an entry of `epoch` is added.
fn live_after(shard: &Shard<'_>, epoch: EpochWord, old: Option<&Snapshot>, adds: bool) -> u64 {
    let removed = old.is_some_and(|entry| entry.header.epoch == epoch.tag());
    let live = shard.live(epoch.epoch()) + u64::from(adds);
    live_word(epoch.epoch(), live.saturating_sub(u64::from(removed)))
}

/// Publishes a draft in the slot of the entry that was found, or in the vacancy. All blocks are picked, so nothing can
/// fail from here on.
pub(crate) fn publish_entry(
    shard: &Shard<'_>,
    epoch: EpochWord,
    hash: KeyHash,
    found: &LookupResult,
    draft: &EntryDraft<'_>,
    plan: &BlockPlan,
    picks: &Picks,
) {
    publish_unreleased(shard, epoch, hash, found, draft, plan, picks);
    if let Some((slot, old)) = &found.entry {
        release(shard, slot.word, old);
    }
}

/// Like `publish_entry`, without returning the pages that the old entry leaves empty.
pub(crate) fn publish_unreleased(
    shard: &Shard<'_>,
    epoch: EpochWord,
    hash: KeyHash,
    found: &LookupResult,
    draft: &EntryDraft<'_>,
    plan: &BlockPlan,
    picks: &Picks,
) {
    note_deadline(shard, draft.cells.deadline);
    let sequence = shard.draw_sequence();
    let block = compose(shard, draft, plan, picks, sequence);
    let live = live_after(shard, epoch, found.entry.as_ref().map(|(_, entry)| entry), true);
    let slot = found.entry.map(|(slot, _)| slot).or(found.vacancy).expect("the caller found a slot");
    let passed = if found.entry.is_some() { 0 } else { slot.passed };
    let old = found.entry.as_ref().map(|(_, entry)| entry);
    let replaced_deadline =
        old.filter(|old| old.header.epoch == draft.epoch).map_or(0, |old| old.cells.deadline);
    let version = Version::fresh(sequence);
    let told = Told { change: Change::Set, key: draft.key, version, epoch: draft.epoch, block };
    let untold = shard.note_set(told, replaced_deadline);
    replace_word(shard, Replacement { slot, old, hash, passed, live, untold }, block, picks);
    if found.entry.is_none() && shard.segment.evict {
        let bucket = shard.segment.geometry.bucket(shard.id, (slot.position / 8) as u32);
        unreference(&shard.segment.region, bucket, slot.position % 8);
    }
}

/// What an entry in fresh blocks replaces.
struct Replacement<'a> {
    slot: IndexSlot,
    old: Option<&'a Snapshot>,
    hash: KeyHash,
    /// Overflow counts that rise with it.
    passed: u32,
    /// The live word after.
    live: u64,
    /// What watchers are told after the commit.
    untold: Untold,
}

/// Performs all steps from the intent to IDLE for an entry composed in `block`, the first of `picks`.
fn replace_word(shard: &Shard<'_>, with: Replacement<'_>, block: u64, picks: &Picks) {
    let Replacement { slot, old, hash, passed, live, untold } = with;
    let generation = shard.page(picks.ids()[0].page).generation();
    let new = IndexWord::new(block, generation, hash.tag());
    let publish = Publish {
        position: slot.position,
        old: slot.word.0,
        new: new.0,
        live_after: live,
        fresh: Link::new(block, picks.offsets().len() as u64).0,
        passed,
    };
    publish.arm(shard);
    for at in shard.passed_buckets(hash, passed) {
        shard.adjust_overflow(at, 1);
    }
    for &fresh in picks.ids() {
        shard.mark(fresh);
    }
    shard.set_word(slot, new);
    finish(shard, &publish, old);
    shard.tell(untold);
    intent::disarm(shard);
    if let Some(old) = old {
        wipe_freed(shard, slot.word, old);
    }
}

/// Overwrites a freed entry, if the dictionary is one that does. At once, as its blocks may be picked next.
#[inline]
fn wipe_freed(shard: &Shard<'_>, word: IndexWord, old: &Snapshot) {
    if shard.segment.wipe && !shard.is_kept(word.block()) {
        shard.wipe_entry(word, old);
    }
}

fn finish(shard: &Shard<'_>, publish: &Publish, old: Option<&Snapshot>) {
    if !recovery::finish_publish(shard, publish, old) {
        // The old entry was damaged: the next owner of the lock finds its blocks.
        shard.store32(STATE, STATE_REBUILD);
    }
}

/// Releases the pages that the freed entry leaves empty.
pub(crate) fn release(shard: &Shard<'_>, word: IndexWord, old: &Snapshot) {
    if blocks::is_single(old) {
        return shard.release_empty_at(word.block());
    }
    // An error, or a list that is wiped, only means that fewer empty pages are released now.
    let _ = list::each_block(shard.segment, word.block(), old, &mut |block| shard.release_empty_at(block));
}

/// Unlinks an entry and frees its blocks. `change` is what watchers are told if the entry is live.
pub(crate) fn remove_entry(shard: &Shard<'_>, epoch: EpochWord, location: &EntryLocation, change: Change) {
    if blocks::is_single(&location.entry) {
        remove_unreleased(shard, epoch, location, change);
        return shard.release_empty_at(location.slot.word.block());
    }
    if change != Change::Delete {
        // What is removed for its space is kept for no reader.
        shard.drop_pins_of(location.slot.word.block());
    }
    remove_unreleased(shard, epoch, location, change);
    release(shard, location.slot.word, &location.entry);
}

/// Like `remove_entry`, without returning the pages that it leaves empty.
pub(crate) fn remove_unreleased(
    shard: &Shard<'_>,
    epoch: EpochWord,
    location: &EntryLocation,
    change: Change,
) {
    let EntryLocation { entry, hash, slot } = location;
    // The change also shows waiters and compaction that there was progress.
    let version = Version::fresh(shard.draw_sequence());
    let untold = shard.note_removal(change, slot.word.block(), entry, version, epoch.tag());
    let live = live_after(shard, epoch, Some(entry), false);
    let publish = Publish {
        position: slot.position,
        old: slot.word.0,
        new: IndexWord::EMPTY.0,
        live_after: live,
        fresh: 0,
        passed: slot.passed,
    };
    publish.arm(shard);
    shard.set_word(*slot, IndexWord::EMPTY);
    finish(shard, &publish, Some(entry));
    for at in shard.passed_buckets(*hash, slot.passed) {
        shard.adjust_overflow(at, -1);
    }
    shard.tell(untold);
    intent::disarm(shard);
    wipe_freed(shard, slot.word, entry);
}

/// Moves an entry to blocks outside of page `avoid`. Returns false if that is not possible.
pub(crate) fn move_entry(shard: &Shard<'_>, location: &EntryLocation, avoid: u32) -> bool {
    let moved = copy_entry(shard, location, |plan| {
        let mut picks = Picks::avoiding(avoid);
        plan.pick(shard, &mut picks)?;
        Some((plan, picks))
    });
    if moved {
        release(shard, location.slot.word, &location.entry);
    }
    moved
}

/// Moves the entry in the reserve, if there is one, to blocks of its own. If none of its class is free, one of `pages`
/// that is empty is divided anew, or it takes a larger block. Returns false if it stays.
pub(crate) fn move_from_reserve(shard: &Shard<'_>, pages: Range<u32>) -> bool {
    let Some(id) = shard.used_reserve() else { return true };
    let Some(location) = shard.position_of(shard.segment.geometry.page(id.page)) else { return false };
    copy_entry(shard, &location, |plan| {
        let mut picks = Picks::default();
        pick_head(shard, &plan, pages, &mut picks)?;
        plan.pieces.pick_or_larger(shard, &mut picks)?;
        Some((BlockPlan { head: picks.ids()[0].class, ..plan }, picks))
    })
}

/// Picks the first block of a plan from the shard's own pages.
fn pick_head(shard: &Shard<'_>, plan: &BlockPlan, pages: Range<u32>, picks: &mut Picks) -> Option<()> {
    if shard.pick_kept(plan.head, picks).is_some() {
        return Some(());
    }
    if plan.header.chained {
        return shard.pick(plan.head, picks);
    }
    if shard.divide_anew(pages, plan.head).is_some() {
        return shard.pick_kept(plan.head, picks);
    }
    shard.pick_larger(plan.head, picks)
}

/// Copies an entry to the blocks that `pick` finds and frees its old ones. Returns false if that is not possible.
fn copy_entry(
    shard: &Shard<'_>,
    location: &EntryLocation,
    pick: impl FnOnce(BlockPlan) -> Option<(BlockPlan, Picks)>,
) -> bool {
    let EntryLocation { entry, hash, slot } = location;
    let geometry = &shard.segment.geometry;
    if entry.header.kind == ValueKind::List || entry.payload_len() > 16 * geometry.page_bytes() {
        return false;
    }
    let mut payload = Vec::new();
    if entry.copy_payload(shard.segment, slot.word.block(), Want::Value, &mut payload).is_err() {
        return false;
    }
    let key = &payload[..entry.header.key_len as usize];
    let Ok(key) = Key::new(key, entry.header.wide) else { return false };
    let value = entry.entry(&payload).value;
    let draft = EntryDraft { key, value, cells: entry.cells, epoch: entry.header.epoch };
    let plan = draft.plan(&geometry.classes, geometry.page_bytes(), shard.segment.checksums);
    let Some((plan, picks)) = pick(plan) else { return false };
    let sequence = shard.draw_sequence();
    let block = compose(shard, &draft, &plan, &picks, sequence);
    let with = Replacement {
        slot: *slot,
        old: Some(entry),
        hash: *hash,
        passed: 0,
        live: shard.load(LIVE),
        untold: Untold::NOTHING,
    };
    replace_word(shard, with, block, &picks);
    true
}

/// Lowers the shard's hint to at most the entry's deadline, before the entry can be reached.
pub(crate) fn note_deadline(shard: &Shard<'_>, deadline: u64) {
    if deadline != 0 && deadline < shard.load(NEXT_DEADLINE) {
        shard.store(NEXT_DEADLINE, deadline);
    }
}
