//! Attaching to an object that exists.

use super::judge::{Verdict, check_time_namespace, judge_by};
use super::kind::Kind;
use super::patience::Patience;
use super::place::{Place, Trust};
use super::presence::{Attached, Presence, map};
use super::registry;
use crate::error::Result;
use crate::superblock::Superblock;
use shmkit_os::liveness::{AttachLock, is_name_locked};
use shmkit_os::process::exclude_fork;
use shmkit_os::shm::{Access, ShmFile};

/// The outcome of one try.
enum Try<K> {
    Attached(Attached<K>),
    Absent,
    /// Somebody is changing what the name leads to.
    Again,
}

/// Attaches; `None` if nothing has the name.
///
/// # Errors
/// Those of `Named::open` but for `NotFound`.
pub(super) fn attach<K: Kind>(
    place: &Place,
    access: Access,
    trust: &Trust<'_>,
) -> Result<Option<Attached<K>>> {
    let mut patience = Patience::new();
    loop {
        match try_once(place, access, trust)? {
            Try::Attached(attached) => return Ok(Some(attached)),
            Try::Absent => return Ok(None),
            Try::Again => patience.wait_for(place)?,
        }
    }
}

/// Forks are excluded throughout, so that no child inherits a lock.
fn try_once<K: Kind>(place: &Place, access: Access, trust: &Trust<'_>) -> Result<Try<K>> {
    let fork = exclude_fork()?;
    let Some(file) = place.open(access, trust)? else { return Ok(Try::Absent) };
    let Some(attaching) = AttachLock::try_acquire_shared(&fork, &file)? else { return Ok(Try::Again) };
    // From here on it cannot be removed as a leftover; it may have been before.
    if !place.leads_to(&file)? {
        return Ok(Try::Again);
    }
    if let Some(attached) = registry::find::<K>(&fork, file.identity(), access) {
        let is_retired = attached.object.membership().epoch().is_retired();
        return if is_retired { absent(place, &file) } else { Ok(Try::Attached(attached)) };
    }
    let region = map(K::FORMAT, &file)?;
    let superblock = Superblock::read(&region, K::FORMAT)?;
    if judge_by(&superblock, &region, &file)? == Verdict::Absent {
        return absent(place, &file);
    }
    check_time_namespace(&superblock)?;
    let liveness_lock = match Presence::acquire_liveness_lock(&fork, &file, superblock.participants()) {
        // Where the file is opened again by its name, a replacement in between is in the way.
        Err(_) if !place.leads_to(&file)? => return Ok(Try::Again),
        lit => lit?,
    };
    drop(attaching);
    let identity = file.identity();
    let presence = Presence::new(file, liveness_lock);
    let attached = Attached::new(region, presence)?;
    registry::insert(&fork, identity, access, &attached);
    Ok(Try::Attached(attached))
}

/// Whoever replaces a file retires it, and holds its name until another file has it: meanwhile the name is
/// not free. A file whose name nobody holds is a corpse, if it still has the name by then.
fn absent<K>(place: &Place, file: &ShmFile) -> Result<Try<K>> {
    let is_corpse = !is_name_locked(file)? && place.leads_to(file)?;
    Ok(if is_corpse { Try::Absent } else { Try::Again })
}
