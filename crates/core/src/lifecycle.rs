//! Names: creating, attaching, replacing and removing segments.
use crate::dict::Dict;
use crate::error::Result;
use std::path::PathBuf;
use std::time::Duration;

/// What happens when there is no room for a new entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFull {
    /** The write fails. */
    Error,
    /** Old entries make room. */
    Evict,
}

/// Options that shape the segment.
#[derive(Debug, Clone, Default)]
pub struct SegmentOptions {
    /// Bytes of the whole file, rounded up to 64 KiB.
    pub size: Option<u64>,
    /// Default: `Error`.
    pub on_full: Option<OnFull>,
    /// The owner's close keeps the name. Default: false.
    pub persist: Option<bool>,
    /// Retire and replace what has the name.
    pub replace: bool,
    /// Permission bits. Default: 0o600.
    pub mode: Option<u32>,
    /// Sizes the index.
    pub max_entries: Option<u64>,
    /// Per-entry checks. Default: false.
    pub checksums: Option<bool>,
}

/// Options of one handle.
#[derive(Debug, Clone)]
pub struct HandleOptions {
    /// Default: /dev/shm.
    pub dir: Option<PathBuf>,
    /// Attach for reading only.
    pub read_only: bool,
    /// Default: 1 s.
    pub lock_timeout: Duration,
    /// Other users whose segments are accepted.
    pub trust_uids: Vec<u32>,
}

/// An attached, named dictionary. Dropping it is closing it: an owner's name is removed.
#[derive(Debug)]
pub struct Handle {
    /** The dictionary. */
    pub dict: Dict,
    /** The file. */
    pub path: PathBuf,
    /** The name. */
    pub name: String,
    /** True if close removes the name. */
    pub owner: bool,
}

/// One line of `list`.
#[derive(Debug, Clone)]
pub struct Listed {
    /** Name. */
    pub name: String,
    /** Bytes. */
    pub size: u64,
    /** Live entries. */
    pub entries: u64,
    /** Pids attached. */
    pub processes: Vec<u32>,
    /** Owned, not persistent, nobody alive attached. */
    pub stale: bool,
}

#[allow(unused_variables, clippy::todo, missing_docs, reason = "placeholder until the engine stands")]
mod calls {
    use super::*;
    pub fn create(name: &str, segment: &SegmentOptions, handle: &HandleOptions) -> Result<Handle> {
        todo!()
    }
    pub fn open(name: &str, handle: &HandleOptions) -> Result<Handle> {
        todo!()
    }
    pub fn open_or_create(name: &str, segment: &SegmentOptions, handle: &HandleOptions) -> Result<Handle> {
        todo!()
    }
    pub fn unlink(name: &str, dir: Option<PathBuf>) -> Result<bool> {
        todo!()
    }
    pub fn prune(dir: Option<PathBuf>) -> Result<Vec<String>> {
        todo!()
    }
    pub fn list(dir: Option<PathBuf>) -> Result<Vec<Listed>> {
        todo!()
    }
}
pub use calls::*;
