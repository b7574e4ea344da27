//! Byte locks on a shared-memory file: which participants are alive, and which process may change the file's name.
//!
//! A lock belongs to an open file description (`bytes`). Unlike the older POSIX locks it is not lost when
//! other code in the process closes the same file. Unlike a pid it is never ambiguous: locks work across
//! pid namespaces and are released exactly when the process exits.
//!
//! The locked bytes lie far past the end of the largest file; nothing is ever read or written there.
//!
//! ```text
//! 2^40 - 2  TAKING     exclusive: a process takes memory for parts of the file (not on Linux)
//! 2^40      NAME       exclusive: a process removes or replaces the name
//! 2^40 + 1  ATTACHING  shared: a process is attaching    exclusive: a process removes a stale file
//! 2^40 + 2  READERS    shared: a process is attached read-only
//! 2^40 + 3  + slot     exclusive: the participant in that slot is alive
//! ```
//!
//! A kernel object that no child inherits (`holder`) keeps a participant's lock ([`LivenessLock`]) held.

mod byte_lock;
mod holder;
mod lock;
mod name_lock;
mod probe;

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) use byte_lock::ofd;
#[cfg(target_os = "freebsd")]
pub(crate) use byte_lock::{HeldByte, sweep_lock_files};
pub use lock::LivenessLock;
#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
pub(crate) use name_lock::TakeLock;
pub use name_lock::{AttachLock, NameLock, is_name_locked};
pub(crate) use name_lock::{lock_name, unlock_name};
pub use probe::{Probe, has_attachments, live_slots};

const NAME_BYTE: u64 = 1 << 40;
#[cfg(any(not(target_os = "linux"), feature = "written-files"))]
const TAKING_BYTE: u64 = NAME_BYTE - 2;
const ATTACHING_BYTE: u64 = NAME_BYTE + 1;
const READERS_BYTE: u64 = NAME_BYTE + 2;
const FIRST_SLOT_BYTE: u64 = NAME_BYTE + 3;
/// The number of participant slots; slot numbers are below it.
pub const MAX_SLOTS: u32 = 1024;
