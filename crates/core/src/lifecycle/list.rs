//! What is there.

use super::judge::judge;
use super::name::Name;
use super::place::{Place, Trust, open_dir};
use super::presence::visit;
use crate::dict::{DEFAULT_LOCK_TIMEOUT, Dict};
use crate::error::Result;
use shmkit_os::beacon::living;
use shmkit_os::shm::{Access, ShmFile};
use std::path::PathBuf;
use std::sync::Arc;

/// One line of `list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The dictionary's name.
    pub name: String,
    /// Bytes of its file.
    pub size: u64,
    /// Live entries; 0 if this build cannot read it.
    pub entries: u64,
    /// Pids of the processes attached for writing, in their own pid namespaces.
    pub processes: Vec<u32>,
    /// True if `prune` would remove it.
    pub stale: bool,
}

/// The dictionaries of a folder that this user may read, in the order of their names. Not a snapshot.
///
/// # Errors
/// [`crate::error::Error::Unsupported`], `Access`, `System`.
pub fn list(dir: Option<PathBuf>) -> Result<Vec<Listed>> {
    let dir = open_dir(dir.as_deref())?;
    let mut listed = Vec::new();
    for name in dir.names()?.iter().filter_map(|file| Name::of_file(file)) {
        let place = Place::of(dir.clone(), name);
        if let Ok(Some(file)) = place.open(Access::ReadOnly, &Trust::nobody_else()) {
            listed.push(describe(&place, &file)?);
        }
    }
    Ok(listed)
}

fn describe(place: &Place, file: &ShmFile) -> Result<Listed> {
    let (entries, processes) = look_inside(file).unwrap_or_default();
    Ok(Listed {
        name: place.name.as_str().to_owned(),
        size: file.status()?.size,
        entries,
        processes,
        stale: judge(file)?.is_removable(),
    })
}

/// Entries and pids, seen without attaching.
fn look_inside(file: &ShmFile) -> Result<(u64, Vec<u32>)> {
    let segment = visit(file)?;
    let slots = living(file, 1..segment.geometry.participants)?;
    let pids = slots.into_iter().map(|slot| segment.pid_of(slot)).filter(|pid| *pid != 0).collect();
    let dict = Dict::new(Arc::new(segment), DEFAULT_LOCK_TIMEOUT);
    Ok((dict.len()?, pids))
}
