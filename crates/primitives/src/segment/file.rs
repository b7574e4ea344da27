//! Segments as a kind of named objects, and where everything is in their files.
//!
//! ```text
//!      0  superblock, participants
//!  17408  capacity | size | openings | progress | lock word (4)     a line of their own
//!  17472  intent: state | first byte kept | bytes kept | bytes moved
//!  32768  journal of the intent (16 KiB)
//!  65536  the data: `size` bytes of it are used, `capacity` may be; what follows is zero
//! ```
//! The data begins at a multiple of every page size there is, so other programs can map it by itself.

use super::RawSegment;
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, Kind, NameOptions, OptionMismatch};
use shmkit_object::lock::Guard;
use shmkit_object::membership::{Membership, body_at};
use shmkit_object::participants::SLOTS;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, PARTICIPANTS, Superblock};
use shmkit_os::map::page_size;
use shmkit_os::shm::ShmFile;
use std::sync::Arc;

/// Bytes that may be used.
pub const CAPACITY: u64 = body_at(SLOTS);
/// Bytes that are used. Never more than the capacity counts, whatever is stored here.
pub const SIZE: u64 = CAPACITY + 8;
/// How often a process has registered, its maker included.
pub const OPENINGS: u64 = CAPACITY + 16;
/// Counts the steps of the process that changes the capacity.
pub const PROGRESS: u64 = CAPACITY + 24;
/// The lock word of S4: names the process that changes the capacity or appends.
pub const LOCK: u64 = CAPACITY + 32;
/// What a trim is about to do; see `trim`.
pub const INTENT: u64 = CAPACITY + 64;
/// Where a trim keeps the bytes it is moving.
pub const JOURNAL: u64 = 32 << 10;
/// Bytes of the journal.
pub const JOURNAL_BYTES: u64 = 16 << 10;
/// Where the data begins.
pub const DATA: u64 = 64 << 10;
/// Most bytes of data: what a file can hold with its head, on every system.
pub const MOST_BYTES: u64 = 1 << 46;

const _: () = assert!(INTENT + 64 <= JOURNAL && JOURNAL + JOURNAL_BYTES <= DATA);

/// The format of segments; `docs/format-siblings.md` has the bytes.
pub static FORMAT: Format = Format {
    kind: "segment",
    title: "segment",
    magic: u64::from_le_bytes(*b"shmkit\r\xD2"),
    major: 2,
    minor: 0,
    stores_times: false,
    head: Some(DATA),
    check,
    body: |region: &Region, superblock: &Superblock| {
        region.store(CAPACITY, superblock.parameters[0]);
    },
};

/// How a segment is made.
#[derive(Debug, Clone, Default)]
pub struct RawOptions {
    /// Bytes that may be used; at least those of `data`.
    pub capacity: u64,
    /// What it holds at the start.
    pub data: Vec<u8>,
    /// What all kinds have.
    pub naming: NameOptions,
}

impl RawOptions {
    fn capacity(&self) -> u64 {
        self.capacity.max(self.data.len() as u64)
    }
}

/// Whole pages for that many bytes.
pub(super) fn whole_pages(bytes: u64) -> u64 {
    bytes.next_multiple_of(page_size() as u64)
}

fn parameters(capacity: u64) -> [u64; 8] {
    let mut parameters = [0; 8];
    parameters[0] = capacity;
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

fn check(superblock: &Superblock) -> Result<()> {
    let capacity = superblock.parameters[0];
    if superblock.parameters == parameters(capacity) && capacity <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::Layout("the segment's parameters are not those of this build".into()))
}

/// # Errors
/// [`Error::OutOfRange`].
pub(super) fn check_capacity(bytes: u64) -> Result<()> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::OutOfRange(format!("a capacity of {bytes} bytes, at most {MOST_BYTES} are allowed")))
}

impl Kind for RawSegment {
    const FORMAT: &'static Format = &FORMAT;
    type Options = RawOptions;

    fn name_options(options: &RawOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &RawOptions) -> Result<CreateParams> {
        let capacity = options.capacity();
        check_capacity(capacity)?;
        let parameters = parameters(capacity);
        Ok(CreateParams { size: DATA, tail: whole_pages(capacity), parameters, options: 0 })
    }

    fn fill(&self, options: &RawOptions) -> Result<()> {
        self.write(0, &options.data)
    }

    fn compare(&self, asked: &RawOptions, mismatch: &mut OptionMismatch) {
        let found = self.capacity();
        mismatch.compare("size", Some(asked.capacity().to_string()), found.to_string());
    }

    fn attach(membership: Membership, file: &ShmFile) -> Result<RawSegment> {
        RawSegment::of(membership, file.reopen(file.access())?)
    }

    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn membership_mut(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn recover_slot(&self) {
        // What the guard cannot finish now is finished by the next owner of the lock.
        let _: Result<_> = Guard::recover_previous_owner(self);
        self.membership.region.hint_add(OPENINGS, 1);
    }

    fn count(this: &Arc<RawSegment>) -> u64 {
        this.used()
    }
}
