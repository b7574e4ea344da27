//! An object in the making: complete, its maker attached, and without a name.

use super::kind::Kind;
use super::options::CreatePlan;
use super::place::Place;
use super::presence::{Attached, Presence};
use super::{registry, remove, space};
use crate::error::Result;
use crate::region::Region;
use shmkit_os::OsError;
use shmkit_os::process::{ForkExcluded, exclude_fork};
use shmkit_os::shm::{Access, Mapping, NewFile};
use std::sync::Arc;

/// Dropping it gives it up, and its space is free again.
#[derive(Debug)]
pub(super) struct Draft<'p, K: Kind> {
    place: &'p Place,
    new: NewFile<'p>,
    attached: Attached<K>,
    file_bytes: u64,
}

impl<'p, K: Kind> Draft<'p, K> {
    /// Builds what `plan` says, mode included.
    ///
    /// # Errors
    /// [`crate::error::Error::NoSpace`], `Access`, `Unsupported`, `System`; those of [`Kind::fill`].
    pub fn build(place: &'p Place, plan: &CreatePlan, options: &K::Options) -> Result<Self> {
        let size = plan.file_bytes();
        remove::sweep_temporaries(&place.dir)?;
        space::check(place, size, 0)?;
        let explain = |error: OsError| space::explain(place, size, error);
        let new = NewFile::create(&exclude_fork()?, &place.dir).map_err(explain)?;
        new.file().reserve(size).map_err(explain)?;
        // Limits of memory and address space are no matter of the file system.
        let mapping = Mapping::of(new.file(), plan.size() as usize)?;
        let region = Region::new(Arc::new(mapping));
        let superblock = plan.superblock()?;
        superblock.format(&region, plan.format);
        let attached = Self::attach(&new, superblock.participants(), region)?;
        attached.object.fill(options)?;
        new.file().set_mode(plan.mode)?;
        Ok(Draft { place, new, attached, file_bytes: size })
    }

    /// Before the mode is set, which may forbid opening the file again.
    fn attach(new: &NewFile<'_>, participants: u32, region: Region) -> Result<Attached<K>> {
        let fork = exclude_fork()?;
        let liveness_lock = Presence::acquire_liveness_lock(&fork, new.file(), participants)?;
        let probe = new.file().reopen(Access::ReadWrite)?;
        Attached::new(region, Presence::new(probe, liveness_lock))
    }

    /// Makes it appear under its name, which must be free; false if it is not.
    ///
    /// # Errors
    /// [`crate::error::Error::NoSpace`], `Access`, `System`.
    pub fn publish(&mut self, fork: &ForkExcluded) -> Result<bool> {
        match self.new.link(fork, &self.place.file_name) {
            Ok(()) => {
                self.settle(fork);
                Ok(true)
            }
            Err(error) if error.is_exists() => Ok(false),
            Err(error) => Err(self.explain(error)),
        }
    }

    /// Makes it appear in the place of whatever has its name, which `retire` marks as replaced.
    ///
    /// # Errors
    /// As `publish`.
    pub fn publish_over(&mut self, fork: &ForkExcluded, retire: impl FnOnce()) -> Result<()> {
        let linked = self.new.link_over(fork, &self.place.file_name, retire);
        linked.map_err(|error| self.explain(error))?;
        self.settle(fork);
        Ok(())
    }

    fn explain(&self, error: OsError) -> crate::error::Error {
        space::explain(self.place, self.file_bytes, error)
    }

    fn settle(&self, fork: &ForkExcluded) {
        let identity = self.new.file().identity();
        self.attached.presence.probe.set_path(self.place.path());
        registry::insert(fork, identity, Access::ReadWrite, &self.attached);
    }

    /// The maker's attachment, once it is published.
    pub fn into_attached(self) -> Attached<K> {
        self.attached
    }
}
