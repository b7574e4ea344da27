//! The only crate of shmkit that makes system calls.
//!
//! Guarantees on every system:
//! - waiting on a word works across processes ([`futex`]);
//! - the kernel decides whether a process is alive; nothing is guessed from pids or timeouts ([`liveness`]);
//! - all processes of one boot share one clock, which counts suspended time except on FreeBSD ([`clock`]);
//! - memory that was reserved never faults later for lack of space ([`shm`]).
//!
//! | module | contents |
//! |---|---|
//! | [`error`] | [`OsError`]: the call, its errno, the path |
//! | [`clock`], [`entropy`] | time since boot, the boot's identity; random bytes |
//! | [`futex`] | wait and wake on a shared word |
//! | [`process`] | identity of this process, fork detection and exclusion |
//! | [`shm`] | directories, files, space reservation, mappings |
//! | [`liveness`] | byte locks: which participants are alive, and which process may change a name |
//! | `map`, `range_lock`, `descriptor` | files of users: memory maps, locks (not FreeBSD), descriptors |
//!
//! A module whose implementation differs between systems is a folder with one file per system.

#![warn(unreachable_pub)]

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd", windows)))]
compile_error!(
    "shmkit supports Linux, macOS, FreeBSD and Windows; another system needs its own files in this crate"
);

pub mod clock;
pub mod descriptor;
pub mod entropy;
pub mod error;
pub mod futex;
pub mod liveness;
mod lock_mode;
pub mod map;
pub mod process;
#[cfg(not(target_os = "freebsd"))]
pub mod range_lock;
pub mod shm;

pub use error::OsError;
pub use lock_mode::LockMode;
