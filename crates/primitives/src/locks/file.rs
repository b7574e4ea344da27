//! Lock tables as a kind of named objects, and the layout of their file.
//!
//! ```text
//! superblock | participants | header | wake lines            | request counts       | buckets    | records
//!                             64 B     64 B a participant      8 B a participant      8 B each     336 B each
//! ```
//! The request counts, the buckets, and the links and lists of the records are derived from the state words of the
//! records: the next owner of the table's lock rebuilds them after a death (`index`).

use super::LockTable;
use super::record::StateWord;
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::membership::{Membership, body_at};
use shmkit_object::participants::SLOTS;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, PARAMETERS, PARTICIPANTS, Superblock};
use shmkit_os::shm::ShmFile;

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
/// Offset of the first free record, as a link (4). Derived.
pub(super) const FREE_LIST: u64 = LOCK + 32;
/// Offset of the number of owner-died records (4). Derived.
pub(super) const OWNER_DIED_COUNT: u64 = LOCK + 36;
/// Offset of the highest slot that has made a request (4). Derived.
pub(super) const HIGHEST_SLOT: u64 = LOCK + 40;
const WAKE_LINES: u64 = LOCK + 64;
const WAKE_LINE_BYTES: u64 = 64;
const REQUEST_COUNTS: u64 = WAKE_LINES + WAKE_LINE_BYTES * SLOTS as u64;
const BUCKETS: u64 = REQUEST_COUNTS + 8 * SLOTS as u64;

/// Bytes of a record.
pub(super) const RECORD_BYTES: u64 = 336;
/// In a record: the state word.
pub(super) const STATE: u64 = 0;
/// In a record: the request's position in the queue of its name.
pub(super) const ORDER: u64 = 8;
/// In a record: the token of the grant.
pub(super) const TOKEN: u64 = 16;
/// In a record: CRC-32 of the name (high half), whether it is UTF-16 (bit 31), its bytes.
pub(super) const TAG: u64 = 24;
/// In a record: when it was granted, or while it waits, when it was made, on the boot clock.
pub(super) const SINCE: u64 = 32;
/// In a record: links to the next (4) and the previous record (4) of its bucket. Derived.
pub(super) const NEXT: u64 = 40;
/// The second link.
pub(super) const PREVIOUS: u64 = 44;
/// In a record: the name.
pub(super) const NAME: u64 = 48;
/// Bytes of the longest name.
pub(super) const MAX_NAME_BYTES: usize = (RECORD_BYTES - NAME) as usize;

/// Positions start here, so that there is space before all of them for stolen locks.
const FIRST_ORDER: u64 = 1 << 62;
/// Default capacity of a table.
const DEFAULT_CAPACITY: u32 = 4096;
/// Largest capacity of a table.
const MAX_CAPACITY: u32 = 1 << 20;

/// Records whose changes a wake line remembers: a power of 2.
pub(super) const CHANGES: u32 = 8;

/// Returns the offset of a participant's wake word.
pub(super) fn wake_word_at(slot: u32) -> u64 {
    WAKE_LINES + WAKE_LINE_BYTES * u64::from(slot)
}

/// Returns the offset (4) of the record that the change of this number concerned, counted by the wake word.
pub(super) fn change_at(slot: u32, change: u32) -> u64 {
    wake_word_at(slot) + 8 + 4 * u64::from(change % CHANGES)
}

/// Returns the offset of a participant's request count: generation (high half), requests (low half).
pub(super) fn request_count_at(slot: u32) -> u64 {
    REQUEST_COUNTS + 8 * u64::from(slot)
}

/// The parts of the layout that depend on the capacity.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Number of records.
    pub capacity: u32,
    buckets: u32,
}

impl Layout {
    pub(super) fn new(capacity: u32) -> Layout {
        Layout { capacity, buckets: capacity.next_power_of_two() }
    }

    /// Returns the bucket of names with this hash.
    pub(super) fn bucket_of(self, hash: u32) -> u32 {
        hash & (self.buckets - 1)
    }

    /// Returns all buckets.
    pub(super) fn buckets(self) -> std::ops::Range<u32> {
        0..self.buckets
    }

    /// Returns the offset of a bucket: links to its first (4) and last (4) record.
    pub(super) fn bucket_at(self, bucket: u32) -> u64 {
        BUCKETS + 8 * u64::from(bucket)
    }

    /// Returns the offset of a record.
    pub(super) fn record_at(self, index: u32) -> u64 {
        self.bucket_at(self.buckets) + u64::from(index) * RECORD_BYTES
    }

    /// Returns the bytes of the file, in whole pages.
    fn bytes(self) -> u64 {
        self.record_at(self.capacity).next_multiple_of(4096)
    }
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
    kept_while: None,
    features: &[],
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

fn parameters(capacity: u32) -> [u64; PARAMETERS] {
    let mut parameters = [0; PARAMETERS];
    parameters[0] = u64::from(capacity);
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

/// Checks a superblock, and returns the capacity.
fn check(superblock: &Superblock) -> Result<u32> {
    let capacity = superblock.parameters[0].min(u64::from(u32::MAX)) as u32;
    let is_allowed = (1..=MAX_CAPACITY).contains(&capacity);
    if is_allowed
        && superblock.parameters == parameters(capacity)
        && superblock.size == Layout::new(capacity).bytes()
    {
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
        if !(1..=MAX_CAPACITY).contains(&capacity) {
            return Err(Error::OutOfRange(format!(
                "capacity is {capacity}, allowed are 1 to {MAX_CAPACITY}"
            )));
        }
        Ok(CreateParams {
            size: Layout::new(capacity).bytes(),
            parameters: parameters(capacity),
            ..CreateParams::default()
        })
    }

    fn compare(&self, asked: &LocksOptions, mismatch: &mut OptionMismatch) {
        let asked = asked.capacity.map(|capacity| capacity.to_string());
        mismatch.compare("capacity", asked, self.layout.capacity.to_string());
    }

    fn attach(membership: Membership, _file: &ShmFile) -> Result<LockTable> {
        let capacity = check(&membership.superblock)?;
        Ok(LockTable { membership, layout: Layout::new(capacity) })
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

    fn count(words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        let Ok(capacity) = check(superblock) else { return 0 };
        let layout = Layout::new(capacity);
        let used = words.load(USED).min(u64::from(capacity)) as u32;
        let is_request = |index: &u32| {
            let word = StateWord(words.load(layout.record_at(*index) + STATE));
            word != StateWord::FREE && word != StateWord::OWNER_DIED
        };
        (0..used).filter(is_request).count() as u64
    }
}
