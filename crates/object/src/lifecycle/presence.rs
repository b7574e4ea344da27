//! This process's presence in a file: its memory, its beacon, and its eye on the others.

use super::kind::Kind;
use crate::error::{Error, Result};
use crate::membership::{Liveness, Membership};
use crate::region::Region;
use crate::superblock::Format;
use shmkit_os::beacon::{Beacon, MAX_SLOTS, Probe};
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
    pub beacon: Beacon,
}

impl Presence {
    /// Lights the beacon of a free slot, or of a reader.
    ///
    /// # Errors
    /// [`Error::TooManyProcesses`], [`Error::Unsupported`], [`Error::System`].
    pub fn light(fork: &ForkExcluded, file: &ShmFile, participants: u32) -> Result<Beacon> {
        match file.access() {
            Access::ReadOnly => Ok(Beacon::light_reader(fork, file)?),
            Access::ReadWrite => Beacon::light(fork, file, 1..participants.min(MAX_SLOTS))?
                .ok_or_else(|| Error::TooManyProcesses(participants.saturating_sub(1))),
        }
    }

    /// `file` is another opening of the segment than the beacon's.
    pub fn new(file: ShmFile, beacon: Beacon) -> Arc<Presence> {
        Arc::new(Presence { probe: Probe::new(file, &beacon), beacon })
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
    /// Takes the seat whose beacon is lit.
    ///
    /// # Errors
    /// [`Error::Layout`], [`Error::Corrupt`].
    pub fn new(region: Region, presence: Arc<Presence>) -> Result<Attached<K>> {
        let watch = Box::new(Watch(presence.clone()));
        let membership = Membership::attach(region, K::FORMAT, watch)?;
        let mut object = presence.probe.with_file(|file| K::attach(membership, file))?;
        // The probe is free again: what follows may ask it who is dead.
        if let Some(slot) = presence.beacon.slot() {
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
