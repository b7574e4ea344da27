//! Finding a key's slot while holding the lock of its shard.

use super::{BucketScan, OVERFLOW, ProbeSequence, overflow_count, scan_bucket};
use crate::entry::plain::{KeyPattern, Plain};
use crate::entry::read::{Snapshot, Want};
use crate::layout::hash::KeyHash;
use crate::layout::index_shape::IndexShape;
use crate::layout::word::IndexWord;
use crate::shard::Shard;
use crate::value::Key;

/// An index slot and its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexSlot {
    /// `bucket * 8 + slot`, within the shard.
    pub position: u64,
    /// Offset of the word.
    pub at: u64,
    /// The word.
    pub word: IndexWord,
    /// Number of buckets that a probe passes before this one.
    pub passed: u32,
}

/// Result of a lookup under the lock.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LookupResult {
    /// The key's slot and entry.
    pub entry: Option<(IndexSlot, Snapshot)>,
    /// The first empty slot, if the key is missing.
    pub vacancy: Option<IndexSlot>,
}

/// The location of an entry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EntryLocation {
    /// Its fixed parts.
    pub entry: Snapshot,
    /// The hash of its key.
    pub hash: KeyHash,
    /// Its slot.
    pub slot: IndexSlot,
}

impl Shard<'_> {
    /// Returns the index word at a position; `EMPTY` if the position does not exist.
    #[inline]
    pub(crate) fn index_word(&self, position: u64) -> IndexWord {
        match self.position_at(position) {
            Some(at) => IndexWord(self.segment.region.load(at)),
            None => IndexWord::EMPTY,
        }
    }

    /// Returns whether the word in a slot of an index of this shape has gone up in the last doubling, and was not cleared
    /// yet: until then it stands twice. If a level and its copy are the same, none does.
    pub(crate) fn is_superseded(&self, shape: IndexShape, bucket: u32, slot: u64) -> bool {
        let upper = u64::from(bucket) + shape.buckets() / 2;
        let load = |bucket| self.index_word(bucket * 8 + slot);
        shape.mask != 0 && upper < shape.buckets() && load(u64::from(bucket)) == load(upper)
    }

    /// Stores the index word at a position.
    #[inline(always)]
    pub(crate) fn set_index_word(&self, position: u64, word: IndexWord) {
        if let Some(at) = self.position_at(position) {
            self.segment.region.store(at, word.0);
        }
    }

    /// Stores the index word of a slot: the commit point of every write that is not made in place.
    #[inline(always)]
    pub(crate) fn set_word(&self, slot: IndexSlot, word: IndexWord) {
        self.segment.region.store(slot.at, word.0);
    }

    /// Finds the plain entry of `key` in its home bucket, where most entries are; `None` does not mean that there is
    /// none. In damaged memory, the entry may be outside of the pages.
    ///
    /// An index that was doubled is searched further: what stood past its home bucket stays there, even if the home bucket
    /// is not full any more.
    // Always inlined: the result is several words and would be passed through memory.
    #[inline(always)]
    pub(crate) fn find_plain<const GROWS: bool>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        epoch: u16,
    ) -> Option<(IndexSlot, Plain<'_>)> {
        let (geometry, region) = (&self.segment.geometry, &self.segment.region);
        let shape = self.segment.shape_sized::<GROWS>(self.id);
        let (mut number, mut passed) = (shape.home(hash), 0);
        loop {
            let at = geometry.bucket_sized::<GROWS>(self.id, number);
            let bucket = region.cache_line(at);
            match scan_bucket(bucket, hash.tag()) {
                BucketScan::Match(slot, word, _) => {
                    let plain = KeyPattern::new(key, epoch).find_in(self.segment, word.block(), key)?;
                    let position = u64::from(number) * 8 + slot;
                    return Some((IndexSlot { position, at: at + slot * 8, word, passed }, plain));
                }
                BucketScan::Missing if GROWS && overflow_count(bucket) > 0 => {
                    passed += 1;
                    number = self.segment.nth_bucket::<GROWS>(hash, shape, passed)?;
                }
                BucketScan::Missing | BucketScan::Changed => return None,
            }
        }
    }

    /// Finds `key`, whose entry is probably plain. Overwrites `scratch`.
    #[inline]
    pub(crate) fn find_live(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        epoch: u16,
        scratch: &mut Vec<u8>,
    ) -> LookupResult {
        let found = match self.segment.geometry.is_elastic() {
            true => self.find_plain::<true>(key, hash, epoch),
            false => self.find_plain::<false>(key, hash, epoch),
        };
        match found.and_then(|(slot, plain)| Some((slot, plain.snapshot()?))) {
            Some(entry) => LookupResult { entry: Some(entry), vacancy: None },
            None => self.find(key, hash, scratch),
        }
    }

    /// Finds `key`. Overwrites `scratch`.
    pub(crate) fn find(&self, key: Key<'_>, hash: KeyHash, scratch: &mut Vec<u8>) -> LookupResult {
        if self.segment.geometry.is_elastic() {
            return self.find_growing(key, hash, scratch);
        }
        self.find_sized::<false>(key, hash, scratch)
    }

    #[inline(never)]
    fn find_growing(&self, key: Key<'_>, hash: KeyHash, scratch: &mut Vec<u8>) -> LookupResult {
        self.find_sized::<true>(key, hash, scratch)
    }

    #[inline(always)]
    fn find_sized<const GROWS: bool>(
        &self,
        key: Key<'_>,
        hash: KeyHash,
        scratch: &mut Vec<u8>,
    ) -> LookupResult {
        let geometry = &self.segment.geometry;
        let mut found = LookupResult::default();
        let region = &self.segment.region;
        let shape = self.segment.shape_sized::<GROWS>(self.id);
        for (passed, bucket) in ProbeSequence::new(hash, shape).enumerate() {
            let at = geometry.bucket_sized::<GROWS>(self.id, bucket);
            for (slot, word) in (0..).zip(region.index_words(at).iter()) {
                let word = IndexWord(word.load());
                let position = u64::from(bucket) * 8 + slot;
                let slot = IndexSlot { position, at: at + slot * 8, word, passed: passed as u32 };
                if word.is_empty() {
                    found.vacancy = found.vacancy.or(Some(slot));
                } else if word.tag() == hash.tag()
                    && let Some(entry) = self.entry_with_key(word, key, scratch)
                {
                    found.entry = Some((slot, entry));
                    return found;
                }
            }
            if found.vacancy.is_some() && region.load32(at + OVERFLOW) == 0 {
                break;
            }
        }
        found
    }

    #[inline]
    fn entry_with_key(&self, word: IndexWord, key: Key<'_>, scratch: &mut Vec<u8>) -> Option<Snapshot> {
        let entry = Snapshot::read(self.segment, word.block()).ok()?;
        if entry.header.key_len as usize != key.bytes().len() || entry.header.wide != key.is_wide() {
            return None;
        }
        if entry.is_plain() {
            return entry.has_key_in(self.segment, word.block(), key).then_some(entry);
        }
        scratch.clear();
        entry.copy_payload(self.segment, word.block(), Want::Key, scratch).ok()?;
        entry.is_key(key, scratch).then_some(entry)
    }

    /// Returns the location of the entry that the index word at `position` points at; `None` if the entry is unsound or
    /// a probe would not find it there.
    pub(crate) fn locate(
        &self,
        position: u64,
        word: IndexWord,
        scratch: &mut Vec<u8>,
    ) -> Option<EntryLocation> {
        let (entry, hash) = self.entry_and_hash(word, scratch)?;
        let bucket = (position / 8) as u32;
        let at = self.position_at(position)?;
        let passed = ProbeSequence::new(hash, self.shape()).position(|visited| visited == bucket)?;
        Some(EntryLocation { entry, hash, slot: IndexSlot { position, at, word, passed: passed as u32 } })
    }

    /// Returns the hash of the key of the entry that an index word points at; `None` if the entry is unsound.
    pub(crate) fn key_hash_of(&self, word: IndexWord, scratch: &mut Vec<u8>) -> Option<KeyHash> {
        self.entry_and_hash(word, scratch).map(|(_, hash)| hash)
    }

    #[inline(always)]
    fn entry_and_hash(&self, word: IndexWord, scratch: &mut Vec<u8>) -> Option<(Snapshot, KeyHash)> {
        scratch.clear();
        let entry = Snapshot::read(self.segment, word.block()).ok()?;
        entry.copy_payload(self.segment, word.block(), Want::Key, scratch).ok()?;
        let key = scratch.get(..entry.header.key_len as usize)?;
        let hash = KeyHash::of(key, &self.segment.secret);
        let is_own = hash.shard(self.segment.geometry.shards) == self.id && hash.tag() == word.tag();
        is_own.then_some((entry, hash))
    }

    /// Returns the offsets of the overflow counts of the buckets that a probe passes before the key's slot.
    pub(crate) fn passed_buckets(&self, hash: KeyHash, passed: u32) -> impl Iterator<Item = u64> + '_ {
        let geometry = &self.segment.geometry;
        ProbeSequence::new(hash, self.shape())
            .take(passed as usize)
            .map(|bucket| geometry.bucket(self.id, bucket) + OVERFLOW)
    }

    /// Changes an overflow count by one. It saturates at 0: hostile memory must not turn probes of a full index into
    /// endless ones.
    pub(crate) fn adjust_overflow(&self, at: u64, delta: i32) {
        let count = self.segment.region.load32(at);
        self.segment.region.store32(at, count.saturating_add_signed(delta));
    }
}
