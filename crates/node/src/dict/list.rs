//! Lists.

#![expect(unsafe_code, reason = "reads an item in memory that JavaScript lends")]

use crate::dict::value::wrong_value;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
use crate::runtime::state::Scratch;
use crate::runtime::text;
use shmkit_dict::value::{ListEnd, Value, ValueKind};

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

/// `pushAll(handle, key, items, right)`: returns the new length. The items are strings, numbers and `Uint8Array`s.
pub fn push_all<'s>(call: &Call<'s>) -> Outcome<'s> {
    let array = call.argument(2);
    let count = call.js.length(array).unwrap_or(0);
    // All elements before the first bytes: reading an element could run JavaScript.
    let elements =
        (0..count).map(|index| call.js.element(array, index)).collect::<Result<Vec<_>, Failure<'s>>>()?;
    let mut scratch = call.state.value.borrow_mut();
    let (mut parts, mut bytes) = (Vec::with_capacity(elements.len()), Vec::new());
    for element in elements {
        parts.push(copy_item(call, element, &mut scratch, &mut bytes)?);
    }
    scratch.trim();
    let mut rest = bytes.as_slice();
    let items: Vec<Value<'_>> = parts
        .into_iter()
        .map(|(kind, scalar, length)| {
            let (own, after) = rest.split_at(length);
            rest = after;
            Value { kind, scalar, bytes: own }
        })
        .collect();
    let length = call.keyed(|data, key| Ok(data.dict.push_all(key, end(call, 3), &items)?))?;
    call.js.number(length as f64).map(Some)
}

/// Appends the bytes of an item to `out`. Returns its kind, the bits of a number, and the number of bytes.
fn copy_item<'s>(
    call: &Call<'s>,
    item: Local<'s>,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Result<(ValueKind, u64, usize), Failure<'s>> {
    let js = call.js;
    match js.type_of(item) {
        Type::Number => Ok((ValueKind::Number, js.to_number(item).unwrap_or(0.0).to_bits(), 0)),
        Type::String => {
            js.to_units(item, &mut scratch.units).ok_or_else(|| wrong_value(item))?;
            let wide = text::store(&scratch.units, &mut scratch.bytes);
            out.extend_from_slice(&scratch.bytes);
            let kind = if wide { ValueKind::Utf16 } else { ValueKind::Latin1 };
            Ok((kind, 0, scratch.bytes.len()))
        }
        _ => {
            // SAFETY: TypeScript passes no shared memory (`unshared`), and the bytes are copied here.
            let bytes = unsafe { js.to_bytes(item) }.ok_or_else(|| wrong_value(item))?;
            out.extend_from_slice(bytes);
            Ok((ValueKind::Bytes, 0, bytes.len()))
        }
    }
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
