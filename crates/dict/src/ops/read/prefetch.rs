//! Prefetching: a batch of reads or writes waits for memory once, not twice per key.

use crate::index::{BucketScan, scan_bucket};
use crate::layout::hash::KeyHash;
use crate::ops::Dict;
use crate::value::Key;

/// Bytes of a cache line. Short entries take one or two.
const LINE: u64 = 64;

impl Dict {
    /// Prefetches the index lines and the entries of keys that are about to be used, and returns the hashes of the
    /// keys. Only a hint; useless for more keys than the processor's caches hold.
    pub fn prefetch<'k>(&self, keys: impl Iterator<Item = Key<'k>>) -> Vec<KeyHash> {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let home = |hash: KeyHash| {
            let shard = hash.shard(geometry.shards);
            geometry.bucket(shard, self.segment.home(shard, hash))
        };
        let hashes: Vec<KeyHash> = keys
            .map(|key| {
                let hash = self.hash(key);
                region.prefetch(home(hash));
                hash
            })
            .collect();
        for &hash in &hashes {
            if let BucketScan::Match(_, word, _) = scan_bucket(region.cache_line(home(hash)), hash.tag()) {
                region.prefetch(word.block());
                region.prefetch(word.block() + LINE);
            }
        }
        hashes
    }
}
