//! Removing names: on request, when an owner closes, and of leftovers.

use super::backoff::Backoff;
use super::classify::{FileState, classify, mark, retire};
use super::location::{Location, Trust, name_leads_to, open_dir};
use super::name::Name;
use super::name_right::NameRight;
use super::options::HandleOptions;
use crate::error::Result;
use crate::superblock::{EpochWord, Format};
use shmkit_os::liveness::{AttachLock, NameLock, Probe};
use shmkit_os::process::{ForkExcluded, exclude_fork};
use shmkit_os::shm::{Access, Directory, ShmFile, TEMPORARY_PREFIX};
use std::time::Duration;

/// How long `prune` waits for one name.
const PRUNE_DELAY: Duration = Duration::from_millis(500);

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
pub(super) fn unlink(location: &Location, trust: &Trust<'_>) -> Result<bool> {
    let mut backoff = Backoff::new();
    loop {
        {
            let fork = exclude_fork()?;
            let Some(file) = location.open(Access::ReadWrite, trust)? else { return Ok(false) };
            if remove_name(&fork, location, &file, &backoff)? == RemoveOutcome::Removed {
                return Ok(true);
            }
        }
        backoff.wait_for(location)?;
    }
}

/// Removes all leftovers of a directory whose names start with `prefix`, and returns their names; those that hold what
/// their kind keeps only with `force`. Files of other users, and files that cannot be opened or removed, stay.
///
/// # Errors
/// [`crate::error::Error::Unsupported`], `Access`, `System`.
pub(super) fn prune(
    format: &'static Format,
    prefix: &str,
    force: bool,
    handle: &HandleOptions,
) -> Result<Vec<String>> {
    let (dir, trust) = (open_dir(handle.dir.as_deref())?, Trust::of(handle));
    sweep_temporaries(&dir, &trust);
    let mut removed = Vec::new();
    let names = dir.names()?;
    let names = names.iter().filter_map(|file| Name::of_file(format.kind, file));
    for name in names.filter(|name| name.as_str().starts_with(prefix)) {
        let location = Location::of(format, dir.clone(), name);
        // A file that cannot be inspected or removed does not keep the others.
        if prune_one(&location, &trust, force).unwrap_or(false) {
            removed.push(location.name.as_str().to_owned());
        }
    }
    Ok(removed)
}

/// Removes the name if it leads to a leftover; returns whether it did.
fn prune_one(location: &Location, trust: &Trust<'_>, force: bool) -> Result<bool> {
    let mut backoff = Backoff::with_limit(PRUNE_DELAY);
    loop {
        {
            let fork = exclude_fork()?;
            let Some(file) = location.open(Access::ReadWrite, trust)? else { return Ok(false) };
            let state = classify(location.format, &file)?;
            if !(state.is_removable() || force && state == FileState::Kept) {
                return Ok(false);
            }
            match remove_leftover(&fork, location, &file, (&backoff, force))? {
                RemoveOutcome::Removed => return Ok(true),
                RemoveOutcome::Kept => return Ok(false),
                RemoveOutcome::Again => {}
            }
        }
        if !backoff.wait() {
            return Ok(false);
        }
    }
}

/// Removes the name, if it still leads to `file`.
fn remove_name(
    fork: &ForkExcluded,
    location: &Location,
    file: &ShmFile,
    backoff: &Backoff,
) -> Result<RemoveOutcome> {
    let Some(_right) = NameRight::try_acquire(fork, location, file, backoff)? else {
        return Ok(RemoveOutcome::Again);
    };
    if !location.leads_to(file)? {
        return Ok(RemoveOutcome::Again);
    }
    location.dir.unlink(&location.file_name)?;
    // After the name is gone, so that no object with a name is marked. A process that dies in between leaves one
    // without the mark, which the attached processes find by the name.
    mark(location.format, file, EpochWord::unlinked);
    Ok(RemoveOutcome::Removed)
}

/// Removes the name if it leads to `file`, and that is a leftover or counts as absent. No process can attach between
/// the check and the removal.
///
/// A process that attaches locks the ATTACHING byte shared for a moment, as can any user that may read the file, for
/// ever. After a long wait the file is retired first, so that a process that attaches nevertheless is told.
///
/// # Errors
/// [`crate::error::Error::Access`], `System`.
pub(super) fn remove_leftover(
    fork: &ForkExcluded,
    location: &Location,
    file: &ShmFile,
    (backoff, force): (&Backoff, bool),
) -> Result<RemoveOutcome> {
    let Some(_right) = NameRight::try_acquire(fork, location, file, backoff)? else {
        return Ok(RemoveOutcome::Again);
    };
    let alone = AttachLock::try_acquire_exclusive(fork, file)?;
    if alone.is_none() && !backoff.is_long() || !location.leads_to(file)? {
        return Ok(RemoveOutcome::Again);
    }
    match classify(location.format, file)? {
        FileState::Kept if !force => Ok(RemoveOutcome::Kept),
        FileState::Leftover | FileState::Absent | FileState::Kept => {
            if alone.is_none() {
                retire(location.format, file);
            }
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
                let is_removed =
                    is_ours && remove_name(&fork, location, file, &backoff)? == RemoveOutcome::Removed;
                Ok::<_, crate::error::Error>(!is_ours || is_removed)
            })?
        };
        if done || !backoff.wait() {
            return Ok(());
        }
    }
}

/// Removes temporary files whose creators are gone: their NAME bytes are free. Returns how many it removed.
///
/// Only files of trusted users are opened, and no failure matters: other users can put files with such names into a
/// directory that they share, as many as they like.
pub(super) fn sweep_temporaries(dir: &Directory, trust: &Trust<'_>) -> usize {
    // A user that may not list a directory may still use it.
    let names = dir.names().unwrap_or_default();
    let is_garbage = |name: &&String| name.starts_with(TEMPORARY_PREFIX) && sweep_one(dir, name, trust);
    names.iter().filter(is_garbage).count()
}

fn sweep_one(dir: &Directory, name: &str, trust: &Trust<'_>) -> bool {
    let Ok(fork) = exclude_fork() else { return false };
    let Ok(Some(status)) = dir.status(name) else { return false };
    if !status.is_regular || !trust.accepts(status.uid) {
        return false;
    }
    let Ok(file) = dir.open_file(name, Access::ReadWrite) else { return false };
    let Ok(Some(_name)) = NameLock::try_acquire(&fork, &file) else { return false };
    // Its creator may have renamed it meanwhile; then this name is gone, or another file's.
    name_leads_to(dir, name, &file).unwrap_or(false) && dir.unlink(name).unwrap_or(false)
}
