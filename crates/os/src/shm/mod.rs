//! Shared-memory files: their directory, their creation, their space, their mappings.
//!
//! A file is created without a name, or with a temporary one, initialised, and only then linked to its
//! name, so no process ever sees a partial one. Every open rejects symbolic links and everything that is not a regular
//! file, and never blocks: a plain `open` of a FIFO with that name would block for ever.
//!
//! | system | default directory | space is reserved by |
//! |---|---|---|
//! | Linux | `/dev/shm/shmkit-<uid>` | `fallocate` |
//! | macOS | `shmkit` in the user's cache directory, on disk | writing zeros |
//! | FreeBSD | `/tmp/shmkit-<uid>` | writing zeros |
//! | Windows | `shmkit` in the user's local application data, on disk | writing zeros |

mod filesystem;
mod mapping;
mod mirrored;
mod name_encoding;
mod sparse;
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
pub use mirrored::Mirrored;
pub use sparse::SparseMapping;
pub use status::{Access, Identity, Status};
pub use system::{CreateLock, Directory, NewFile, ShmFile, default_directory, default_path, own_directory};
#[cfg(target_os = "freebsd")]
pub(crate) use unix::{c_string, open_path, owned, status_of};
#[cfg(windows)]
pub(crate) use windows::open_or_create;

/// The prefix of temporary file names.
pub const TEMPORARY_PREFIX: &str = ".shmkit.tmp.";
