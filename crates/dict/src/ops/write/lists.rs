//! The operations of lists; `crate::list` describes their memory.

use super::atomic::change_in_place;
use crate::entry::read::{Snapshot, Torn, Want};
use crate::entry::write::{BlockPlan, EntryDraft};
use crate::guard::Guard;
use crate::index::find::{EntryLocation, LookupResult};
use crate::intent::{self, ListChange};
use crate::layout::hash::KeyHash;
use crate::layout::shard::{STATE, STATE_REBUILD};
use crate::layout::statistics::Statistic;
use crate::list::{self, Item, ListUpdate};
use crate::ops::commit::{note_deadline, publish_entry, remove_entry};
use crate::ops::read::retries::Retries;
use crate::ops::space::make_space::MakeSpace;
use crate::ops::{Dict, Freshness};
use crate::recovery;
use crate::slab::Picks;
use crate::value::{Key, ListEnd, MAX_VALUE_BYTES, Value, ValueKind};
use shmkit_object::error::{Error, Result};

const NOT_A_LIST: Error = Error::WrongType("the value is not a list");

fn damaged(_: Torn) -> Error {
    Error::Corrupt("the list is damaged".into())
}

/// Commits a push or a pop: with an intent record if blocks are added or removed, else with the version alone.
fn commit(guard: &Guard<'_>, entry: &Snapshot, update: &ListUpdate) {
    let region = &guard.segment.region;
    let block = update.change.block;
    if !update.change.moves_blocks() {
        return change_in_place(guard, block, entry, &update.cells);
    }
    let next = entry.version.in_place(guard.draw_sequence());
    note_deadline(guard, update.cells.deadline);
    let change = ListChange { before: entry.version.0, after: next.0, ..update.change };
    change.arm(guard);
    recovery::mark_fresh(guard, &change);
    let check =
        if entry.shape.check == 0 { 0 } else { region.load_relaxed(block + entry.shape.check) as u32 };
    update.cells.write(region, block, entry.shape, next, check);
    region.store(block, next.0);
    let sound = recovery::finish_list(guard, &change);
    if !sound {
        guard.store32(STATE, STATE_REBUILD);
    }
    intent::disarm(guard);
    recovery::release_retired(guard, &change);
}

impl Dict {
    /// Adds an item at an end and returns the new length. Creates the list if there is no live entry. O(1) plus the
    /// length of the item.
    ///
    /// # Errors
    /// [`Error::WrongType`] if the entry is not a list, and those of `set`.
    pub fn push(&self, key: Key<'_>, end: ListEnd, item: Value<'_>) -> Result<u64> {
        let size = item.bytes.len() as u64;
        if size > MAX_VALUE_BYTES {
            return Err(Error::TooLarge { what: "item", size, limit: MAX_VALUE_BYTES });
        }
        let hash = self.hash(key);
        let (mut scratch, mut picks, mut make_space) = (Vec::new(), Picks::default(), MakeSpace::default());
        loop {
            let guard = self.lock_for(hash)?;
            let found = guard.find(key, hash, &mut scratch);
            let live = found.entry.filter(|(_, entry)| self.is_live(entry, guard.epoch()));
            let length = match &live {
                Some((_, entry)) if entry.header.kind != ValueKind::List => return Err(NOT_A_LIST),
                Some((slot, entry)) => {
                    let block = slot.word.block();
                    let update = list::push(&guard, block, entry, end, &item, &mut picks).map_err(damaged)?;
                    update.map(|update| {
                        guard.break_leases(hash);
                        commit(&guard, entry, &update);
                        update.cells.list[2]
                    })
                }
                None => self.new_list(&guard, key, hash, &found, &item, &mut picks),
            };
            if let Some(length) = length {
                self.count(Statistic::Sets, 1);
                return Ok(length);
            }
            let plan = largest_plan(&guard, key, &item);
            make_space.advance(self, guard, hash, &plan, found.entry.map(|(slot, _)| slot.position))?;
        }
    }

    /// Publishes a list of one item. Returns `None` if there is no space.
    fn new_list(
        &self,
        guard: &Guard<'_>,
        key: Key<'_>,
        hash: KeyHash,
        found: &LookupResult,
        item: &Value<'_>,
        picks: &mut Picks,
    ) -> Option<u64> {
        if found.entry.is_none() && found.vacancy.is_none() {
            return None;
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
        plan.pick(guard, picks)?;
        let draft = list::draft(guard, key, item, 0, epoch.tag(), picks)?;
        guard.break_leases(hash);
        publish_entry(guard, epoch, hash, found, &draft, &plan, picks);
        Some(1)
    }

    /// Removes and returns the item at an end; `None` if there is no live list. Removing the last item removes the list.
    /// O(1) plus the length of the item.
    ///
    /// # Errors
    /// [`Error::WrongType`] if the entry is not a list, and those of `delete`.
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
        let (item, update) = list::pop(&self.segment, slot.word.block(), &entry, end).map_err(damaged)?;
        buffer.clear();
        item.copy(&self.segment, buffer).map_err(damaged)?;
        guard.break_leases(hash);
        if update.cells.list[2] == 0 {
            remove_entry(&guard, guard.epoch(), &EntryLocation { entry, hash, slot });
        } else {
            commit(&guard, &entry, &update);
        }
        self.count(Statistic::Deletes, 1);
        Ok(Some(item.value(buffer)))
    }

    /// Returns the length of a list; 0 if there is no live entry. Takes no lock.
    ///
    /// # Errors
    /// [`Error::WrongType`] if the entry is not a list, and those of `get`.
    pub fn list_len(&self, key: Key<'_>) -> Result<u64> {
        match self.read(key, Want::Key, Freshness::Live, &mut Vec::new())? {
            Some(entry) if entry.header.kind == ValueKind::List => Ok(entry.scalar()),
            Some(_) => Err(NOT_A_LIST),
            None => Ok(0),
        }
    }

    /// Visits the items from `start` to `stop`, both included, as they were at one instant. Negative bounds count from
    /// the end. Takes no lock. O(items up to `stop`).
    ///
    /// # Errors
    /// Those of `list_len`.
    pub fn list_range(
        &self,
        key: Key<'_>,
        start: i64,
        stop: i64,
        visit: &mut dyn FnMut(Value<'_>),
    ) -> Result<()> {
        self.check_fork()?;
        let hash = self.hash(key);
        let shard = crate::shard::Shard::new(&self.segment, hash.shard(self.segment.geometry.shards));
        let (mut buffer, mut retries) = (Vec::new(), Retries::default());
        loop {
            let Some(entry) = self.read(key, Want::Key, Freshness::Live, &mut buffer)? else { return Ok(()) };
            if entry.header.kind != ValueKind::List {
                return Err(NOT_A_LIST);
            }
            // The entry was current. Find its slot, to check afterwards whether it still is.
            let Some((slot, now)) = shard.find(key, hash, &mut buffer).entry else {
                retries.changed(self)?;
                continue;
            };
            let range = bounds(start, stop, entry.scalar());
            let copied = self.copy_items(&entry, range, &mut buffer);
            self.segment.region.read_fence();
            let unchanged = now.version == entry.version
                && shard.index_word(slot.position) == slot.word
                && self.segment.region.load(slot.word.block()) == entry.version.0;
            match copied {
                Ok(items) if unchanged => {
                    let mut at = 0;
                    for item in items {
                        visit(item.value(&buffer[at..at + item.len as usize]));
                        at += item.len as usize;
                    }
                    return Ok(());
                }
                Err(_) if unchanged => return Err(damaged(Torn)),
                _ => retries.changed(self)?,
            }
        }
    }

    fn copy_items(
        &self,
        entry: &Snapshot,
        (first, last): (u64, u64),
        buffer: &mut Vec<u8>,
    ) -> std::result::Result<Vec<Item>, Torn> {
        buffer.clear();
        let mut copied = Vec::new();
        // Damage can link chunks in a circle, which would repeat their items forever.
        let mut bytes_left = self.segment.geometry.capacity();
        for (index, item) in (0..last).zip(list::items(&self.segment, entry)) {
            let item = item?;
            if index >= first {
                bytes_left = bytes_left.checked_sub(item.len).ok_or(Torn)?;
                item.copy(&self.segment, buffer)?;
                copied.push(item);
            }
        }
        Ok(copied)
    }

    /// Visits all items of a list that a scan found.
    ///
    /// # Errors
    /// Those of `list_range`.
    pub fn list_items(&self, key: Key<'_>, visit: &mut dyn FnMut(Value<'_>)) -> Result<()> {
        self.list_range(key, 0, -1, visit)
    }
}

/// Returns the first index and the index after the last one, from Redis-style bounds.
fn bounds(start: i64, stop: i64, length: u64) -> (u64, u64) {
    let length = length as i64;
    let index = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let first = index(start).max(0);
    let end = index(stop).saturating_add(1).clamp(0, length);
    if first >= end { (0, 0) } else { (first as u64, end as u64) }
}

/// Returns a plan with the blocks that a push needs at most: the item as a chain, and a chunk.
fn largest_plan(guard: &Guard<'_>, key: Key<'_>, item: &Value<'_>) -> BlockPlan {
    let geometry = &guard.segment.geometry;
    let draft = EntryDraft::new(key, Value { kind: ValueKind::Bytes, scalar: 0, bytes: item.bytes }, 0, 0);
    let plan = draft.plan(&geometry.classes, geometry.page_bytes(), guard.segment.checksums);
    BlockPlan { head: geometry.classes.whole_page(), ..plan }
}
