//! What to make of a file that has an object's name.

use super::presence::{map, visit};
use crate::error::{Error, Result};
use crate::region::Region;
use crate::superblock::{EPOCH, EpochWord, Format, Superblock};
use shmkit_os as os;
use shmkit_os::liveness::has_attachments;
use shmkit_os::shm::ShmFile;

/// What a file is worth.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// In use, or kept on purpose.
    Live,
    /// Its owner died and nobody is attached.
    Leftover,
    /// Replaced, or of an earlier boot: counts as absent.
    Absent,
    /// Not an object that this build can use.
    Unusable(Error),
}

impl Verdict {
    /// True if a creator may take its name.
    pub fn is_removable(&self) -> bool {
        matches!(self, Verdict::Leftover | Verdict::Absent)
    }
}

/// Looks at a file. The answer may be outdated at once, unless attaching is held off.
///
/// # Errors
/// [`Error::System`], if looking failed.
pub(super) fn judge(format: &Format, file: &ShmFile) -> Result<Verdict> {
    let region = match map(format, file) {
        Ok(region) => region,
        Err(error @ Error::Layout(_)) => return Ok(Verdict::Unusable(error)),
        Err(error) => return Err(error),
    };
    match Superblock::read(&region, format) {
        Ok(superblock) => judge_by(&superblock, &region, file),
        Err(error) => Ok(Verdict::Unusable(error)),
    }
}

/// As `judge`, for a superblock that was read from the region.
pub(super) fn judge_by(superblock: &Superblock, region: &Region, file: &ShmFile) -> Result<Verdict> {
    if EpochWord(region.load(EPOCH)).is_retired() {
        return Ok(Verdict::Absent);
    }
    // Whoever is attached proves that the file is of this boot, whatever its boot id says: containers
    // may be shown ids of their own.
    if has_attachments(file)? {
        return Ok(Verdict::Live);
    }
    if is_of_another_boot(superblock) {
        return Ok(Verdict::Absent);
    }
    let is_leftover = superblock.owned && !superblock.persist;
    Ok(if is_leftover { Verdict::Leftover } else { Verdict::Live })
}

/// Identities that are not known differ from none.
fn is_of_another_boot(superblock: &Superblock) -> bool {
    let (theirs, ours) = (superblock.boot_id, os::clock::boot_id());
    theirs != [0; 16] && ours != [0; 16] && theirs != ours
}

/// Deadlines count on a clock that processes of another time namespace see shifted.
///
/// # Errors
/// [`Error::Unsupported`].
pub(super) fn check_time_namespace(superblock: &Superblock) -> Result<()> {
    let (theirs, ours) = (superblock.time_namespace, os::clock::time_namespace());
    if theirs != 0 && ours != 0 && theirs != ours {
        return Err(Error::Unsupported("it was made in another time namespace, whose clock differs".into()));
    }
    Ok(())
}

/// Tells those who are attached to `file` that it was replaced. A file that is no object of this layout
/// has no place to say so.
pub(super) fn retire(format: &Format, file: &ShmFile) {
    if let Ok(membership) = visit(format, file) {
        membership.retire();
    }
}
