//! The only crate of shmkit that makes system calls.
//!
//! What it promises on every system:
//! - waiting on a word works across processes ([`futex`]);
//! - a process that lives is told from one that is gone by the kernel, never by guessing ([`beacon`]);
//! - the clock is the same for all processes of one boot and counts suspended time ([`clock`]);
//! - memory that could be reserved never faults later for want of space ([`shm`]).
//!
//! | module | holds |
//! |---|---|
//! | [`error`] | [`OsError`]: the call, its errno, the path |
//! | [`clock`], [`entropy`] | time since boot, the boot's identity; random bytes |
//! | [`futex`] | wait and wake on a shared word |
//! | [`process`] | identity of this process, fork detection and exclusion |
//! | [`shm`] | directories, files, reservation, mappings |
//! | [`beacon`] | byte locks: who is alive, and whose turn it is to change a name |
//! | `map`, `range_lock`, `descriptor` | files of users, on Unix: memory maps, byte-range locks (not on FreeBSD), descriptors |
//!
//! Each module that other systems do differently is a folder with a file per system.

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "freebsd", windows)))]
compile_error!("shmkit runs on Linux, macOS, FreeBSD and Windows; others need their own files in this crate");

pub mod beacon;
pub mod clock;
#[cfg(unix)]
pub mod descriptor;
pub mod entropy;
pub mod error;
pub mod futex;
pub mod map;
pub mod process;
#[cfg(not(target_os = "freebsd"))]
pub mod range_lock;
pub mod shm;

pub use error::OsError;
