//! Names: creating, attaching, replacing, removing and listing objects of all kinds.
//!
//! An object is one file, `shmkit.<kind>.<name>`, in a folder of shared memory. [`Kind`] is what a kind
//! brings along, [`Named`] an open object.
//!
//! 1. Nobody ever sees a half-made one: it is built without a name, its creator's liveness lock is held, and one
//!    `link` makes it appear (`draft`).
//! 2. A name is removed or replaced only by who holds the NAME byte of the very file it leads to, and
//!    looked again (`remove`, `obtain`).
//! 3. A process that attaches announces it, checks again, acquires its liveness lock, and only then counts (`attach`).
//!    So "nobody is attached" can be made to hold still while a leftover is removed.
//! 4. A file that was retired, or that an earlier boot left on a disk, counts as absent (`judge`).
//! 5. A process attaches to a file once: its threads and handles share the mapping and the participant's
//!    slot (`registry`).

mod attach;
mod draft;
mod failure;
mod judge;
mod kind;
mod list;
mod name;
mod named;
mod obtain;
mod options;
mod patience;
mod place;
mod presence;
mod registry;
mod remove;
mod space;

pub use kind::Kind;
pub use list::Listed;
pub use named::Named;
pub use options::{CreateParams, DEFAULT_LOCK_TIMEOUT, HandleOptions, NameOptions, OptionMismatch};
