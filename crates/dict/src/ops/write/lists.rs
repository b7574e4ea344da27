//! The operations of lists; `crate::list` describes their memory.

use super::in_place::{change_in_place, store_cells};
use crate::entry::read::{Snapshot, Torn};
use crate::entry::write::EntryDraft;
use crate::feed::{Change, Told};
use crate::guard::Guard;
use crate::index::find::{EntryLocation, LookupResult};
use crate::intent::{self, ListChange};
use crate::layout::hash::KeyHash;
use crate::layout::shard::{SEQUENCE, STATE, STATE_REBUILD};
use crate::layout::statistics::Statistic;
use crate::list::{self, ListUpdate};
use crate::ops::Dict;
use crate::ops::commit::{note_deadline, publish_entry, remove_entry};
use crate::ops::read::lists::{NOT_A_LIST, damaged};
use crate::recovery;
use crate::slab::Picks;
use crate::value::{Key, ListEnd, Value, ValueKind};
use shmkit_object::error::Result;

/// Commits a push or a pop: with an intent record if blocks are added or removed, else with the version alone.
pub(super) fn commit(guard: &Guard<'_>, key: Key<'_>, entry: &Snapshot, update: &ListUpdate) {
    let block = update.change.block;
    // A popped item is wiped before the intent is idle again.
    let wipes = guard.segment.wipe && update.cells.list[2] < entry.cells.list[2];
    if !wipes && !update.change.moves_blocks() {
        change_in_place(guard, key, block, entry, &update.cells);
        return;
    }
    let next = entry.version.in_place(guard.draw_sequence());
    note_deadline(guard, update.cells.deadline);
    let change = ListChange { before: entry.version.0, after: next.0, ..update.change };
    let epoch = entry.header.epoch;
    let untold = guard.note_change(Told { change: Change::Set, key, version: next, epoch, block });
    change.arm(guard);
    recovery::mark_fresh(guard, &change);
    store_cells(guard, block, entry, &update.cells, next);
    let sound = recovery::finish_list(guard, &change);
    if !sound {
        guard.store32(STATE, STATE_REBUILD);
    }
    guard.tell(untold);
    intent::disarm(guard);
    if guard.segment.wipe {
        guard.wipe_retired(&change);
    }
    recovery::release_retired(guard, &change);
}

impl Dict {
    /// Publishes a list of items that are pushed at an end. Returns `Ok(None)` if there is no space.
    pub(super) fn new_list(
        &self,
        guard: &Guard<'_>,
        key: Key<'_>,
        hash: KeyHash,
        found: &LookupResult,
        (end, items): (ListEnd, &[Value<'_>]),
        picks: &mut Picks,
    ) -> std::result::Result<Option<u64>, Torn> {
        let Some((first, rest)) = items.split_first() else { return Ok(Some(0)) };
        if found.entry.is_none() && found.vacancy.is_none() {
            return Ok(None);
        }
        let geometry = &self.segment.geometry;
        let checksums = self.segment.checksums;
        let empty = Value { kind: ValueKind::List, scalar: 0, bytes: &[] };
        let epoch = guard.epoch();
        let plan = EntryDraft::new(key, empty, 0, epoch.tag()).plan(
            &geometry.classes,
            geometry.page_bytes(),
            checksums,
        );
        if plan.pick(guard, picks).is_none() {
            return Ok(None);
        }
        let owner = picks.offsets()[0];
        let Some(mut draft) = list::draft(guard, key, first, epoch.tag(), picks) else { return Ok(None) };
        if !rest.is_empty() {
            match list::push_all(guard, owner, &draft.cells, end, rest, picks)? {
                Some((cells, _)) => draft.cells = cells,
                None => return Ok(None),
            }
        }
        guard.break_leases(hash);
        publish_entry(guard, epoch, hash, found, &draft, &plan, picks);
        Ok(Some(items.len() as u64))
    }

    /// Removes and returns the item at an end; `None` if there is no live list. Removing the last item removes the list.
    /// O(1) plus the length of the item.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::WrongType`] if the entry is not a list, and those of `delete`.
    pub fn pop<'b>(&self, key: Key<'_>, end: ListEnd, buffer: &'b mut Vec<u8>) -> Result<Option<Value<'b>>> {
        let hash = self.hash(key);
        let guard = self.lock_for(hash)?;
        let found = guard.find(key, hash, buffer).entry;
        let Some((slot, entry)) = found.filter(|(_, entry)| self.is_live(entry, guard.epoch())) else {
            return Ok(None);
        };
        if entry.header.kind != ValueKind::List {
            return Err(NOT_A_LIST);
        }
        let removal = guard.load(SEQUENCE);
        let (item, update) =
            list::pop(&self.segment, slot.word.block(), &entry, end, removal).map_err(damaged)?;
        buffer.clear();
        item.copy(&self.segment, buffer).map_err(damaged)?;
        guard.break_leases(hash);
        if update.cells.list[2] == 0 {
            remove_entry(&guard, guard.epoch(), &EntryLocation { entry, hash, slot }, Change::Delete);
        } else {
            commit(&guard, key, &entry, &update);
        }
        self.count(Statistic::Deletes, 1);
        Ok(Some(list::value_of(item.kind, buffer)))
    }
}
