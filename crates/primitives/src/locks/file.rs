//! Lock tables as a kind of named objects, and the layout of their file.
//!
//! ```text
//! superblock | participants | header | wake words          | records
//!                             64 B     4 B a participant    320 B each
//! ```

use super::LockTable;
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, Kind, NameOptions, OptionMismatch};
use shmkit_object::membership::{Membership, body_at};
use shmkit_object::participants::SLOTS;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, PARAMETERS, PARTICIPANTS, Superblock};
use shmkit_os::shm::ShmFile;
use std::sync::Arc;

/// Offset of the table's own lock word (4).
pub(super) const LOCK: u64 = body_at(SLOTS);
/// Offset of the flag that a change is in progress (4).
pub(super) const BUSY: u64 = LOCK + 4;
/// Offset of the position last issued.
pub(super) const LAST_ORDER: u64 = LOCK + 8;
/// Offset of the token last issued.
pub(super) const LAST_TOKEN: u64 = LOCK + 16;
/// Offset of the number of records, from the first one on, that have ever been in use.
pub(super) const USED: u64 = LOCK + 24;
const WAKE_WORDS: u64 = LOCK + 64;
const RECORDS: u64 = WAKE_WORDS + 4 * SLOTS as u64;

/// Bytes of a record.
pub(super) const RECORD_BYTES: u64 = 320;
/// In a record: the state word.
pub(super) const STATE: u64 = 0;
/// In a record: the request's position in the queue of its name.
pub(super) const ORDER: u64 = 8;
/// In a record: the token of the grant.
pub(super) const TOKEN: u64 = 16;
/// In a record: CRC-32 of the name (high half), whether it is UTF-16 (bit 31), its bytes.
pub(super) const TAG: u64 = 24;
/// In a record: the name.
pub(super) const NAME: u64 = 32;
/// Bytes of the longest name.
pub(super) const MOST_NAME_BYTES: usize = (RECORD_BYTES - NAME) as usize;

/// Positions start here, so that there is space before all of them for stolen locks.
const FIRST_ORDER: u64 = 1 << 62;
/// Default capacity of a table.
const DEFAULT_CAPACITY: u32 = 4096;
/// Largest capacity of a table.
const MOST_CAPACITY: u32 = 1 << 20;

/// Returns the offset of a participant's wake word.
pub(super) fn wake_word_at(slot: u32) -> u64 {
    WAKE_WORDS + 4 * u64::from(slot)
}

/// Returns the offset of a record.
pub(super) fn record_at(index: u32) -> u64 {
    RECORDS + u64::from(index) * RECORD_BYTES
}

/// The format of lock tables; `docs/format-siblings.md` has the bytes.
pub(super) static FORMAT: Format = Format {
    kind: "locks",
    title: "lock table",
    magic: u64::from_le_bytes(*b"shmkit\r\xD5"),
    major: 2,
    minor: 0,
    stores_times: false,
    head: None,
    check: |superblock| check(superblock).map(drop),
    body: |region: &Region, _| region.store(LAST_ORDER, FIRST_ORDER),
};

/// Options of a new lock table.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocksOptions {
    /// Requests, held and pending ones of all processes, that the table has space for. Default 4,096.
    pub capacity: Option<u32>,
    /// Options that all kinds share.
    pub naming: NameOptions,
}

fn bytes(capacity: u32) -> u64 {
    record_at(capacity).next_multiple_of(4096)
}

fn parameters(capacity: u32) -> [u64; PARAMETERS] {
    let mut parameters = [0; PARAMETERS];
    parameters[0] = u64::from(capacity);
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

/// Checks a superblock, and returns the capacity.
fn check(superblock: &Superblock) -> Result<u32> {
    let capacity = superblock.parameters[0].min(u64::from(u32::MAX)) as u32;
    let is_allowed = (1..=MOST_CAPACITY).contains(&capacity);
    if is_allowed && superblock.parameters == parameters(capacity) && superblock.size == bytes(capacity) {
        return Ok(capacity);
    }
    Err(Error::Layout("the lock table's parameters are not those of this build".into()))
}

impl Kind for LockTable {
    const FORMAT: &'static Format = &FORMAT;
    type Options = LocksOptions;

    fn name_options(options: &LocksOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &LocksOptions) -> Result<CreateParams> {
        let capacity = options.capacity.unwrap_or(DEFAULT_CAPACITY);
        if !(1..=MOST_CAPACITY).contains(&capacity) {
            return Err(Error::OutOfRange(format!(
                "capacity is {capacity}, allowed are 1 to {MOST_CAPACITY}"
            )));
        }
        Ok(CreateParams {
            size: bytes(capacity),
            parameters: parameters(capacity),
            ..CreateParams::default()
        })
    }

    fn compare(&self, asked: &LocksOptions, mismatch: &mut OptionMismatch) {
        let asked = asked.capacity.map(|capacity| capacity.to_string());
        mismatch.compare("capacity", asked, self.capacity.to_string());
    }

    fn attach(membership: Membership, _file: &ShmFile) -> Result<LockTable> {
        let capacity = check(&membership.superblock)?;
        Ok(LockTable { membership, capacity })
    }

    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn membership_mut(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn recover_slot(&self) {
        LockTable::recover_slot(self);
    }

    fn count(this: &Arc<LockTable>) -> u64 {
        this.requests().count() as u64
    }
}
