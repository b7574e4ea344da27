//! Looking ahead: who is about to read many keys waits for memory once, not twice for each of them.

use super::Dict;
use crate::index::Probe;
use crate::index::hash::KeyHash;
use crate::layout::word::IndexWord;
use crate::value::Key;

impl Dict {
    /// Asks for the index lines and the entries of keys that will be looked for soon; their hashes. A hint: changes
    /// nothing, and is of no use for more keys than the processor's caches hold.
    pub fn look_ahead<'k>(&self, keys: impl Iterator<Item = Key<'k>>) -> Vec<KeyHash> {
        let geometry = &self.segment.geometry;
        let region = &self.segment.region;
        let home = |hash: KeyHash| {
            let number = Probe::new(hash, geometry).next()?;
            Some(geometry.bucket(hash.shard(geometry.shards), number))
        };
        let hashes: Vec<KeyHash> = keys
            .map(|key| {
                let hash = self.hash(key);
                if let Some(bucket) = home(hash) {
                    region.prefetch(bucket);
                }
                hash
            })
            .collect();
        for &hash in &hashes {
            let Some(bucket) = home(hash) else { continue };
            for word in region.index_words(bucket) {
                let word = IndexWord(word.load());
                if word.tag() == hash.tag() && !word.is_empty() {
                    region.prefetch(word.block());
                }
            }
        }
        hashes
    }
}
