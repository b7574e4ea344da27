//! Removing names: on request, at an owner's close, and of what nobody needs any more.

use super::judge::{Verdict, judge};
use super::name::Name;
use super::patience::Patience;
use super::place::{Place, Trust, open_dir};
use crate::error::Result;
use crate::superblock::Format;
use shmkit_os::liveness::{AttachLock, NameLock, Probe};
use shmkit_os::process::{ForkExcluded, exclude_fork};
use shmkit_os::shm::{Access, Directory, ShmFile, TEMPORARY_PREFIX};
use std::path::Path;

/// The outcome of one try to remove a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Try {
    /// The name is gone.
    Removed,
    /// It stays: the file behind it is in use.
    Kept,
    /// Somebody else holds the name, or it leads to another file by now.
    Again,
}

/// Removes a name; false if there was none. Those who are attached go on.
///
/// # Errors
/// [`crate::error::Error::Untrusted`], `Access`, `System`.
pub(super) fn unlink(place: &Place) -> Result<bool> {
    let mut patience = Patience::new();
    loop {
        {
            let fork = exclude_fork()?;
            let Some(file) = place.open(Access::ReadWrite, &Trust::nobody_else())? else { return Ok(false) };
            if remove_name(&fork, place, &file)? == Try::Removed {
                return Ok(true);
            }
        }
        patience.wait_for(place)?;
    }
}

/// Removes all leftovers of a folder; their names. What belongs to others or cannot be opened stays.
///
/// # Errors
/// [`crate::error::Error::Unsupported`], `Access`, `System`.
pub(super) fn prune(format: &'static Format, dir: Option<&Path>) -> Result<Vec<String>> {
    let dir = open_dir(dir)?;
    sweep_temporaries(&dir)?;
    let mut removed = Vec::new();
    for name in dir.names()?.iter().filter_map(|file| Name::of_file(format.kind, file)) {
        let place = Place::of(format, dir.clone(), name);
        let fork = exclude_fork()?;
        let Ok(Some(file)) = place.open(Access::ReadWrite, &Trust::nobody_else()) else { continue };
        if remove_leftover(&fork, &place, &file)? == Try::Removed {
            removed.push(place.name.as_str().to_owned());
        }
    }
    Ok(removed)
}

/// Removes the name, if it still leads to `file`.
fn remove_name(fork: &ForkExcluded, place: &Place, file: &ShmFile) -> Result<Try> {
    let Some(_name) = NameLock::try_acquire(fork, file)? else { return Ok(Try::Again) };
    if !place.leads_to(file)? {
        return Ok(Try::Again);
    }
    place.dir.unlink(&place.file_name)?;
    Ok(Try::Removed)
}

/// Removes the name, if it leads to `file` and that is a leftover or counts as absent. Nobody can
/// attach between the judgement and the removal.
///
/// # Errors
/// [`crate::error::Error::Access`], `System`.
pub(super) fn remove_leftover(fork: &ForkExcluded, place: &Place, file: &ShmFile) -> Result<Try> {
    let Some(_name) = NameLock::try_acquire(fork, file)? else { return Ok(Try::Again) };
    let Some(_alone) = AttachLock::try_acquire_exclusive(fork, file)? else { return Ok(Try::Again) };
    if !place.leads_to(file)? {
        return Ok(Try::Again);
    }
    match judge(place.format, file)? {
        Verdict::Leftover | Verdict::Absent => {
            place.dir.unlink(&place.file_name)?;
            Ok(Try::Removed)
        }
        Verdict::Live | Verdict::Unusable(_) => Ok(Try::Kept),
    }
}

/// Removes an owner's name at its close, if it still leads to the owner's file. If somebody stopped
/// holds the name, it stays, as a leftover.
///
/// # Errors
/// [`crate::error::Error::Access`], `System`.
pub(super) fn remove_own(place: &Place, probe: &Probe) -> Result<()> {
    let mut patience = Patience::new();
    loop {
        let done = {
            let fork = exclude_fork()?;
            probe.with_file(|file| {
                let is_ours = place.leads_to(file)?;
                Ok::<_, crate::error::Error>(!is_ours || remove_name(&fork, place, file)? == Try::Removed)
            })?
        };
        if done || !patience.wait() {
            return Ok(());
        }
    }
}

/// Removes temporary names whose makers are gone: their NAME bytes are free.
///
/// # Errors
/// [`crate::error::Error::Access`], `System`.
pub(super) fn sweep_temporaries(dir: &Directory) -> Result<()> {
    // Who may not list a folder may still use it.
    let names = dir.names().unwrap_or_default();
    for name in names.iter().filter(|name| name.starts_with(TEMPORARY_PREFIX)) {
        let fork = exclude_fork()?;
        let Ok(Some(status)) = dir.status(name) else { continue };
        if !status.is_regular {
            continue;
        }
        let Ok(file) = dir.open_file(name, Access::ReadWrite) else { continue };
        if let Ok(Some(_name)) = NameLock::try_acquire(&fork, &file) {
            // Its maker may have renamed it since; then this name is gone, or another's.
            if dir.status(name)?.is_some_and(|status| status.identity == file.identity()) {
                dir.unlink(name)?;
            }
        }
    }
    Ok(())
}
