//! Pushing several items to a list at one instant.

use super::atomic::{change_in_place, store_cells};
use crate::entry::Cells;
use crate::entry::piece_plan::PiecePlan;
use crate::entry::read::Snapshot;
use crate::entry::write::{BlockPlan, EntryDraft};
use crate::feed::{Change, Told};
use crate::guard::Guard;
use crate::intent::{self, ListPushes};
use crate::layout::statistics::Statistic;
use crate::list;
use crate::ops::Dict;
use crate::ops::commit::note_deadline;
use crate::ops::read::lists::{NOT_A_LIST, damaged};
use crate::ops::space::make_space::MakeSpace;
use crate::ops::space::needed::SpaceNeeded;
use crate::slab::Picks;
use crate::value::{Key, ListEnd, MAX_VALUE_BYTES, Value, ValueKind};
use shmkit_object::error::{Error, Result};

impl Dict {
    /// Adds items at an end, one after the other but all or none of them, and returns the new length. Creates the list if
    /// there is no live entry. O(bytes of the items). There must be at least one.
    ///
    /// # Errors
    /// Those of `push`.
    pub fn push_all(&self, key: Key<'_>, end: ListEnd, items: &[Value<'_>]) -> Result<u64> {
        if let [item] = items {
            return self.push(key, end, *item);
        }
        if let Some(item) = items.iter().find(|item| item.bytes.len() as u64 > MAX_VALUE_BYTES) {
            return Err(Error::TooLarge {
                what: "item",
                size: item.bytes.len() as u64,
                limit: MAX_VALUE_BYTES,
            });
        }
        let size = items.iter().map(|item| item.bytes.len() as u64).sum();
        let hash = self.hash(key);
        let (mut scratch, mut picks, mut make_space) = (Vec::new(), Picks::default(), MakeSpace::default());
        loop {
            let guard = self.lock_for(hash)?;
            let found = guard.find(key, hash, &mut scratch);
            let live = found.entry.filter(|(_, entry)| self.is_live(entry, guard.epoch()));
            let length = match &live {
                Some((_, entry)) if entry.header.kind != ValueKind::List => return Err(NOT_A_LIST),
                Some((slot, entry)) => {
                    picks.clear();
                    let (block, cells) = (slot.word.block(), &entry.cells);
                    let written =
                        list::push_all(&guard, block, cells, end, items, &mut picks).map_err(damaged)?;
                    written.map(|(cells, pushes)| {
                        guard.break_leases(hash);
                        commit(&guard, key, entry, &cells, pushes, &picks);
                        cells.list[2]
                    })
                }
                None => {
                    self.new_list(&guard, key, hash, &found, (end, items), &mut picks).map_err(damaged)?
                }
            };
            if let Some(length) = length {
                self.count(Statistic::Sets, 1);
                return Ok(length);
            }
            let needed = SpaceNeeded::of_item(largest_plan(&guard, key, items), size);
            make_space.advance(
                self,
                guard,
                (key, hash),
                &needed,
                found.entry.map(|(slot, _)| slot.position),
            )?;
        }
    }
}

/// Commits pushes whose blocks are picked: with the version alone if there are none.
fn commit(
    guard: &Guard<'_>,
    key: Key<'_>,
    entry: &Snapshot,
    cells: &Cells,
    pushes: ListPushes,
    picks: &Picks,
) {
    let block = pushes.block;
    if picks.ids().is_empty() {
        change_in_place(guard, key, block, entry, cells);
        return;
    }
    let next = entry.version.in_place(guard.draw_sequence());
    note_deadline(guard, cells.deadline);
    let epoch = entry.header.epoch;
    let untold = guard.note_change(Told { change: Change::Set, key, version: next, epoch, block });
    ListPushes { before: entry.version.0, after: next.0, ..pushes }.arm(guard);
    for &fresh in picks.ids() {
        guard.mark(fresh);
    }
    store_cells(guard, block, entry, cells, next);
    guard.tell(untold);
    intent::disarm(guard);
}

/// Returns a plan with about the blocks that pushes of several items need.
fn largest_plan(guard: &Guard<'_>, key: Key<'_>, items: &[Value<'_>]) -> BlockPlan {
    let geometry = &guard.segment.geometry;
    let bytes = items.iter().map(|item| item.bytes.len() as u64 + 32).sum();
    let empty = Value { kind: ValueKind::Bytes, scalar: 0, bytes: &[] };
    let plan = EntryDraft::new(key, empty, 0, 0).plan(
        &geometry.classes,
        geometry.page_bytes(),
        guard.segment.checksums,
    );
    let pieces = PiecePlan::holding(&geometry.classes, bytes);
    BlockPlan { head: geometry.classes.whole_page(), pieces, ..plan }
}
