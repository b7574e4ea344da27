//! Memory maps of files and of nothing, for users: any file, any length, shared or private. On Linux.
//!
//! Unlike a segment's file (see [`crate::shm`]) such a file belongs to others too, who may shorten it.
//! The kernel then sends SIGBUS to whoever touches the lost pages. So memory is copied by a [`guard`]ed
//! routine that comes back with an error instead. In the page where the file ends now, bytes behind the
//! end read as zeros and writes to them are lost, without any signal: so each copy is followed by a look
//! whether the next page is there, or else at the length of the file.
//!
//! | module | holds |
//! |---|---|
//! | `memory`, `copy` | [`Memory`]: mapped memory with its file, and all that can be done with it |
//! | `span` | one mapping, or several of the same memory in a row |
//! | `mirror` | reserving addresses, and mapping memory into them again and again |
//! | [`guard`] | copying from and to memory that may vanish |
//! | `extend`, `page` | making a file long enough; the size of a page |

#[cfg(target_os = "linux")]
mod copy;
#[cfg(target_os = "linux")]
mod extend;
#[cfg(target_os = "linux")]
pub mod guard;
#[cfg(target_os = "linux")]
mod memory;
#[cfg(target_os = "linux")]
pub(crate) mod mirror;
mod page;
#[cfg(target_os = "linux")]
mod span;

#[cfg(target_os = "linux")]
pub use copy::Fault;
#[cfg(target_os = "linux")]
pub use extend::extend;
#[cfg(target_os = "linux")]
pub use memory::{Advice, Flush, Memory, Source};
pub use page::page_size;
#[cfg(target_os = "linux")]
pub use span::Access;
