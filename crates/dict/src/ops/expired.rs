//! Counting expired entries that have not been reclaimed, without a lock.

use super::Dict;
use super::lookahead::{Lookahead, take_slot};
use crate::entry::read::Snapshot;
use crate::shard::Shard;
use shmkit_object::error::Result;

impl Dict {
    /// Returns the number of entries of this epoch in a shard that have expired.
    pub(super) fn count_expired(&self, shard: &Shard<'_>, now: u64, epoch: u16) -> u64 {
        let mut expired = 0;
        let mut ahead = Lookahead::new(self, shard.id, 0);
        // Damage of the level is told by the calls that need it.
        let _: Result<bool> = self.segment.refresh_level(shard.id, shard.shape());
        // If the index is doubled meanwhile, entries that go up may be missed: the number is of no instant anyway.
        let shape = shard.shape();
        let is_settled = self.segment.is_level_sound(shard.id);
        for bucket in 0..shape.buckets() as u32 {
            let mut slots = ahead.slots(bucket);
            while let Some(slot) = take_slot(&mut slots) {
                if !is_settled && shard.is_superseded(shape, bucket, slot) {
                    continue;
                }
                let word = shard.index_word(u64::from(bucket) * 8 + slot);
                let lifetime = Snapshot::lifetime(&self.segment, word.block()).filter(|_| !word.is_empty());
                let is_expired = |(of, deadline)| of == epoch && deadline != 0 && deadline <= now;
                expired += u64::from(lifetime.is_some_and(is_expired));
            }
        }
        expired
    }
}
