//! Looking ahead: who is about to read many keys waits for memory once, not twice for each of them.

use super::Dict;
use crate::index::Probe;
use crate::layout::word::IndexWord;
use crate::value::Key;

impl Dict {
    /// Asks for the index lines and the entries of keys that will be read soon. A hint: changes nothing,
    /// and is of no use for more keys than the processor's caches hold.
    pub fn prefetch<'k>(&self, keys: impl Iterator<Item = Key<'k>>) {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let homes: Vec<(u64, u16)> = keys
            .filter_map(|key| {
                let hash = self.hash(key);
                let home = Probe::new(hash, geometry).next()?;
                let bucket = geometry.bucket(hash.shard(geometry.shards), home);
                region.prefetch(bucket);
                Some((bucket, hash.tag()))
            })
            .collect();
        for (bucket, tag) in homes {
            for word in region.index_words(bucket) {
                let word = IndexWord(word.load());
                if word.tag() == tag && !word.is_empty() {
                    region.prefetch(word.block());
                }
            }
        }
    }
}
