//! What is there.

use super::judge::judge;
use super::kind::Kind;
use super::name::Name;
use super::place::{Place, Trust, open_dir};
use super::presence::visit;
use crate::error::Result;
use shmkit_os::liveness::live_slots;
use shmkit_os::shm::{Access, ShmFile};
use std::path::Path;
use std::sync::Arc;

/// One line of `list`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object's name.
    pub name: String,
    /// Bytes of its file.
    pub size: u64,
    /// Live entries, or what else its kind counts ([`Kind::count`]); 0 if this build cannot read it.
    pub entries: u64,
    /// Pids of the processes attached for writing, in their own pid namespaces.
    pub processes: Vec<u32>,
    /// True if `prune` would remove it.
    pub stale: bool,
}

pub(super) fn list<K: Kind>(dir: Option<&Path>) -> Result<Vec<Listed>> {
    let dir = open_dir(dir)?;
    let mut listed = Vec::new();
    for name in dir.names()?.iter().filter_map(|file| Name::of_file(K::FORMAT.kind, file)) {
        let place = Place::of(K::FORMAT, dir.clone(), name);
        if let Ok(Some(file)) = place.open(Access::ReadOnly, &Trust::nobody_else()) {
            listed.push(describe::<K>(&place, &file)?);
        }
    }
    Ok(listed)
}

fn describe<K: Kind>(place: &Place, file: &ShmFile) -> Result<Listed> {
    let (entries, processes) = look_inside::<K>(file).unwrap_or_default();
    Ok(Listed {
        name: place.name.as_str().to_owned(),
        size: file.status()?.size,
        entries,
        processes,
        stale: judge(place.format, file)?.is_removable(),
    })
}

/// The count and pids, seen without attaching.
fn look_inside<K: Kind>(file: &ShmFile) -> Result<(u64, Vec<u32>)> {
    let membership = visit(K::FORMAT, file)?;
    let slots = live_slots(file, 1..membership.participants())?;
    let pids = slots.into_iter().map(|slot| membership.pid_of(slot)).filter(|pid| *pid != 0).collect();
    Ok((K::count(&Arc::new(K::attach(membership, file)?)), pids))
}
