//! Iteration, one batch per call. Nothing is locked between two calls: entries may come and go.

use crate::dict::handle::DictData;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
use crate::runtime::text;
use shmkit_dict::value::{Entry, Key};
use shmkit_dict::{Cursor, KeyPrefix, ScanStep, ViewBytes};
use shmkit_object::error::Result as EngineResult;

/// A batch ends after this many bytes, because all of them are in memory at once.
const BYTES_PER_BATCH: usize = 64 << 10;
/// Code units of several keys that are returned in one string. A part of a string keeps the whole string in memory, so
/// this is what a single key that a program keeps can cost.
const PIECE: usize = 512;

/// An iteration in progress.
#[derive(Debug)]
pub struct Scan {
    cursor: Cursor,
    prefix: Option<KeyPrefix>,
}

/// The limits of one batch, as JavaScript passes them.
struct Limits {
    scan: u32,
    entries: usize,
    buckets: u32,
}

impl Limits {
    /// Reads the arguments after the handle: scan, batch, buckets (0: all).
    fn of(call: &Call<'_>) -> Limits {
        let buckets = match call.small(3) {
            0 => u32::MAX,
            buckets => buckets,
        };
        Limits { scan: call.small(1), entries: call.small(2) as usize, buckets }
    }

    /// Goes on with the scan of entries. Returns whether there are more.
    fn entries(&self, data: &mut DictData, visit: &mut dyn FnMut(Key<'_>, Entry<'_>)) -> EngineResult<bool> {
        let Some(Scan { cursor, prefix }) = data.scans.get_mut(self.scan) else { return Ok(false) };
        data.dict.scan_step(cursor, &self.step(prefix.as_ref(), true), visit)
    }

    /// Goes on with the scan of keys. Returns whether there are more.
    fn keys(&self, data: &mut DictData, visit: &mut dyn FnMut(Key<'_>)) -> EngineResult<bool> {
        let Some(Scan { cursor, prefix }) = data.scans.get_mut(self.scan) else { return Ok(false) };
        data.dict.scan_keys(cursor, &self.step(prefix.as_ref(), false), visit)
    }

    fn step<'p>(&self, prefix: Option<&'p KeyPrefix>, values: bool) -> ScanStep<'p> {
        ScanStep { prefix, values, entries: self.entries, bytes: BYTES_PER_BATCH, buckets: self.buckets }
    }
}

/// `scanStart(handle, prefix)`: returns the number of a new scan, of all keys or of those that start with `prefix`.
pub fn start<'s>(call: &Call<'s>) -> Outcome<'s> {
    let prefix = match call.js.type_of(call.argument(1)) {
        Type::Undefined => None,
        _ => Some(prefix(call, 1)?),
    };
    let number = call.dict(|data| Ok(data.scans.insert(Scan { cursor: Cursor::default(), prefix })))?;
    call.js.number(f64::from(number)).map(Some)
}

/// Returns the prefix in argument `index`.
pub fn prefix<'s>(call: &Call<'s>, index: usize) -> Result<KeyPrefix, Failure<'s>> {
    let argument = call.argument(index);
    let mut scratch = call.state.value.borrow_mut();
    call.js
        .to_units(argument, &mut scratch.units)
        .ok_or_else(|| Failure::argument_type("prefix", "of type string", argument))?;
    let prefix = KeyPrefix::new(&scratch.units);
    scratch.trim();
    Ok(prefix)
}

/// `scanEnd(handle, scan)`: ends the scan. Harmless if it has ended, or the handle is closed.
pub fn end<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.dict_if_open(|data| {
        data.scans.remove(call.small(1));
        Ok(())
    })?;
    Ok(None)
}

/// `scanEntries(handle, scan, batch, buckets)`: returns an array of key, value and kind in turn; the value of a list is
/// its length. Ends after `batch` entries, or after `buckets` buckets of the index (0: all of them). The call frame says
/// whether there are more.
pub fn next_entries<'s>(call: &Call<'s>) -> Outcome<'s> {
    let limits = Limits::of(call);
    let mut found = EntryBatch { call, array: call.js.array()?, length: 0 };
    let mut failed = Ok(());
    let more = call.dict(|data| {
        Ok(limits.entries(data, &mut |key, entry| {
            if failed.is_ok() {
                failed = found.add(key, entry);
            }
        })?)
    })?;
    failed?;
    call.state.frame.more(more);
    Ok(Some(found.array))
}

/// `scanKeys(handle, scan, batch, buckets, ends)`: returns the next keys, joined into strings of about [`PIECE`] code
/// units, which takes TypeScript far less time to cut than a string per key. Ends like `scanEntries`. `ends` is a
/// `Uint8Array` of 32-bit numbers, one more than the batch: the number of keys, then where each ends in its string. The
/// call frame says whether there are more.
pub fn next_keys<'s>(call: &Call<'s>) -> Outcome<'s> {
    let limits = Limits::of(call);
    let mut joined = JoinedKeys::default();
    let more = call.dict(|data| Ok(limits.keys(data, &mut |key| joined.add(key))?))?;
    call.state.frame.more(more);
    let mut ends = (joined.ends.len() as u32).to_ne_bytes().to_vec();
    ends.extend(joined.ends.iter().flat_map(|end| end.to_ne_bytes()));
    if call.js.copy_into(call.argument(4), 0, ViewBytes::Private(&ends)) != Some(true) {
        return Err(Failure::argument_type("ends", "a Uint8Array with room for the batch", call.argument(4)));
    }
    joined.pieces(call).map(Some)
}

/// Keys joined into pieces.
#[derive(Default)]
pub(super) struct JoinedKeys {
    /// The stored bytes of all keys.
    bytes: Vec<u8>,
    /// For each piece: where it ends in `bytes`, and whether it takes two bytes per code unit.
    pieces: Vec<(usize, bool)>,
    /// Where the last piece begins.
    piece: usize,
    /// For each key: where it ends in its piece, in code units.
    ends: Vec<u32>,
}

impl JoinedKeys {
    pub(super) fn add(&mut self, key: Key<'_>) {
        let is_wide = key.is_wide();
        let unit = if is_wide { 2 } else { 1 };
        let end = self.bytes.len() + key.bytes().len();
        match self.pieces.last_mut() {
            Some(last) if last.1 == is_wide && end - self.piece <= PIECE * unit => last.0 = end,
            _ => {
                self.piece = self.bytes.len();
                self.pieces.push((end, is_wide));
            }
        }
        self.bytes.extend_from_slice(key.bytes());
        self.ends.push(((end - self.piece) / unit) as u32);
    }

    /// Returns the number of pieces, and where the last key ends in the last one.
    pub(super) fn end(&self) -> (usize, u32) {
        (self.pieces.len(), self.ends.last().copied().unwrap_or(0))
    }

    /// Returns an array of the pieces.
    pub(super) fn pieces<'s>(&self, call: &Call<'s>) -> Result<Local<'s>, Failure<'s>> {
        let mut scratch = call.state.result.borrow_mut();
        let mut start = 0;
        call.js.collect(&self.pieces, |&(end, is_wide)| {
            let piece = &self.bytes[start..end];
            start = end;
            if !is_wide {
                return call.js.latin1(piece);
            }
            text::load(piece, &mut scratch.units);
            call.js.utf16(&scratch.units)
        })
    }
}

/// The entries of one batch.
struct EntryBatch<'c, 's> {
    call: &'c Call<'s>,
    array: Local<'s>,
    length: u32,
}

impl<'s> EntryBatch<'_, 's> {
    fn add(&mut self, key: Key<'_>, entry: Entry<'_>) -> Result<(), Failure<'s>> {
        self.push(self.key(key)?)?;
        self.push(self.call.to_js(entry.value)?)?;
        self.push(self.call.js.number(f64::from(self.call.kind_of(entry.value.kind)))?)
    }

    fn push(&mut self, value: Local<'s>) -> Result<(), Failure<'s>> {
        self.call.js.put(self.array, self.length, value)?;
        self.length += 1;
        Ok(())
    }

    fn key(&self, key: Key<'_>) -> Result<Local<'s>, Failure<'s>> {
        if !key.is_wide() {
            return self.call.js.latin1(key.bytes());
        }
        let mut scratch = self.call.state.result.borrow_mut();
        text::load(key.bytes(), &mut scratch.units);
        self.call.js.utf16(&scratch.units)
    }
}
