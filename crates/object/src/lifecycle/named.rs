//! An open named object of any kind.

use super::attach::attach;
use super::attachment::{AttachedObject, Attachment};
use super::create;
use super::kind::Kind;
use super::link_check::LinkCheck;
use super::list::{Listed, list};
use super::location::{Location, Trust, leads_to};
use super::open_or_create::open_or_create;
use super::options::{CreatePlan, HandleOptions};
use super::remove::{prune, remove_own, unlink};
use crate::error::{Error, Result};
use shmkit_os::shm::Access;
use std::path::PathBuf;
use std::sync::Arc;

/// An attached, named object. Dropping it closes it: the owner's name is removed, unless the object is persistent.
/// The memory stays mapped, and the process counts as attached, as long as any clone of `object` exists.
#[derive(Debug)]
pub struct Named<K: Kind> {
    /// This process's attachment, shared with its other handles.
    pub object: Arc<K>,
    /// The path of the file.
    pub path: PathBuf,
    /// The name.
    pub name: String,
    /// Whether this handle created it.
    pub owner: bool,
    /// Where to remove its name. Only owners keep it, because it holds the directory open.
    own: Option<Location>,
    link_check: LinkCheck,
    attachment: Arc<Attachment>,
}

impl<K: Kind> Named<K> {
    fn new(location: Location, attached: AttachedObject<K>, owner: bool) -> Self {
        Named {
            object: attached.object,
            path: location.path(),
            name: location.name.as_str().to_owned(),
            owner,
            own: owner.then_some(location),
            link_check: LinkCheck::default(),
            attachment: attached.attachment,
        }
    }

    /// Keeps the object in memory if the options ask for that. If that is refused, it closes the object.
    fn keeping_in_memory(self, handle: &HandleOptions) -> Result<Self> {
        if handle.keep_in_memory {
            self.object.keep_in_memory().map_err(|error| match error.is_unsupported() {
                true => error.into(),
                false => Error::Access(format!(
                    "{error}: the object cannot be locked in memory; raise the limit of locked memory \
                     (ulimit -l, LimitMEMLOCK of a systemd service), or open it without `lock`"
                )),
            })?;
        }
        Ok(self)
    }

    /// Creates an object; the handle is its owner. Replaces a leftover of that name: an object with an owner that is
    /// not persistent and that no live process is attached to.
    ///
    /// # Errors
    /// [`Error::InvalidName`], [`Error::OutOfRange`], [`Error::Exists`], [`Error::NoSpace`],
    /// [`Error::Untrusted`], [`Error::Access`], [`Error::Unsupported`], [`Error::System`].
    pub fn create(name: &str, options: &K::Options, handle: &HandleOptions) -> Result<Self> {
        let location = Location::find(K::FORMAT, name, handle.dir.as_deref())?;
        let plan = CreatePlan::of::<K>(options, true)?;
        let created = create::create(&location, options, &plan, &Trust::of(handle))?;
        Named::new(location, created, true).keeping_in_memory(handle)
    }

    /// Attaches to an existing object.
    ///
    /// # Errors
    /// [`Error::InvalidName`], [`Error::NotFound`], [`Error::Layout`], [`Error::Corrupt`],
    /// [`Error::Untrusted`], [`Error::Access`], [`Error::TooManyProcesses`], [`Error::Unsupported`],
    /// [`Error::System`].
    pub fn open(name: &str, handle: &HandleOptions) -> Result<Self> {
        let location = Location::find(K::FORMAT, name, handle.dir.as_deref())?;
        let access = if handle.read_only { Access::ReadOnly } else { Access::ReadWrite };
        match attach(&location, access, &Trust::of(handle))? {
            Some(found) => Named::new(location, found, false).keeping_in_memory(handle),
            None => {
                let (path, title) = (location.path_text(), K::FORMAT.title);
                Err(Error::NotFound { title, path, name: name.to_owned() })
            }
        }
    }

    /// Attaches to an object, or creates one without an owner.
    ///
    /// # Errors
    /// Those of [`Named::create`] and [`Named::open`] except `Exists` and `NotFound`;
    /// [`Error::OptionsMismatch`] if the object was created with different options.
    pub fn open_or_create(name: &str, options: &K::Options, handle: &HandleOptions) -> Result<Self> {
        let location = Location::find(K::FORMAT, name, handle.dir.as_deref())?;
        let found = open_or_create(&location, options, &Trust::of(handle))?;
        Named::new(location, found, false).keeping_in_memory(handle)
    }

    /// Removes a name; returns false if there was none. Attached processes keep working.
    ///
    /// # Errors
    /// [`Error::InvalidName`], `Untrusted`, `Access`, `System`.
    pub fn unlink(name: &str, handle: &HandleOptions) -> Result<bool> {
        unlink(&Location::find(K::FORMAT, name, handle.dir.as_deref())?, &Trust::of(handle))
    }

    /// Removes all leftovers of a directory and returns their names. Files of other users, and files that cannot be
    /// opened, stay.
    ///
    /// # Errors
    /// [`Error::Unsupported`], `Access`, `System`.
    pub fn prune(handle: &HandleOptions) -> Result<Vec<String>> {
        prune(K::FORMAT, "", false, handle)
    }

    /// Like [`Named::prune`], but only of names that start with `prefix`; with `force`, also leftovers that hold what their
    /// kind keeps, such as jobs.
    ///
    /// # Errors
    /// As [`Named::prune`].
    pub fn prune_matching(prefix: &str, force: bool, handle: &HandleOptions) -> Result<Vec<String>> {
        prune(K::FORMAT, prefix, force, handle)
    }

    /// Returns the objects of this kind in a directory that this user may read, ordered by name. Not a snapshot.
    ///
    /// # Errors
    /// [`Error::Unsupported`], `Access`, `System`.
    pub fn list(handle: &HandleOptions) -> Result<Vec<Listed>> {
        list::<K>(handle)
    }

    /// Returns false in a forked child of the process that attached: the object is still the parent's.
    pub fn is_ours(&self) -> bool {
        self.attachment.liveness_lock.is_ours()
    }

    /// Returns whether the name leads to this object: false once it was removed, or leads to another one. Takes up to a
    /// second to notice what other programs do; looks at the directory at most once in that time.
    pub fn is_linked(&mut self) -> bool {
        let Named { object, link_check, attachment, path, .. } = self;
        let look = || attachment.probe.with_file(|file| leads_to(path, file));
        link_check.is_linked(object.membership().epoch(), look)
    }

    /// Removes an owner's name as closing does, but keeps the object usable, for code that runs until the process
    /// exits.
    pub fn release_name(&mut self) {
        let Some(location) = self.own.take() else { return };
        // In a forked child, the name is still its parent's.
        if !self.object.membership().superblock.persist && self.is_ours() {
            // A name that cannot be removed stays as a leftover, which the next creator replaces.
            let _ = remove_own(&location, &self.attachment.probe);
        }
    }
}

impl<K: Kind> Drop for Named<K> {
    fn drop(&mut self) {
        self.release_name();
    }
}
