//! Asking the kernel whether a participant is alive.

use super::{Beacon, FIRST_SLOT_BYTE, MAX_SLOTS, READERS_BYTE, bytes};
use crate::error::Result;
use crate::shm::{Directory, ShmFile};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// An opening of the file that holds no participant's lock itself, and so sees all of them.
#[derive(Debug)]
pub struct Probe {
    file: Mutex<ShmFile>,
    /// The byte that our own beacon holds: a query that does not see it sees nothing.
    own: u64,
}

impl Probe {
    /// Asks through `file`, which must be another opening than the one the beacon was lit with.
    pub fn new(file: ShmFile, beacon: &Beacon) -> Self {
        Probe { file: Mutex::new(file), own: beacon.byte() }
    }

    fn file(&self) -> MutexGuard<'_, ShmFile> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// True only if the kernel proves that nobody holds the slot. If our descriptor was closed behind
    /// our back (its number may be another file's now), the file is opened again; if that fails too,
    /// nothing is proven.
    pub fn is_free(&self, slot: u32) -> bool {
        if slot >= MAX_SLOTS {
            return false;
        }
        let mut file = self.file();
        if let Some(answer) = self.ask(&file, slot) {
            return answer;
        }
        match reopen_by_name(&file) {
            Some(again) => {
                *file = again;
                self.ask(&file, slot).unwrap_or(false)
            }
            None => false,
        }
    }

    /// The control comes second: whatever happened to the descriptor before spoils it as well.
    fn ask(&self, file: &ShmFile, slot: u32) -> Option<bool> {
        let held = bytes::is_locked(file, FIRST_SLOT_BYTE + u64::from(slot), 1).ok()?;
        let control = held || bytes::is_locked(file, self.own, 1).ok()?;
        control.then_some(!held)
    }

    /// Those of `slots` that living participants hold.
    ///
    /// # Errors
    /// The system's own.
    pub fn living(&self, slots: Range<u32>) -> Result<Vec<u32>> {
        living(&self.file(), slots)
    }

    /// Says where the file, which had no name yet, is found from now on.
    pub fn found_at(&self, path: PathBuf) {
        self.file().found_at(path);
    }

    /// Calls `with` with the file.
    pub fn with_file<R>(&self, with: impl FnOnce(&ShmFile) -> R) -> R {
        with(&self.file())
    }
}

fn reopen_by_name(file: &ShmFile) -> Option<ShmFile> {
    let (dir, name) = (file.path().parent()?, file.path().file_name()?.to_str()?);
    let again = Directory::open(dir).ok()?.open_file(name, file.access()).ok()?;
    (again.identity() == file.identity()).then_some(again)
}

/// Those of `slots` that living participants hold, seen through an opening that holds none.
///
/// # Errors
/// The system's own.
pub fn living(file: &ShmFile, slots: Range<u32>) -> Result<Vec<u32>> {
    let mut living = Vec::new();
    for slot in slots {
        if bytes::is_locked(file, FIRST_SLOT_BYTE + u64::from(slot), 1)? {
            living.push(slot);
        }
    }
    Ok(living)
}

/// True if anybody alive is attached, for writing or for reading, in this process or another.
///
/// # Errors
/// The system's own.
pub fn is_anyone_attached(file: &ShmFile) -> Result<bool> {
    bytes::is_locked(file, READERS_BYTE, 1 + u64::from(MAX_SLOTS))
}
