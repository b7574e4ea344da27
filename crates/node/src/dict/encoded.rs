//! Encoded values in the simplest form: their bytes pass through the call frame, and text as a string. A `Buffer` for
//! each value would take longer than the rest of the call.

use crate::dict::value::{kind_with_verdict, ttl_of, wrong_value};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::call_frame::ReturnTag;
use crate::runtime::text;
use shmkit_dict::ValueView;
use shmkit_dict::value::{Condition, Value, ValueKind};

/// Returns JSON as text. Returns another short value in the call frame, a long one as a `Buffer`.
#[inline(never)]
pub(crate) fn return_value<'s>(call: &Call<'s>, view: ValueView<'_>) -> Outcome<'s> {
    let frame = &call.state.frame;
    if view.kind == ValueKind::Json {
        return return_json(call, view);
    }
    match frame.return_encoded(view.bytes) {
        Some(copy) => {
            frame.kind(kind_with_verdict(view.kind, copy));
            Ok(None)
        }
        None => {
            frame.set_tag(ReturnTag::Itself);
            call.view_to_js(view).map(Some)
        }
    }
}

/// The bytes may be changing, so they are copied before they are inspected.
fn return_json<'s>(call: &Call<'s>, view: ValueView<'_>) -> Outcome<'s> {
    let frame = &call.state.frame;
    let mut scratch = call.state.result.borrow_mut();
    let copy = &mut scratch.bytes;
    copy.clear();
    view.bytes.append_to(copy);
    // JavaScript makes strings of one byte per unit several times as fast.
    let made = if copy.is_ascii() { call.js.latin1(copy) } else { call.js.utf8(copy) };
    scratch.trim();
    frame.kind(view.kind as u32);
    frame.set_tag(ReturnTag::Text);
    made.map(Some)
}

/// `setEncoded(key, text)`: stores JSON. The expiry is in the call frame.
pub(crate) fn set<'s>(call: &Call<'s>) -> Outcome<'s> {
    let ttl = ttl_of(call.state.frame.expiry());
    let mut scratch = call.state.value.borrow_mut();
    let argument = call.argument(1);
    call.js.to_units(argument, &mut scratch.units).ok_or_else(|| wrong_value(argument))?;
    let is_wide = {
        let scratch = &mut *scratch;
        text::store(&scratch.units, &mut scratch.bytes)
    };
    if is_wide || !scratch.bytes.is_ascii() {
        scratch.bytes = text::utf8(&scratch.bytes, is_wide).into_bytes();
    }
    let value = Value::bytes(ValueKind::Json, &scratch.bytes);
    let outcome = call.fast_call(|data, key| {
        data.dict.set(key, value, ttl, Condition::Always)?;
        Ok(None)
    });
    scratch.trim();
    outcome
}
