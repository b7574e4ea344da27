//! The foundation of every kind of named object in shared memory: files and their bytes, attached processes, locks
//! that survive their owners, waiting, names.
//!
//! | module | contents |
//! |---|---|
//! | [`region`] | checked, race-tolerant access to the bytes: the only module with pointers |
//! | [`superblock`], [`participants`] | the head of every file, and the table of attached processes |
//! | [`membership`] | an attachment to a file |
//! | `mirrored` | files whose bytes past a head are mapped twice in a row |
//! | [`lock`] | locks that name their owner, and eventcounts |
//! | [`waiter`] | waiting for other processes, blocking or not |
//! | [`growth`] | taking more memory for objects that grow |
//! | [`lifecycle`] | names: creating, attaching, replacing, removing |
//! | [`error`] | errors with their codes |
//! | [`sync`], [`crash`] | the only atomics; simulated death, for tests |
//!
//! System calls are made only through `shmkit-os`. Nothing here knows any kind of object.

pub mod crash;
pub mod error;
pub mod growth;
pub mod lifecycle;
pub mod lock;
pub mod membership;
pub mod mirrored;
pub mod participants;
pub mod region;
pub mod superblock;
pub mod sync;
pub mod waiter;
