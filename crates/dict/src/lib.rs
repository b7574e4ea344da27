//! A crash-safe dictionary in shared memory, for any number of processes and threads.
//!
//! Goals: nothing is lost to `kill -9` at any instruction; a read takes no lock and never waits;
//! whatever bytes the segment holds, this process stays alive and correct. Non-goals: surviving power
//! loss, iterating in insertion order, sharing pointers.
//!
//! | module | what it knows |
//! |---|---|
//! | [`value`] | keys, values, options of operations |
//! | [`layout`] | where every byte is; no behaviour |
//! | [`segment`], [`shard`] | an attached dictionary, a view of one shard |
//! | [`slab`] | blocks and pages |
//! | [`intent`] | the record of an operation in progress |
//! | `lease` | the rights to load missing values |
//! | [`entry`], [`list`] | what blocks hold |
//! | [`index`] | finding a key's place |
//! | [`recovery`] | finishing or undoing, rebuilding, auditing |
//! | [`guard`] | a held lock of a shard |
//! | [`ops`] | the operations: reading, writing, making space, scanning, statistics |
//! | [`kind`] | dictionaries as a kind of named objects |
//!
//! Layers point one way: `shmkit-os` <- `shmkit-object` <- this crate <- the addon.

pub mod entry;
pub mod guard;
pub mod index;
pub mod intent;
pub mod kind;
pub mod layout;
mod lease;
pub mod list;
pub mod ops;
pub mod recovery;
pub mod segment;
pub mod shard;
pub mod slab;
pub mod value;

#[cfg(test)]
mod tests;
