//! Recovery: what the next owner of a shard's lock does after the last one died while holding it.
//!
//! | the dead writer got to            | state found                 | action                             |
//! |-----------------------------------|-----------------------------|------------------------------------|
//! | before arming                     | IDLE                        | none: its blocks are not marked    |
//! | arming .. before the commit store | armed, commit word is `old` | undo: unmark the fresh blocks      |
//! | the commit store .. before IDLE   | armed, commit word is `new` | redo: free the old, set the counter|
//! | IDLE ..                           | IDLE                        | none: it was complete              |
//! | anything else                     | damaged                     | rebuild the shard from its index   |
//!
//! Then, if the state says so, the next owner moves what the dead writer put into the shard's reserve.
//!
//! The commit word is the index word, or the version of the entry of a list. Every step is idempotent, so a recovering
//! process may itself die anywhere. `docs/recovery.md` explains the steps.

pub(crate) mod audit;
pub(crate) mod rebuild;
pub(crate) mod survey;

use crate::entry::blocks;
use crate::entry::read::Snapshot;
use crate::index::double::recover_doubling;
use crate::intent::{self, Intent, ListChange, ListPushes, Publish};
use crate::layout::shard::{LEAKS, LIVE, STATE, STATE_OK, STATE_VACATE};
use crate::layout::version::Version;
use crate::layout::word::{IndexWord, Link};
use crate::list;
use crate::ops::reserve::vacate_reserve;
use crate::shard::Shard;

/// Returns whether the last owner left an operation unfinished.
#[inline]
pub(crate) fn is_needed(shard: &Shard<'_>) -> bool {
    intent::is_armed(shard) || shard.load32(STATE) != STATE_OK
}

/// Completes or undoes the last owner's operation. The caller must hold the lock.
#[cold]
pub(crate) fn recover(shard: &Shard<'_>) {
    shard.segment.count_recovery();
    shard.tell_for_last_owner();
    let trusted = matches!(shard.load32(STATE), STATE_OK | STATE_VACATE);
    let done = trusted
        && match intent::read(shard) {
            Intent::Idle => true,
            Intent::Publish(publish) => recover_publish(shard, &publish),
            Intent::List(change) => recover_list(shard, &change),
            Intent::Pushes(pushes) => recover_pushes(shard, &pushes),
            Intent::Doubling(level) => recover_doubling(shard, level),
            Intent::Damaged => false,
        };
    if done {
        intent::disarm(shard);
    } else {
        rebuild::rebuild(shard);
    }
    // The dead writer may have freed some of their blocks, so this comes before any block is used.
    shard.end_kept_pins();
    if shard.segment.wipe {
        shard.wipe_free_blocks();
    }
    match shard.load32(STATE) {
        STATE_VACATE => vacate_reserve(shard),
        state => debug_assert_eq!(state, STATE_OK),
    }
}

/// Returns false if the record does not match the index.
fn recover_publish(shard: &Shard<'_>, publish: &Publish) -> bool {
    let current = shard.index_word(publish.position).0;
    let leaked = publish.passed > 0;
    if leaked {
        // Some of the counts may not have been changed. Assuming too many leaks is harmless.
        shard.store32(LEAKS, shard.load32(LEAKS).saturating_add(publish.passed));
    }
    if current == publish.new {
        finish_publish(shard, publish, None)
    } else if current == publish.old {
        publish.fresh == 0 || unmark_entry(shard, IndexWord(publish.new).block())
    } else {
        false
    }
}

/// Performs the steps after the commit store, both for the writer, which knows the old entry, and for recovery.
/// Returns false if the old entry cannot be walked.
pub(crate) fn finish_publish(shard: &Shard<'_>, publish: &Publish, old: Option<&Snapshot>) -> bool {
    let freed = publish.old == 0 || free_entry(shard, IndexWord(publish.old).block(), old);
    shard.store(LIVE, publish.live_after);
    freed
}

/// Makes an entry's version odd, so that no reader accepts its blocks again, and frees them.
fn free_entry(shard: &Shard<'_>, block: u64, entry: Option<&Snapshot>) -> bool {
    let region = &shard.segment.region;
    let Some(id) = shard.block_id(block) else { return false };
    region.store(block, Version(region.load(block)).odd().0);
    match entry {
        Some(entry) if blocks::is_single(entry) => shard.unmark(id),
        _ if shard.has_leases() && shard.keep_pinned(block) => return true,
        _ => return unmark_entry(shard, block),
    }
    true
}

fn unmark_entry(shard: &Shard<'_>, block: u64) -> bool {
    match Snapshot::read_freed(shard.segment, block) {
        Ok(entry) => {
            list::each_block(shard.segment, block, &entry, &mut |block| shard.unmark_at(block)).is_ok()
        }
        Err(_) => false,
    }
}

fn recover_list(shard: &Shard<'_>, change: &ListChange) -> bool {
    if shard.block_id(change.block).is_none() {
        return false;
    }
    let version = shard.segment.region.load(change.block);
    if version == change.after {
        finish_list(shard, change)
    } else if version == change.before {
        unmark_linked(shard, change.fresh_chunk, change.fresh_chain)
    } else {
        false
    }
}

fn recover_pushes(shard: &Shard<'_>, pushes: &ListPushes) -> bool {
    if shard.block_id(pushes.block).is_none() {
        return false;
    }
    let version = shard.segment.region.load(pushes.block);
    if version == pushes.before {
        list::each_pushed_block(shard.segment, pushes, &mut |block| shard.unmark_at(block)).is_ok()
    } else {
        version == pushes.after
    }
}

/// Performs the steps after the commit store of a list, both for the writer and for recovery.
pub(crate) fn finish_list(shard: &Shard<'_>, change: &ListChange) -> bool {
    if shard.segment.wipe {
        shard.wipe_popped(change);
    }
    unmark_linked(shard, change.retired_chunk, change.retired_chain)
}

/// Marks the blocks that a change of a list adds.
pub(crate) fn mark_fresh(shard: &Shard<'_>, change: &ListChange) {
    if change.fresh_chunk != 0 {
        mark_at(shard, Link(change.fresh_chunk).block());
    }
    // The chain was written under this lock, so it is sound.
    for piece in blocks::linked(shard.segment, Link(change.fresh_chain)).flatten() {
        mark_at(shard, piece.block);
    }
}

fn mark_at(shard: &Shard<'_>, block: u64) {
    if let Some(id) = shard.block_id(block) {
        shard.mark(id);
    }
}

/// Releases the pages that a change of a list leaves empty. The intent must be idle.
pub(crate) fn release_retired(shard: &Shard<'_>, change: &ListChange) {
    for piece in blocks::linked(shard.segment, Link(change.retired_chain)).flatten() {
        shard.release_empty_at(piece.block);
    }
    if change.retired_chunk != 0 {
        shard.release_empty_at(Link(change.retired_chunk).block());
    }
}

fn unmark_linked(shard: &Shard<'_>, chunk: u64, chain: u64) -> bool {
    if chunk != 0 {
        shard.unmark_at(Link(chunk).block());
    }
    let mut sound = true;
    for piece in blocks::linked(shard.segment, Link(chain)) {
        match piece {
            Ok(piece) => shard.unmark_at(piece.block),
            Err(_) => sound = false,
        }
    }
    sound
}
