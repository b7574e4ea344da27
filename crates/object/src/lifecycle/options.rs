//! What a caller may ask for, and what that makes of a new file.

use super::kind::Kind;
use crate::error::{Error, Result};
use crate::superblock::{Format, PARAMETERS, Superblock};
use shmkit_os as os;
use std::path::PathBuf;
use std::time::Duration;

/// How long a writer waits for a lock whose living holder makes no progress, unless told otherwise.
pub const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_secs(1);

const DEFAULT_MODE: u32 = 0o600;
const PERMISSION_BITS: u32 = 0o777;

/// Options of making that all kinds have.
#[derive(Debug, Clone, Copy, Default)]
pub struct Naming {
    /// The owner's close keeps the name. Default: false.
    pub persist: Option<bool>,
    /// Retire and replace what has the name.
    pub replace: bool,
    /// Permission bits, 0 to 0o777. Default: 0o600.
    pub mode: Option<u32>,
}

/// What a kind makes of its options.
#[derive(Debug, Clone, Copy, Default)]
pub struct Blueprint {
    /// Bytes that the superblock speaks of: [`crate::superblock::Format::head`], or all.
    pub size: u64,
    /// Bytes to be reserved behind those.
    pub behind: u64,
    /// As in the superblock.
    pub parameters: [u64; PARAMETERS],
    /// As in the superblock.
    pub options: u64,
}

/// Options of one handle.
#[derive(Debug, Clone)]
pub struct HandleOptions {
    /// Default: the system's, [`os::shm::default_directory`].
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

/// A new file, thought through before anything is touched.
#[derive(Debug)]
pub(super) struct Plan {
    pub format: &'static Format,
    pub mode: u32,
    pub replace: bool,
    blueprint: Blueprint,
    persist: bool,
    owned: bool,
}

impl Plan {
    /// # Errors
    /// [`Error::OutOfRange`] for options that cannot be met.
    pub fn of<K: Kind>(options: &K::Options, owned: bool) -> Result<Plan> {
        let naming = K::naming(options);
        let blueprint = K::blueprint(options)?;
        let mode = naming.mode.unwrap_or(DEFAULT_MODE);
        if mode & !PERMISSION_BITS != 0 {
            return Err(Error::OutOfRange(format!("mode is {mode:#o}, allowed are 0 to 0o777")));
        }
        let persist = naming.persist.unwrap_or(false);
        Ok(Plan { format: K::FORMAT, mode, replace: naming.replace, blueprint, persist, owned })
    }

    /// Bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        self.blueprint.size + self.blueprint.behind
    }

    /// Bytes that are mapped and that the superblock speaks of.
    pub fn size(&self) -> u64 {
        self.blueprint.size
    }

    /// The superblock of a file made now, with secrets of its own.
    pub fn superblock(&self) -> Result<Superblock> {
        Ok(Superblock {
            size: self.blueprint.size,
            parameters: self.blueprint.parameters,
            options: self.blueprint.options,
            persist: self.persist,
            owned: self.owned,
            hash_key: os::entropy::random()?,
            boot_id: os::clock::boot_id(),
            time_namespace: if self.format.stores_times { os::clock::time_namespace() } else { 0 },
            segment_id: u64::from_le_bytes(os::entropy::random()?),
            created: os::clock::boot_ns(),
        })
    }
}

/// What was found and is not what was asked for.
#[derive(Debug, Default)]
pub struct Differences(Vec<String>);

impl Differences {
    /// Compares one option; `None` matches everything.
    pub fn compare(&mut self, field: &str, asked: Option<String>, found: String) {
        if let Some(asked) = asked.filter(|asked| *asked != found) {
            self.0.push(format!("{field} is {found}, not {asked}"));
        }
    }
}

/// Compares an object that was found with the options given; missing ones match everything.
///
/// # Errors
/// [`Error::OptionsMismatch`], listing the fields.
pub(super) fn check_match<K: Kind>(asked: &K::Options, found: &K, mode: u32) -> Result<()> {
    let mut differences = Differences::default();
    found.compare(asked, &mut differences);
    let (naming, persist) = (K::naming(asked), found.membership().superblock.persist);
    differences.compare("persist", naming.persist.map(|asked| asked.to_string()), persist.to_string());
    let octal = |mode: u32| format!("{:#o}", mode & PERMISSION_BITS);
    differences.compare("mode", naming.mode.map(octal), octal(mode));
    let Differences(differing) = differences;
    if differing.is_empty() { Ok(()) } else { Err(Error::OptionsMismatch(differing.join(", "))) }
}
