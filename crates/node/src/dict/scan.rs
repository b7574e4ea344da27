//! Iteration, one batch per call. Nothing is locked between two calls: entries may come and go.

use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::Local;
use crate::runtime::text;
use shmkit_dict::value::{Entry, Key};
use shmkit_dict::{Cursor, ViewBytes};

/// `scanStart(handle)`: returns the number of a new scan.
pub fn start<'s>(call: &Call<'s>) -> Outcome<'s> {
    let number = call.dict(|data| Ok(data.scans.insert(Cursor::default())))?;
    call.js.number(f64::from(number)).map(Some)
}

/// `scanEnd(handle, scan)`: ends the scan. Harmless if it has ended, or the handle is closed.
pub fn end<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.dict_if_open(|data| {
        data.scans.remove(call.small(1));
        Ok(())
    })?;
    Ok(None)
}

/// `scanEntries(handle, scan, batch)`: returns an array of key, value and kind in turn; the value of a list is its
/// length. The call frame says whether there are more.
pub fn next_entries<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (scan, batch) = (call.small(1), call.small(2) as usize);
    let mut found = EntryBatch { call, array: call.js.array()?, length: 0 };
    let mut failed = Ok(());
    let more = call.dict(|data| {
        let Some(cursor) = data.scans.get_mut(scan) else { return Ok(false) };
        Ok(data.dict.scan(cursor, batch, true, &mut |key, entry| {
            if failed.is_ok() {
                failed = found.add(key, entry);
            }
        })?)
    })?;
    failed?;
    call.state.frame.more(more);
    Ok(Some(found.array))
}

/// `scanKeys(handle, scan, batch, prefix, ends)`: returns the next keys joined into one string, which takes TypeScript
/// far less time to cut than a string per key. `ends` is a `Uint8Array` of 32-bit numbers, 8 more than the batch: the
/// number of keys, then where each ends. The call frame says whether there are more.
pub fn next_keys<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (scan, batch) = (call.small(1), call.small(2) as usize);
    let mut scratch = call.state.value.borrow_mut();
    let prefixed = call.js.to_units(call.argument(3), &mut scratch.units).is_some();
    let prefix: &[u16] = if prefixed { &scratch.units } else { &[] };
    let mut joined = JoinedKeys::default();
    let more = call.dict(|data| {
        let Some(cursor) = data.scans.get_mut(scan) else { return Ok(false) };
        Ok(data.dict.scan(cursor, batch, false, &mut |key, _| {
            if text::starts_with(key.bytes(), key.is_wide(), prefix) {
                joined.add(key);
            }
        })?)
    })?;
    call.state.frame.more(more);
    let mut ends = (joined.ends.len() as u32).to_ne_bytes().to_vec();
    ends.extend(joined.ends.iter().flat_map(|end| end.to_ne_bytes()));
    if call.js.copy_into(call.argument(4), 0, ViewBytes::Private(&ends)) != Some(true) {
        return Err(Failure::argument_type("ends", "a Uint8Array with room for the batch", call.argument(4)));
    }
    if joined.wide { call.js.utf16(&joined.units).map(Some) } else { call.js.latin1(&joined.bytes).map(Some) }
}

/// Joined keys: one byte per code unit, until a key needs two.
#[derive(Default)]
struct JoinedKeys {
    bytes: Vec<u8>,
    units: Vec<u16>,
    wide: bool,
    ends: Vec<u32>,
}

impl JoinedKeys {
    fn add(&mut self, key: Key<'_>) {
        if key.is_wide() && !self.wide {
            self.wide = true;
            self.units.extend(self.bytes.drain(..).map(u16::from));
        }
        match (self.wide, key.is_wide()) {
            (false, _) => self.bytes.extend_from_slice(key.bytes()),
            (true, false) => self.units.extend(key.bytes().iter().map(|&byte| u16::from(byte))),
            (true, true) => self.units.extend(text::code_units(key.bytes())),
        }
        let end = if self.wide { self.units.len() } else { self.bytes.len() };
        self.ends.push(end as u32);
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
