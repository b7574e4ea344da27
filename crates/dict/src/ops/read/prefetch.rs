//! Looking ahead: who is about to read or write many keys waits for memory once, not twice for each of them.

use crate::index::{Look, look_into};
use crate::layout::hash::KeyHash;
use crate::ops::Dict;
use crate::value::Key;

/// Bytes of a cache line. Short entries take one or two.
const LINE: u64 = 64;

impl Dict {
    /// Asks for the index lines and the entries of keys that will be looked for soon; their hashes. A hint: changes
    /// nothing, and is of no use for more keys than the processor's caches hold.
    pub fn look_ahead<'k>(&self, keys: impl Iterator<Item = Key<'k>>) -> Vec<KeyHash> {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let home = |hash: KeyHash| geometry.bucket(hash.shard(geometry.shards), hash.home(geometry.buckets));
        let hashes: Vec<KeyHash> = keys
            .map(|key| {
                let hash = self.hash(key);
                region.prefetch(home(hash));
                hash
            })
            .collect();
        for &hash in &hashes {
            if let Look::Word(_, word, _) = look_into(region.line(home(hash)), hash.tag()) {
                region.prefetch(word.block());
                region.prefetch(word.block() + LINE);
            }
        }
        hashes
    }
}
