//! The first kilobyte: what the segment is, and the epoch.
//!
//! ```text
//!   0  magic | layout version, byte order, word size | size | max entries | options
//!  40  page shift | shards | buckets | pages | participants | stripes | leases
//!  96  hash key (16) | boot id (16) | time namespace | segment id | creation time
//! 152  checksum of bytes 0 to 152
//! 512  epoch word: RETIRED (bit 63) | epoch (32)          a line of its own
//! 576  free-page cursor, free pages (hints)                a line of their own
//! ```

use super::geometry::Geometry;
use crate::error::{Error, Result};
use crate::region::Region;

/// Bytes of the superblock.
pub const BYTES: u64 = 1024;
/// "shmkit" and two bytes that a text file would not survive with.
pub const MAGIC: u64 = u64::from_le_bytes(*b"shmkit\r\xD1");
/// Readers of another major version are refused.
pub const MAJOR: u16 = 1;
/// Readers of an older minor version are refused.
pub const MINOR: u16 = 0;
/// Offset of the epoch word.
pub const EPOCH: u64 = 512;
/// Offset of the page where the search for a free one starts (a hint).
pub const FREE_CURSOR: u64 = 576;
/// Offset of the count of free pages (a hint).
pub const FREE_PAGES: u64 = 584;
/// In the epoch word: the segment was replaced.
pub const RETIRED: u64 = 1 << 63;

const BYTE_ORDER: u64 = 0x0102;
const AT_VERSION: u64 = 8;
const AT_SIZE: u64 = 16;
const AT_MAX_ENTRIES: u64 = 24;
const AT_OPTIONS: u64 = 32;
const AT_GEOMETRY: u64 = 40;
const AT_HASH_KEY: u64 = 96;
const AT_BOOT_ID: u64 = 112;
const AT_TIME_NAMESPACE: u64 = 128;
const AT_SEGMENT_ID: u64 = 136;
const AT_CREATED: u64 = 144;
const AT_CHECKSUM: u64 = 152;

const OPTION_EVICT: u64 = 1;
const OPTION_CHECKSUMS: u64 = 2;
const OPTION_PERSIST: u64 = 4;
const OPTION_OWNED: u64 = 8;

/// What never changes in a segment's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superblock {
    /// Evict for room instead of failing.
    pub evict: bool,
    /// Entries carry checks of header, key and value.
    pub checksums: bool,
    /// The owner's close keeps the name.
    pub persist: bool,
    /// Somebody created it as its owner.
    pub owned: bool,
    /// Secret of the keyed hash.
    pub hash_key: [u8; 16],
    /// The boot it belongs to.
    pub boot_id: [u8; 16],
    /// The time namespace its deadlines belong to; 0 if unknown.
    pub time_namespace: u64,
    /// Random.
    pub segment_id: u64,
    /// Boot-clock nanoseconds.
    pub created: u64,
}

/// The first words of the superblock's geometry, as stored.
fn geometry_words(geometry: &Geometry) -> [u64; 7] {
    [
        u64::from(geometry.page_shift),
        u64::from(geometry.shards),
        u64::from(geometry.buckets),
        u64::from(geometry.pages),
        u64::from(geometry.participants),
        u64::from(geometry.stripes),
        u64::from(geometry.leases),
    ]
}

fn version_word() -> u64 {
    u64::from(MAJOR) | u64::from(MINOR) << 16 | BYTE_ORDER << 32 | 64 << 48
}

fn checksum(region: &Region) -> u64 {
    let mut bytes = Vec::new();
    region.copy_out(0, AT_CHECKSUM as usize, &mut bytes);
    u64::from(crc32fast::hash(&bytes))
}

fn store_bytes(region: &Region, at: u64, bytes: [u8; 16]) {
    let [low, high] =
        [0, 8].map(|from| u64::from_le_bytes(bytes[from..from + 8].try_into().expect("8 bytes")));
    region.store(at, low);
    region.store(at + 8, high);
}

fn load_bytes(region: &Region, at: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&region.load(at).to_le_bytes());
    bytes[8..].copy_from_slice(&region.load(at + 8).to_le_bytes());
    bytes
}

impl Superblock {
    /// Writes the superblock of an all-zero region. The magic comes last.
    pub fn format(&self, region: &Region, geometry: &Geometry) {
        let option = |set: bool, bit: u64| if set { bit } else { 0 };
        region.store(AT_VERSION, version_word());
        region.store(AT_SIZE, geometry.size);
        region.store(AT_MAX_ENTRIES, geometry.max_entries);
        let options = option(self.evict, OPTION_EVICT)
            | option(self.checksums, OPTION_CHECKSUMS)
            | option(self.persist, OPTION_PERSIST)
            | option(self.owned, OPTION_OWNED);
        region.store(AT_OPTIONS, options);
        for (at, word) in (AT_GEOMETRY..).step_by(8).zip(geometry_words(geometry)) {
            region.store(at, word);
        }
        store_bytes(region, AT_HASH_KEY, self.hash_key);
        store_bytes(region, AT_BOOT_ID, self.boot_id);
        region.store(AT_TIME_NAMESPACE, self.time_namespace);
        region.store(AT_SEGMENT_ID, self.segment_id);
        region.store(AT_CREATED, self.created);
        region.store(EPOCH, 1);
        region.store(0, MAGIC);
        region.store(AT_CHECKSUM, checksum(region));
    }

    /// Reads and checks the superblock of a file of `region.len()` bytes.
    ///
    /// # Errors
    /// [`Error::Layout`] if it is not ours or of another layout; [`Error::Corrupt`] if it is ours, but
    /// damaged or cut off.
    pub fn read(region: &Region) -> Result<(Superblock, Geometry)> {
        if region.len() < BYTES || region.load(0) != MAGIC {
            return Err(Error::Layout("the file is not a shmkit dictionary".into()));
        }
        Self::check_version(region.load(AT_VERSION))?;
        if region.load(AT_CHECKSUM) != checksum(region) {
            return Err(Error::Corrupt("the superblock's checksum does not match".into()));
        }
        let size = region.load(AT_SIZE);
        if size != region.len() {
            let len = region.len();
            return Err(Error::Corrupt(format!("the file has {len} bytes, the superblock says {size}")));
        }
        let max_entries = region.load(AT_MAX_ENTRIES);
        let geometry = Geometry::derive(size, (max_entries > 0).then_some(max_entries))
            .map_err(|error| Error::Corrupt(error.to_string()))?;
        let stored = (AT_GEOMETRY..).step_by(8).map(|at| region.load(at));
        if stored.zip(geometry_words(&geometry)).any(|(stored, derived)| stored != derived) {
            return Err(Error::Layout("the section table is not the one this build derives".into()));
        }
        let options = region.load(AT_OPTIONS);
        let superblock = Superblock {
            evict: options & OPTION_EVICT != 0,
            checksums: options & OPTION_CHECKSUMS != 0,
            persist: options & OPTION_PERSIST != 0,
            owned: options & OPTION_OWNED != 0,
            hash_key: load_bytes(region, AT_HASH_KEY),
            boot_id: load_bytes(region, AT_BOOT_ID),
            time_namespace: region.load(AT_TIME_NAMESPACE),
            segment_id: region.load(AT_SEGMENT_ID),
            created: region.load(AT_CREATED),
        };
        Ok((superblock, geometry))
    }

    fn check_version(word: u64) -> Result<()> {
        if word == version_word() {
            return Ok(());
        }
        let (major, minor) = (word as u16, (word >> 16) as u16);
        let (order, bits) = ((word >> 32) as u16, (word >> 48) as u16);
        Err(Error::Layout(format!(
            "the file has layout {major}.{minor}, byte order {order:#06x}, {bits}-bit words; \
             this build needs layout {MAJOR}.{MINOR}, byte order {BYTE_ORDER:#06x}, 64-bit words"
        )))
    }
}

/// The epoch word: RETIRED and the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochWord(pub u64);

impl EpochWord {
    /// The segment was replaced.
    #[inline]
    pub fn is_retired(self) -> bool {
        self.0 & RETIRED != 0
    }

    /// Grows with every `clear`.
    #[inline]
    pub fn epoch(self) -> u64 {
        self.0 & !RETIRED
    }

    /// What entries carry of it.
    #[inline]
    pub fn tag(self) -> u16 {
        self.0 as u16
    }
}
