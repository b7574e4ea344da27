//! Lists.

#![expect(unsafe_code, reason = "reads an item in memory that JavaScript lends")]

use crate::runtime::call::{Call, Outcome};
use shmkit_dict::value::ListEnd;

/// Returns the end that an argument names: true for the right one.
fn end(call: &Call<'_>, index: usize) -> ListEnd {
    if call.flag(index) { ListEnd::Right } else { ListEnd::Left }
}

/// `push(handle, key, item, kind, right)`: returns the new length.
pub fn push<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut scratch = call.state.value.borrow_mut();
    // SAFETY: TypeScript passes no shared memory (`unshared`), and neither reading a key, nor the engine, nor making
    // values runs JavaScript.
    let item = unsafe { call.value(2, &mut scratch) }?;
    let length = call.keyed(|data, key| Ok(data.dict.push(key, end(call, 4), item)?))?;
    scratch.trim();
    call.js.number(length as f64).map(Some)
}

/// `pop(handle, key, right)`: removes and returns the item.
pub fn pop<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.keyed(|data, key| match data.dict.pop(key, end(call, 2), &mut data.buffer)? {
        Some(item) => call.to_js(item).map(Some),
        None => Ok(None),
    })
}

/// `listLength(handle, key)`: returns the number of items, 0 if the key is missing.
pub fn length<'s>(call: &Call<'s>) -> Outcome<'s> {
    let length = call.keyed(|data, key| Ok(data.dict.list_len(key)?))?;
    call.js.number(length as f64).map(Some)
}

/// `listRange(handle, key, start, stop)`: returns an array of the items.
pub fn range<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (start, stop) = (call.number(2) as i64, call.number(3) as i64);
    let items = call.js.array()?;
    let mut index = 0;
    let mut failed = Ok(());
    call.keyed(|data, key| {
        Ok(data.dict.list_range(key, start, stop, &mut |item| {
            if failed.is_ok() {
                failed = call.to_js(item).and_then(|item| call.js.put(items, index, item));
                index += 1;
            }
        })?)
    })?;
    failed.map(|()| Some(items))
}
