//! Calls that write one key, or all of them.

#![expect(unsafe_code, reason = "reads values in memory that JavaScript lends")]

use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
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

/// `swap(handle, key, value, kind, ttl)`: stores the value and returns the previous one.
pub fn swap<'s>(call: &Call<'s>) -> Outcome<'s> {
    let mut scratch = call.state.value.borrow_mut();
    // SAFETY: TypeScript passes no shared memory (`dataOf`), and neither reading a key, nor the engine, nor making
    // values runs JavaScript.
    let value = unsafe { call.value(2, &mut scratch) }?;
    let previous =
        call.keyed(|data, key| match data.dict.swap(key, value, call.ttl(4), &mut data.buffer)? {
            Some(entry) => call.to_js(entry.value).map(Some),
            None => Ok(None),
        })?;
    scratch.trim();
    Ok(previous)
}

/// `delete(handle, key, version)`: returns whether the key existed, with this version if one is given.
pub fn delete<'s>(call: &Call<'s>) -> Outcome<'s> {
    let wanted = match call.js.type_of(call.argument(2)) {
        Type::Undefined => None,
        _ => Some(version(call, 2)?),
    };
    call.keyed(|data, key| call.js.boolean(data.dict.delete(key, wanted)?).map(Some))
}

/// `take(handle, key)`: removes the key and returns its value.
pub fn take<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.keyed(|data, key| match data.dict.take(key, &mut data.buffer)? {
        Some(entry) => call.to_js(entry.value).map(Some),
        None => Ok(None),
    })
}

/// `incr(handle, key, delta, init, ttl, initTtl)`: returns the new value. `delta` and `init` are numbers, bigints or
/// `undefined`.
pub fn incr<'s>(call: &Call<'s>) -> Outcome<'s> {
    let delta = number(call, "delta", call.argument(2))?;
    let increment = Increment {
        delta: delta.unwrap_or(Number::Double(1.0)),
        delta_is_default: delta.is_none(),
        init: if call.is_given(3) { number(call, "init", call.argument(3))? } else { None },
        ttl: if call.is_given(4) { call.ttl(4) } else { Ttl::Keep },
        init_ttl: call.ttl(5),
    };
    match call.keyed(|data, key| Ok(data.dict.increment(key, increment)?))? {
        Some(Number::Double(value)) => call.js.number(value).map(Some),
        Some(Number::Integer(value)) => call.js.bigint(value).map(Some),
        None => Ok(None),
    }
}

/// `clear(handle)`: empties the dictionary.
pub fn clear<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.dict(|data| Ok(data.dict.clear()?)).map(|()| None)
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
