//! Segments as a kind of named objects, and the layout of their files.
//!
//! ```text
//!      0  superblock, participants
//!  17408  capacity | size | openings | progress | lock word (4)     on a cache line of their own
//!  17472  intent: state | first byte kept | bytes kept | bytes moved
//!  32768  journal of the intent (16 KiB)
//!  65536  the data: `size` bytes are in use, `capacity` can be; what follows is zero
//! ```
//! The data begins at a multiple of every system's page size, so that other programs can map it by itself.

use super::SharedSegment;
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::lock::Guard;
use shmkit_object::membership::{Membership, body_at};
use shmkit_object::participants::SLOTS;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, PARTICIPANTS, Superblock};
use shmkit_os::OsError;
use shmkit_os::map::page_size;
use shmkit_os::shm::ShmFile;

/// Offset of the bytes that can be used.
pub(super) const CAPACITY: u64 = body_at(SLOTS);
/// Offset of the bytes in use. They never count past the capacity, whatever is stored here.
pub(super) const SIZE: u64 = CAPACITY + 8;
/// Offset of the number of registrations, including the creator's.
pub(super) const OPENINGS: u64 = CAPACITY + 16;
/// Offset of a counter of the steps of the process that changes the capacity.
pub(super) const PROGRESS: u64 = CAPACITY + 24;
/// Offset of the lock word of S4, which names the process that changes the capacity or appends.
pub(super) const LOCK: u64 = CAPACITY + 32;
/// Offset of the intent of a trim; see `trim`.
pub(super) const INTENT: u64 = CAPACITY + 64;
/// Offset of the bytes that a trim is moving.
pub(super) const JOURNAL: u64 = 32 << 10;
/// Bytes of the journal.
pub(super) const JOURNAL_BYTES: u64 = 16 << 10;
/// Offset of the data.
pub(super) const DATA: u64 = 64 << 10;
/// Largest capacity: with the head, the largest file of every system.
pub(super) const MAX_BYTES: u64 = 1 << 46;

const _: () = assert!(INTENT + 64 <= JOURNAL && JOURNAL + JOURNAL_BYTES <= DATA);

/// The format of segments; `docs/format-siblings.md` has the bytes.
pub(super) static FORMAT: Format = Format {
    kind: "segment",
    title: "segment",
    magic: u64::from_le_bytes(*b"shmkit\r\xD2"),
    major: 2,
    minor: 0,
    stores_times: false,
    head: Some(DATA),
    kept_while: None,
    features: &[],
    check,
    body: |region: &Region, superblock: &Superblock| {
        region.store(CAPACITY, superblock.parameters[0]);
    },
};

/// Options of a new segment.
#[derive(Debug, Clone, Default)]
pub struct SegmentOptions {
    /// Bytes that can be used; at least the length of `data`.
    pub capacity: u64,
    /// Initial content.
    pub data: Vec<u8>,
    /// Options that all kinds share.
    pub naming: NameOptions,
}

impl SegmentOptions {
    fn capacity(&self) -> u64 {
        self.capacity.max(self.data.len() as u64)
    }
}

/// Rounds up to whole pages.
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
    if superblock.parameters == parameters(capacity) && capacity <= MAX_BYTES {
        return Ok(());
    }
    Err(Error::Layout("the segment's parameters are not those of this build".into()))
}

/// # Errors
/// [`Error::OutOfRange`].
pub(super) fn check_capacity(bytes: u64) -> Result<()> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    Err(Error::OutOfRange(format!("a capacity of {bytes} bytes, at most {MAX_BYTES} are allowed")))
}

impl Kind for SharedSegment {
    const FORMAT: &'static Format = &FORMAT;
    type Options = SegmentOptions;

    fn name_options(options: &SegmentOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &SegmentOptions) -> Result<CreateParams> {
        let capacity = options.capacity();
        check_capacity(capacity)?;
        let parameters = parameters(capacity);
        Ok(CreateParams { size: DATA, tail: whole_pages(capacity), parameters, ..CreateParams::default() })
    }

    fn fill(&self, options: &SegmentOptions) -> Result<()> {
        self.write(0, &options.data)
    }

    fn compare(&self, asked: &SegmentOptions, mismatch: &mut OptionMismatch) {
        let found = self.capacity();
        mismatch.compare("size", Some(asked.capacity().to_string()), found.to_string());
    }

    fn attach(membership: Membership, file: &ShmFile) -> Result<SharedSegment> {
        SharedSegment::of(membership, file.reopen(file.access())?)
    }

    fn keep_in_memory(&self) -> std::result::Result<(), OsError> {
        self.keep_data_in_memory()
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

    fn count(words: &FileWords<'_>, _superblock: &Superblock) -> u64 {
        words.load(SIZE).min(words.load(CAPACITY))
    }
}
