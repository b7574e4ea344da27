//! Names: creating, attaching, replacing, removing and listing objects of all kinds.
//!
//! An object is one file, `shmkit.<kind>.<name>`, in a directory of shared memory. A kind implements [`Kind`]; an open
//! object is a [`Named`].
//!
//! 1. A name never leads to a partial object: a file is built without a name, while its creator holds its liveness
//!    lock, and appears by one `link` (`unpublished`).
//! 2. A name is removed or replaced only by a process that holds the NAME byte of the file with that name, and has
//!    checked again that the name leads to this file (`remove`, `create`).
//! 3. A process that attaches announces it, checks the name again, acquires its liveness lock, and only then counts
//!    as attached (`attach`). So "no process is attached" can be kept true while a leftover is removed.
//! 4. A file that was retired, or that an earlier boot left on a disk, counts as absent (`classify`).
//! 5. A process attaches to a file once: its threads and handles share the mapping and the participant's
//!    slot (`registry`).
//! 6. An object that a caller cannot use as it asks for is replaced only if that retires no living process twice in a
//!    short time (`misfit`).

mod attach;
mod attachment;
mod backoff;
mod classify;
mod create;
mod failure;
mod file_words;
mod kind;
mod link_check;
mod list;
mod location;
mod misfit;
mod name;
mod name_right;
mod named;
mod open_or_create;
mod options;
mod registry;
mod remove;
mod space;
mod unpublished;

pub use file_words::FileWords;
pub use kind::Kind;
pub use list::Listed;
pub use named::Named;
pub use options::{
    CreateParams, DEFAULT_LOCK_TIMEOUT, HandleOptions, NameOptions, OnMismatch, OptionMismatch, TrustedUsers,
};
