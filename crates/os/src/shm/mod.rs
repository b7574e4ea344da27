//! Files that segments live in: their folder, their making, their space, their memory.
//!
//! A segment's file is made without a name, filled, and only then linked to its name, so nobody ever
//! sees half of one. Every open refuses links and everything that is not a regular file, and never
//! hangs: a FIFO that squats on a name would block a plain `open` for ever.

mod create;
mod directory;
mod extent;
mod file;
mod filesystem;
mod mapping;
mod reserve;
#[cfg(test)]
pub(crate) mod testing;
mod turn;

pub use create::{NewFile, TEMPORARY_PREFIX};
pub use directory::Directory;
pub use file::{Access, Identity, ShmFile, Status};
pub use filesystem::FileSystem;
pub use mapping::Mapping;
pub use turn::Turn;
