//! Removing names: on request, when an owner closes, and of leftovers.

use super::backoff::Backoff;
use super::classify::{FileState, classify};
use super::location::{Location, Trust, open_dir};
use super::name::Name;
use crate::error::Result;
use crate::superblock::Format;
use shmkit_os::liveness::{AttachLock, NameLock, Probe};
use shmkit_os::process::{ForkExcluded, exclude_fork};
use shmkit_os::shm::{Access, Directory, ShmFile, TEMPORARY_PREFIX};
use std::path::Path;

/// The outcome of one attempt to remove a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RemoveOutcome {
    /// The name is gone.
    Removed,
    /// The name stays: its file is in use.
    Kept,
    /// Another process holds the name, or it now leads to another file.
    Again,
}

/// Removes a name; returns false if there was none. Attached processes keep working.
///
/// # Errors
/// [`crate::error::Error::Untrusted`], `Access`, `System`.
pub(super) fn unlink(location: &Location) -> Result<bool> {
    let mut backoff = Backoff::new();
    loop {
        {
            let fork = exclude_fork()?;
            let Some(file) = location.open(Access::ReadWrite, &Trust::own_files())? else { return Ok(false) };
            if remove_name(&fork, location, &file)? == RemoveOutcome::Removed {
                return Ok(true);
            }
        }
        backoff.wait_for(location)?;
    }
}

/// Removes all leftovers of a directory and returns their names. Files of other users, and files that cannot be
/// opened, stay.
///
/// # Errors
/// [`crate::error::Error::Unsupported`], `Access`, `System`.
pub(super) fn prune(format: &'static Format, dir: Option<&Path>) -> Result<Vec<String>> {
    let dir = open_dir(dir)?;
    sweep_temporaries(&dir)?;
    let mut removed = Vec::new();
    for name in dir.names()?.iter().filter_map(|file| Name::of_file(format.kind, file)) {
        let location = Location::of(format, dir.clone(), name);
        let fork = exclude_fork()?;
        let Ok(Some(file)) = location.open(Access::ReadWrite, &Trust::own_files()) else { continue };
        if remove_leftover(&fork, &location, &file)? == RemoveOutcome::Removed {
            removed.push(location.name.as_str().to_owned());
        }
    }
    Ok(removed)
}

/// Removes the name, if it still leads to `file`.
fn remove_name(fork: &ForkExcluded, location: &Location, file: &ShmFile) -> Result<RemoveOutcome> {
    let Some(_name) = NameLock::try_acquire(fork, file)? else { return Ok(RemoveOutcome::Again) };
    if !location.leads_to(file)? {
        return Ok(RemoveOutcome::Again);
    }
    location.dir.unlink(&location.file_name)?;
    Ok(RemoveOutcome::Removed)
}

/// Removes the name if it leads to `file`, and that is a leftover or counts as absent. No process can attach between
/// the check and the removal.
///
/// # Errors
/// [`crate::error::Error::Access`], `System`.
pub(super) fn remove_leftover(
    fork: &ForkExcluded,
    location: &Location,
    file: &ShmFile,
) -> Result<RemoveOutcome> {
    let Some(_name) = NameLock::try_acquire(fork, file)? else { return Ok(RemoveOutcome::Again) };
    let Some(_alone) = AttachLock::try_acquire_exclusive(fork, file)? else {
        return Ok(RemoveOutcome::Again);
    };
    if !location.leads_to(file)? {
        return Ok(RemoveOutcome::Again);
    }
    match classify(location.format, file)? {
        FileState::Leftover | FileState::Absent => {
            location.dir.unlink(&location.file_name)?;
            Ok(RemoveOutcome::Removed)
        }
        FileState::Live | FileState::Unusable(_) => Ok(RemoveOutcome::Kept),
    }
}

/// Removes the name of an owner that closes, if it still leads to the owner's file. If another process holds the name
/// for too long, it stays as a leftover.
///
/// # Errors
/// [`crate::error::Error::Access`], `System`.
pub(super) fn remove_own(location: &Location, probe: &Probe) -> Result<()> {
    let mut backoff = Backoff::new();
    loop {
        let done = {
            let fork = exclude_fork()?;
            probe.with_file(|file| {
                let is_ours = location.leads_to(file)?;
                Ok::<_, crate::error::Error>(
                    !is_ours || remove_name(&fork, location, file)? == RemoveOutcome::Removed,
                )
            })?
        };
        if done || !backoff.wait() {
            return Ok(());
        }
    }
}

/// Removes temporary names whose creators are gone: their NAME bytes are free.
///
/// # Errors
/// [`crate::error::Error::Access`], `System`.
pub(super) fn sweep_temporaries(dir: &Directory) -> Result<()> {
    // A user that may not list a directory may still use it.
    let names = dir.names().unwrap_or_default();
    for name in names.iter().filter(|name| name.starts_with(TEMPORARY_PREFIX)) {
        let fork = exclude_fork()?;
        let Ok(Some(status)) = dir.status(name) else { continue };
        if !status.is_regular {
            continue;
        }
        let Ok(file) = dir.open_file(name, Access::ReadWrite) else { continue };
        if let Ok(Some(_name)) = NameLock::try_acquire(&fork, &file) {
            // Its creator may have renamed it meanwhile; then this name is gone, or another file's.
            if dir.status(name)?.is_some_and(|status| status.identity == file.identity()) {
                dir.unlink(name)?;
            }
        }
    }
    Ok(())
}
