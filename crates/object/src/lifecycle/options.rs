//! The options of callers, and the parameters of a new file that follow from them.

use super::kind::Kind;
use super::name::Name;
use crate::error::{Error, Result};
use crate::superblock::{Format, PARAMETERS, Superblock, feature};
use shmkit_os as os;
use shmkit_os::process::effective_uid;
use shmkit_os::shm::Status;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

/// How long a writer waits by default for a lock whose live holder makes no progress.
pub const DEFAULT_LOCK_TIMEOUT: Duration = Duration::from_secs(1);

const DEFAULT_MODE: u32 = 0o600;
const PERMISSION_BITS: u32 = 0o777;

/// The options of creating that all kinds have.
#[derive(Debug, Clone, Copy, Default)]
pub struct NameOptions {
    /// Keep the name when the owner closes it. Default: false.
    pub persist: Option<bool>,
    /// Retire and replace the object that has the name.
    pub replace: bool,
    /// Permission bits, 0 to 0o777. Default: 0o600.
    pub mode: Option<u32>,
    /// What `open_or_create` does with an object that was created differently.
    pub on_mismatch: OnMismatch,
}

/// What `open_or_create` does with an object that has other options than the caller asks for, or another layout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnMismatch {
    /// Fail.
    #[default]
    Error,
    /// Open it, if its layout is that of this build.
    Open,
    /// Retire it, and create another one in its place.
    Replace,
}

/// The parameters of a new file, which a kind derives from its options.
#[derive(Debug, Clone, Copy, Default)]
pub struct CreateParams {
    /// Bytes that the superblock counts: [`crate::superblock::Format::head`], or all.
    pub size: u64,
    /// Bytes to reserve past those.
    pub tail: u64,
    /// The parameters in the superblock.
    pub parameters: [u64; PARAMETERS],
    /// The feature words in the superblock.
    pub features: [u64; feature::COUNT],
    /// The kind's own options in the superblock.
    pub options: u64,
}

/// The options of one handle.
#[derive(Debug, Clone)]
pub struct HandleOptions {
    /// The directory. Default: [`os::shm::default_directory`].
    pub dir: Option<PathBuf>,
    /// Attach for reading only. The creator of an object can always write.
    pub read_only: bool,
    /// How long a write waits for a live lock holder that makes no progress.
    pub lock_timeout: Duration,
    /// The other users whose objects are accepted.
    pub trusted: TrustedUsers,
    /// Keep the object in memory, never in swap, while this process has it open.
    pub keep_in_memory: bool,
}

/// The other users whose objects are accepted. The own user is always accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedUsers {
    /// The users with these ids.
    Only(Vec<u32>),
    /// All users, for tools that show and remove their objects.
    Any,
}

impl Default for HandleOptions {
    fn default() -> Self {
        HandleOptions {
            dir: None,
            read_only: false,
            lock_timeout: DEFAULT_LOCK_TIMEOUT,
            trusted: TrustedUsers::Only(Vec::new()),
            keep_in_memory: false,
        }
    }
}

/// The validated parameters of a file to create.
#[derive(Debug)]
pub(super) struct CreatePlan {
    pub format: &'static Format,
    pub mode: u32,
    pub replace: bool,
    params: CreateParams,
    /// The parts that have memory from the beginning, if not all have, and the bytes that they take.
    first_parts: Option<(Vec<Range<u64>>, u64)>,
    persist: bool,
    owned: bool,
}

impl CreatePlan {
    /// Validates the options.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] for options that cannot be met.
    pub fn of<K: Kind>(options: &K::Options, owned: bool) -> Result<CreatePlan> {
        let name_options = K::name_options(options);
        let params = K::create_params(options)?;
        let mode = name_options.mode.unwrap_or(DEFAULT_MODE);
        if mode & !PERMISSION_BITS != 0 {
            return Err(Error::OutOfRange(format!("mode is {mode:#o}, allowed are 0 to 0o777")));
        }
        let persist = name_options.persist.unwrap_or(false);
        let first_parts = K::first_parts(&params);
        let replace = name_options.replace;
        Ok(CreatePlan { format: K::FORMAT, mode, replace, params, first_parts, persist, owned })
    }

    /// Returns the bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        self.params.size + self.params.tail
    }

    /// Returns the bytes of memory that the file takes at first.
    pub fn first_bytes(&self) -> u64 {
        self.first_parts.as_ref().map_or(self.file_bytes(), |(_, bytes)| *bytes)
    }

    /// Returns the parts of the file that have memory at first; `None` if all of it has.
    pub fn first_parts(&self) -> Option<&[Range<u64>]> {
        self.first_parts.as_ref().map(|(parts, _)| parts.as_slice())
    }

    /// Returns the bytes that are mapped and that the superblock counts.
    pub fn size(&self) -> u64 {
        self.params.size
    }

    /// Returns the superblock of a file created now with this name, with random secrets.
    pub fn superblock(&self, name: &Name) -> Result<Superblock> {
        Ok(Superblock {
            size: self.params.size,
            parameters: self.params.parameters,
            features: self.params.features,
            options: self.params.options,
            persist: self.persist,
            owned: self.owned,
            hash_key: os::entropy::random()?,
            name: name.stored(),
            boot_id: os::clock::boot_id(),
            time_namespace: if self.format.stores_times { os::clock::time_namespace() } else { 0 },
            segment_id: u64::from_le_bytes(os::entropy::random()?),
            created: os::clock::boot_ns(),
        })
    }
}

/// The options in which an object that was found differs from those asked for.
#[derive(Debug, Default)]
pub struct OptionMismatch(Vec<String>);

impl OptionMismatch {
    /// Compares one option; `None` matches everything.
    pub fn compare(&mut self, field: &str, asked: Option<String>, found: String) {
        if let Some(asked) = asked.filter(|asked| *asked != found) {
            self.0.push(format!("{field} is {found}, not {asked}"));
        }
    }
}

/// Compares an object that was found with the options asked for. Omitted options match everything, except the mode of a
/// file of this user: it must then be the default, so that a caller never shares an object without asking for that. The
/// mode of a trusted user's file must be another one, or this user could not use it.
///
/// # Errors
/// [`Error::OptionsMismatch`], listing the fields.
pub(super) fn check_match<K: Kind>(asked: &K::Options, found: &K, status: &Status) -> Result<()> {
    let mut mismatch = OptionMismatch::default();
    found.compare(asked, &mut mismatch);
    let (name_options, persist) = (K::name_options(asked), found.membership().superblock.persist);
    mismatch.compare("persist", name_options.persist.map(|asked| asked.to_string()), persist.to_string());
    let octal = |mode: u32| format!("{:#o}", mode & PERMISSION_BITS);
    let default_mode = (status.uid == effective_uid()).then_some(DEFAULT_MODE);
    mismatch.compare("mode", name_options.mode.or(default_mode).map(octal), octal(status.mode));
    let OptionMismatch(differing) = mismatch;
    if differing.is_empty() { Ok(()) } else { Err(Error::OptionsMismatch(differing.join(", "))) }
}
