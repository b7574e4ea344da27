//! Pushing items to a list: one, or several at one instant.

use super::in_place::{change_in_place, store_cells};
use super::lists::commit;
use crate::entry::Cells;
use crate::entry::piece_plan::PiecePlan;
use crate::entry::read::{Snapshot, Torn};
use crate::entry::write::{BlockPlan, EntryDraft};
use crate::feed::{Change, Told};
use crate::guard::Guard;
use crate::intent::{self, ListPushes};
use crate::layout::hash::KeyHash;
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
    /// Adds an item at an end and returns the new length. Creates the list if there is no live entry. O(1) plus the
    /// length of the item.
    ///
    /// # Errors
    /// [`Error::WrongType`] if the entry is not a list, and those of `set`.
    pub fn push(&self, key: Key<'_>, end: ListEnd, item: Value<'_>) -> Result<u64> {
        self.push_all(key, end, &[item])
    }

    /// Adds items at an end, one after the other but all or none of them, and returns the new length. Creates the list if
    /// there is no live entry. O(bytes of the items). There must be at least one.
    ///
    /// # Errors
    /// Those of `push`.
    pub fn push_all(&self, key: Key<'_>, end: ListEnd, items: &[Value<'_>]) -> Result<u64> {
        let sizes = || items.iter().map(|item| item.bytes.len() as u64);
        if let Some(size) = sizes().find(|size| *size > MAX_VALUE_BYTES) {
            return Err(Error::TooLarge { what: "item", size, limit: MAX_VALUE_BYTES });
        }
        let hash = self.hash(key);
        let (mut scratch, mut picks, mut make_space) = (Vec::new(), Picks::default(), MakeSpace::default());
        loop {
            let guard = self.lock_for(hash)?;
            let found = guard.find(key, hash, &mut scratch);
            let live = found.entry.filter(|(_, entry)| self.is_live(entry, guard.epoch()));
            picks.clear();
            let length = match &live {
                Some((_, entry)) if entry.header.kind != ValueKind::List => return Err(NOT_A_LIST),
                Some((slot, entry)) => {
                    let list = (slot.word.block(), entry);
                    push_to(&guard, (key, hash), list, (end, items), &mut picks).map_err(damaged)?
                }
                None => {
                    self.new_list(&guard, key, hash, &found, (end, items), &mut picks).map_err(damaged)?
                }
            };
            if let Some(length) = length {
                self.count(Statistic::Sets, 1);
                self.double_if_full(guard, &found);
                return Ok(length);
            }
            guard.release_picked(&picks);
            let needed = SpaceNeeded::of_item(largest_plan(&guard, key, items), sizes().sum());
            let position = found.entry.map(|(slot, _)| slot.position);
            make_space.advance(self, guard, (key, hash), &needed, position)?;
        }
    }
}

/// Pushes to a live list and returns its new length; `Ok(None)` if there is no space.
fn push_to(
    guard: &Guard<'_>,
    (key, hash): (Key<'_>, KeyHash),
    (block, entry): (u64, &Snapshot),
    (end, items): (ListEnd, &[Value<'_>]),
    picks: &mut Picks,
) -> std::result::Result<Option<u64>, Torn> {
    if let [item] = items {
        let Some(update) = list::push(guard, block, &entry.cells, end, (item, 0), picks)? else {
            return Ok(None);
        };
        guard.break_leases(hash);
        commit(guard, key, entry, &update);
        return Ok(Some(update.cells.list[2]));
    }
    let Some((cells, pushes)) = list::push_all(guard, block, &entry.cells, end, items, picks)? else {
        return Ok(None);
    };
    guard.break_leases(hash);
    commit_all(guard, key, entry, &cells, pushes, picks);
    Ok(Some(cells.list[2]))
}

/// Commits pushes whose blocks are picked: with the version alone if there are none.
fn commit_all(
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

/// Returns a plan with the blocks that a push of one item needs at most, the item as a chain and a chunk, and about those
/// that several items need.
fn largest_plan(guard: &Guard<'_>, key: Key<'_>, items: &[Value<'_>]) -> BlockPlan {
    let geometry = &guard.segment.geometry;
    let chained = if let [item] = items { item.bytes } else { &[] };
    let value = Value { kind: ValueKind::Bytes, scalar: 0, bytes: chained };
    let plan = EntryDraft::new(key, value, 0, 0).plan(
        &geometry.classes,
        geometry.page_bytes(),
        guard.segment.checksums,
    );
    let pieces = match items {
        [_] => plan.pieces,
        _ => {
            PiecePlan::holding(&geometry.classes, items.iter().map(|item| item.bytes.len() as u64 + 32).sum())
        }
    };
    BlockPlan { head: geometry.classes.whole_page(), pieces, ..plan }
}
