//! This process's attachment to a file: its mapping, its liveness lock, and its probe of the other participants.

use super::kind::Kind;
use crate::error::{Error, Result};
use crate::membership::{Liveness, Membership};
use crate::region::Region;
use crate::superblock::{self, Superblock, feature};
use shmkit_os::liveness::{LivenessLock, MAX_SLOTS, Probe};
use shmkit_os::process::{ForkExcluded, pid, start_time};
use shmkit_os::shm::{Access, Mapping, ShmFile, SparseMapping};
use std::sync::Arc;

/// Maps the bytes of a file that its superblock counts; of a file with a maximum size, only its superblock at first.
///
/// # Errors
/// [`Error::System`].
pub(super) fn map(superblock: &Superblock, file: &ShmFile) -> Result<Region> {
    let len = superblock.size as usize;
    if superblock.features[feature::MAX_SIZE] == 0 {
        return Ok(Region::new(Arc::new(Mapping::of(file, len)?)));
    }
    let mapping = SparseMapping::of(file.reopen(file.access())?, len)?;
    if !mapping.cover(0, superblock::BYTES) {
        return Err(Error::Corrupt("the file has no memory for its superblock".into()));
    }
    Ok(Region::new(Arc::new(mapping)))
}

/// The proof that this process is attached, and the probe that tells whether others are.
#[derive(Debug)]
pub(super) struct Attachment {
    pub probe: Probe,
    pub liveness_lock: LivenessLock,
}

impl Attachment {
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
    pub fn new(file: ShmFile, liveness_lock: LivenessLock) -> Arc<Attachment> {
        Arc::new(Attachment { probe: Probe::new(file, &liveness_lock), liveness_lock })
    }
}

/// Liveness by the kernel's locks. Keeps our own slot held as long as anything uses the membership.
struct LockLiveness(Arc<Attachment>);

impl Liveness for LockLiveness {
    fn is_dead(&self, slot: u32) -> bool {
        self.0.probe.is_free(slot)
    }
}

/// An attached object, shared by all handles of this process that have the same access.
#[derive(Debug)]
pub(super) struct AttachedObject<K> {
    pub object: Arc<K>,
    pub attachment: Arc<Attachment>,
}

impl<K: Kind> AttachedObject<K> {
    /// Attaches, and registers in the slot whose liveness lock this process holds.
    ///
    /// # Errors
    /// [`Error::Layout`], [`Error::Corrupt`].
    pub fn new(region: Region, attachment: Arc<Attachment>) -> Result<AttachedObject<K>> {
        let liveness = Box::new(LockLiveness(attachment.clone()));
        let membership = Membership::attach(region, K::FORMAT, liveness)?;
        let mut object = attachment.probe.with_file(|file| K::attach(membership, file))?;
        // The probe is unlocked again: recovery uses it.
        if let Some(slot) = attachment.liveness_lock.slot() {
            object.membership_mut().register(slot, pid(), start_time());
            object.recover_slot();
        }
        Ok(AttachedObject { object: Arc::new(object), attachment })
    }
}
