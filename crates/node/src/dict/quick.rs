//! The calls that are made most, in their simplest form. Their handle and numbers pass through the register,
//! which takes a nanosecond where Node-API takes three to fifteen; the rest is as in `read` and `write`.

use crate::callback;
use crate::dict::open::Open;
use crate::dict::read::{is_immutable, seconds_of};
use crate::exports::Export;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::register::Answer;
use shmkit_core::dict::{Reading, Witness};
use shmkit_core::entry::seen::Seen;
use shmkit_core::value::{Condition, Increment, Key, Kind, Number, Ttl, Value};

/// What JavaScript can call.
pub fn exports() -> Vec<Export> {
    vec![
        ("get", callback!(get, 1)),
        ("getWitnessed", callback!(get_witnessed, 1)),
        ("has", callback!(has, 1)),
        ("hasWitnessed", callback!(has_witnessed, 1)),
        ("ttl", callback!(ttl, 1)),
        ("setText", callback!(set_text, 2)),
        ("setNumber", callback!(set_number, 1)),
        ("incr", callback!(incr, 1)),
        ("incrBy", callback!(incr_by, 1)),
        ("expire", callback!(expire, 1)),
    ]
}

/// Of numbers, booleans and null an answer in the register, else the value.
#[inline(always)]
fn give<'s>(call: &Call<'s>, seen: Seen<'_>) -> Outcome<'s> {
    let register = &call.state.register;
    match seen.kind {
        Kind::Number => register.answer_number(f64::from_bits(seen.scalar)),
        Kind::Boolean => register.answer_boolean(seen.scalar != 0),
        Kind::Null => register.answer(Answer::Null),
        _ => return call.show(seen).map(Some),
    }
    Ok(None)
}

#[inline(always)]
fn missing<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.register.answer(Answer::Missing);
    Ok(None)
}

/// `get(key)`: the value or an answer.
fn get<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.quickly(|open, key| match open.dict.look(key, &mut open.buffer, |seen| give(call, seen))? {
        Some((reading, _)) => reading.made,
        None => missing(call),
    })
}

/// `getWitnessed(key)`: the value or an answer; the register says what it rests on, unless it is missing,
/// may expire or change in JavaScript's hands: then it says that it must not be kept.
fn get_witnessed<'s>(call: &Call<'s>) -> Outcome<'s> {
    let register = &call.state.register;
    let show = |seen: Seen<'_>| (is_immutable(seen.kind), give(call, seen));
    call.quickly(|open, key| match open.dict.look(key, &mut open.buffer, show)? {
        Some((Reading { made: (true, made), deadline: 0, .. }, witness)) => {
            register.witness(&witness);
            made
        }
        Some((Reading { made: (_, made), .. }, Witness { .. })) => {
            register.no_witness();
            made
        }
        None => {
            register.no_witness();
            missing(call)
        }
    })
}

/// `has(key)`: an answer, `true` or `false`.
fn has<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.quickly(|open, key| {
        call.state.register.answer_boolean(open.dict.has(key, &mut open.buffer)?);
        Ok(None)
    })
}

/// `hasWitnessed(key)`: an answer, `true` or `false`; the register says what it rests on, as for `getWitnessed`.
fn has_witnessed<'s>(call: &Call<'s>) -> Outcome<'s> {
    let register = &call.state.register;
    call.quickly(|open, key| {
        let found = open.dict.has_witnessed(key, &mut open.buffer)?;
        match found.flatten() {
            Some(witness) => register.witness(&witness),
            None => register.no_witness(),
        }
        register.answer_boolean(found.is_some());
        Ok(None)
    })
}

/// `ttl(key)`: an answer, seconds left, 0 for no expiry.
fn ttl<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.quickly(|open, key| {
        let Some(left) = open.dict.ttl(key, &mut open.buffer)? else { return missing(call) };
        call.state.register.answer_number(seconds_of(left));
        Ok(None)
    })
}

/// `setText(key, value)`: stores a string without an expiry.
fn set_text<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.quickly_with_text(1, store)
}

/// `setNumber(key)`: stores the register's number without an expiry.
fn set_number<'s>(call: &Call<'s>) -> Outcome<'s> {
    let value = Value::number(call.state.register.number());
    call.quickly(|open, key| store(open, key, value))
}

#[inline(always)]
fn store<'s>(open: &mut Open, key: Key<'_>, value: Value<'_>) -> Outcome<'s> {
    open.dict.set(key, value, Ttl::Never, Condition::Always)?;
    Ok(None)
}

/// `incr(key)`: adds 1; an answer or a bigint.
fn incr<'s>(call: &Call<'s>) -> Outcome<'s> {
    add(call, Number::Double(1.0), true)
}

/// `incrBy(key)`: adds the register's number; an answer.
fn incr_by<'s>(call: &Call<'s>) -> Outcome<'s> {
    add(call, Number::Double(call.state.register.number()), false)
}

#[inline(always)]
fn add<'s>(call: &Call<'s>, delta: Number, delta_is_default: bool) -> Outcome<'s> {
    let increment = Increment { delta, delta_is_default, init: None, ttl: Ttl::Keep, init_ttl: Ttl::Never };
    call.quickly(|open, key| match open.dict.increment(key, increment)? {
        Some(Number::Double(sum)) => {
            call.state.register.answer_number(sum);
            Ok(None)
        }
        Some(Number::Integer(sum)) => call.js.bigint(sum).map(Some),
        None => missing(call),
    })
}

/// `expire(key)`: the register's number is the expiry in nanoseconds, 0 for none; an answer, `true` or `false`.
fn expire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let ttl = match call.state.register.number() as u64 {
        0 => Ttl::Never,
        nanoseconds => Ttl::After(nanoseconds),
    };
    call.quickly(|open, key| {
        call.state.register.answer_boolean(open.dict.expire(key, ttl)?);
        Ok::<_, Failure<'s>>(None)
    })
}
