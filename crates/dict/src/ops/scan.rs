//! Scanning, bucket by bucket, without a lock. Index positions are stable (a replaced entry keeps its slot, and a doubling
//! of the index moves words in a way that the cursor follows), so a key that is present throughout is visited exactly once.

use super::Dict;
use super::cursor::Cursor;
use super::lookahead::{Lookahead, take_slot};
use super::prefix::KeyPrefix;
use crate::entry::read::{Snapshot, Want};
use crate::layout::header::Header;
use crate::layout::word::IndexWord;
use crate::ops::read::retries::Retries;
use crate::ops::read::slow::{CopyResult, was_live};
use crate::value::{Entry, Key};
use shmkit_object::error::Result;

/// What one call of a scan visits, and after how much it ends.
#[derive(Debug, Clone, Copy)]
pub struct ScanStep<'p> {
    /// Only keys that start with it are visited.
    pub prefix: Option<&'p KeyPrefix>,
    /// Whether values are read as well.
    pub values: bool,
    /// The call ends after this many entries.
    pub entries: usize,
    /// The call ends after it has read this many bytes.
    pub bytes: usize,
    /// The call ends after this many buckets of the index, also if it has visited nothing.
    pub buckets: u32,
}

impl Dict {
    /// Calls `visit` with live entries until at least `batch` have been visited. Returns whether there are more. If
    /// `values` is false, the entries' bytes are empty. Key and bytes are valid only during the call.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::Retired`], [`shmkit_object::error::Error::Forked`], [`shmkit_object::error::Error::Corrupt`].
    pub fn scan(
        &self,
        cursor: &mut Cursor,
        batch: usize,
        values: bool,
        visit: &mut dyn FnMut(Key<'_>, Entry<'_>),
    ) -> Result<bool> {
        let step = ScanStep { prefix: None, values, entries: batch, bytes: usize::MAX, buckets: u32::MAX };
        self.scan_step(cursor, &step, visit)
    }

    /// Like `scan`, with more limits.
    ///
    /// # Errors
    /// Those of `scan`.
    pub fn scan_step(
        &self,
        cursor: &mut Cursor,
        step: &ScanStep<'_>,
        visit: &mut dyn FnMut(Key<'_>, Entry<'_>),
    ) -> Result<bool> {
        let want = if step.values { Want::Value } else { Want::Key };
        let read = |shard, at, prefix: Option<&KeyPrefix>, buffer: &mut Vec<u8>| {
            self.read_matching(shard, at, prefix, want, buffer)
        };
        self.scan_reading(cursor, step, read, |entry, buffer| {
            visit(
                Key::new(&buffer[..entry.header.key_len as usize], entry.header.wide)?,
                entry.entry(buffer),
            );
            Ok(())
        })
    }

    /// Like `scan_step`, but visits keys only, which takes less time for each of them.
    ///
    /// # Errors
    /// Those of `scan`.
    pub fn scan_keys(
        &self,
        cursor: &mut Cursor,
        step: &ScanStep<'_>,
        visit: &mut dyn FnMut(Key<'_>),
    ) -> Result<bool> {
        let read = |shard, at, prefix: Option<&KeyPrefix>, buffer: &mut Vec<u8>| {
            // With a prefix, most entries have other keys, which `read_matching` passes over in place.
            if prefix.is_none()
                && let Some(header) = self.copy_plain_key(at, buffer)
            {
                return Ok(Some(header));
            }
            Ok(self.read_matching(shard, at, prefix, Want::Key, buffer)?.map(|entry| entry.header))
        };
        self.scan_reading(cursor, step, read, |header, buffer| {
            visit(Key::new(&buffer[..header.key_len as usize], header.wide)?);
            Ok(())
        })
    }

    /// Calls `read` for each occupied position, with the number of the shard and the offset of the index word, and `visit`
    /// with what it returns, unless the index was doubled meanwhile.
    #[inline(always)]
    fn scan_reading<T>(
        &self,
        cursor: &mut Cursor,
        step: &ScanStep<'_>,
        mut read: impl FnMut(u32, u64, Option<&KeyPrefix>, &mut Vec<u8>) -> Result<Option<T>>,
        mut visit: impl FnMut(T, &[u8]) -> Result<()>,
    ) -> Result<bool> {
        self.check_fork()?;
        // Also of a dictionary without entries, of which nothing is read.
        self.segment.live_epoch()?;
        let geometry = &self.segment.geometry;
        let prefix = step.prefix.filter(|prefix| !prefix.is_empty());
        let (mut buffer, mut bytes, mut entries, mut buckets) = (Vec::new(), 0, 0, 0);
        while cursor.shard < geometry.shards {
            let mut ahead = Lookahead::new(self, cursor.shard, cursor.bucket);
            'buckets: while u64::from(cursor.bucket) < cursor.shape(self).buckets() {
                let bucket = geometry.bucket(cursor.shard, cursor.bucket);
                let mut left = ahead.slots(cursor.bucket) & (0xFF << cursor.slot);
                if cursor.meets_doubling(self)? {
                    ahead = Lookahead::new(self, cursor.shard, cursor.bucket);
                    continue;
                }
                while let Some(slot) = take_slot(&mut left) {
                    if cursor.has_visited(slot) || cursor.is_superseded(self, slot) {
                        continue;
                    }
                    cursor.slot = slot as u32;
                    let found = read(cursor.shard, bucket + slot * 8, prefix, &mut buffer)?;
                    if cursor.meets_doubling(self)? {
                        ahead = Lookahead::new(self, cursor.shard, cursor.bucket);
                        continue 'buckets;
                    }
                    cursor.slot += 1;
                    let Some(found) = found else { continue };
                    visit(found, &buffer)?;
                    (entries, bytes) = (entries + 1, bytes + buffer.len());
                    if entries >= step.entries || bytes >= step.bytes {
                        return Ok(true);
                    }
                }
                (cursor.bucket, cursor.slot) = (cursor.bucket + 1, 0);
                buckets += 1;
                if buckets >= step.buckets {
                    return Ok(true);
                }
            }
            *cursor = Cursor::of_shard(cursor.shard + 1);
        }
        Ok(false)
    }

    /// Copies the key of a live plain entry that does not expire. Returns `None` if it takes the slower way to tell whether
    /// there is one.
    #[inline]
    fn copy_plain_key(&self, at: u64, buffer: &mut Vec<u8>) -> Option<Header> {
        let epoch = self.segment.live_epoch().ok()?;
        let word = IndexWord(self.segment.region.load(at));
        if word.is_empty() {
            return None;
        }
        self.look_at_key(at, word, |key| {
            if key.layout.deadline != 0 || key.header.epoch != epoch.tag() {
                return None;
            }
            buffer.clear();
            self.segment.region.copy_out(key.at, key.header.key_len as usize, buffer);
            Some(key.header)
        })
    }

    /// Reads the live entry that the index word at `at` points at, if its key starts with `prefix`.
    #[inline]
    pub(super) fn read_matching(
        &self,
        shard: u32,
        at: u64,
        prefix: Option<&KeyPrefix>,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        let Some(prefix) = prefix else { return self.read_position(shard, at, want, buffer) };
        let word = IndexWord(self.segment.region.load(at));
        if word.is_empty() || self.is_other(at, word, prefix) {
            return Ok(None);
        }
        let Some(entry) = self.read_position(shard, at, want, buffer)? else { return Ok(None) };
        let key = Key::new(&buffer[..entry.header.key_len as usize], entry.header.wide)?;
        Ok(prefix.is_start_of(key).then_some(entry))
    }

    /// Reads the live entry that the index word at `at` points at.
    pub(crate) fn read_position(
        &self,
        shard: u32,
        at: u64,
        want: Want,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<Snapshot>> {
        let mut retries = Retries::of_value();
        loop {
            let epoch = self.segment.live_epoch()?;
            let word = IndexWord(self.segment.region.load(at));
            if word.is_empty() {
                return Ok(None);
            }
            match self.try_copy(at, word, want, buffer, &mut retries)? {
                CopyResult::Valid(entry) => return Ok(was_live(&entry, epoch).then_some(entry)),
                CopyResult::Changed => {
                    if retries.changed(self)? {
                        return self.read_position_locked(shard, at, want, buffer);
                    }
                }
            }
        }
    }
}
