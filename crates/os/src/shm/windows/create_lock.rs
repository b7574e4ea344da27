//! Serialises creators in a directory when space is scarce: without it, processes that create the same large object
//! at the same time would each reserve its space, and all but one would discard it again.
//!
//! A directory cannot be locked, so a file in it is locked instead.

use super::directory::Directory;
use super::file::open_or_create;
use crate::error::Result;
use crate::process::ForkExcluded;
use crate::range_lock::{LockMode, Range, RangeLock};
use std::os::windows::io::AsHandle;

const LOCK_FILE: &str = ".shmkit.turn";
const ALL: Range = Range { offset: 0, length: 0 };

/// The right to create in a directory, held until this is dropped or the process exits.
#[derive(Debug)]
pub struct CreateLock {
    _lock: RangeLock,
}

impl CreateLock {
    /// Tries to acquire the lock, without waiting; returns `None` if another process holds it.
    ///
    /// # Errors
    /// Access denied for a directory that this user may not write to; other system errors.
    pub fn try_acquire(_fork: &ForkExcluded, dir: &Directory) -> Result<Option<CreateLock>> {
        let path = dir.path_of(LOCK_FILE);
        let file = open_or_create(&path)?;
        let lock = RangeLock::try_acquire(file.as_handle(), LockMode::Exclusive, ALL);
        Ok(lock.map_err(|error| error.at(path))?.map(|lock| CreateLock { _lock: lock }))
    }
}
