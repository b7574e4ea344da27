//! Locks that order changes of a name against each other and against attaching.
//!
//! A process that removes or replaces a name holds the [`NameLock`] of the file with that name, and then checks again
//! that the name still leads to this file. Without the lock, two creators that find the same stale file
//! would both remove the name, and the second would remove the first one's new file.
//!
//! A process that attaches holds the [`AttachLock`] shared until it has its liveness lock. A process that removes a
//! stale file holds it exclusively, so that no process attaches between the check that none is attached and
//! the removal.
//!
//! A process that takes memory for parts of a file holds the `TakeLock` of that file.
//!
//! None can outlive the exclusion of forks, because a forked child would share the lock.

#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
use super::TAKING_BYTE;
use super::byte_lock;
use super::{ATTACHING_BYTE, NAME_BYTE};
use crate::error::{OsError, Result, code};
use crate::lock_mode::LockMode;
use crate::process::ForkExcluded;
use crate::shm::ShmFile;

/// A locked byte, unlocked when this is dropped.
#[derive(Debug)]
struct ByteGuard<'a> {
    file: &'a ShmFile,
    byte: u64,
}

impl<'a> ByteGuard<'a> {
    fn try_lock(file: &'a ShmFile, byte: u64, mode: LockMode) -> Result<Option<Self>> {
        Ok(byte_lock::try_lock(file, mode, byte)?.then_some(ByteGuard { file, byte }))
    }
}

impl Drop for ByteGuard<'_> {
    fn drop(&mut self) {
        byte_lock::unlock(self.file, self.byte);
    }
}

/// The right to remove or replace names of a file, released when this is dropped.
#[derive(Debug)]
pub struct NameLock<'a> {
    _guard: ByteGuard<'a>,
}

impl<'a> NameLock<'a> {
    /// Tries to acquire the lock, without waiting; returns `None` if another process holds it. The file must be
    /// open for writing.
    ///
    /// # Errors
    /// Unsupported if the kernel has no such locks; other system errors.
    pub fn try_acquire(_fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        let guard = ByteGuard::try_lock(file, NAME_BYTE, LockMode::Exclusive)?;
        Ok(guard.map(|guard| NameLock { _guard: guard }))
    }
}

/// The announcement that a process is about to attach, or the right to keep all processes from attaching; released
/// when this is dropped.
#[derive(Debug)]
pub struct AttachLock<'a> {
    _guard: ByteGuard<'a>,
}

impl<'a> AttachLock<'a> {
    /// Tries to announce that this process is about to attach, without waiting; returns `None` while the file is
    /// being removed as stale.
    ///
    /// # Errors
    /// Like [`NameLock::try_acquire`].
    pub fn try_acquire_shared(_fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::try_acquire(file, LockMode::Shared)
    }

    /// Tries to keep other processes from attaching, without waiting; returns `None` while one is attaching. The
    /// file must be open for writing.
    ///
    /// # Errors
    /// Like [`NameLock::try_acquire`].
    pub fn try_acquire_exclusive(_fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        Self::try_acquire(file, LockMode::Exclusive)
    }

    fn try_acquire(file: &'a ShmFile, mode: LockMode) -> Result<Option<Self>> {
        let guard = ByteGuard::try_lock(file, ATTACHING_BYTE, mode)?;
        Ok(guard.map(|guard| AttachLock { _guard: guard }))
    }
}

/// The right to take memory for parts of a file, released when this is dropped.
#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
#[derive(Debug)]
pub(crate) struct TakeLock<'a> {
    _guard: ByteGuard<'a>,
}

#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
impl<'a> TakeLock<'a> {
    /// Tries to acquire the lock, without waiting; returns `None` if another open file description holds it. The file
    /// must be open for writing.
    ///
    /// # Errors
    /// Like [`NameLock::try_acquire`].
    pub(crate) fn try_acquire(_fork: &'a ForkExcluded, file: &'a ShmFile) -> Result<Option<Self>> {
        let guard = ByteGuard::try_lock(file, TAKING_BYTE, LockMode::Exclusive)?;
        Ok(guard.map(|guard| TakeLock { _guard: guard }))
    }
}

/// Returns whether another open file description holds the right to change the file's names at this moment. A shared
/// lock, which any user that may read the file can hold, is not that right.
///
/// # Errors
/// Like [`NameLock::try_acquire`].
pub fn is_name_locked(file: &ShmFile) -> Result<bool> {
    byte_lock::has_conflict(file, LockMode::Shared, NAME_BYTE, 1)
}

/// Locks the NAME byte of a file that is being created, until `unlock_name`.
pub(crate) fn lock_name(_fork: &ForkExcluded, file: &ShmFile) -> Result<()> {
    if byte_lock::try_lock(file, LockMode::Exclusive, NAME_BYTE)? {
        return Ok(());
    }
    Err(OsError::new("lock the name of", code::BUSY).at(file.path()))
}

/// Unlocks the NAME byte.
pub(crate) fn unlock_name(file: &ShmFile) {
    byte_lock::unlock(file, NAME_BYTE);
}
