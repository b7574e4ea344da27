//! Windows: files on a local disk, which the system's file cache keeps in memory.
//!
//! | on Unix | on Windows |
//! |---|---|
//! | unlink | rename to a random name, then delete; a file that is mapped is deleted when its last user closes it or dies |
//! | link | rename to a free name, or else a hard link |
//! | owner, mode | the owner's SID, an access list |
//! | `O_NOFOLLOW` | open the reparse point itself, and reject it |

mod create;
mod create_lock;
mod directory;
mod file;
mod replacing;
mod reserve;
mod security;

pub use create::NewFile;
pub use create_lock::CreateLock;
pub use directory::{Directory, default_directory, default_path, own_directory};
pub use file::ShmFile;
pub(crate) use file::open_or_create;
