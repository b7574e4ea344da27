//! Calls that write one key, or all of them.

#![expect(unsafe_code, reason = "reads values in memory that JavaScript lends")]

use crate::dict::read::seconds_left;
use crate::dict::scan;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::call_frame::PreviousStep;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
use shmkit_dict::Previous;
use shmkit_dict::value::{Condition, Increment, Number, Ttl};

/// `set(handle, key, value, kind, ttl, condition, version)`: returns whether the value was stored. The condition is 0
/// for none, 1 for absent, 2 for present, 3 for having this version (a bigint).
pub fn set<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut scratch = call.state.value.borrow_mut();
    // SAFETY: TypeScript passes no shared memory (`dataOf`), and neither reading a key, nor the engine, nor making
    // values runs JavaScript.
    let value = unsafe { call.value(2, &mut scratch) }?;
    let condition = match call.small(5) {
        0 => Condition::Always,
        1 => Condition::Absent,
        2 => Condition::Present,
        _ => Condition::Version(version(call, 6)?),
    };
    let stored = call.keyed(|data, key| Ok(data.dict.set(key, value, call.ttl(4), condition)?))?;
    scratch.trim();
    call.js.boolean(stored).map(Some)
}

/// `swap(handle, key, value, kind, ttl, decoded)`: stores the value and returns the previous one; see
/// [`return_previous`].
pub fn swap<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut scratch = call.state.value.borrow_mut();
    // SAFETY: TypeScript passes no shared memory (`dataOf`), and neither reading a key, nor the engine, nor making
    // values runs JavaScript.
    let value = unsafe { call.value(2, &mut scratch) }?;
    let decoded = decoded(call, 5)?;
    let previous = call.keyed(|data, key| {
        return_previous(call, data.dict.swap(key, value, call.ttl(4), decoded, &mut data.buffer)?)
    })?;
    scratch.trim();
    Ok(previous)
}

/// Returns the value before a write, if there was one. The call frame says whether the write must be made again, with
/// the version there, once TypeScript has decoded the value; or whether the value was the one of the given version, and
/// is not returned again.
fn return_previous<'s>(call: &Call<'s>, previous: Previous<'_>) -> Outcome<'s> {
    let frame = &call.state.frame;
    let (step, entry) = match previous {
        Previous::Missing => (PreviousStep::Complete, None),
        Previous::Entry(entry) => (PreviousStep::Complete, Some(entry)),
        Previous::Decoded => (PreviousStep::Decoded, None),
        Previous::Undecoded(entry) => {
            frame.entry(entry.version, 0.0);
            (PreviousStep::Decode, Some(entry))
        }
    };
    frame.previous(step);
    entry.map(|entry| call.to_js(entry.value)).transpose()
}

/// Returns the version of the entry whose value TypeScript has decoded.
fn decoded<'s>(call: &Call<'s>, index: usize) -> Result<Option<u64>, Failure<'s>> {
    if call.is_given(index) { version(call, index).map(Some) } else { Ok(None) }
}

/// `delete(handle, key, version)`: returns whether the key existed, with this version if one is given.
pub fn delete<'s>(call: &Call<'s>) -> Outcome<'s> {
    let wanted = match call.js.type_of(call.argument(2)) {
        Type::Undefined => None,
        _ => Some(version(call, 2)?),
    };
    call.keyed(|data, key| call.js.boolean(data.dict.delete(key, wanted)?).map(Some))
}

/// `take(handle, key, decoded)`: removes the key and returns its value; see [`return_previous`].
pub fn take<'s>(call: &Call<'s>) -> Outcome<'s> {
    let decoded = decoded(call, 2)?;
    call.keyed(|data, key| return_previous(call, data.dict.take(key, decoded, &mut data.buffer)?))
}

/// `getAndExpire(handle, key, ttl, decoded)`: sets the expiry and returns the value; see [`return_previous`].
pub fn get_and_expire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let (ttl, decoded) = (call.ttl(2), decoded(call, 3)?);
    call.keyed(|data, key| {
        return_previous(call, data.dict.get_and_expire(key, ttl, decoded, &mut data.buffer)?)
    })
}

/// `incr(handle, key, delta, init, ttl, initTtl)`: returns the new value; its version and seconds left are in the call
/// frame. `delta` and `init` are numbers, bigints or `undefined`.
pub fn incr<'s>(call: &Call<'s>) -> Outcome<'s> {
    let delta = number(call, "delta", call.argument(2))?;
    let increment = Increment {
        delta: delta.unwrap_or(Number::Double(1.0)),
        delta_is_default: delta.is_none(),
        init: if call.is_given(3) { number(call, "init", call.argument(3))? } else { None },
        ttl: if call.is_given(4) { call.ttl(4) } else { Ttl::Keep },
        init_ttl: call.ttl(5),
    };
    let changed = call.keyed(|data, key| {
        let changed = data.dict.increment_entry(key, increment)?;
        if let Some(entry) = &changed {
            call.state.frame.entry(entry.version, seconds_left(entry.deadline, &data.dict));
        }
        Ok(changed)
    })?;
    match changed.map(|entry| entry.sum) {
        Some(Number::Double(value)) => call.js.number(value).map(Some),
        Some(Number::Integer(value)) => call.js.bigint(value).map(Some),
        None => Ok(None),
    }
}

/// `clear(handle)`: empties the dictionary.
pub fn clear<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.dict(|data| Ok(data.dict.clear()?)).map(|()| None)
}

/// `deletePrefix(handle, prefix, max)`: returns how many entries were removed; a `max` of 0 means all.
pub fn delete_prefix<'s>(call: &Call<'s>) -> Outcome<'s> {
    let prefix = scan::prefix(call, 1)?;
    let removed = call.dict(|data| Ok(data.dict.delete_prefix(&prefix, call.number(2) as u64)?))?;
    call.js.number(removed as f64).map(Some)
}

/// `flushExpired(handle, max)`: returns how many entries were reclaimed; a `max` of 0 means all.
pub fn flush_expired<'s>(call: &Call<'s>) -> Outcome<'s> {
    let max = call.number(1) as u64;
    let reclaimed = call.dict(|data| Ok(data.dict.flush_expired(max)?))?;
    call.js.number(reclaimed as f64).map(Some)
}

fn number<'s>(call: &Call<'s>, name: &str, argument: Local<'s>) -> Result<Option<Number>, Failure<'s>> {
    match call.js.type_of(argument) {
        Type::Undefined => Ok(None),
        Type::Number => Ok(call.js.to_number(argument).map(Number::Double)),
        Type::BigInt => call.int64(name, argument).map(|value| Some(Number::Integer(value))),
        _ => Err(Failure::argument_type(name, "of type number or bigint", argument)),
    }
}

fn version<'s>(call: &Call<'s>, index: usize) -> Result<u64, Failure<'s>> {
    let argument = call.argument(index);
    match call.js.to_u64(argument) {
        Some(bigint) if bigint.exact => Ok(bigint.value),
        Some(_) => Err(Failure::out_of_range("ifVersion", ">= 0n and < 2n ** 64n", argument)),
        None => Err(Failure::argument_type("ifVersion", "of type bigint", argument)),
    }
}
