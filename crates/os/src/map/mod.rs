//! Memory maps for users: of any file, or anonymous; any length, shared or private. Unix only, but for the page size.
//!
//! Unlike a shared-memory file (see [`crate::shm`]) such a file is open to other programs, which may shorten it.
//! The kernel then sends SIGBUS to a thread that accesses the lost pages. So a [`guard`]ed routine copies the memory
//! and returns an error instead. In the page where the file now ends, bytes past the end read as zeros and writes to
//! them are lost, without any signal. So each copy is followed by a check that the next page is present, or else of
//! the length of the file.
//!
//! | module | contents |
//! |---|---|
//! | `memory`, `copy` | [`Memory`]: mapped memory with its file, and the operations on it |
//! | `span` | one mapping, or consecutive mappings of the same memory |
//! | `mirror` | reserves addresses and maps the same memory into them several times |
//! | [`guard`] | copies from and to memory that may vanish |
//! | `extend`, `page` | makes a file long enough; the page size |

#[cfg(unix)]
mod copy;
#[cfg(unix)]
mod extend;
#[cfg(unix)]
pub mod guard;
#[cfg(unix)]
mod memory;
#[cfg(unix)]
pub(crate) mod mirror;
mod page;
#[cfg(unix)]
mod span;

#[cfg(unix)]
pub use copy::Fault;
#[cfg(unix)]
pub use extend::extend;
#[cfg(unix)]
pub use memory::{Advice, Flush, Memory, Source};
pub use page::page_size;
#[cfg(unix)]
pub use span::MapAccess;
