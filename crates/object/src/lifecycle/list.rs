//! Listing objects.

use super::attachment::inspect;
use super::classify::classify;
use super::kind::Kind;
use super::location::{Location, Trust, open_dir};
use super::name::Name;
use crate::error::Result;
use shmkit_os::liveness::live_slots;
use shmkit_os::shm::{Access, ShmFile};
use std::path::Path;
use std::sync::Arc;

/// One object of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object's name.
    pub name: String,
    /// The bytes of its file.
    pub size: u64,
    /// The number of live entries, or whatever its kind counts ([`Kind::count`]); 0 if this build cannot read it.
    pub entries: u64,
    /// The pids of the processes attached for writing, in their own pid namespaces.
    pub processes: Vec<u32>,
    /// Whether `prune` would remove it.
    pub stale: bool,
}

pub(super) fn list<K: Kind>(dir: Option<&Path>) -> Result<Vec<Listed>> {
    let dir = open_dir(dir)?;
    let mut listed = Vec::new();
    for name in dir.names()?.iter().filter_map(|file| Name::of_file(K::FORMAT.kind, file)) {
        let location = Location::of(K::FORMAT, dir.clone(), name);
        if let Ok(Some(file)) = location.open(Access::ReadOnly, &Trust::own_files()) {
            listed.push(describe::<K>(&location, &file)?);
        }
    }
    Ok(listed)
}

fn describe<K: Kind>(location: &Location, file: &ShmFile) -> Result<Listed> {
    let (entries, processes) = inspect_contents::<K>(file).unwrap_or_default();
    Ok(Listed {
        name: location.name.as_str().to_owned(),
        size: file.status()?.size,
        entries,
        processes,
        stale: classify(location.format, file)?.is_removable(),
    })
}

/// Returns the count and pids, without attaching.
fn inspect_contents<K: Kind>(file: &ShmFile) -> Result<(u64, Vec<u32>)> {
    let membership = inspect(K::FORMAT, file)?;
    let slots = live_slots(file, 1..membership.participants())?;
    let pids = slots.into_iter().map(|slot| membership.pid_of(slot)).filter(|pid| *pid != 0).collect();
    Ok((K::count(&Arc::new(K::attach(membership, file)?)), pids))
}
