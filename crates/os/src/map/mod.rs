//! Memory maps of files and of nothing, for users: any file, any length, shared or private. On Unix.
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
pub use span::Access;
