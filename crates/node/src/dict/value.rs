//! Converts values of dictionaries from JavaScript and back.

#![expect(unsafe_code, reason = "lends the bytes of a value that JavaScript owns")]

use crate::dict::structured::{self, Verdict};
use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Local, Type};
use crate::runtime::state::Scratch;
use crate::runtime::text;
use shmkit_dict::value::{Ttl, Value, ValueKind};
use shmkit_dict::{ValueView, ViewBytes};

/// What the check of a structured value found is in the bits of its kind from here on (src/dict/value-kinds.ts).
const VERDICT_SHIFT: u32 = 8;

impl<'s> Call<'s> {
    /// Returns the string at `index`.
    #[inline(always)]
    pub(crate) fn text<'r>(&self, index: usize, scratch: &'r mut Scratch) -> Result<Value<'r>, Failure<'s>> {
        let argument = self.argument(index);
        self.js.to_units(argument, &mut scratch.units).ok_or_else(|| wrong_value(argument))?;
        let wide = text::store(&scratch.units, &mut scratch.bytes);
        Ok(Value::bytes(if wide { ValueKind::Utf16 } else { ValueKind::Latin1 }, &scratch.bytes))
    }

    /// Returns the value at `index`, whose kind is at `index + 1`: 0 if JavaScript's own type tells,
    /// otherwise the kind of the given bytes.
    ///
    /// # Safety
    /// As for [`crate::runtime::js::Js::to_bytes`].
    pub unsafe fn value<'r>(&self, index: usize, scratch: &'r mut Scratch) -> Result<Value<'r>, Failure<'s>>
    where
        's: 'r,
    {
        let (js, argument) = (self.js, self.argument(index));
        let code = self.small(index + 1);
        if code != 0 {
            let kind = u8::try_from(code).ok().and_then(ValueKind::from_code);
            let kind = kind.filter(|kind| !kind.is_scalar()).ok_or_else(|| wrong_value(argument))?;
            // SAFETY: the caller's promise.
            let bytes = unsafe { js.to_bytes(argument) }.ok_or_else(|| detached(argument))?;
            if kind == ValueKind::Structured {
                check_structured(bytes)?;
            }
            return Ok(Value::bytes(kind, bytes));
        }
        match js.type_of(argument) {
            Type::String => self.text(index, scratch),
            Type::Number => Ok(Value::number(js.to_number(argument).ok_or_else(|| wrong_value(argument))?)),
            Type::Boolean => Ok(Value::boolean(self.flag(index))),
            Type::Null => Ok(Value::null()),
            Type::BigInt => Ok(Value::bigint(self.int64("value", argument)?)),
            Type::Undefined | Type::Other => Err(wrong_value(argument)),
        }
    }

    /// Converts a bigint of 64 bits.
    pub fn int64(&self, name: &str, argument: Local<'s>) -> Result<i64, Failure<'s>> {
        match self.js.to_i64(argument) {
            Some(bigint) if bigint.exact => Ok(bigint.value),
            Some(_) => Err(Failure::out_of_range(name, ">= -(2n ** 63n) and < 2n ** 63n", argument)),
            None => Err(Failure::argument_type(name, "of type bigint", argument)),
        }
    }

    /// Returns the expiry at `index`; see [`ttl_of`].
    pub fn ttl(&self, index: usize) -> Ttl {
        ttl_of(self.number(index))
    }

    /// Returns JavaScript's value for one from the engine. Bytes become a `Buffer`, and the call frame gets their kind.
    pub fn to_js(&self, value: Value<'_>) -> Result<Local<'s>, Failure<'s>> {
        let Value { kind, scalar, bytes } = value;
        self.view_to_js(ValueView { kind, scalar, bytes: ViewBytes::Private(bytes) })
    }

    /// Like `to_js`, for a value that may be changing meanwhile: the result counts only if the read succeeds.
    #[inline(always)]
    pub fn view_to_js(&self, view: ValueView<'_>) -> Result<Local<'s>, Failure<'s>> {
        let js = self.js;
        match view.kind {
            ValueKind::Latin1 => js.latin1_of(view.bytes),
            ValueKind::Utf16 => self.wide_to_js(view.bytes),
            ValueKind::Number => js.number(f64::from_bits(view.scalar)),
            ValueKind::Boolean => js.boolean(view.scalar != 0),
            ValueKind::BigInt => js.bigint(view.scalar as i64),
            ValueKind::Null => js.null(),
            ValueKind::List => js.number(view.scalar as f64),
            ValueKind::Bytes | ValueKind::Json | ValueKind::Custom | ValueKind::Record => {
                self.state.frame.kind(view.kind as u32);
                js.buffer_of(view.bytes)
            }
            ValueKind::Structured => {
                let (buffer, kind) =
                    js.buffer_with(view.bytes, |copy| kind_with_verdict(ValueKind::Structured, copy))?;
                self.state.frame.kind(kind);
                Ok(buffer)
            }
        }
    }

    /// Returns the kind of the value that was just converted, as JavaScript gets it.
    pub fn kind_of(&self, kind: ValueKind) -> u32 {
        if kind == ValueKind::Structured { self.state.frame.last_kind() } else { kind as u32 }
    }

    #[inline(never)]
    fn wide_to_js(&self, bytes: ViewBytes<'_>) -> Result<Local<'s>, Failure<'s>> {
        let mut scratch = self.state.result.borrow_mut();
        let Scratch { units, bytes: copy } = &mut *scratch;
        copy.clear();
        bytes.append_to(copy);
        text::load(copy, units);
        let made = self.js.utf16(units);
        scratch.trim();
        made
    }
}

/// Returns the kind of an encoded value as JavaScript gets it, with what the check of a structured one finds.
pub(crate) fn kind_with_verdict(kind: ValueKind, copy: &[u8]) -> u32 {
    match kind {
        ValueKind::Structured => kind as u32 | (structured::inspect(copy) as u32) << VERDICT_SHIFT,
        other => other as u32,
    }
}

/// Refuses what no handle could read again.
fn check_structured<'s>(bytes: &[u8]) -> Result<(), Failure<'s>> {
    match structured::inspect(bytes) {
        Verdict::Sound | Verdict::Unknown => Ok(()),
        Verdict::Hollow => {
            Err(Failure::argument_value("value", "must not have arrays that consist of holes"))
        }
        Verdict::Malformed => Err(Failure::not_cloned("value")),
    }
}

/// Returns an expiry from TypeScript: nanoseconds, 0 for none, -1 to keep the entry's own, -2 for a time that is past.
#[inline]
pub fn ttl_of(nanoseconds: f64) -> Ttl {
    match nanoseconds {
        0.0 => Ttl::Never,
        -1.0 => Ttl::Keep,
        nanoseconds if nanoseconds < 0.0 => Ttl::Past,
        nanoseconds => Ttl::After((nanoseconds as u64).max(1)),
    }
}

/// Returns the failure for a value that is not of its kind.
pub(crate) fn wrong_value(argument: Local<'_>) -> Failure<'_> {
    Failure::argument_type("value", "a value that can be stored", argument)
}

fn detached(argument: Local<'_>) -> Failure<'_> {
    Failure::argument_type("value", "a Uint8Array whose buffer is not detached", argument)
}
