//! Windows: files on a local disk, which the cache manager keeps in memory.
//!
//! | on Unix | here |
//! |---|---|
//! | unlink | rename to a name that nobody knows, then delete: a mapped file cannot always be deleted, and a deleted one can keep its name until it is closed |
//! | link | rename to a free name, else a hard link |
//! | owner, mode | the owner's SID, an access list |
//! | `O_NOFOLLOW` | open the reparse point itself, and refuse it |

mod create;
mod directory;
mod file;
mod reserve;
mod security;
mod turn;

pub use create::NewFile;
pub use directory::{Directory, default_directory};
pub use file::ShmFile;
pub use turn::Turn;
