//! Changes in place. The other cell of each pair is written, then one store of the version commits all of them. A death
//! before that store leaves the old value; there is nothing to recover.

use crate::entry::Cells;
use crate::entry::plain::Plain;
use crate::entry::read::Snapshot;
use crate::feed::{Change, Told};
use crate::layout::version::Version;
use crate::ops::commit::note_deadline;
use crate::shard::Shard;
use crate::value::Key;

/// Commits new cells with one store of the version, and returns it.
pub(super) fn change_in_place(
    shard: &Shard<'_>,
    key: Key<'_>,
    block: u64,
    entry: &Snapshot,
    cells: &Cells,
) -> Version {
    let next = entry.version.in_place(shard.draw_sequence());
    note_deadline(shard, cells.deadline);
    let epoch = entry.header.epoch;
    let untold = shard.note_change(Told { change: Change::Set, key, version: next, epoch, block });
    store_cells(shard, block, entry, cells, next);
    shard.tell(untold);
    next
}

/// Writes the cells that `next` selects, and commits them with the store of that version.
pub(super) fn store_cells(shard: &Shard<'_>, block: u64, entry: &Snapshot, cells: &Cells, next: Version) {
    let region = &shard.segment.region;
    let payload_check = match entry.shape.check {
        0 => 0,
        check => region.load_relaxed(block + check) as u32,
    };
    cells.write(region, block, entry.shape, next, payload_check);
    region.store(block, next.0);
}

/// Like `change_in_place`, for a plain entry. Returns its new version.
// Always inlined: an entry is several words and would be passed through memory.
#[inline(always)]
pub(super) fn change_plain(
    shard: &Shard<'_>,
    key: Key<'_>,
    entry: &Plain<'_>,
    scalar: u64,
    deadline: u64,
) -> Version {
    let next = entry.version.in_place(shard.draw_sequence());
    note_deadline(shard, deadline);
    if shard.is_watched() {
        return change_told(*shard, key, *entry, (next, scalar, deadline));
    }
    entry.write_cells(next, scalar, deadline);
    entry.store_version(next);
    next
}

/// Commits what `change_plain` changes, and tells it. Out of line and with copies, so that a writer that none watches keeps
/// its shard and entry in registers.
#[cold]
#[inline(never)]
fn change_told(
    shard: Shard<'_>,
    key: Key<'_>,
    entry: Plain<'_>,
    (next, scalar, deadline): (Version, u64, u64),
) -> Version {
    let (epoch, block) = (entry.epoch(), entry.block());
    let untold = shard.note_change(Told { change: Change::Set, key, version: next, epoch, block });
    entry.write_cells(next, scalar, deadline);
    entry.store_version(next);
    shard.tell(untold);
    next
}
