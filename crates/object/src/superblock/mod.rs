//! The first kilobyte of every shmkit file: its kind and layout, its boot, and whether it was replaced.
//!
//! ```text
//!   0  magic | layout version, byte order, word size | size | parameter 0 | options
//!  40  parameters 1 to 7, of which number 5 is the number of participants
//!  96  hash key (16) | boot id (16) | time namespace | segment id | creation time
//! 152  features: flags | first size | bytes of the change feed | bytes of record structures | maximum size
//! 256  name: length (8), up to 100 bytes
//! 504  checksum of bytes 0 to 504
//! 512  epoch word: RETIRED | UNLINKED | ADOPTED | epoch (61)   a line of its own
//! 576  free-page cursor, free pages (hints)                    a line of their own
//! 640  committed pages | grower (4), 0 (4) | times it grew     a line of their own
//! 704  what watchers sleep on (4), sleepers of shards (4)       a line of their own
//! ```
//! All kinds of objects share it, each with its own magic ([`Format`]) and its own meaning of the parameters and of
//! the lowest two options. The epoch, except its marks, and everything past it are for dictionaries. The participant
//! table lies directly past the superblock in every kind. The magic, the word with the version, the time of creation and
//! RETIRED keep their places in all versions of the layout.

mod epoch;
pub mod feature;
mod name;

pub use epoch::EpochWord;
pub use feature::{GROWER, GROWN};
pub(crate) use name::MOST_NAME_BYTES;
pub use name::StoredName;

use crate::error::{Error, Result};
use crate::region::Region;
use shmkit_os::shm::SparseMapping;

/// The bytes of the superblock.
pub const BYTES: u64 = 1024;
/// The offset of the time of creation.
pub(crate) const CREATED: u64 = 144;
/// The offset of the epoch word.
pub const EPOCH: u64 = 512;
/// The offset of the page where the search for a free one starts (a hint).
pub const FREE_CURSOR: u64 = 576;
/// The offset of the count of free pages (a hint).
pub const FREE_PAGES: u64 = 584;
/// The offset of the number of pages whose memory is reserved.
pub const COMMITTED_PAGES: u64 = 640;
/// The offset of the eventcount on which watchers of changes sleep.
pub const BELL: u64 = 704;
/// The offset of a half word: not 0 if a waiter for a change of a shard may be asleep (a hint).
pub const SLEEPERS: u64 = 708;

const BYTE_ORDER: u64 = 0x0102;
const AT_VERSION: u64 = 8;
const AT_SIZE: u64 = 16;
/// The offsets of the parameters. All except parameter 0 are past the options.
const AT_PARAMETERS: [u64; PARAMETERS] = [24, 40, 48, 56, 64, 72, 80, 88];
const AT_OPTIONS: u64 = 32;
const AT_HASH_KEY: u64 = 96;
const AT_BOOT_ID: u64 = 112;
const AT_TIME_NAMESPACE: u64 = 128;
const AT_SEGMENT_ID: u64 = 136;
const AT_FEATURES: u64 = 152;
const AT_NAME: u64 = 256;
const AT_CHECKSUM: u64 = 504;

const OPTION_PERSIST: u64 = 4;
const OPTION_OWNED: u64 = 8;
/// The bits of the options that have their own meaning in each kind.
const OWN_OPTIONS: u64 = 19;

/// The number of parameters.
pub const PARAMETERS: usize = 8;
/// The index of the parameter that is the number of participant slots, including number 0, which is never used.
pub const PARTICIPANTS: usize = 5;

/// The file format of one kind of objects.
#[derive(Debug)]
pub struct Format {
    /// The kind's part of file names, `shmkit.<kind>.<name>`.
    pub kind: &'static str,
    /// Its name in messages.
    pub title: &'static str,
    /// The text `shmkit` and two bytes that no text file contains; the last one identifies the kind.
    pub magic: u64,
    /// The major layout version. Builds with another one refuse the file.
    pub major: u16,
    /// The minor layout version. Builds with another one refuse the file.
    pub minor: u16,
    /// Whether it contains times of the boot clock, which other time namespaces see shifted.
    pub stores_times: bool,
    /// The bytes at the start of the file that `size` counts and that are mapped; the rest belongs to the kind, and may
    /// grow. `None`: the whole file.
    pub head: Option<u64>,
    /// The offset of a word; while it is not 0, a leftover is kept. `None`: leftovers are replaced and pruned.
    pub kept_while: Option<u64>,
    /// The indexes of the feature words that may be other than 0.
    pub features: &'static [usize],
    /// Checks the parameters: refuses those that this build would not have derived.
    pub check: fn(&Superblock) -> Result<()>,
    /// Writes the body of an all-zero region, before the superblock makes it one of this kind.
    pub body: fn(&Region, &Superblock),
}

/// The part of a file that never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Superblock {
    /// The bytes of the file, up to [`Format::head`].
    pub size: u64,
    /// The parameters from which the kind derives its layout; see [`PARTICIPANTS`].
    pub parameters: [u64; PARAMETERS],
    /// The words of features that not every file has.
    pub features: [u64; feature::COUNT],
    /// The kind's own options: bits 0 and 1.
    pub options: u64,
    /// Whether the name stays when the owner closes the object.
    pub persist: bool,
    /// Whether its creator is its owner.
    pub owned: bool,
    /// The secret of the keyed hash.
    pub hash_key: [u8; 16],
    /// The name it was created with.
    pub name: StoredName,
    /// The boot it belongs to.
    pub boot_id: [u8; 16],
    /// The time namespace its deadlines belong to; 0 if unknown, or if there are none.
    pub time_namespace: u64,
    /// A random number that identifies the object.
    pub segment_id: u64,
    /// When it was created, in nanoseconds of the boot clock.
    pub created: u64,
}

/// A copy of a superblock. It is read once, so that no other process can change it between its checks and its use.
struct Image([u8; BYTES as usize]);

impl Image {
    fn of(region: &Region) -> Image {
        let mut bytes = Vec::new();
        region.copy_out(0, BYTES as usize, &mut bytes);
        Image(bytes.try_into().expect("as many bytes as were copied"))
    }

    fn bytes<const N: usize>(&self, at: u64) -> [u8; N] {
        let at = at as usize;
        self.0[at..at + N].try_into().expect("a range of N bytes")
    }

    fn word(&self, at: u64) -> u64 {
        u64::from_le_bytes(self.bytes(at))
    }

    fn checksum(&self) -> u64 {
        u64::from(crc32fast::hash(&self.0[..AT_CHECKSUM as usize]))
    }
}

fn store_bytes(region: &Region, at: u64, bytes: [u8; 16]) {
    let [low, high] =
        [0, 8].map(|from| u64::from_le_bytes(bytes[from..from + 8].try_into().expect("8 bytes")));
    region.store(at, low);
    region.store(at + 8, high);
}

/// Marks the object in a region, such as by [`EpochWord::retired`]. Idempotent. The swap's Release pairs with the Acquire
/// of [`crate::membership::Membership::epoch`].
pub(crate) fn mark(region: &Region, mark: fn(EpochWord) -> EpochWord) {
    let mut seen = EpochWord(region.load(EPOCH));
    while mark(seen) != seen
        && let Err(now) = region.swap_if(EPOCH, seen.0, mark(seen).0)
    {
        seen = EpochWord(now);
    }
}

impl Superblock {
    /// Formats an all-zero region as an object of this format: first the body, then the superblock.
    pub fn format(&self, region: &Region, format: &Format) {
        (format.body)(region, self);
        self.write(region, format);
    }

    /// Writes the superblock only.
    pub fn write(&self, region: &Region, format: &Format) {
        let option = |set: bool, bit: u64| if set { bit } else { 0 };
        region.store(AT_VERSION, format.version_word());
        region.store(AT_SIZE, self.size);
        region.store(AT_PARAMETERS[0], self.parameters[0]);
        let common = option(self.persist, OPTION_PERSIST) | option(self.owned, OPTION_OWNED);
        region.store(AT_OPTIONS, self.options & OWN_OPTIONS | common);
        for (at, word) in AT_PARAMETERS.into_iter().zip(self.parameters).skip(1) {
            region.store(at, word);
        }
        store_bytes(region, AT_HASH_KEY, self.hash_key);
        store_bytes(region, AT_BOOT_ID, self.boot_id);
        region.store(AT_TIME_NAMESPACE, self.time_namespace);
        region.store(AT_SEGMENT_ID, self.segment_id);
        region.store(CREATED, self.created);
        for (at, word) in (AT_FEATURES..).step_by(8).zip(self.features) {
            region.store(at, word);
        }
        region.store(AT_NAME, self.name.as_str().len() as u64);
        region.copy_in(AT_NAME + 8, self.name.as_str().as_bytes());
        region.store(EPOCH, 1);
        region.store(0, format.magic);
        region.store(AT_CHECKSUM, Image::of(region).checksum());
    }

    /// Reads and checks the superblock of a file whose first `region.len()` bytes are mapped.
    ///
    /// # Errors
    /// [`Error::Layout`] if the file is not of this kind, or has another layout; [`Error::Corrupt`] if it is damaged or
    /// truncated.
    pub fn read(region: &Region, format: &Format) -> Result<Superblock> {
        if region.len() < BYTES {
            return Err(format.not_found_in_file());
        }
        Self::parse(&Image::of(region), region.len(), format)
    }

    /// Checks the superblock of a file that is not mapped, from a copy of its first bytes and its length.
    ///
    /// # Errors
    /// Those of [`Superblock::read`].
    pub(crate) fn of_file(
        start: &[u8; BYTES as usize],
        file_len: u64,
        format: &Format,
    ) -> Result<Superblock> {
        let len = file_len.min(format.head.unwrap_or(u64::MAX));
        if len < BYTES {
            return Err(format.not_found_in_file());
        }
        Self::parse(&Image(*start), len, format)
    }

    fn parse(image: &Image, len: u64, format: &Format) -> Result<Superblock> {
        if image.word(0) != format.magic {
            return Err(format.not_found_in_file());
        }
        format.check_version(image.word(AT_VERSION))?;
        if image.word(AT_CHECKSUM) != image.checksum() {
            return Err(Error::Corrupt("the superblock's checksum does not match".into()));
        }
        let features: [u64; feature::COUNT] =
            std::array::from_fn(|index| image.word(AT_FEATURES + index as u64 * 8));
        if (0..feature::COUNT).any(|index| features[index] != 0 && !format.features.contains(&index)) {
            return Err(Error::Layout("the file uses features of a later version of shmkit".into()));
        }
        let size = image.word(AT_SIZE);
        if size != len && (features[feature::MAX_SIZE] == 0 || len != SparseMapping::file_len(size)) {
            return Err(Error::Corrupt(format!("the file has {len} bytes, the superblock says {size}")));
        }
        let Some(name) = StoredName::from_bytes(image.word(AT_NAME), image.bytes(AT_NAME + 8)) else {
            return Err(Error::Corrupt("the superblock's name is not valid".into()));
        };
        let options = image.word(AT_OPTIONS);
        let superblock = Superblock {
            size,
            parameters: AT_PARAMETERS.map(|at| image.word(at)),
            features,
            options: options & OWN_OPTIONS,
            persist: options & OPTION_PERSIST != 0,
            owned: options & OPTION_OWNED != 0,
            hash_key: image.bytes(AT_HASH_KEY),
            name,
            boot_id: image.bytes(AT_BOOT_ID),
            time_namespace: image.word(AT_TIME_NAMESPACE),
            segment_id: image.word(AT_SEGMENT_ID),
            created: image.word(CREATED),
        };
        (format.check)(&superblock)?;
        Ok(superblock)
    }

    /// Returns the number of participant slots, including number 0, which is never used.
    pub fn participants(&self) -> u32 {
        self.parameters[PARTICIPANTS] as u32
    }
}

impl Format {
    fn not_found_in_file(&self) -> Error {
        Error::Layout(format!("the file is not a shmkit {}", self.title))
    }

    fn version_word(&self) -> u64 {
        u64::from(self.major) | u64::from(self.minor) << 16 | BYTE_ORDER << 32 | 64 << 48
    }

    fn check_version(&self, word: u64) -> Result<()> {
        if word == self.version_word() {
            return Ok(());
        }
        let (major, minor) = (word as u16, (word >> 16) as u16);
        let (order, bits) = ((word >> 32) as u16, (word >> 48) as u16);
        Err(Error::Layout(format!(
            "the file has layout {major}.{minor}, byte order {order:#06x}, {bits}-bit words; \
             this build needs layout {}.{}, byte order {BYTE_ORDER:#06x}, 64-bit words",
            self.major, self.minor
        )))
    }
}
