//! Asking for space before taking it, and saying well why there is none.

use super::place::Place;
use crate::error::{Error, Result};
use shmkit_os::OsError;
use shmkit_os::shm::{FileSystem, default_directory};

/// # Errors
/// [`Error::NoSpace`] if `needed` bytes do not fit, `reclaimable` ones being given back before.
pub(super) fn check(place: &Place, needed: u64, reclaimable: u64) -> Result<()> {
    let system = FileSystem::of(&place.dir)?;
    match system.free_bytes {
        Some(free) if free.saturating_add(reclaimable) < needed => {
            Err(no_space(place, needed, free, size_hint(place)))
        }
        _ => Ok(()),
    }
}

/// True if several builders at once might not find room for all their segments, though only one of
/// them will keep his.
pub(super) fn is_scarce(place: &Place, needed: u64) -> Result<bool> {
    const BUILDERS: u64 = 256;
    let free = FileSystem::of(&place.dir)?.free_bytes;
    Ok(free.is_some_and(|free| needed.saturating_mul(BUILDERS) > free))
}

/// What a failure to make a file of `needed` bytes means.
pub(super) fn explain(place: &Place, needed: u64, error: OsError) -> Error {
    if !error.is_no_space() {
        return error.into();
    }
    let free = FileSystem::of(&place.dir).ok();
    let no_files_left = free.is_some_and(|system| system.free_files == Some(0));
    let free = free.and_then(|system| system.free_bytes).unwrap_or(0);
    let hint = match error.reason() {
        _ if no_files_left => "; the file system has no room for another file (inodes)".into(),
        Some(reason) => format!("; {reason}"),
        None => size_hint(place),
    };
    no_space(place, needed, free, hint)
}

fn no_space(place: &Place, needed: u64, free: u64, hint: String) -> Error {
    Error::NoSpace { needed, free, dir: place.dir.path().display().to_string(), hint }
}

fn size_hint(place: &Place) -> String {
    if cfg!(target_os = "linux") && default_directory().is_ok_and(|default| place.dir.path() == default) {
        "; remove leftovers with prune(), or make it larger: docker run --shm-size=1g, shm_size in Compose, \
         an emptyDir volume of medium Memory in Kubernetes, mount -o remount,size=1g /dev/shm"
            .into()
    } else {
        "; remove leftovers with prune(), or pass another `dir`".into()
    }
}
