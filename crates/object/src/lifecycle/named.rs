//! An open named object of any kind.

use super::attach::attach;
use super::kind::Kind;
use super::list::{Listed, list};
use super::obtain;
use super::options::{CreatePlan, HandleOptions};
use super::place::{Place, Trust};
use super::presence::{Attached, Presence};
use super::remove::{prune, remove_own, unlink};
use crate::error::{Error, Result};
use shmkit_os::shm::Access;
use std::path::PathBuf;
use std::sync::Arc;

/// An attached, named object. Dropping it is closing it: the name of an owner's object is removed,
/// unless it is persistent. The memory stays mapped, and the process counts as attached, as long as any
/// clone of `object` lives.
#[derive(Debug)]
pub struct Named<K: Kind> {
    /// What this process has of it, shared with its other handles.
    pub object: Arc<K>,
    /// The file.
    pub path: PathBuf,
    /// The name.
    pub name: String,
    /// True for the handle that created it.
    pub owner: bool,
    /// Where its name is to be removed from. Kept by owners alone: it holds the folder open.
    own: Option<Place>,
    presence: Arc<Presence>,
}

impl<K: Kind> Named<K> {
    fn new(place: Place, attached: Attached<K>, owner: bool) -> Self {
        Named {
            object: attached.object,
            path: place.path(),
            name: place.name.as_str().to_owned(),
            owner,
            own: owner.then_some(place),
            presence: attached.presence,
        }
    }

    /// Makes a new object, whose owner the handle is. A leftover of that name is replaced: owned, not
    /// persistent, nobody alive attached.
    ///
    /// # Errors
    /// [`Error::InvalidName`], [`Error::OutOfRange`], [`Error::Exists`], [`Error::NoSpace`],
    /// [`Error::Untrusted`], [`Error::Access`], [`Error::Unsupported`], [`Error::System`].
    pub fn create(name: &str, options: &K::Options, handle: &HandleOptions) -> Result<Self> {
        let place = Place::find(K::FORMAT, name, handle.dir.as_deref())?;
        let plan = CreatePlan::of::<K>(options, true)?;
        let made = obtain::create(&place, options, &plan, &Trust::of(handle))?;
        Ok(Named::new(place, made, true))
    }

    /// Attaches to an object that exists.
    ///
    /// # Errors
    /// [`Error::InvalidName`], [`Error::NotFound`], [`Error::Layout`], [`Error::Corrupt`],
    /// [`Error::Untrusted`], [`Error::Access`], [`Error::TooManyProcesses`], [`Error::Unsupported`],
    /// [`Error::System`].
    pub fn open(name: &str, handle: &HandleOptions) -> Result<Self> {
        let place = Place::find(K::FORMAT, name, handle.dir.as_deref())?;
        let access = if handle.read_only { Access::ReadOnly } else { Access::ReadWrite };
        match attach(&place, access, &Trust::of(handle))? {
            Some(found) => Ok(Named::new(place, found, false)),
            None => {
                let (path, title) = (place.path_text(), K::FORMAT.title);
                Err(Error::NotFound { title, path, name: name.to_owned() })
            }
        }
    }

    /// Attaches, or makes a new object that nobody owns.
    ///
    /// # Errors
    /// Those of [`Named::create`] and [`Named::open`] but for `Exists` and `NotFound`;
    /// [`Error::OptionsMismatch`] if it was made with other options than those given here.
    pub fn open_or_create(name: &str, options: &K::Options, handle: &HandleOptions) -> Result<Self> {
        let place = Place::find(K::FORMAT, name, handle.dir.as_deref())?;
        let found = obtain::open_or_create(&place, options, &Trust::of(handle))?;
        Ok(Named::new(place, found, false))
    }

    /// Removes a name; false if there was none. Those who are attached go on.
    ///
    /// # Errors
    /// [`Error::InvalidName`], `Untrusted`, `Access`, `System`.
    pub fn unlink(name: &str, dir: Option<PathBuf>) -> Result<bool> {
        unlink(&Place::find(K::FORMAT, name, dir.as_deref())?)
    }

    /// Removes all leftovers of a folder; their names. What belongs to others or cannot be opened stays.
    ///
    /// # Errors
    /// [`Error::Unsupported`], `Access`, `System`.
    pub fn prune(dir: Option<PathBuf>) -> Result<Vec<String>> {
        prune(K::FORMAT, dir.as_deref())
    }

    /// The objects of this kind in a folder that this user may read, in the order of their names. Not a
    /// snapshot.
    ///
    /// # Errors
    /// [`Error::Unsupported`], `Access`, `System`.
    pub fn list(dir: Option<PathBuf>) -> Result<Vec<Listed>> {
        list::<K>(dir.as_deref())
    }

    /// False in a forked child of the process that attached: there, the object is still the parent's.
    pub fn is_ours(&self) -> bool {
        self.presence.liveness_lock.is_ours()
    }

    /// Removes an owner's name as closing does, but stays usable: for code that runs until the process
    /// is gone.
    pub fn release_name(&mut self) {
        let Some(place) = self.own.take() else { return };
        // In a forked child, the name is still its parent's.
        if !self.object.membership().superblock.persist && self.is_ours() {
            // A name that cannot be removed stays as a leftover, which the next creator replaces.
            let _ = remove_own(&place, &self.presence.probe);
        }
    }
}

impl<K: Kind> Drop for Named<K> {
    fn drop(&mut self) {
        self.release_name();
    }
}
