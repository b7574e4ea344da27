//! Reading lists.

use super::result::Validator;
use super::retries::Retries;
use crate::entry::read::{Snapshot, Torn, Want};
use crate::layout::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::list;
use crate::ops::{Dict, Freshness};
use crate::value::{Key, Value, ValueKind};
use shmkit_object::error::{Error, Result};

/// Items that are copied between two checks that the list is intact.
const ITEMS_PER_CHECK: u64 = 4096;

/// Attempts to read the cells of a list between two pushes.
const CELL_TRIES: u32 = 1000;

pub(crate) const NOT_A_LIST: Error = Error::WrongType("the value is not a list");

pub(crate) fn damaged(_: Torn) -> Error {
    Error::Corrupt("the list is damaged".into())
}

/// Copies of items: their types and lengths, and their bytes one after the other.
#[derive(Debug, Default)]
struct Copies {
    items: Vec<(ValueKind, usize)>,
    bytes: Vec<u8>,
}

impl Copies {
    fn visit(&self, visit: &mut dyn FnMut(Value<'_>)) {
        let mut rest = self.bytes.as_slice();
        for &(kind, len) in &self.items {
            let (bytes, after) = rest.split_at(len);
            visit(list::value_of(kind, bytes));
            rest = after;
        }
    }
}

impl Dict {
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
    /// the end. Pushes do not disturb it; if items are removed again and again meanwhile, it locks the list's shard.
    /// O(items up to `stop`).
    ///
    /// # Errors
    /// Those of `list_len`; [`Error::Contention`] through a read-only handle, which cannot lock.
    pub fn list_range(
        &self,
        key: Key<'_>,
        start: i64,
        stop: i64,
        visit: &mut dyn FnMut(Value<'_>),
    ) -> Result<()> {
        self.check_fork()?;
        let hash = self.hash(key);
        let (mut scratch, mut retries, mut copies) = (Vec::new(), Retries::of_list(), Copies::default());
        loop {
            let found = self.read_slow(key, hash, Want::Key, Freshness::Live, &mut scratch)?;
            let Some((entry, validator)) = found else { return Ok(()) };
            if entry.header.kind != ValueKind::List {
                return Err(NOT_A_LIST);
            }
            let range = bounds(start, stop, entry.scalar());
            let is_intact = || self.is_list_intact(&entry, &validator);
            match self.copy_items(&entry, range, &is_intact, &mut copies) {
                Ok(()) if is_intact() => break,
                Err(torn) if is_intact() => return Err(damaged(torn)),
                _ => {}
            }
            retries.attempt(copies.bytes.len() as u64);
            if retries.changed(self)? {
                self.copy_items_locked(key, hash, (start, stop), &mut copies)?;
                break;
            }
        }
        copies.visit(visit);
        Ok(())
    }

    /// Copies a range of items while the shard is locked.
    #[cold]
    fn copy_items_locked(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        (start, stop): (i64, i64),
        copies: &mut Copies,
    ) -> Result<()> {
        *copies = Copies::default();
        let guard = self.lock_for(hash)?;
        let Some((_, entry)) = guard.find(key, hash, &mut Vec::new()).entry else { return Ok(()) };
        if !self.is_live(&entry, guard.epoch()) {
            return Ok(());
        }
        if entry.header.kind != ValueKind::List {
            return Err(NOT_A_LIST);
        }
        let range = bounds(start, stop, entry.scalar());
        let show_progress = || {
            // Waiters see that the number changes.
            guard.draw_sequence();
            true
        };
        self.copy_items(&entry, range, &show_progress, copies).map_err(damaged)
    }

    /// Returns whether the items between the ends of an entry that was read are intact: it is still in the index, and
    /// nothing was removed from it.
    pub(crate) fn is_list_intact(&self, read: &Snapshot, validator: &Validator) -> bool {
        let (segment, word) = (&*self.segment, IndexWord(validator.word));
        segment.region.read_fence();
        for _ in 0..CELL_TRIES {
            if segment.region.load(validator.word_at) != word.0 {
                return false;
            }
            let Ok(now) = Snapshot::read(segment, word.block()) else { return false };
            segment.region.read_fence();
            if segment.region.load(word.block()) == now.version.0 {
                let is_same_list =
                    now.header.kind == ValueKind::List && now.header.epoch == read.header.epoch;
                return is_same_list && now.cells.list[3] == read.cells.list[3];
            }
            // A push completed meanwhile: the cells may not be those of the version.
        }
        false
    }

    fn copy_items(
        &self,
        entry: &Snapshot,
        (first, last): (u64, u64),
        is_intact: &dyn Fn() -> bool,
        copies: &mut Copies,
    ) -> std::result::Result<(), Torn> {
        copies.items.clear();
        copies.bytes.clear();
        // Damage can link chunks in a circle, which would repeat their items forever.
        let mut bytes_left = self.segment.capacity();
        for (index, item) in (0..last).zip(list::items(&self.segment, entry)) {
            let item = item?;
            if index % ITEMS_PER_CHECK == ITEMS_PER_CHECK - 1 && !is_intact() {
                return Err(Torn);
            }
            if index >= first {
                bytes_left = bytes_left.checked_sub(item.len).ok_or(Torn)?;
                item.copy(&self.segment, &mut copies.bytes)?;
                copies.items.push((item.kind, item.len as usize));
            }
        }
        Ok(())
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
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    let index = |at: i64| if at < 0 { at.saturating_add(length) } else { at };
    let first = index(start).max(0);
    let end = index(stop).saturating_add(1).clamp(0, length);
    if first >= end { (0, 0) } else { (first as u64, end as u64) }
}
