//! Leases, as calls of a dictionary: see [`crate::lease`] for their table.

use super::set::{WriteOutcome, WritePrecondition};
use crate::layout::shard::LEASES_HELD;
use crate::lease::{Lease, LeaseTicket};
use crate::ops::Dict;
use crate::shard::Shard;
use crate::value::{Key, Ttl, Value};
use shmkit_object::error::Result;

impl Dict {
    /// Asks for the right to load `key` on behalf of `handle`, a number of the caller's choice. BucketScan
    /// again whether the value is there once it is granted: the last holder may just have stored it.
    ///
    /// # Errors
    /// Those of a write, but for those about room.
    pub fn lease_acquire(&self, key: Key<'_>, handle: u32) -> Result<Lease> {
        let hash = self.hash(key);
        let guard = self.lock_for(hash)?;
        Ok(guard.grant_lease(hash, handle, self.now()))
    }

    /// Stores the loaded value and releases the lease. Returns false, with nothing stored, if the key was written,
    /// deleted or cleared since the lease was granted.
    ///
    /// # Errors
    /// Those of `set`; the lease is then still held.
    pub fn lease_store(&self, key: Key<'_>, ticket: LeaseTicket, value: Value<'_>, ttl: Ttl) -> Result<bool> {
        match self.write(key, value, ttl, WritePrecondition::Lease(ticket), None)? {
            WriteOutcome::Done(_) => Ok(true),
            WriteOutcome::Refused | WriteOutcome::Undecoded(_) => {
                self.lease_release(ticket)?;
                Ok(false)
            }
        }
    }

    /// Releases the lease with nothing stored.
    ///
    /// # Errors
    /// Those of `delete`.
    pub fn lease_release(&self, ticket: LeaseTicket) -> Result<()> {
        self.lock(ticket.shard)?.free_lease(ticket);
        Ok(())
    }

    /// Releases every lease of `handle` in this process, for example because its worker ended.
    ///
    /// # Errors
    /// Those of `delete`.
    pub fn lease_release_all(&self, handle: u32) -> Result<()> {
        for id in 0..self.segment.geometry.shards {
            if Shard::new(&self.segment, id).load32(LEASES_HELD) != 0 {
                self.lock(id)?.free_leases_of(handle);
            }
        }
        Ok(())
    }
}
