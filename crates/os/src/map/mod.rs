//! Memory maps for users: of any file, or anonymous; any length, shared or private.
//!
//! Unlike a shared-memory file (see [`crate::shm`]) such a file is open to other programs, which may shorten it.
//! The kernel then sends SIGBUS to a thread that accesses the lost pages. So a [`guard`]ed routine copies the memory
//! and returns an error instead. In the page where the file now ends, bytes past the end read as zeros and writes to
//! them are lost, without any signal. So each copy is followed by a check that the next page is present, or else of
//! the length of the file. (Windows refuses to shorten a file that is mapped.)
//!
//! | module | contents |
//! |---|---|
//! | `memory`, `copy`, `pages` | [`Memory`]: mapped memory with its file, and the operations on it |
//! | `shortened` | the check after a copy |
//! | `span` | one mapping, or consecutive mappings of the same memory |
//! | `mirror` | reserves addresses and maps the same memory into them several times |
//! | [`guard`] | copies from and to memory that may vanish |
//! | `extend`, `page` | makes a file long enough; the page size |

#[cfg(windows)]
mod anonymous;
mod copy;
mod extend;
pub mod guard;
mod memory;
pub(crate) mod mirror;
mod page;
pub(crate) mod pages;
mod shortened;
mod span;

pub use copy::Fault;
pub use extend::extend;
pub use memory::{Flush, Memory, Source};
pub use page::{granularity, page_size};
pub use pages::Advice;
pub use span::MapAccess;
