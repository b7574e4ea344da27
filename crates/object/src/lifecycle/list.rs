//! Listing objects.

use super::classify::classify;
use super::file_words::FileWords;
use super::kind::Kind;
use super::location::{Location, Trust, open_dir};
use super::name::Name;
use super::options::HandleOptions;
use crate::error::Result;
use crate::membership::participant_at;
use shmkit_os::liveness::{MAX_SLOTS, live_slots};
use shmkit_os::shm::{Access, ShmFile};

/// One object of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object's name.
    pub name: String,
    /// The bytes of its file.
    pub size: u64,
    /// The number of entries, or whatever its kind counts ([`Kind::count`]); 0 if this build cannot read it.
    pub entries: u64,
    /// The pids of the processes attached for writing, in their own pid namespaces, as they have written them.
    pub processes: Vec<u32>,
    /// Whether `prune` would remove it.
    pub stale: bool,
}

pub(super) fn list<K: Kind>(handle: &HandleOptions) -> Result<Vec<Listed>> {
    let (dir, trust) = (open_dir(handle.dir.as_deref())?, Trust::of(handle));
    let mut listed = Vec::new();
    for name in dir.names()?.iter().filter_map(|file| Name::of_file(K::FORMAT.kind, file)) {
        let location = Location::of(K::FORMAT, dir.clone(), name);
        // A file that cannot be inspected does not hide the others.
        if let Ok(Some(file)) = location.open(Access::ReadOnly, &trust)
            && let Ok(object) = describe::<K>(&location, &file)
        {
            listed.push(object);
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

/// Returns the count and pids, without attaching and without a mapping.
fn inspect_contents<K: Kind>(file: &ShmFile) -> Result<(u64, Vec<u32>)> {
    let words = FileWords::of(file);
    let superblock = words.superblock(K::FORMAT)?;
    let slots = live_slots(file, 1..superblock.participants().min(MAX_SLOTS))?;
    let pids = slots.into_iter().map(|slot| words.load32(participant_at(slot) + 4));
    let pids = pids.filter(|pid| *pid != 0).collect();
    Ok((K::count(&words, &superblock), pids))
}
