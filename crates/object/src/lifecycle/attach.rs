//! Attaching to an existing object.

use super::attachment::{AttachedObject, Attachment, map};
use super::backoff::Backoff;
use super::classify::{FileState, check_time_namespace, classify_by};
use super::file_words::FileWords;
use super::kind::Kind;
use super::location::{Location, Trust};
use super::{registry, remove};
use crate::error::{Error, Result};
use crate::superblock::Superblock;
use shmkit_os::liveness::{AttachLock, is_name_locked};
use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Access, ShmFile};

/// The outcome of one attempt.
enum AttachOutcome<K> {
    Attached(AttachedObject<K>),
    Absent,
    /// Another process is changing what the name leads to.
    Again,
    /// The file has a second name. Another user may link a file that it may not write, and so give an object that is
    /// open to it the name of one that its owner takes for private. Or it is the temporary name of a creator that was
    /// killed.
    Linked,
}

/// Attaches to the object; returns `None` if there is none.
///
/// # Errors
/// Those of `Named::open` except `NotFound`.
pub(super) fn attach<K: Kind>(
    location: &Location,
    access: Access,
    trust: &Trust<'_>,
) -> Result<Option<AttachedObject<K>>> {
    let mut backoff = Backoff::new();
    let mut has_swept = false;
    loop {
        match try_once(location, access, trust)? {
            AttachOutcome::Attached(attached) => return Ok(Some(attached)),
            AttachOutcome::Absent => return Ok(None),
            AttachOutcome::Again => backoff.wait_for(location)?,
            AttachOutcome::Linked if has_swept => {
                let path = location.path_text();
                return Err(Error::Untrusted(format!("{path} has a second name; a hard link leads to it")));
            }
            AttachOutcome::Linked => {
                remove::sweep_temporaries(&location.dir, trust);
                has_swept = true;
            }
        }
    }
}

/// Tries once. Forks are excluded throughout, so that no child inherits a lock.
fn try_once<K: Kind>(location: &Location, access: Access, trust: &Trust<'_>) -> Result<AttachOutcome<K>> {
    let fork = exclude_fork()?;
    let Some(file) = location.open(access, trust)? else { return Ok(AttachOutcome::Absent) };
    let Some(attaching) = AttachLock::try_acquire_shared(&fork, &file)? else {
        return Ok(AttachOutcome::Again);
    };
    // From here on the file cannot be removed as a leftover, but it may have been removed before.
    if !location.leads_to(&file)? {
        return Ok(AttachOutcome::Again);
    }
    if file.status()?.links > 1 {
        // A creator links its file to its name before it removes the temporary one, and holds the NAME byte.
        return Ok(if is_name_locked(&file)? { AttachOutcome::Again } else { AttachOutcome::Linked });
    }
    if let Some(attached) = registry::find::<K>(&fork, file.identity(), access) {
        check_name(location, &attached.object.membership().superblock)?;
        let is_retired = attached.object.membership().epoch().is_retired();
        return if is_retired { absent(location, &file) } else { Ok(AttachOutcome::Attached(attached)) };
    }
    // Nothing is mapped before the file is known to be sound.
    let superblock = FileWords::of(&file).superblock(K::FORMAT)?;
    check_name(location, &superblock)?;
    if classify_by(K::FORMAT, &superblock, &file)? == FileState::Absent {
        return absent(location, &file);
    }
    check_time_namespace(&superblock)?;
    let region = map(&superblock, &file)?;
    let liveness_lock = match Attachment::acquire_liveness_lock(&fork, &file, superblock.participants()) {
        // On systems that open the file again by its name, this fails if the name was replaced meanwhile.
        Err(_) if !location.leads_to(&file)? => return Ok(AttachOutcome::Again),
        acquired => acquired?,
    };
    drop(attaching);
    let identity = file.identity();
    let attachment = Attachment::new(file, liveness_lock);
    let attached = AttachedObject::new(region, attachment)?;
    registry::insert(&fork, identity, access, &attached);
    Ok(AttachOutcome::Attached(attached))
}

/// A process that replaces a file retires it, and holds its NAME byte until another file has the name: in between the
/// name is not free. A retired file whose NAME byte is free is stale, if the name still leads to it.
fn absent<K>(location: &Location, file: &ShmFile) -> Result<AttachOutcome<K>> {
    let is_stale = !is_name_locked(file)? && location.leads_to(file)?;
    Ok(if is_stale { AttachOutcome::Absent } else { AttachOutcome::Again })
}

/// Checks that a file was created with the name that leads to it.
///
/// # Errors
/// [`Error::Untrusted`].
fn check_name(location: &Location, superblock: &Superblock) -> Result<()> {
    let name = superblock.name.as_str();
    if name == location.name.as_str() {
        return Ok(());
    }
    let path = location.path_text();
    Err(Error::Untrusted(format!("{path} was created with the name {name:?}, and linked or renamed later")))
}
