//! Names: creating, attaching, replacing, removing and listing dictionaries.
//!
//! A dictionary is one file, `shmkit.dict.<name>`, in a folder of shared memory.
//!
//! 1. Nobody ever sees a half-made one: it is built without a name, its maker's beacon is lit, and one
//!    `link` makes it appear (`draft`).
//! 2. A name is removed or replaced only by who holds the NAME byte of the very file it leads to, and
//!    looked again (`remove`, `obtain`).
//! 3. Whoever attaches announces it, looks again, lights its beacon, and only then counts (`attach`).
//!    So "nobody is attached" can be made to hold still while a leftover is removed.
//! 4. A file that was retired, or that an earlier boot left on a disk, counts as absent (`judge`).
//! 5. A process attaches to a file once: its threads and handles share the mapping and the participant's
//!    slot (`registry`).

mod attach;
mod draft;
mod failure;
mod handle;
mod judge;
mod list;
mod name;
mod obtain;
mod options;
mod patience;
mod place;
mod presence;
mod registry;
mod remove;
mod space;

pub use handle::Handle;
pub use list::{Listed, list};
pub use options::{DEFAULT_DIR, HandleOptions, OnFull, SegmentOptions};
pub use remove::{prune, unlink};

use crate::error::{Error, Result};
use options::Plan;
use place::{Place, Trust};
use shmkit_os::shm::Access;

/// Makes a new dictionary, whose owner the handle is. A leftover of that name is replaced: owned, not
/// persistent, nobody alive attached.
///
/// # Errors
/// [`Error::InvalidName`], [`Error::OutOfRange`], [`Error::Exists`], [`Error::NoSpace`],
/// [`Error::Untrusted`], [`Error::Access`], [`Error::Unsupported`], [`Error::System`].
pub fn create(name: &str, segment: &SegmentOptions, handle: &HandleOptions) -> Result<Handle> {
    let place = Place::find(name, handle.dir.as_deref())?;
    let plan = Plan::of(segment, true)?;
    let made = obtain::create(&place, &plan, &Trust::of(handle))?;
    Ok(Handle::new(place, made, true, handle.lock_timeout))
}

/// Attaches to a dictionary that exists.
///
/// # Errors
/// [`Error::InvalidName`], [`Error::NotFound`], [`Error::Layout`], [`Error::Corrupt`],
/// [`Error::Untrusted`], [`Error::Access`], [`Error::TooManyProcesses`], [`Error::Unsupported`],
/// [`Error::System`].
pub fn open(name: &str, handle: &HandleOptions) -> Result<Handle> {
    let place = Place::find(name, handle.dir.as_deref())?;
    let access = if handle.read_only { Access::ReadOnly } else { Access::ReadWrite };
    match attach::attach(&place, access, &Trust::of(handle))? {
        Some(found) => Ok(Handle::new(place, found, false, handle.lock_timeout)),
        None => Err(Error::NotFound { path: place.path_text(), name: name.to_owned() }),
    }
}

/// Attaches, or makes a new dictionary that nobody owns.
///
/// # Errors
/// Those of [`create`] and [`open`] but for `Exists` and `NotFound`; [`Error::OptionsMismatch`] if it
/// was made with other options than those given here.
pub fn open_or_create(name: &str, segment: &SegmentOptions, handle: &HandleOptions) -> Result<Handle> {
    let place = Place::find(name, handle.dir.as_deref())?;
    let found = obtain::open_or_create(&place, segment, &Trust::of(handle))?;
    Ok(Handle::new(place, found, false, handle.lock_timeout))
}
