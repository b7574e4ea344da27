//! Writes: under the lock of one shard, everything is prepared in blocks that no reader can reach, and one store
//! commits.

pub(crate) mod atomic;
mod in_place;
pub(crate) mod lease;
mod lists;
mod overwrite;
pub(crate) mod previous;
mod push;
mod remove;
pub(crate) mod set;
mod throttle;
