//! JSON, records and other encoded values in the simplest form: their bytes pass through the call frame, and text as a
//! string. A `Buffer` for each value would take longer than the rest of the call.

use crate::dict::value::{kind_with_verdict, ttl_of, wrong_value};
use crate::runtime::call::{Call, Outcome};
use crate::runtime::call_frame::{CallFrame, ReturnTag};
use crate::runtime::state::Scratch;
use crate::runtime::text;
use shmkit_dict::ValueView;
use shmkit_dict::value::{Condition, Value, ValueKind};

/// The header of a record (src/records/tags.ts): the bytes before its text, and flags.
const RECORD_LENGTH: u32 = (1 << 30) - 1;
const RECORD_HAS_OWN: u32 = 1 << 30;
const RECORD_IS_WIDE: u32 = 1 << 31;
/// The most bytes of text that one string returns: a program that keeps a part of such a string keeps all of it.
const PIECE: usize = 2048;

/// Returns JSON as text. Returns another short value in the call frame, a long one as a `Buffer`.
#[inline(never)]
pub(crate) fn return_value<'s>(call: &Call<'s>, view: ValueView<'_>) -> Outcome<'s> {
    let frame = &call.state.frame;
    if view.kind == ValueKind::Json {
        return return_json(call, view);
    }
    match frame.return_encoded(view.bytes) {
        Some(copy) if view.kind == ValueKind::Record => return_record(call, copy),
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
    frame.set_length(view.bytes.len());
    frame.set_tag(ReturnTag::Text);
    made.map(Some)
}

/// Returns the text of a short record, whose bytes are in the call frame. Another record has its text there as well.
fn return_record<'s>(call: &Call<'s>, copy: &[u8]) -> Outcome<'s> {
    let frame = &call.state.frame;
    frame.kind(ValueKind::Record as u32);
    let Some((header, rest)) = copy.split_first_chunk::<4>() else { return Ok(None) };
    let header = u32::from_le_bytes(*header);
    let text = rest.get((header & RECORD_LENGTH) as usize..).unwrap_or(&[]);
    if text.is_empty() || text.len() > PIECE || header & RECORD_HAS_OWN != 0 {
        return Ok(None);
    }
    frame.set_tag(ReturnTag::Text);
    if header & RECORD_IS_WIDE == 0 {
        return call.js.latin1(text).map(Some);
    }
    let mut scratch = call.state.result.borrow_mut();
    text::load(text, &mut scratch.units);
    call.js.utf16(&scratch.units).map(Some)
}

/// `setEncoded(key, text)`: stores JSON, or a record with this text. Kind and expiry are in the call frame, and of a record
/// its header and the bytes before the text.
pub(crate) fn set<'s>(call: &Call<'s>) -> Outcome<'s> {
    let frame = &call.state.frame;
    let ttl = ttl_of(frame.expiry());
    let mut scratch = call.state.value.borrow_mut();
    let argument = call.argument(1);
    call.js.to_units(argument, &mut scratch.units).ok_or_else(|| wrong_value(argument))?;
    let kind = {
        let Scratch { units, bytes } = &mut *scratch;
        if frame.last_kind() == ValueKind::Record as u32 {
            compose_record(frame, units, bytes).ok_or_else(|| wrong_value(argument))?;
            ValueKind::Record
        } else {
            compose_json(units, bytes);
            ValueKind::Json
        }
    };
    let value = Value::bytes(kind, &scratch.bytes);
    let outcome = call.fast_call(|data, key| {
        data.dict.set(key, value, ttl, Condition::Always)?;
        Ok(None)
    });
    scratch.trim();
    outcome
}

fn compose_json(units: &[u16], bytes: &mut Vec<u8>) {
    let is_wide = text::store(units, bytes);
    if is_wide || !bytes.is_ascii() {
        *bytes = text::utf8(bytes, is_wide).into_bytes();
    }
}

fn compose_record(frame: &CallFrame, units: &[u16], bytes: &mut Vec<u8>) -> Option<()> {
    let header = frame.number() as u32;
    let tokens = frame.outgoing((header & RECORD_LENGTH) as usize)?;
    bytes.clear();
    bytes.extend(header.to_le_bytes());
    bytes.extend(tokens);
    if text::append(units, bytes) {
        bytes[..4].copy_from_slice(&(header | RECORD_IS_WIDE).to_le_bytes());
    }
    Some(())
}
