//! A file that has no name yet: complete, and with its creator attached.

use super::attachment::{AttachedObject, Attachment};
use super::kind::Kind;
use super::location::{Location, Trust};
use super::options::CreatePlan;
use super::{registry, remove, space};
use crate::error::{Error, Result};
use crate::region::Region;
use shmkit_os::OsError;
use shmkit_os::process::{ForkExcluded, exclude_fork};
use shmkit_os::shm::{Access, Mapping, NewFile, SparseMapping};
use std::ops::Range;
use std::sync::Arc;

/// A complete object without a name. Dropping it frees its space.
#[derive(Debug)]
pub(super) struct UnpublishedFile<'p, K: Kind> {
    location: &'p Location,
    new: NewFile<'p>,
    attached: AttachedObject<K>,
    file_bytes: u64,
}

impl<'p, K: Kind> UnpublishedFile<'p, K> {
    /// Builds the file, including its mode.
    ///
    /// # Errors
    /// [`crate::error::Error::NoSpace`], `Access`, `Unsupported`, `System`; those of [`Kind::fill`].
    pub fn build(
        location: &'p Location,
        plan: &CreatePlan,
        options: &K::Options,
        trust: &Trust<'_>,
    ) -> Result<Self> {
        match Self::try_build(location, plan, options) {
            // Files that killed creators left may take the space.
            Err(Error::NoSpace { .. }) if remove::sweep_temporaries(&location.dir, trust) > 0 => {
                Self::try_build(location, plan, options)
            }
            result => result,
        }
    }

    fn try_build(location: &'p Location, plan: &CreatePlan, options: &K::Options) -> Result<Self> {
        let size = plan.first_bytes();
        space::check(location, size, 0)?;
        let explain = |error: OsError| space::explain(location, size, error);
        let new = NewFile::create(&exclude_fork()?, &location.dir).map_err(explain)?;
        let region = match plan.first_parts() {
            None => {
                new.file().reserve(size).map_err(explain)?;
                // A failure here is a limit of memory or address space, not of the file system.
                Region::new(Arc::new(Mapping::of(new.file(), plan.size() as usize)?))
            }
            Some(parts) => {
                SparseMapping::extend(new.file(), plan.file_bytes()).map_err(explain)?;
                let file = new.file().reopen(Access::ReadWrite)?;
                let mapping = SparseMapping::of(file, plan.size() as usize)?;
                take_parts(&mapping, parts).map_err(explain)?;
                Region::new(Arc::new(mapping))
            }
        };
        let superblock = plan.superblock(&location.name)?;
        superblock.format(&region, plan.format);
        let attached = Self::attach(&new, superblock.participants(), region)?;
        attached.object.fill(options)?;
        new.file().set_mode(plan.mode)?;
        Ok(UnpublishedFile { location, new, attached, file_bytes: size })
    }

    /// Attaches the creator. Called before the mode is set, which may forbid opening the file again.
    fn attach(new: &NewFile<'_>, participants: u32, region: Region) -> Result<AttachedObject<K>> {
        let fork = exclude_fork()?;
        let liveness_lock = Attachment::acquire_liveness_lock(&fork, new.file(), participants)?;
        let probe = new.file().reopen(Access::ReadWrite)?;
        AttachedObject::new(region, Attachment::new(probe, liveness_lock))
    }

    /// Links the file to its name; returns false if the name is taken.
    ///
    /// # Errors
    /// [`crate::error::Error::NoSpace`], `Access`, `System`.
    pub fn publish(&mut self, fork: &ForkExcluded) -> Result<bool> {
        match self.new.link(fork, &self.location.file_name) {
            Ok(()) => {
                self.register(fork);
                Ok(true)
            }
            Err(error) if error.is_already_exists() => Ok(false),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// Links the file to its name, replacing the file that has it, which `retire` marks as replaced.
    ///
    /// # Errors
    /// Like `publish`.
    pub fn publish_over(&mut self, fork: &ForkExcluded, retire: impl FnOnce()) -> Result<()> {
        let linked = self.new.link_over(fork, &self.location.file_name, retire);
        linked.map_err(|error| self.explain(error))?;
        self.register(fork);
        Ok(())
    }

    fn explain(&self, error: OsError) -> crate::error::Error {
        space::explain(self.location, self.file_bytes, error)
    }

    fn register(&self, fork: &ForkExcluded) {
        let identity = self.new.file().identity();
        self.attached.attachment.probe.set_path(self.location.path());
        registry::insert(fork, identity, Access::ReadWrite, &self.attached);
    }

    /// Returns the creator's attachment. The file must be published.
    pub fn into_attached(self) -> AttachedObject<K> {
        self.attached
    }
}

/// Takes memory for parts of a new file, or for all of it where the file system cannot reserve parts.
fn take_parts(mapping: &SparseMapping, parts: &[Range<u64>]) -> std::result::Result<(), OsError> {
    for part in parts {
        match mapping.take(part.start, part.end) {
            Err(error) if error.is_unsupported() => return mapping.take_all(),
            taken => taken?,
        }
    }
    Ok(())
}
