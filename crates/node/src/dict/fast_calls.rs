//! The most frequent calls, in their simplest form. Their handle and numbers pass through the call frame, which takes a
//! nanosecond; through Node-API they take three to fifteen. Otherwise they are like those in `read` and `write`.
//!
//! A call that returns a number, a boolean, null or nothing returns it in the call frame, with a [`ReturnTag`].

use crate::callback;
use crate::dict::encoded;
use crate::dict::handle::DictData;
use crate::dict::read::{is_immutable, seconds_left, seconds_of};
use crate::dict::value::ttl_of;
use crate::exports::Export;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::call_frame::ReturnTag;
use crate::runtime::failure::Failure;
use shmkit_dict::value::{Condition, Increment, Key, Number, RateLimit, Ttl, Value, ValueKind};
use shmkit_dict::{ReadResult, Validator, ValueView};
use shmkit_os as os;

/// Units of the clock that the local cache asks are 2^30 nanoseconds: a shift is all they take, and they fit into 32 bits for a
/// century. Repeated in src/dict/fast-calls.ts.
const CLOCK_UNIT_BITS: u32 = 30;

/// Lists the functions.
pub fn exports() -> Vec<Export> {
    vec![
        ("get", callback!(get, 1)),
        ("getWithValidator", callback!(get_with_validator, 1)),
        ("getFrozen", callback!(get_frozen, 1)),
        ("findVersion", callback!(find_version, 1)),
        ("clock", callback!(clock, 0)),
        ("exactClock", callback!(exact_clock, 0)),
        ("has", callback!(has, 1)),
        ("hasWithValidator", callback!(has_with_validator, 1)),
        ("ttl", callback!(ttl, 1)),
        ("setText", callback!(set_text, 2)),
        ("setNumber", callback!(set_number, 1)),
        ("setEncoded", callback!(encoded::set, 2)),
        ("incr", callback!(incr, 1)),
        ("incrBy", callback!(incr_by, 1)),
        ("incrEntry", callback!(incr_entry, 1)),
        ("expire", callback!(expire, 1)),
        ("throttle", callback!(throttle, 1)),
    ]
}

/// Returns a number, a boolean or null in the call frame, any other value as itself.
#[inline(always)]
fn return_value<'s>(call: &Call<'s>, view: ValueView<'_>) -> Outcome<'s> {
    let frame = &call.state.frame;
    match view.kind {
        ValueKind::Number => frame.return_number(f64::from_bits(view.scalar)),
        ValueKind::Boolean => frame.return_boolean(view.scalar != 0),
        ValueKind::Null => frame.set_tag(ReturnTag::Null),
        kind if kind.needs_codec() => return encoded::return_value(call, view),
        _ => {
            frame.set_tag(ReturnTag::Itself);
            return call.view_to_js(view).map(Some);
        }
    }
    Ok(None)
}

#[inline(always)]
fn missing<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.frame.set_tag(ReturnTag::Missing);
    Ok(None)
}

/// `get(key)`: returns the value.
fn get<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.fast_call(|data, key| {
        match data.dict.read_with(key, &mut data.buffer, |view| return_value(call, view))? {
            Some((result, _)) => result.output,
            None => missing(call),
        }
    })
}

/// `getWithValidator(key)`: returns the value. The call frame has its validator and deadline, or says that the value must
/// not be cached, because it is missing or can be changed by JavaScript.
fn get_with_validator<'s>(call: &Call<'s>) -> Outcome<'s> {
    get_validated(call, is_immutable)
}

/// `getFrozen(key)`: like `getWithValidator`, with a validator for objects as well.
fn get_frozen<'s>(call: &Call<'s>) -> Outcome<'s> {
    get_validated(call, |kind| kind != ValueKind::Bytes)
}

#[inline(always)]
fn get_validated<'s>(call: &Call<'s>, is_kept: impl Fn(ValueKind) -> bool) -> Outcome<'s> {
    let frame = &call.state.frame;
    let show = |view: ValueView<'_>| (is_kept(view.kind), return_value(call, view));
    call.fast_call(|data, key| match data.dict.read_with(key, &mut data.buffer, show)? {
        Some((ReadResult { output: (true, output), deadline, .. }, validator)) => {
            frame.set_validator(&validator);
            frame.set_deadline(deadline);
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

/// `findVersion(key)`: returns whether the key exists, with a validator that has its version.
fn find_version<'s>(call: &Call<'s>) -> Outcome<'s> {
    let frame = &call.state.frame;
    call.fast_call(|data, key| {
        let found = data.dict.read_with(key, &mut data.buffer, |_| ())?;
        if let Some((_, validator)) = &found {
            frame.set_validator(validator);
        }
        frame.return_boolean(found.is_some());
        Ok(None)
    })
}

/// `clock()`: returns the nanoseconds since boot in units of 2^30, to within one tick of the kernel.
fn clock<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.frame.return_units((os::clock::boot_ns_coarse() >> CLOCK_UNIT_BITS) as u32);
    Ok(None)
}

/// `exactClock()`: returns the nanoseconds since boot.
fn exact_clock<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.state.frame.return_number(os::clock::boot_ns() as f64);
    Ok(None)
}

/// `has(key)`: returns whether the key exists.
fn has<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.fast_call(|data, key| {
        call.state.frame.return_boolean(data.dict.has(key, &mut data.buffer)?);
        Ok(None)
    })
}

/// `hasWithValidator(key)`: like `has`, with a validator as in `getWithValidator`.
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

/// `ttl(key)`: returns the seconds left, 0 for no expiry.
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

/// `setNumber(key)`: stores the number in the call frame without an expiry.
fn set_number<'s>(call: &Call<'s>) -> Outcome<'s> {
    let value = Value::number(call.state.frame.number());
    call.fast_call(|data, key| store(data, key, value))
}

#[inline(always)]
fn store<'s>(data: &mut DictData, key: Key<'_>, value: Value<'_>) -> Outcome<'s> {
    data.dict.set(key, value, Ttl::Never, Condition::Always)?;
    Ok(None)
}

/// `incr(key)`: adds 1 or 1n and returns the sum; a bigint as itself.
fn incr<'s>(call: &Call<'s>) -> Outcome<'s> {
    add(call, Number::Double(1.0), true)
}

/// `incrBy(key)`: adds the number in the call frame and returns the sum.
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

/// `incrEntry(key)`: adds the number in the call frame, where NaN stands for 1 or 1n, and returns the sum; a bigint as
/// itself. The call frame has the expiry, the expiry of a new entry, and the number that a new entry starts from, or NaN;
/// afterwards it has version and seconds left.
fn incr_entry<'s>(call: &Call<'s>) -> Outcome<'s> {
    let frame = &call.state.frame;
    let (delta, [ttl, init_ttl, init, _]) = (frame.number(), frame.rate());
    let increment = Increment {
        delta: Number::Double(if delta.is_nan() { 1.0 } else { delta }),
        delta_is_default: delta.is_nan(),
        init: (!init.is_nan()).then_some(Number::Double(init)),
        ttl: ttl_of(ttl),
        init_ttl: ttl_of(init_ttl),
    };
    call.fast_call(|data, key| {
        let Some(entry) = data.dict.increment_entry(key, increment)? else {
            return missing(call);
        };
        frame.entry(entry.version, seconds_left(entry.deadline, &data.dict));
        match entry.sum {
            Number::Double(sum) => {
                frame.return_number(sum);
                Ok(None)
            }
            Number::Integer(sum) => call.js.bigint(sum).map(Some),
        }
    })
}

/// `expire(key)`: sets the expiry in the call frame, as [`ttl_of`] takes it. Returns whether the key existed.
fn expire<'s>(call: &Call<'s>) -> Outcome<'s> {
    let ttl = ttl_of(call.state.frame.number());
    call.fast_call(|data, key| {
        call.state.frame.return_boolean(data.dict.expire(key, ttl)?);
        Ok::<_, Failure<'s>>(None)
    })
}

/// `throttle(key)`: takes from the limiter what the call frame says: limit, window in nanoseconds, burst and cost. Returns
/// whether that was available, and in the call frame what remains, and the seconds until the cost and until everything is
/// available.
fn throttle<'s>(call: &Call<'s>) -> Outcome<'s> {
    let frame = &call.state.frame;
    let [limit, window, burst, cost] = frame.rate().map(|number| number as u64);
    // TypeScript passes integers; all but the cost are at least 1.
    let limit = RateLimit { limit: limit.max(1), window: window.max(1), burst: burst.max(1), cost };
    call.fast_call(|data, key| {
        let decision = data.dict.throttle(key, &limit)?;
        let [retry, reset] = [decision.retry_after, decision.reset_after].map(|nanos| nanos as f64 / 1e9);
        frame.return_decision([decision.remaining as f64, retry, reset]);
        frame.return_boolean(decision.is_allowed);
        Ok(None)
    })
}
