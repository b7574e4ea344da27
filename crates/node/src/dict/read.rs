//! Reading one key.

use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::Local;
use crate::runtime::text;
use shmkit_dict::value::ValueKind;
use shmkit_dict::{Dict, Freshness, TimeLeft, ValueView, ViewBytes};
use shmkit_object::error::Error;

const NANOSECONDS: f64 = 1e9;

/// Returns whether JavaScript cannot change such a value.
pub fn is_immutable(kind: ValueKind) -> bool {
    kind.is_scalar() || matches!(kind, ValueKind::Latin1 | ValueKind::Utf16)
}

/// `countHits(handle, hits)`: counts reads that JavaScript answered from its cache.
pub fn count_hits<'s>(call: &Call<'s>) -> Outcome<'s> {
    let hits = call.small(1);
    call.dict(|data| {
        data.dict.count_hits(u64::from(hits));
        Ok(None)
    })
}

/// Returns the seconds left, 0 for no expiry.
pub fn seconds_of(left: TimeLeft) -> f64 {
    match left {
        TimeLeft::Forever => 0.0,
        TimeLeft::Nanos(left) => left as f64 / NANOSECONDS,
    }
}

/// `getEntry(handle, key)`: returns the value; its version and seconds left are in the call frame.
pub fn get_entry<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.keyed(|data, key| match data.dict.get(key, &mut data.buffer)? {
        Some(entry) => {
            call.state.frame.entry(entry.version, seconds_left(entry.deadline, &data.dict));
            call.to_js(entry.value).map(Some)
        }
        None => Ok(None),
    })
}

/// `getStale(handle, key)`: like `getEntry`, but also for an expired value, whose seconds left are negative.
pub fn get_stale<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.keyed(|data, key| match data.dict.get_fresh(key, Freshness::Stale, &mut data.buffer)? {
        Some(entry) => {
            let seconds = match entry.deadline {
                0 => 0.0,
                deadline => seconds_until(deadline, data.dict.now()),
            };
            call.state.frame.entry(entry.version, seconds);
            call.to_js(entry.value).map(Some)
        }
        None => Ok(None),
    })
}

/// `typeOf(handle, key)`: returns the kind of the value, 0 if the key is missing.
pub fn type_of<'s>(call: &Call<'s>) -> Outcome<'s> {
    let kind = call.keyed(|data, key| Ok(data.dict.kind_of(key, &mut data.buffer)?))?;
    call.js.number(kind.map_or(0.0, |kind| f64::from(kind as u8))).map(Some)
}

/// `sizeOf(handle, key)`: returns the bytes that the entry takes.
pub fn size_of<'s>(call: &Call<'s>) -> Outcome<'s> {
    let bytes = call.keyed(|data, key| Ok(data.dict.size_of(key, &mut data.buffer)?))?;
    bytes.map(|bytes| call.js.number(bytes as f64)).transpose()
}

/// `getInto(handle, key, target, offset)`: copies bytes into a `Uint8Array`. Returns their number, -1 if the key is
/// missing.
pub fn get_into<'s>(call: &Call<'s>) -> Outcome<'s> {
    let target = call.argument(2);
    let offset = call.number(3) as usize;
    call.keyed(|data, key| {
        let mut text = Vec::new();
        let fill = |view: ValueView<'_>| match view.kind {
            ValueKind::Bytes => copy(call, target, offset, view.bytes),
            kind @ (ValueKind::Latin1 | ValueKind::Utf16) => {
                text.clear();
                view.bytes.append_to(&mut text);
                if kind == ValueKind::Utf16 || !text.is_ascii() {
                    text = text::utf8(&text, kind == ValueKind::Utf16).into_bytes();
                }
                copy(call, target, offset, ViewBytes::Private(&text))
            }
            _ => Err(Error::WrongType("getInto reads strings and binary values").into()),
        };
        let copied = match data.dict.read_with(key, &mut data.buffer, fill)? {
            Some((result, _)) => result.output? as f64,
            None => -1.0,
        };
        call.js.number(copied).map(Some)
    })
}

fn copy<'s>(
    call: &Call<'s>,
    target: Local<'s>,
    offset: usize,
    bytes: ViewBytes<'_>,
) -> Result<usize, Failure<'s>> {
    match call.js.copy_into(target, offset, bytes) {
        Some(true) => Ok(bytes.len()),
        Some(false) => {
            let reason = format!("an array with room for {} bytes behind the offset", bytes.len());
            Err(Failure::out_of_range("buffer", &reason, target))
        }
        None => Err(Failure::argument_type("buffer", "a Uint8Array whose buffer is not detached", target)),
    }
}

/// Returns the seconds left of a live entry, 0 for no expiry. It has time left even if its last nanosecond has passed since
/// it was read.
pub fn seconds_left(deadline: u64, dict: &Dict) -> f64 {
    match deadline {
        0 => 0.0,
        deadline => deadline.saturating_sub(dict.now()).max(1) as f64 / NANOSECONDS,
    }
}

/// Never returns 0. Negative at and after the deadline.
fn seconds_until(deadline: u64, now: u64) -> f64 {
    if deadline > now {
        (deadline - now) as f64 / NANOSECONDS
    } else {
        -((now - deadline + 1) as f64 / NANOSECONDS)
    }
}
