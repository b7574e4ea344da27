//! Queries the kernel whether a participant is alive.

use super::byte_lock;
use super::{FIRST_SLOT_BYTE, LivenessLock, MAX_SLOTS, READERS_BYTE};
use crate::error::Result;
use crate::lock_mode::LockMode;
use crate::shm::{Directory, ShmFile};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The slots that one query asks for at most. On Windows, a query locks what it asks for, and a process that attaches
/// meanwhile would take one of those slots for another's.
const WIDEST_QUERY: u32 = if cfg!(windows) { 1 } else { MAX_SLOTS };

/// An open file description that holds no participant's lock itself, and therefore sees all of them.
#[derive(Debug)]
pub struct Probe {
    file: Mutex<ShmFile>,
    /// The byte locked by our own liveness lock: a query that does not see that lock proves nothing.
    own_byte: u64,
}

impl Probe {
    /// Queries through `file`, which must not be the open file description that holds the liveness lock.
    pub fn new(file: ShmFile, lock: &LivenessLock) -> Self {
        Probe { file: Mutex::new(file), own_byte: lock.byte() }
    }

    fn file(&self) -> MutexGuard<'_, ShmFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns true only if the kernel proves that no process holds the slot. If foreign code closed our
    /// descriptor (its number may be another file's by now), the file is opened again; if that fails too,
    /// nothing is proven.
    pub fn is_free(&self, slot: u32) -> bool {
        if slot >= MAX_SLOTS {
            return false;
        }
        let mut file = self.file();
        if let Some(answer) = self.query(&file, slot) {
            return answer;
        }
        match reopen_by_name(&file) {
            Some(again) => {
                *file = again;
                self.query(&file, slot).unwrap_or(false)
            }
            None => false,
        }
    }

    /// The control query comes second, so that a descriptor lost before the first query fails the control too.
    fn query(&self, file: &ShmFile, slot: u32) -> Option<bool> {
        let held = is_held(file, slot).ok()?;
        let control = held || byte_lock::has_conflict(file, LockMode::Exclusive, self.own_byte, 1).ok()?;
        control.then_some(!held)
    }

    /// Returns the slots in `slots` that live participants hold.
    ///
    /// # Errors
    /// Any system error.
    pub fn live_slots(&self, slots: Range<u32>) -> Result<Vec<u32>> {
        live_slots(&self.file(), slots)
    }

    /// Records the path of the file, which had no name when it was opened.
    pub fn set_path(&self, path: PathBuf) {
        self.file().set_path(path);
    }

    /// Runs `with` on the file.
    pub fn with_file<R>(&self, with: impl FnOnce(&ShmFile) -> R) -> R {
        with(&self.file())
    }
}

fn reopen_by_name(file: &ShmFile) -> Option<ShmFile> {
    let (dir, name) = (file.path().parent()?, file.path().file_name()?.to_str()?);
    let again = Directory::open(dir).ok()?.open_file(name, file.access()).ok()?;
    (again.identity() == file.identity()).then_some(again)
}

/// Returns the slots in `slots` that live participants hold, in order, queried through an open file description that
/// holds none of them. Takes a few queries for each of them, however many slots there are.
///
/// # Errors
/// Any system error.
pub fn live_slots(file: &ShmFile, slots: Range<u32>) -> Result<Vec<u32>> {
    let mut live = Vec::new();
    for first in slots.clone().step_by(WIDEST_QUERY as usize) {
        collect_held(file, first..slots.end.min(first.saturating_add(WIDEST_QUERY)), &mut live)?;
    }
    Ok(live)
}

/// Appends the held slots of a range that is not empty: asks for the halves of those ranges that have any.
fn collect_held(file: &ShmFile, slots: Range<u32>, live: &mut Vec<u32>) -> Result<()> {
    let count = slots.end - slots.start;
    let from = FIRST_SLOT_BYTE + u64::from(slots.start);
    if !byte_lock::has_conflict(file, LockMode::Shared, from, count.into())? {
        return Ok(());
    }
    if count == 1 {
        live.push(slots.start);
        return Ok(());
    }
    let middle = slots.start + count / 2;
    collect_held(file, slots.start..middle, live)?;
    collect_held(file, middle..slots.end, live)
}

/// Returns whether any live process, this one included, is attached for writing or for reading.
///
/// # Errors
/// Any system error.
pub fn has_attachments(file: &ShmFile) -> Result<bool> {
    Ok(byte_lock::has_conflict(file, LockMode::Shared, FIRST_SLOT_BYTE, MAX_SLOTS.into())?
        || byte_lock::has_conflict(file, LockMode::Exclusive, READERS_BYTE, 1)?)
}

/// Returns whether a participant holds the slot. A participant holds it exclusively, for which it needs to be allowed to
/// write the file. A user that may only read the file can lock the byte shared, which does not count.
fn is_held(file: &ShmFile, slot: u32) -> Result<bool> {
    byte_lock::has_conflict(file, LockMode::Shared, FIRST_SLOT_BYTE + u64::from(slot), 1)
}
