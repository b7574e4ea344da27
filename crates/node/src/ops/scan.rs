//! Iterating, a batch a call. Between two calls nothing is held: any number of entries may come and go.

use crate::call::{Call, Outcome};
use crate::failure::Failure;
use crate::js::Local;
use crate::text;
use shmkit_core::dict::Cursor;
use shmkit_core::value::{Entry, Key};

/// `scanStart(handle)`: the number of a new scan.
pub fn start<'s>(call: &Call<'s>) -> Outcome<'s> {
    let number = call.open(|open| Ok(open.scans.insert(Cursor::default())))?;
    call.js.number(f64::from(number)).map(Some)
}

/// `scanEnd(handle, scan)`. Harmless if it has ended, or the handle is closed.
pub fn end<'s>(call: &Call<'s>) -> Outcome<'s> {
    if let Some(open) = call.state.handles.borrow_mut().get_mut(call.small(0)) {
        open.scans.remove(call.small(1));
    }
    Ok(None)
}

/// `scanNext(handle, scan, batch, values, prefix)`: an array of keys; with `values`, of key, value
/// and kind in turn, a list's value being its length. The register tells whether there is more.
pub fn next<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (scan, batch, values) = (call.small(1), call.small(2) as usize, call.flag(3));
    let mut room = call.state.value.borrow_mut();
    let prefixed = call.js.to_units(call.argument(4), &mut room.units).is_some();
    let prefix: &[u16] = if prefixed { &room.units } else { &[] };
    let mut found = Found { call, array: call.js.array()?, length: 0 };
    let mut failed = Ok(());
    let more = call.open(|open| {
        let Some(cursor) = open.scans.get_mut(scan) else { return Ok(false) };
        Ok(open.dict.scan(cursor, batch, values, &mut |key, entry| {
            if failed.is_ok() && text::starts_with(key.bytes(), key.is_wide(), prefix) {
                failed = found.add(key, values.then_some(entry));
            }
        })?)
    })?;
    failed?;
    call.state.register.more(more);
    Ok(Some(found.array))
}

/// What one batch has found.
struct Found<'c, 's> {
    call: &'c Call<'s>,
    array: Local<'s>,
    length: u32,
}

impl<'s> Found<'_, 's> {
    fn add(&mut self, key: Key<'_>, entry: Option<Entry<'_>>) -> Result<(), Failure<'s>> {
        let js = self.call.js;
        self.push(self.key(key)?)?;
        if let Some(entry) = entry {
            self.push(self.call.give(entry.value)?)?;
            self.push(js.number(f64::from(entry.value.kind as u8))?)?;
        }
        Ok(())
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
        let mut room = self.call.state.result.borrow_mut();
        text::load(key.bytes(), &mut room.units);
        self.call.js.utf16(&room.units)
    }
}
