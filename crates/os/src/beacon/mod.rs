//! Byte locks on a segment's file: who is alive, and who may change its name.
//!
//! They belong to an opening of the file (`bytes`). Unlike the older POSIX locks they are not lost when
//! some other part of the process closes the same file, and unlike pids they cannot be mistaken: they
//! work across pid namespaces and go when, and only when, the kernel has buried the process.
//!
//! The locked bytes lie far behind the largest segment; nothing is ever read or written there.
//!
//! ```text
//! 2^40      NAME       exclusive: somebody removes or replaces the name
//! 2^40 + 1  ATTACHING  shared: somebody is attaching    exclusive: somebody removes a leftover
//! 2^40 + 2  READERS    shared: somebody is attached for reading only
//! 2^40 + 3  + slot     exclusive: the participant of that slot is alive
//! ```
//!
//! A participant's lock ([`Beacon`]) hangs on something that no child inherits (`anchor`).

mod anchor;
mod bytes;
mod light;
mod probe;
mod turnstile;

#[cfg(any(target_os = "linux", target_os = "macos"))]
pub(crate) use bytes::ofd;
#[cfg(target_os = "freebsd")]
pub(crate) use bytes::{Taken, sweep};
pub use light::Beacon;
pub use probe::{Probe, is_anyone_attached, living};
pub use turnstile::{Turnstile, is_name_held};
pub(crate) use turnstile::{hold_name, release_name};

const NAME_BYTE: u64 = 1 << 40;
const ATTACHING_BYTE: u64 = NAME_BYTE + 1;
const READERS_BYTE: u64 = NAME_BYTE + 2;
const FIRST_SLOT_BYTE: u64 = NAME_BYTE + 3;
/// Slots are numbered below this.
pub const MAX_SLOTS: u32 = 1024;
