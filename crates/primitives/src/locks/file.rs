//! Lock tables as a kind of named objects, and where everything is in one.
//!
//! ```text
//! superblock | participants | header | bells | requests
//!                             64 B     4 B a participant   320 B each
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
pub const LOCK: u64 = body_at(SLOTS);
/// Offset of what says that a change is under way (4).
pub const BUSY: u64 = LOCK + 4;
/// Offset of the last order that was drawn.
pub const ORDER: u64 = LOCK + 8;
/// Offset of the last token that was drawn.
pub const TOKEN: u64 = LOCK + 16;
/// Offset of how many requests, from the first one on, have ever been in use.
pub const USED: u64 = LOCK + 24;
const BELLS: u64 = LOCK + 64;
const REQUESTS: u64 = BELLS + 4 * SLOTS as u64;

/// Bytes of a request.
pub const REQUEST_BYTES: u64 = 320;
/// In a request: state, mode, what its owner is told, and the owner.
pub const STATE: u64 = 0;
/// In a request: its place in the queue.
pub const PLACE: u64 = 8;
/// In a request: the token of its grant.
pub const GRANT: u64 = 16;
/// In a request: CRC-32 of the name (high half), two bytes a unit (bit 31), its bytes.
pub const TAG: u64 = 24;
/// In a request: the name.
pub const NAME: u64 = 32;
/// Longest name.
pub const MOST_NAME_BYTES: usize = (REQUEST_BYTES - NAME) as usize;

/// Orders start here, so that there is room before all of them.
const FIRST_ORDER: u64 = 1 << 62;
/// Requests of a table, unless told otherwise.
const DEFAULT_CAPACITY: u32 = 4096;
/// The most that may be asked for.
const MOST_CAPACITY: u32 = 1 << 20;

/// Offset of a participant's bell.
pub fn bell(slot: u32) -> u64 {
    BELLS + 4 * u64::from(slot)
}

/// Offset of a request.
pub fn request(index: u32) -> u64 {
    REQUESTS + u64::from(index) * REQUEST_BYTES
}

/// The format of lock tables; `docs/format-siblings.md` has the bytes.
pub static FORMAT: Format = Format {
    kind: "locks",
    title: "lock table",
    magic: u64::from_le_bytes(*b"shmkit\r\xD5"),
    major: 1,
    minor: 0,
    stores_times: false,
    head: None,
    check: |superblock| check(superblock).map(drop),
    body: |region: &Region, _| region.store(ORDER, FIRST_ORDER),
};

/// How a lock table is made.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocksOptions {
    /// How many requests, held and pending ones of all processes, it has room for. Default 4,096.
    pub capacity: Option<u32>,
    /// What all kinds have.
    pub naming: NameOptions,
}

fn bytes(capacity: u32) -> u64 {
    request(capacity).next_multiple_of(4096)
}

fn parameters(capacity: u32) -> [u64; PARAMETERS] {
    let mut parameters = [0; PARAMETERS];
    parameters[0] = u64::from(capacity);
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

/// The capacity.
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
