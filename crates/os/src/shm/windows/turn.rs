//! Taking turns in a folder, as a courtesy: who makes a large segment may ask the others to wait, so
//! that they do not take space for one of the same name that they will throw away again.
//!
//! A folder cannot be locked, so a file in it stands for it.

use super::directory::Directory;
use super::file::open_path;
use crate::error::Result;
use crate::process::ForkExcluded;
use crate::range_lock::{Mode, Range, RangeLock};
use std::os::windows::io::AsHandle;
use std::ptr;
use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::OPEN_ALWAYS;

const TURN_FILE: &str = ".shmkit.turn";
const ALL: Range = Range { offset: 0, length: 0 };

/// One's turn in a folder, until it is dropped or the process is gone.
#[derive(Debug)]
pub struct Turn {
    _lock: RangeLock,
}

impl Turn {
    /// Asks for the turn, without waiting; `None` if somebody else has it.
    ///
    /// # Errors
    /// The system's own; a folder that this user may not write to has no turns.
    pub fn try_take(_fork: &ForkExcluded, dir: &Directory) -> Result<Option<Turn>> {
        let path = dir.path_of(TURN_FILE);
        let file = open_path(&path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, 0, ptr::null())?;
        let lock = RangeLock::try_take(file.as_handle(), Mode::Exclusive, ALL);
        Ok(lock.map_err(|error| error.at(path))?.map(|lock| Turn { _lock: lock }))
    }
}
