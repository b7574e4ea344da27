//! The right to change which file a name leads to.

use super::backoff::Backoff;
use super::location::Location;
use crate::error::Result;
use shmkit_os::liveness::{NameLock, is_name_locked};
use shmkit_os::process::ForkExcluded;
use shmkit_os::shm::{CreateLock, ShmFile};
use std::time::Duration;

/// How long a caller waits for the lock of the directory, which any user may hold that can open it.
const DIRECTORY_DELAY: Duration = Duration::from_secs(1);

/// The right to remove a name of a file, or to replace it, released when this is dropped.
#[derive(Debug)]
pub(super) struct NameRight<'a> {
    _name: Option<NameLock<'a>>,
    _directory: Option<CreateLock>,
}

impl<'a> NameRight<'a> {
    /// Tries to acquire the right; returns `None` if another process has it.
    ///
    /// Every participant locks the NAME byte exclusively. A user that may only read the file can hold it shared, and so
    /// deny it to all participants. Once only such locks have been seen for a while, participants take turns by the lock
    /// of the directory instead.
    ///
    /// # Errors
    /// [`crate::error::Error::Unsupported`], `System`.
    pub fn try_acquire(
        fork: &'a ForkExcluded,
        location: &Location,
        file: &'a ShmFile,
        backoff: &Backoff,
    ) -> Result<Option<Self>> {
        if let Some(name) = NameLock::try_acquire(fork, file)? {
            return Ok(Some(NameRight { _name: Some(name), _directory: None }));
        }
        if !backoff.is_long() || is_name_locked(file)? {
            return Ok(None);
        }
        match CreateLock::try_acquire(fork, &location.dir) {
            Ok(None) if backoff.waited() < DIRECTORY_DELAY => Ok(None),
            directory => Ok(Some(NameRight { _name: None, _directory: directory.unwrap_or(None) })),
        }
    }
}
