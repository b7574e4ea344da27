//! Committing: intent, marks, one store, the tail. Every step is in the program order that
//! `recovery` reads back.

use crate::entry::blocks;
use crate::entry::read::{Snapshot, Want};
use crate::entry::write::{Draft, Plan, compose};
use crate::index::find::{Found, Located, Place};
use crate::index::unreference;
use crate::intent::{self, Publish};
use crate::layout::hash::KeyHash;
use crate::layout::shard::{LIVE, NEXT_DEADLINE, STATE, STATE_REBUILD};
use crate::layout::word::{IndexWord, Link};
use crate::recovery;
use crate::segment::live_word;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::{Key, ValueKind};
use shmkit_object::superblock::EpochWord;

/// The shard's live word after an entry of `old` epoch went and, perhaps, one of `epoch` came.
fn live_after(shard: &Shard<'_>, epoch: EpochWord, old: Option<&Snapshot>, comes: bool) -> u64 {
    let gone = old.is_some_and(|entry| entry.header.epoch == epoch.tag());
    let live = shard.live(epoch.epoch()) + u64::from(comes);
    live_word(epoch.epoch(), live.saturating_sub(u64::from(gone)))
}

/// Publishes a drafted entry in the place of `found`'s entry or in its vacancy. Everything was picked
/// before, so nothing can fail from here on.
pub(crate) fn publish_entry(
    shard: &Shard<'_>,
    epoch: EpochWord,
    hash: KeyHash,
    found: &Found,
    draft: &Draft<'_>,
    plan: &Plan,
    picks: &Picks,
) {
    let sequence = shard.draw_sequence();
    let block = compose(shard, draft, plan, picks, sequence);
    note_deadline(shard, draft.cells.deadline);
    let live = live_after(shard, epoch, found.entry.as_ref().map(|(_, entry)| entry), true);
    let place = found.entry.map(|(place, _)| place).or(found.vacancy).expect("a place was found");
    let passed = if found.entry.is_some() { 0 } else { place.passed };
    let old = found.entry.as_ref().map(|(_, entry)| entry);
    replace_word(shard, Replacement { place, old, hash, passed, live }, block, picks);
    if found.entry.is_none() && shard.segment.evict {
        let bucket = shard.segment.geometry.bucket(shard.id, (place.position / 8) as u32);
        unreference(&shard.segment.region, bucket, place.position % 8);
    }
}

/// What an entry composed in fresh blocks comes into the place of.
struct Replacement<'a> {
    place: Place,
    old: Option<&'a Snapshot>,
    hash: KeyHash,
    /// Overflow counts that rise with it.
    passed: u32,
    /// The live word after.
    live: u64,
}

/// From the intent to IDLE, for an entry composed in `block`, the first of `picks`.
fn replace_word(shard: &Shard<'_>, with: Replacement<'_>, block: u64, picks: &Picks) {
    let Replacement { place, old, hash, passed, live } = with;
    let generation = shard.page(picks.places()[0].page).generation();
    let new = IndexWord::new(block, generation, hash.tag());
    let publish = Publish {
        position: place.position,
        old: place.word.0,
        new: new.0,
        live_after: live,
        fresh: Link::new(block, picks.offsets().len() as u64).0,
        passed,
    };
    publish.arm(shard);
    for at in shard.passed_buckets(hash, passed) {
        shard.adjust_overflow(at, 1);
    }
    for &fresh in picks.places() {
        shard.mark(fresh);
    }
    shard.set_word(place, new);
    finish(shard, &publish, old);
    intent::disarm(shard);
    if let Some(old) = old {
        release(shard, place.word, old);
    }
}

fn finish(shard: &Shard<'_>, publish: &Publish, old: Option<&Snapshot>) {
    if !recovery::finish_publish(shard, publish, old) {
        // The old entry was damaged: what it used is found by the next owner.
        shard.store32(STATE, STATE_REBUILD);
    }
}

/// Returns the pages that the freed entry leaves empty.
fn release(shard: &Shard<'_>, word: IndexWord, old: &Snapshot) {
    if blocks::is_single(old) {
        return shard.release_empty_at(word.block());
    }
    // An error only means that fewer empty pages are returned now.
    let _ = blocks::each(shard.segment, word.block(), old, &mut |block| shard.release_empty_at(block));
}

/// Unlinks an entry and frees its blocks.
pub(crate) fn remove_entry(shard: &Shard<'_>, epoch: EpochWord, located: &Located) {
    let Located { entry, hash, place } = located;
    // Nobody needs the number, but that it changes shows waiters and compaction that something did.
    shard.draw_sequence();
    let live = live_after(shard, epoch, Some(entry), false);
    let publish = Publish {
        position: place.position,
        old: place.word.0,
        new: IndexWord::EMPTY.0,
        live_after: live,
        fresh: 0,
        passed: place.passed,
    };
    publish.arm(shard);
    shard.set_word(*place, IndexWord::EMPTY);
    finish(shard, &publish, Some(entry));
    for at in shard.passed_buckets(*hash, place.passed) {
        shard.adjust_overflow(at, -1);
    }
    intent::disarm(shard);
    release(shard, place.word, entry);
}

/// Rewrites an entry in other blocks than those of page `avoid`; false if it cannot be done.
pub(crate) fn move_entry(shard: &Shard<'_>, located: &Located, avoid: u32) -> bool {
    let Located { entry, hash, place } = located;
    let geometry = &shard.segment.geometry;
    if entry.header.kind == ValueKind::List || entry.payload_len() > 16 * geometry.page_bytes() {
        return false;
    }
    let mut payload = Vec::new();
    if entry.copy_payload(shard.segment, place.word.block(), Want::Value, &mut payload).is_err() {
        return false;
    }
    let key = &payload[..entry.header.key_len as usize];
    let Ok(key) = Key::new(key, entry.header.wide) else { return false };
    let value = entry.entry(&payload).value;
    let draft = Draft { key, value, cells: entry.cells, epoch: entry.header.epoch };
    let plan = draft.plan(&geometry.classes, geometry.page_bytes(), shard.segment.checksums);
    let mut picks = Picks::avoiding(avoid);
    if plan.pick(shard, &mut picks).is_none() {
        return false;
    }
    let sequence = shard.draw_sequence();
    let block = compose(shard, &draft, &plan, &picks, sequence);
    let with =
        Replacement { place: *place, old: Some(entry), hash: *hash, passed: 0, live: shard.load(LIVE) };
    replace_word(shard, with, block, &picks);
    true
}

/// Keeps the shard's hint at or below the earliest deadline, before the entry can be seen.
pub(crate) fn note_deadline(shard: &Shard<'_>, deadline: u64) {
    if deadline != 0 && deadline < shard.load(NEXT_DEADLINE) {
        shard.store(NEXT_DEADLINE, deadline);
    }
}
