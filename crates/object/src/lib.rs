//! What every named object in shared memory stands on, whatever its kind: its file and the bytes in it,
//! the processes attached, locks that survive their owners, waiting, names.
//!
//! | module | what it knows |
//! |---|---|
//! | [`region`] | checked, race-tolerant access to the bytes: the only place with pointers |
//! | [`superblock`], [`participants`] | the head of every file, and the table of attached processes |
//! | [`membership`] | an attachment to a file |
//! | [`lock`] | locks that name their owner, and eventcounts |
//! | [`waiter`] | waiting for other processes, blocking or not |
//! | [`lifecycle`] | names: creating, attaching, replacing, removing |
//! | [`error`] | errors with their codes |
//! | [`sync`], [`crash`] | the only atomics; simulated death, for tests |
//!
//! No system call is made here except through `shmkit-os`, and nothing here knows any kind of object.

pub mod crash;
pub mod error;
pub mod lifecycle;
pub mod lock;
pub mod membership;
pub mod participants;
pub mod region;
pub mod superblock;
pub mod sync;
pub mod waiter;
