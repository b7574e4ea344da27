//! Listing objects.

use super::classify::classify;
use super::file_words::FileWords;
use super::kind::Kind;
use super::location::{Location, Trust, open_dir};
use super::name::Name;
use super::options::HandleOptions;
use crate::error::Result;
use crate::membership::participant_at;
use crate::superblock::feature;
use shmkit_os::liveness::{MAX_SLOTS, live_slots};
use shmkit_os::shm::{Access, ShmFile};

/// One object of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The object's name.
    pub name: String,
    /// The bytes that it takes.
    pub size: u64,
    /// The bytes that it may take, if it grows.
    pub max_size: Option<u64>,
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
    let size = file.status()?.size;
    let unknown = Contents { size, max_size: None, entries: 0, processes: Vec::new() };
    let Contents { size, max_size, entries, processes } = inspect_contents::<K>(file).unwrap_or(unknown);
    Ok(Listed {
        name: location.name.as_str().to_owned(),
        size,
        max_size,
        entries,
        processes,
        stale: classify(location.format, file)?.is_removable(),
    })
}

/// What a file contains.
struct Contents {
    size: u64,
    max_size: Option<u64>,
    entries: u64,
    processes: Vec<u32>,
}

/// Returns the contents, without attaching and without a mapping.
fn inspect_contents<K: Kind>(file: &ShmFile) -> Result<Contents> {
    let words = FileWords::of(file);
    let superblock = words.superblock(K::FORMAT)?;
    let slots = live_slots(file, 1..superblock.participants().min(MAX_SLOTS))?;
    let pids = slots.into_iter().map(|slot| words.load32(participant_at(slot) + 4));
    let processes = pids.filter(|pid| *pid != 0).collect();
    let (size, max_size) = match superblock.features[feature::MAX_SIZE] {
        0 => (file.status()?.size, None),
        max_size => (K::taken(&words, &superblock), Some(max_size)),
    };
    Ok(Contents { size, max_size, entries: K::count(&words, &superblock), processes })
}
