//! What a caller may ask for, and what that makes of a new segment.

use crate::dict::DEFAULT_LOCK_TIMEOUT;
use crate::error::{Error, Result};
use crate::layout::geometry::{Geometry, SIZE_UNIT};
use crate::layout::superblock::Superblock;
use shmkit_os as os;
use std::path::PathBuf;
use std::time::Duration;

/// Where dictionaries live unless told otherwise.
pub const DEFAULT_DIR: &str = "/dev/shm";
const DEFAULT_MODE: u32 = 0o600;
const PERMISSION_BITS: u32 = 0o777;

/// What happens when there is no room for a new entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFull {
    /// The write fails.
    Error,
    /// Old entries make room.
    Evict,
}

/// Options that shape the segment.
#[derive(Debug, Clone, Default)]
pub struct SegmentOptions {
    /// Bytes of the whole file, rounded up to 64 KiB. Required to make one.
    pub size: Option<u64>,
    /// Default: `Error`.
    pub on_full: Option<OnFull>,
    /// The owner's close keeps the name. Default: false.
    pub persist: Option<bool>,
    /// Retire and replace what has the name.
    pub replace: bool,
    /// Permission bits, 0 to 0o777. Default: 0o600.
    pub mode: Option<u32>,
    /// Sizes the index.
    pub max_entries: Option<u64>,
    /// Per-entry checks. Default: false.
    pub checksums: Option<bool>,
}

/// Options of one handle.
#[derive(Debug, Clone)]
pub struct HandleOptions {
    /// Default: [`DEFAULT_DIR`].
    pub dir: Option<PathBuf>,
    /// Attach for reading only. Who makes a segment can always write.
    pub read_only: bool,
    /// How long a write waits for a living lock holder that makes no progress.
    pub lock_timeout: Duration,
    /// Other users whose segments are accepted.
    pub trust_uids: Vec<u32>,
}

impl Default for HandleOptions {
    fn default() -> Self {
        HandleOptions {
            dir: None,
            read_only: false,
            lock_timeout: DEFAULT_LOCK_TIMEOUT,
            trust_uids: Vec::new(),
        }
    }
}

/// A new segment, thought through before anything is touched.
#[derive(Debug)]
pub(super) struct Plan {
    pub geometry: Geometry,
    pub mode: u32,
    pub replace: bool,
    evict: bool,
    checksums: bool,
    persist: bool,
    owned: bool,
}

impl Plan {
    /// # Errors
    /// [`Error::OutOfRange`] for options that cannot be met.
    pub fn of(options: &SegmentOptions, owned: bool) -> Result<Plan> {
        let size = options.size.ok_or_else(|| Error::OutOfRange("size is required to create".into()))?;
        let mode = options.mode.unwrap_or(DEFAULT_MODE);
        if mode & !PERMISSION_BITS != 0 {
            return Err(Error::OutOfRange(format!("mode is {mode:#o}, allowed are 0 to 0o777")));
        }
        Ok(Plan {
            geometry: Geometry::derive(size, options.max_entries)?,
            mode,
            replace: options.replace,
            evict: options.on_full == Some(OnFull::Evict),
            checksums: options.checksums.unwrap_or(false),
            persist: options.persist.unwrap_or(false),
            owned,
        })
    }

    /// The superblock of a segment made now, with secrets of its own.
    pub fn superblock(&self) -> Result<Superblock> {
        Ok(Superblock {
            evict: self.evict,
            checksums: self.checksums,
            persist: self.persist,
            owned: self.owned,
            hash_key: os::entropy::random()?,
            boot_id: os::clock::boot_id(),
            time_namespace: os::clock::time_namespace(),
            segment_id: u64::from_le_bytes(os::entropy::random()?),
            created: os::clock::boot_ns(),
        })
    }
}

/// Compares a segment that was found with the options given; missing ones match everything.
///
/// # Errors
/// [`Error::OptionsMismatch`], listing the fields.
pub(super) fn check_match(
    asked: &SegmentOptions,
    found: &Superblock,
    geometry: &Geometry,
    mode: u32,
) -> Result<()> {
    let mut differing = Vec::new();
    let mut compare = |field: &str, asked: Option<String>, found: String| {
        if let Some(asked) = asked.filter(|asked| *asked != found) {
            differing.push(format!("{field} is {found}, not {asked}"));
        }
    };
    let on_full = |evict: bool| if evict { "'evict'" } else { "'error'" }.to_owned();
    let rounded = |size: u64| size.max(1).checked_next_multiple_of(SIZE_UNIT).unwrap_or(size).to_string();
    let entries = |entries: u64| if entries == 0 { "unset".to_owned() } else { entries.to_string() };
    compare("size", asked.size.map(rounded), geometry.size.to_string());
    compare("onFull", asked.on_full.map(|on_full_| on_full(on_full_ == OnFull::Evict)), on_full(found.evict));
    compare("persist", asked.persist.map(|persist| persist.to_string()), found.persist.to_string());
    compare("maxEntries", asked.max_entries.map(entries), entries(geometry.max_entries));
    compare("checksums", asked.checksums.map(|on| on.to_string()), found.checksums.to_string());
    compare("mode", asked.mode.map(|mode| format!("{mode:#o}")), format!("{:#o}", mode & PERMISSION_BITS));
    if differing.is_empty() { Ok(()) } else { Err(Error::OptionsMismatch(differing.join(", "))) }
}
