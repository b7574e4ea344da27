//! The dictionary: what a process holds of an attached segment.

use crate::error::{Error, Result};
use crate::value::{Condition, End, Entry, Increment, Key, Number, Ttl, Value};
use std::sync::Arc;
use std::time::Duration;

/// Placeholder until the engine stands.
#[derive(Debug)]
pub struct Segment;

/// Which entries a read may return.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// Live entries only.
    Live,
    /// Expired ones too, if they were not reclaimed yet.
    Stale,
}

/// Seconds left of an entry's life, in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeLeft {
    /// It does not expire.
    Forever,
    /// It expires after this many nanoseconds (at least 1).
    Nanos(u64),
}

/// Where a scan stands: opaque, starts at `default()`, ends when `scan` says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cursor(pub(crate) u64);

/// The outcome of asking for the right to load a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// The caller loads; it must `lease_store` or `lease_release` with this ticket.
    Granted(LeaseTicket),
    /// Somebody alive is loading it (or the table is full): ask again a little later.
    Busy,
}

/// Proof of a granted lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaseTicket {
    pub(crate) hash: u64,
    pub(crate) slot: u32,
    pub(crate) token: u64,
}

/// Memory of one size class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassStats {
    /// Bytes of one block.
    pub block_size: u32,
    /// Pages of this class.
    pub pages: u32,
    /// Blocks in use.
    pub used: u32,
    /// Blocks free.
    pub free: u32,
}

/// What `stats()` shows. Not a snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stats {
    /// Bytes of the whole segment.
    pub size: u64,
    /// Bytes of all pages: what entries can use.
    pub capacity: u64,
    /// Bytes of blocks in use.
    pub used: u64,
    /// `capacity - used`.
    pub free: u64,
    /// Live entries.
    pub entries: u64,
    /// Reads that found something.
    pub hits: u64,
    /// Reads that did not.
    pub misses: u64,
    /// Writes.
    pub sets: u64,
    /// Deletions.
    pub deletes: u64,
    /// Entries evicted for room.
    pub evictions: u64,
    /// Expired entries reclaimed.
    pub expired: u64,
    /// Times a writer slept for a lock.
    pub lock_waits: u64,
    /// Times a dead writer's shard was recovered.
    pub recoveries: u64,
    /// Processes attached for writing, alive.
    pub processes: u32,
    /// Classes that have pages.
    pub per_class: Vec<ClassStats>,
}

/// An attached dictionary. Cheap to clone per thread; every call is safe from any thread.
#[derive(Debug, Clone)]
pub struct Dict {
    #[allow(dead_code, reason = "placeholder")]
    segment: Arc<Segment>,
}

#[allow(unused_variables, clippy::todo, missing_docs, reason = "placeholder until the engine stands")]
impl Dict {
    /// A handle with a lock timeout of its own over the same attachment.
    pub fn with_lock_timeout(&self, timeout: Duration) -> Dict { todo!() }
    /// The value of `key`, copied into `buffer` (cleared first; reuse it between calls).
    /// A list is [`Error::WrongType`].
    pub fn get<'b>(&self, key: Key<'_>, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> { todo!() }
    /// As `get`; `Stale` also returns expired entries: compare `entry.deadline` with `now()`.
    pub fn get_fresh<'b>(&self, key: Key<'_>, freshness: Freshness, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> { todo!() }
    /// The boot clock, in nanoseconds.
    pub fn now(&self) -> u64 { todo!() }
    pub fn has(&self, key: Key<'_>) -> Result<bool> { todo!() }
    pub fn ttl(&self, key: Key<'_>) -> Result<Option<TimeLeft>> { todo!() }
    /// True if stored, false if the condition failed.
    pub fn set(&self, key: Key<'_>, value: Value<'_>, ttl: Ttl, condition: Condition) -> Result<bool> { todo!() }
    /// Stores and returns the previous entry.
    pub fn swap<'b>(&self, key: Key<'_>, value: Value<'_>, ttl: Ttl, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> { todo!() }
    /// `version`: only if the entry has this version.
    pub fn delete(&self, key: Key<'_>, version: Option<u64>) -> Result<bool> { todo!() }
    /// Deletes and returns the entry.
    pub fn take<'b>(&self, key: Key<'_>, buffer: &'b mut Vec<u8>) -> Result<Option<Entry<'b>>> { todo!() }
    pub fn increment(&self, key: Key<'_>, increment: Increment) -> Result<Option<Number>> { todo!() }
    /// `Ttl::Keep` is not allowed here.
    pub fn expire(&self, key: Key<'_>, ttl: Ttl) -> Result<bool> { todo!() }
    pub fn clear(&self) -> Result<()> { todo!() }
    /// Reclaims at most `max` expired entries (0: all); how many.
    pub fn flush_expired(&self, max: u64) -> Result<u64> { todo!() }
    /// Live entries.
    pub fn len(&self) -> Result<u64> { todo!() }
    /// Calls `visit` for live entries until about `batch` were seen; true while there is more.
    /// With `values` false the entry's bytes are empty. No lock is held. The key's bytes are valid
    /// during the call only. A visitor never sees one key twice unless it was deleted and set again.
    pub fn scan(&self, cursor: &mut Cursor, batch: usize, values: bool, visit: &mut dyn FnMut(Key<'_>, Entry<'_>)) -> Result<bool> { todo!() }
    /// Appends at an end; the new length. Creates the list if the key is missing.
    pub fn push(&self, key: Key<'_>, end: End, item: Value<'_>) -> Result<u64> { todo!() }
    /// Removes and returns the item at an end; an empty list's key is deleted.
    pub fn pop<'b>(&self, key: Key<'_>, end: End, buffer: &'b mut Vec<u8>) -> Result<Option<Value<'b>>> { todo!() }
    pub fn list_len(&self, key: Key<'_>) -> Result<u64> { todo!() }
    /// Items from `start` to `stop`, both included, negative ones from the end; a consistent snapshot.
    pub fn list_range(&self, key: Key<'_>, start: i64, stop: i64, visit: &mut dyn FnMut(Value<'_>)) -> Result<()> { todo!() }
    /// Asks for the right to load `key` on behalf of `owner` (a number unique to this handle in its process).
    pub fn lease_acquire(&self, key: Key<'_>, owner: u32) -> Result<Lease> { todo!() }
    /// Stores the loaded value if the key was not written, deleted or cleared since; frees the lease.
    pub fn lease_store(&self, key: Key<'_>, ticket: LeaseTicket, value: Value<'_>, ttl: Ttl) -> Result<bool> { todo!() }
    /// Gives the lease back with nothing stored.
    pub fn lease_release(&self, ticket: LeaseTicket) -> Result<()> { todo!() }
    /// Gives back every lease of `owner` in this process (its worker ended).
    pub fn lease_release_all(&self, owner: u32) -> Result<()> { todo!() }
    pub fn stats(&self) -> Result<Stats> { todo!() }
    /// Problems found by a full audit; empty is good.
    pub fn verify(&self) -> Result<Vec<String>> { todo!() }
    pub fn is_read_only(&self) -> bool { todo!() }
}

#[allow(dead_code, reason = "placeholder")]
fn unused() -> Option<Error> { None }
