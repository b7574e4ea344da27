//! This process's presence in a file: its memory, its liveness lock, and its probe of the others.

use super::kind::Kind;
use crate::error::{Error, Result};
use crate::membership::{Liveness, Membership};
use crate::region::Region;
use crate::superblock::Format;
use shmkit_os::liveness::{LivenessLock, MAX_SLOTS, Probe};
use shmkit_os::process::{ForkExcluded, pid, start_time};
use shmkit_os::shm::{Access, Mapping, ShmFile};
use std::sync::Arc;

/// Maps as much of a file as its superblock speaks of.
///
/// # Errors
/// [`Error::Layout`] for an empty file; [`Error::System`].
pub(super) fn map(format: &Format, file: &ShmFile) -> Result<Region> {
    let size = file.status()?.size.min(format.head.unwrap_or(u64::MAX));
    if size == 0 {
        return Err(Error::Layout("the file is empty".into()));
    }
    Ok(Region::new(Arc::new(Mapping::of(file, size as usize)?)))
}

/// What shows that this process is attached, and tells whether others are.
#[derive(Debug)]
pub(super) struct Presence {
    pub probe: Probe,
    pub liveness_lock: LivenessLock,
}

impl Presence {
    /// Acquires the liveness lock of a free slot, or that of the readers.
    ///
    /// # Errors
    /// [`Error::TooManyProcesses`], [`Error::Unsupported`], [`Error::System`].
    pub fn acquire_liveness_lock(
        fork: &ForkExcluded,
        file: &ShmFile,
        participants: u32,
    ) -> Result<LivenessLock> {
        match file.access() {
            Access::ReadOnly => Ok(LivenessLock::acquire_shared(fork, file)?),
            Access::ReadWrite => LivenessLock::acquire(fork, file, 1..participants.min(MAX_SLOTS))?
                .ok_or_else(|| Error::TooManyProcesses(participants.saturating_sub(1))),
        }
    }

    /// `file` must not be the open file description that holds the liveness lock.
    pub fn new(file: ShmFile, liveness_lock: LivenessLock) -> Arc<Presence> {
        Arc::new(Presence { probe: Probe::new(file, &liveness_lock), liveness_lock })
    }
}

/// The segment's share of the presence: a slot is held as long as anything can use it.
struct Watch(Arc<Presence>);

impl Liveness for Watch {
    fn is_dead(&self, slot: u32) -> bool {
        self.0.probe.is_free(slot)
    }
}

/// An attachment, shared by all handles of this process that have the same access.
#[derive(Debug)]
pub(super) struct Attached<K> {
    pub object: Arc<K>,
    pub presence: Arc<Presence>,
}

impl<K: Kind> Attached<K> {
    /// Registers in the slot whose liveness lock this process holds.
    ///
    /// # Errors
    /// [`Error::Layout`], [`Error::Corrupt`].
    pub fn new(region: Region, presence: Arc<Presence>) -> Result<Attached<K>> {
        let watch = Box::new(Watch(presence.clone()));
        let membership = Membership::attach(region, K::FORMAT, watch)?;
        let mut object = presence.probe.with_file(|file| K::attach(membership, file))?;
        // The probe is free again: what follows may ask it who is dead.
        if let Some(slot) = presence.liveness_lock.slot() {
            object.membership_mut().register(slot, pid(), start_time());
            object.recover_slot();
        }
        Ok(Attached { object: Arc::new(object), presence })
    }
}

/// A visitor waits for nobody and needs no opinion on who is alive.
struct Visitor;

impl Liveness for Visitor {
    fn is_dead(&self, _slot: u32) -> bool {
        false
    }
}

/// Looks into a file without attaching to it.
///
/// # Errors
/// [`Error::Layout`], [`Error::Corrupt`], [`Error::System`].
pub(super) fn visit(format: &Format, file: &ShmFile) -> Result<Membership> {
    Membership::attach(map(format, file)?, format, Box::new(Visitor))
}
