//! Classifies the file behind a name.

use super::file_words::FileWords;
use crate::error::{Error, Result};
use crate::region::Region;
use crate::superblock::{self, EpochWord, Format, Superblock};
use shmkit_os as os;
use shmkit_os::liveness::has_attachments;
use shmkit_os::shm::{Mapping, ShmFile};
use std::sync::Arc;

/// The state of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum FileState {
    /// In use, or persistent.
    Live,
    /// A leftover: its owner died, and no process is attached.
    Leftover,
    /// A leftover that holds what its kind keeps.
    Kept,
    /// Retired, or of an earlier boot: counts as absent.
    Absent,
    /// Not an object that this build can use.
    Unusable(Error),
}

impl FileState {
    /// Returns whether a creator may take its name.
    pub fn is_removable(&self) -> bool {
        matches!(self, FileState::Leftover | FileState::Absent)
    }
}

/// Classifies a file. The result may be outdated at once, unless the caller keeps other processes from attaching.
///
/// # Errors
/// [`Error::System`] if the file cannot be inspected.
pub(super) fn classify(format: &Format, file: &ShmFile) -> Result<FileState> {
    match FileWords::of(file).superblock(format) {
        Ok(superblock) => classify_by(format, &superblock, file),
        Err(error @ (Error::Layout(_) | Error::Corrupt(_))) => Ok(FileState::Unusable(error)),
        Err(error) => Err(error),
    }
}

/// Like `classify`, with the superblock that was read from the file.
pub(super) fn classify_by(format: &Format, superblock: &Superblock, file: &ShmFile) -> Result<FileState> {
    let epoch = FileWords::of(file).epoch();
    if epoch.is_retired() {
        return Ok(FileState::Absent);
    }
    // An attached process proves that the file is of this boot, whatever its boot id says: containers may be shown
    // ids of their own.
    if has_attachments(file)? {
        return Ok(FileState::Live);
    }
    if is_of_another_boot(superblock) {
        return Ok(FileState::Absent);
    }
    let is_leftover = superblock.owned && !superblock.persist && !epoch.is_adopted();
    if !is_leftover {
        return Ok(FileState::Live);
    }
    let is_kept = format.kept_while.is_some_and(|at| FileWords::of(file).load(at) != 0);
    Ok(if is_kept { FileState::Kept } else { FileState::Leftover })
}

/// Returns whether the boot ids differ. An unknown id equals every other.
fn is_of_another_boot(superblock: &Superblock) -> bool {
    let (theirs, ours) = (superblock.boot_id, os::clock::boot_id());
    theirs != [0; 16] && ours != [0; 16] && theirs != ours
}

/// Checks the time namespace: deadlines are on a clock that processes of another namespace see shifted.
///
/// # Errors
/// [`Error::Unsupported`].
pub(super) fn check_time_namespace(superblock: &Superblock) -> Result<()> {
    let (theirs, ours) = (superblock.time_namespace, os::clock::time_namespace());
    if theirs != 0 && ours != 0 && theirs != ours {
        return Err(Error::Unsupported(
            "it was created in another time namespace, whose clock differs".into(),
        ));
    }
    Ok(())
}

/// Marks `file` as replaced, for the processes attached to it, whatever the version of its layout.
pub(super) fn retire(format: &Format, file: &ShmFile) {
    let is_of_kind = FileWords::of(file).created(format).is_some();
    if is_of_kind && file.status().is_ok_and(|status| status.size >= superblock::BYTES) {
        mark_mapped(file, EpochWord::retired);
    }
}

/// Marks `file` for the processes attached to it; see [`superblock::mark`]. A file that is not an object of this layout
/// cannot be marked.
pub(super) fn mark(format: &Format, file: &ShmFile, mark: fn(EpochWord) -> EpochWord) {
    if FileWords::of(file).superblock(format).is_ok() {
        mark_mapped(file, mark);
    }
}

fn mark_mapped(file: &ShmFile, mark: fn(EpochWord) -> EpochWord) {
    if let Ok(mapping) = Mapping::of(file, superblock::BYTES as usize) {
        superblock::mark(&Region::new(Arc::new(mapping)), mark);
    }
}
