//! Files that segments live in: their folder, their making, their space, their memory.
//!
//! A segment's file is made without a name, or with a temporary one, filled, and only then linked to its
//! name, so nobody ever sees half of one. Every open refuses links and everything that is not a regular
//! file, and never hangs: a FIFO that squats on a name would block a plain `open` for ever.
//!
//! | system | default folder | space is made real by |
//! |---|---|---|
//! | Linux | `/dev/shm`, memory that all users share | `fallocate` |
//! | macOS | `shmkit` in the user's cache folder, on disk | writing zeros |
//! | FreeBSD | `/tmp/shmkit-<uid>` | writing zeros |
//! | Windows | `shmkit` in the user's local application data, on disk | writing zeros |

mod filesystem;
mod mapping;
#[cfg(unix)]
mod mirrored;
mod spelling;
mod status;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub use filesystem::FileSystem;
pub use mapping::Mapping;
#[cfg(unix)]
pub use mirrored::Mirrored;
pub use status::{Access, Identity, Status};
pub use system::{Directory, NewFile, ShmFile, Turn, default_directory};
#[cfg(target_os = "freebsd")]
pub(crate) use unix::{c_string, open_path, owned, status_of};

/// What every temporary name starts with.
pub const TEMPORARY_PREFIX: &str = ".shmkit.tmp.";
