//! The named objects that are not dictionaries: semaphores, mutexes, locks by name, rings, channels, queues, segments.
//!
//! Each module is a kind of its own. They never import each other, and never the dictionary: all they
//! share is `shmkit-object`.

#![warn(unreachable_pub)]

pub mod channel;
pub mod locks;
pub mod mutex;
pub mod queue;
pub mod ring;
pub mod segment;
pub mod semaphore;
