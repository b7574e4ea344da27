//! A crash-safe dictionary in shared memory, for any number of processes and threads.
//!
//! Goals: `kill -9` at any instruction loses nothing; reads take no lock and never wait; whatever bytes the segment
//! contains, the process stays alive and correct. Non-goals: surviving power loss, iteration in insertion order, sharing
//! pointers.
//!
//! A program opens a dictionary by name ([`kind`]) and works with the [`Dict`] of its handle. [`segment`] attaches
//! memory without a name, for tests and tools.
//!
//! | module | contents |
//! |---|---|
//! | [`value`] | keys, values, options of operations |
//! | `layout` | the byte format; no behaviour |
//! | [`segment`], `shard` | an attached dictionary, a view of one shard |
//! | `slab` | blocks and pages |
//! | `wakeup` | waking those that wait for a change of a shard |
//! | `intent`, `lease` | the record of an operation in progress; the table of leases |
//! | `entry`, `list` | the contents of blocks |
//! | `index` | finding a key's slot |
//! | `wipe` | overwriting freed memory |
//! | `feed` | telling watchers what changes |
//! | `recovery` | completing or undoing, rebuilding, auditing |
//! | `structures` | the table of record structures |
//! | `guard` | a held lock of a shard |
//! | `ops` | the operations: reading, writing, making space, scanning, statistics |
//! | [`kind`] | dictionaries as a kind of named objects |
//!
//! Each module imports only from those above it. Crates point one way too: `shmkit-os` <- `shmkit-object` <- this crate
//! <- the addon.

mod entry;
mod feed;
mod guard;
mod index;
mod intent;
pub mod kind;
mod layout;
mod lease;
mod list;
mod ops;
mod pins;
mod recovery;
pub mod segment;
mod shard;
mod slab;
mod structures;
pub mod value;
mod wakeup;
mod wipe;

#[cfg(test)]
mod tests;

pub use entry::view::{ValueView, ViewBytes};
pub use feed::Change;
pub use layout::feed::feed_bytes;
pub use layout::geometry::Geometry;
pub use layout::hash::{KeyHash, Secret};
pub use ops::{
    ChangeWait, ClassStats, Cursor, Dict, Event, Freshness, KeyPrefix, Lease, LeaseTicket, LoadWait,
    Previous, ReadResult, ScanStep, Stats, TimeLeft, Validator, Watcher, WatcherWait,
};
pub use structures::Appended;
