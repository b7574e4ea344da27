//! Free-space checks, and diagnostics for a lack of space.

use super::location::Location;
use crate::error::{Error, Result};
use shmkit_os::OsError;
use shmkit_os::shm::FileSystem;

/// Checks that `needed` bytes fit after `reclaimable` bytes are freed.
///
/// # Errors
/// [`Error::NoSpace`] if they do not.
pub(super) fn check(location: &Location, needed: u64, reclaimable: u64) -> Result<()> {
    let system = FileSystem::of(&location.dir)?;
    match system.free_bytes {
        Some(free) if free.saturating_add(reclaimable) < needed => {
            Err(no_space(location, needed, free, size_hint(location)))
        }
        _ => Ok(()),
    }
}

/// Returns whether there might not be enough space for several creators at once, although only one of them
/// keeps its file.
pub(super) fn is_scarce(location: &Location, needed: u64) -> Result<bool> {
    const CREATORS: u64 = 256;
    let free = FileSystem::of(&location.dir)?.free_bytes;
    Ok(free.is_some_and(|free| needed.saturating_mul(CREATORS) > free))
}

/// Converts a failure to create a file of `needed` bytes.
pub(super) fn explain(location: &Location, needed: u64, error: OsError) -> Error {
    if !error.is_no_space() {
        return error.into();
    }
    let free = FileSystem::of(&location.dir).ok();
    let no_files_left = free.is_some_and(|system| system.free_files == Some(0));
    let free = free.and_then(|system| system.free_bytes).unwrap_or(0);
    let hint = match error.reason() {
        _ if no_files_left => "; the file system has no room for another file (inodes)".into(),
        Some(reason) => format!("; {reason}"),
        None => size_hint(location),
    };
    no_space(location, needed, free, hint)
}

fn no_space(location: &Location, needed: u64, free: u64, hint: String) -> Error {
    Error::NoSpace { needed, free, dir: location.dir.path().display().to_string(), hint }
}

fn size_hint(location: &Location) -> String {
    if cfg!(target_os = "linux") && location.dir.path().starts_with("/dev/shm") {
        "; remove leftovers with prune(), or make it larger: docker run --shm-size=1g, shm_size in Compose, \
         an emptyDir volume of medium Memory in Kubernetes, mount -o remount,size=1g /dev/shm"
            .into()
    } else {
        "; remove leftovers with prune(), or pass another `dir`".into()
    }
}
