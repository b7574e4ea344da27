//! Taking turns in a folder, as a courtesy: who makes a large segment may ask the others to wait, so
//! that they do not take space for one of the same name that they will throw away again.
//!
//! A folder cannot be locked, so a file in it stands for it.

use super::directory::Directory;
use super::file::open_path;
use crate::error::{OsError, Result};
use crate::process::ForkExcluded;
use std::fs::{File, TryLockError};
use std::ptr;
use windows_sys::Win32::Foundation::{GENERIC_READ, GENERIC_WRITE};
use windows_sys::Win32::Storage::FileSystem::OPEN_ALWAYS;

const TURN_FILE: &str = ".shmkit.turn";

/// One's turn in a folder, until it is dropped or the process is gone.
#[derive(Debug)]
pub struct Turn {
    file: File,
}

impl Turn {
    /// Asks for the turn, without waiting; `None` if somebody else has it.
    ///
    /// # Errors
    /// The system's own; a folder that this user may not write to has no turns.
    pub fn try_take(_fork: &ForkExcluded, dir: &Directory) -> Result<Option<Turn>> {
        let path = dir.path_of(TURN_FILE);
        let file = open_path(&path, GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, 0, ptr::null())?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Turn { file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(OsError::from_io("lock", &error).at(path)),
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Closing gives the lock back at the system's leisure.
        let _ = self.file.unlock();
    }
}
