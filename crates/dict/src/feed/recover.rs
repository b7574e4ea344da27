//! What the next owner of a shard's lock does after a death or a panic: it tells the change of the last owner, if that was
//! committed but not told. The record past the head is that of the last operation if it has the number that was drawn
//! last; whether the operation was committed, its intent and the entry say. Idempotent.

use super::{CONTINUED, Change, RecordHead, WIDE, WITHOUT_KEY};
use crate::intent::{self, Intent};
use crate::layout::feed::{FeedPart, HEAD, REBUILDS, RECORD_HEADER, record_bytes};
use crate::layout::hash::KeyHash;
use crate::layout::shard::SEQUENCE;
use crate::layout::version::Version;
use crate::shard::Shard;
use crate::value::Key;
use shmkit_object::error::Result;

/// A record past the head.
struct Past {
    version: Version,
    head: RecordHead,
    at: u64,
    end: u64,
}

impl Shard<'_> {
    /// Tells what the last owner has committed but not told. The caller must hold the lock, and the intent must be as the last
    /// owner left it.
    #[cold]
    pub(crate) fn tell_for_last_owner(&self) {
        if !self.is_watched() {
            return;
        }
        // What the last owner wrote may be in the upper half of an index that it has doubled. If the level is damaged, the
        // recovery says so.
        let _: Result<bool> = self.segment.refresh_level(self.id, self.shape());
        let part = self.segment.geometry.feed_part(self.id);
        let start = self.segment.region.load(part.at + HEAD);
        let Some(mut last) = self.record_past(&part, start) else { return };
        if last.head.flags & CONTINUED != 0 {
            let Some(next) = self.record_past(&part, last.end) else { return };
            last = next;
        }
        if self.is_committed(&part, &last) {
            self.move_head(last.end.wrapping_sub(start));
        }
    }

    /// Returns the record at a position, if it is of the operation that was begun last.
    fn record_past(&self, part: &FeedPart, at: u64) -> Option<Past> {
        let word = |offset: u64| self.segment.region.load_relaxed(part.position(at.wrapping_add(offset)));
        let (version, head) = (Version(word(8)), RecordHead::decode(word(16)));
        let bytes = record_bytes(u64::from(head.key_len));
        let is_last = version.sequence() == self.load(SEQUENCE) & (u64::MAX >> 2);
        let is_sound = Change::of(head.kind).is_some() && bytes <= part.largest_record();
        (is_last && is_sound).then(|| Past { version, head, at, end: at.wrapping_add(bytes) })
    }

    fn is_committed(&self, part: &FeedPart, record: &Past) -> bool {
        let has_version = |block: u64, version: u64| {
            self.block_id(block).is_some() && self.segment.region.load(block) == version
        };
        match intent::read(self) {
            Intent::Publish(publish) => self.index_word(publish.position).0 == publish.new,
            Intent::List(change) => has_version(change.block, change.after),
            Intent::Pushes(pushes) => has_version(pushes.block, pushes.after),
            Intent::Idle => record.head.kind == Change::Set as u8 && self.is_current(part, record),
            // It changes no entry, and its record would be older.
            Intent::Doubling(_) => false,
            // What changed is unknown: the shard is rebuilt, and watchers are told that.
            Intent::Damaged => false,
        }
    }

    /// Returns whether the entry of a record has its version: it was changed in place.
    fn is_current(&self, part: &FeedPart, record: &Past) -> bool {
        let mut key = Vec::new();
        self.copy_ring(part, record.at.wrapping_add(RECORD_HEADER), u64::from(record.head.key_len), &mut key);
        if record.head.flags & WITHOUT_KEY != 0 {
            let Ok(block) = key.try_into().map(u64::from_le_bytes) else { return false };
            return self.block_id(block).is_some_and(|id| self.is_marked(id))
                && self.segment.region.load(block) == record.version.0;
        }
        let Ok(name) = Key::new(&key, record.head.flags & WIDE != 0) else { return false };
        let hash = KeyHash::of(name.bytes(), &self.segment.secret);
        let found = self.find(name, hash, &mut Vec::new()).entry;
        found.is_some_and(|(_, entry)| entry.version == record.version)
    }

    /// Appends bytes of the ring to `out`.
    pub(crate) fn copy_ring(&self, part: &FeedPart, at: u64, bytes: u64, out: &mut Vec<u8>) {
        let first = bytes.min(part.rest(at));
        self.segment.region.append_bytes(part.position(at), first as usize, out);
        let second = at.wrapping_add(first);
        self.segment.region.append_bytes(part.position(second), (bytes - first) as usize, out);
    }

    /// Notes that the shard is rebuilt: what changes is not told.
    pub(crate) fn note_rebuild(&self) {
        if self.segment.geometry.feed != 0 {
            let at = self.segment.geometry.feed_part(self.id).at + REBUILDS;
            self.segment.region.store(at, self.segment.region.load(at).wrapping_add(1));
        }
    }
}
