//! The calls that are made most, in their simplest form. Their handle and numbers pass through the call frame,
//! which takes a nanosecond where Node-API takes three to fifteen; the rest is as in `read` and `write`.

use crate::callback;
use crate::dict::handle::DictData;
use crate::dict::read::{is_immutable, seconds_of};
use crate::exports::Export;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::call_frame::ReturnTag;
use crate::runtime::failure::Failure;
use shmkit_dict::value::{Condition, Increment, Key, Number, Ttl, Value, ValueKind};
use shmkit_dict::{ReadResult, Validator, ValueView};

/// What JavaScript can call.
pub fn exports() -> Vec<Export> {
    vec![
        ("get", callback!(get, 1)),
        ("getWithValidator", callback!(get_with_validator, 1)),
        ("has", callback!(has, 1)),
        ("hasWithValidator", callback!(has_with_validator, 1)),
        ("ttl", callback!(ttl, 1)),
        ("setText", callback!(set_text, 2)),
        ("setNumber", callback!(set_number, 1)),
        ("incr", callback!(incr, 1)),
        ("incrBy", callback!(incr_by, 1)),
        ("expire", callback!(expire, 1)),
    ]
}

/// Of numbers, booleans and null an answer in the call frame, else the value.
#[inline(always)]
fn give<'s>(call: &Call<'s>, view: ValueView<'_>) -> Outcome<'s> {
    let frame = &call.state.frame;
    match view.kind {
        ValueKind::Number => frame.return_number(f64::from_bits(view.scalar)),
        ValueKind::Boolean => frame.return_boolean(view.scalar != 0),
        ValueKind::Null => frame.set_tag(ReturnTag::Null),
        _ => return call.show(view).map(Some),
    }
    Ok(None)
}

#[inline(always)]
fn missing<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.frame.set_tag(ReturnTag::Missing);
    Ok(None)
}

/// `get(key)`: the value or an answer.
fn get<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.fast_call(|data, key| match data.dict.read_with(key, &mut data.buffer, |view| give(call, view))? {
        Some((result, _)) => result.output,
        None => missing(call),
    })
}

/// `getWithValidator(key)`: the value or an answer; the call frame says what it rests on, unless it is missing,
/// may expire or change in JavaScript's hands: then it says that it must not be kept.
fn get_with_validator<'s>(call: &Call<'s>) -> Outcome<'s> {
    let frame = &call.state.frame;
    let show = |view: ValueView<'_>| (is_immutable(view.kind), give(call, view));
    call.fast_call(|data, key| match data.dict.read_with(key, &mut data.buffer, show)? {
        Some((ReadResult { output: (true, output), deadline: 0, .. }, validator)) => {
            frame.set_validator(&validator);
            output
        }
        Some((ReadResult { output: (_, output), .. }, Validator { .. })) => {
            frame.clear_validator();
            output
        }
        None => {
            frame.clear_validator();
            missing(call)
        }
    })
}

/// `has(key)`: an answer, `true` or `false`.
fn has<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.fast_call(|data, key| {
        call.state.frame.return_boolean(data.dict.has(key, &mut data.buffer)?);
        Ok(None)
    })
}

/// `hasWithValidator(key)`: an answer, `true` or `false`; the call frame says what it rests on, as for `getWithValidator`.
fn has_with_validator<'s>(call: &Call<'s>) -> Outcome<'s> {
    let frame = &call.state.frame;
    call.fast_call(|data, key| {
        let found = data.dict.has_with_validator(key, &mut data.buffer)?;
        match found.flatten() {
            Some(validator) => frame.set_validator(&validator),
            None => frame.clear_validator(),
        }
        frame.return_boolean(found.is_some());
        Ok(None)
    })
}

/// `ttl(key)`: an answer, seconds left, 0 for no expiry.
fn ttl<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.fast_call(|data, key| {
        let Some(left) = data.dict.ttl(key, &mut data.buffer)? else { return missing(call) };
        call.state.frame.return_number(seconds_of(left));
        Ok(None)
    })
}

/// `setText(key, value)`: stores a string without an expiry.
fn set_text<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.fast_call_with_text(1, store)
}

/// `setNumber(key)`: stores the call frame's number without an expiry.
fn set_number<'s>(call: &Call<'s>) -> Outcome<'s> {
    let value = Value::number(call.state.frame.number());
    call.fast_call(|data, key| store(data, key, value))
}

#[inline(always)]
fn store<'s>(data: &mut DictData, key: Key<'_>, value: Value<'_>) -> Outcome<'s> {
    data.dict.set(key, value, Ttl::Never, Condition::Always)?;
    Ok(None)
}

/// `incr(key)`: adds 1; an answer or a bigint.
fn incr<'s>(call: &Call<'s>) -> Outcome<'s> {
    add(call, Number::Double(1.0), true)
}

/// `incrBy(key)`: adds the call frame's number; an answer.
fn incr_by<'s>(call: &Call<'s>) -> Outcome<'s> {
    add(call, Number::Double(call.state.frame.number()), false)
}

#[inline(always)]
fn add<'s>(call: &Call<'s>, delta: Number, delta_is_default: bool) -> Outcome<'s> {
    let increment = Increment { delta, delta_is_default, init: None, ttl: Ttl::Keep, init_ttl: Ttl::Never };
    call.fast_call(|data, key| match data.dict.increment(key, increment)? {
        Some(Number::Double(sum)) => {
            call.state.frame.return_number(sum);
            Ok(None)
        }
        Some(Number::Integer(sum)) => call.js.bigint(sum).map(Some),
        None => missing(call),
    })
}

/// `expire(key)`: the call frame's number is the expiry in nanoseconds, 0 for none; an answer, `true` or `false`.
fn expire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let ttl = match call.state.frame.number() as u64 {
        0 => Ttl::Never,
        nanoseconds => Ttl::After(nanoseconds),
    };
    call.fast_call(|data, key| {
        call.state.frame.return_boolean(data.dict.expire(key, ttl)?);
        Ok::<_, Failure<'s>>(None)
    })
}
