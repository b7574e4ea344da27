//! A crash-safe dictionary in shared memory, for any number of processes and threads.
//!
//! Goals: nothing is lost to `kill -9` at any instruction; a read takes no lock and never waits;
//! whatever bytes the segment holds, this process stays alive and correct. Non-goals: surviving power
//! loss, iterating in insertion order, sharing pointers.
//!
//! | module | what it knows |
//! |---|---|
//! | [`layout`] | where every byte is; no behaviour |
//! | [`region`] | checked, race-tolerant access to the bytes: the only place with pointers |
//! | [`membership`], [`participant`] | being attached to a file, and who else is |
//! | [`segment`], [`shard`] | an attached dictionary, a view of one shard |
//! | [`lock`] | the shard's futex lock that names its owner |
//! | [`index`] | finding a key's place |
//! | [`slab`] | blocks, pages, compaction |
//! | [`entry`], [`list`] | what blocks hold |
//! | [`recovery`] | intent records, finishing or undoing, rebuilding, auditing |
//! | [`dict`] | the operations |
//! | [`waiter`] | waiting for others, blocking or not |
//! | [`semaphore`], [`mutex`], [`locks`] | semaphores, mutexes, locks by name |
//! | `raw` | segments, on Linux: memory without structure |
//! | `ring` | rings, on Linux: messages between processes |
//! | [`lifecycle`] | names: creating, attaching, replacing, removing |
//! | [`sync`], [`crash`] | the only atomics; the tests' simulated death |
//!
//! Layers point one way: `shmkit-os` <- this crate <- the addon. No system call is made here but
//! through `shmkit-os`.

pub mod crash;
pub mod dict;
pub mod entry;
pub mod error;
pub mod index;
pub mod layout;
pub mod lifecycle;
pub mod list;
pub mod lock;
pub mod locks;
pub mod membership;
pub mod mutex;
pub mod participant;
#[cfg(any(target_os = "linux", target_os = "macos"))]
pub mod raw;
pub mod recovery;
pub mod region;
#[cfg(unix)]
pub mod ring;
pub mod segment;
pub mod semaphore;
pub mod shard;
pub mod slab;
pub mod sync;
pub mod value;
pub mod waiter;

#[cfg(test)]
mod tests;
