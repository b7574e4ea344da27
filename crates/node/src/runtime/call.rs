//! One call from JavaScript: its arguments, and how its outcome goes back.

use crate::dict::handle::DictHandle;
use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local, Type};
use crate::runtime::state::{Scratch, State};
use crate::runtime::text;
use napi::sys;
use shmkit_dict::entry::view::{ValueView, ViewBytes};
use shmkit_dict::value::{Ttl, Value, ValueKind};
use shmkit_object::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// What a callback gives back; `None` is `undefined`.
pub type Outcome<'s> = Result<Option<Local<'s>>, Failure<'s>>;

/// The function behind a callback.
pub type Operation = for<'s> fn(&Call<'s>) -> Outcome<'s>;

/// Most arguments that any callback takes.
pub const MOST_ARGUMENTS: usize = 7;

/// One call from JavaScript.
#[derive(Debug)]
pub struct Call<'s> {
    /// The engine it came from.
    pub js: Js<'s>,
    /// What the thread keeps between calls.
    pub state: &'s State,
    arguments: &'s [Local<'s>],
    /// How many were given: to ask Node-API about one that was not costs as much as about one that was.
    given: usize,
}

/// Turns an operation into what Node-API calls. A number of arguments after it saves the time of filling
/// in those that it never takes.
#[macro_export]
macro_rules! callback {
    ($operation:path) => {
        $crate::callback!($operation, $crate::runtime::call::MOST_ARGUMENTS)
    };
    ($operation:path, $arguments:expr) => {{
        unsafe extern "C" fn entry(
            env: napi::sys::napi_env,
            info: napi::sys::napi_callback_info,
        ) -> napi::sys::napi_value {
            // SAFETY: Node-API calls it with a live environment and the call's info; `data` is the
            // state, as `register` gave it.
            unsafe { $crate::runtime::call::enter::<{ $arguments }>(env, info, $operation) }
        }
        entry
    }};
}

/// Runs an operation; a failure or a panic becomes an exception.
///
/// # Safety
/// `env` and `info` are those of the running callback, whose data is the environment's [`State`].
#[inline(always)]
pub unsafe fn enter<const ARGUMENTS: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    operation: Operation,
) -> sys::napi_value {
    // SAFETY: the environment of a running callback is as J1 demands.
    let js = unsafe { Js::from_raw(env) };
    let mut raw = [ptr::null_mut(); ARGUMENTS];
    let mut count = ARGUMENTS;
    let mut data = ptr::null_mut();
    // SAFETY: `raw` has room for `count` values, and missing ones are filled with `undefined`.
    let status =
        unsafe { sys::napi_get_cb_info(env, info, &mut count, raw.as_mut_ptr(), ptr::null_mut(), &mut data) };
    if status != sys::Status::napi_ok || data.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the values are of the callback's own scope.
    let arguments = raw.map(|raw| unsafe { Local::from_raw(raw) });
    // SAFETY: `data` is the state, which lives until the environment is gone.
    let state = unsafe { &*data.cast_const().cast::<State>() };
    let call = Call { js, state, arguments: &arguments, given: count };
    match catch_unwind(AssertUnwindSafe(|| operation(&call))) {
        Ok(Ok(Some(value))) => return value.raw(),
        Ok(Ok(None)) => {}
        Ok(Err(failure)) => failure.throw(js, state),
        Err(payload) => Failure::panic(&*payload).throw(js, state),
    }
    ptr::null_mut()
}

impl<'s> Call<'s> {
    /// The argument at this place.
    #[inline]
    pub fn argument(&self, index: usize) -> Local<'s> {
        self.arguments[index]
    }

    /// True if the caller gave this argument.
    #[inline]
    pub fn is_given(&self, index: usize) -> bool {
        index < self.given
    }

    /// A number that TypeScript has checked; 0 if there is none.
    #[inline]
    pub fn number(&self, index: usize) -> f64 {
        if !self.is_given(index) {
            return 0.0;
        }
        self.js.to_number(self.argument(index)).unwrap_or(0.0)
    }

    /// A small whole number that TypeScript has made; 0 if there is none.
    #[inline]
    pub fn small(&self, index: usize) -> u32 {
        if !self.is_given(index) {
            return 0;
        }
        self.js.to_u32(self.argument(index)).unwrap_or(0)
    }

    /// A flag that TypeScript has made; false if there is none.
    #[inline]
    pub fn flag(&self, index: usize) -> bool {
        self.js.to_boolean(self.argument(index)).unwrap_or(false)
    }

    /// Runs `work` on the open handle that argument 0 names.
    #[inline(always)]
    pub fn open<T>(
        &self,
        work: impl FnOnce(&mut DictHandle) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        self.open_number(self.small(0), work)
    }

    #[inline(always)]
    pub(crate) fn open_number<T>(
        &self,
        number: u32,
        work: impl FnOnce(&mut DictHandle) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        let mut handles = self.state.handles.borrow_mut();
        let Some(open) = handles.get_mut(number) else { return Err(Error::Closed.into()) };
        let result = work(open);
        open.trim();
        result
    }

    /// The string at `index`.
    #[inline(always)]
    pub(crate) fn text<'r>(&self, index: usize, scratch: &'r mut Scratch) -> Result<Value<'r>, Failure<'s>> {
        let argument = self.argument(index);
        self.js.to_units(argument, &mut scratch.units).ok_or_else(|| wrong_value(argument))?;
        let wide = text::store(&scratch.units, &mut scratch.bytes);
        Ok(Value::bytes(if wide { ValueKind::Utf16 } else { ValueKind::Latin1 }, &scratch.bytes))
    }

    /// The value at `index`, whose kind is at `index + 1`: 0 for what JavaScript's own type tells,
    /// else the kind of the bytes given.
    pub fn value<'r>(&self, index: usize, scratch: &'r mut Scratch) -> Result<Value<'r>, Failure<'s>>
    where
        's: 'r,
    {
        let (js, argument) = (self.js, self.argument(index));
        let code = self.small(index + 1);
        if code != 0 {
            let kind = u8::try_from(code).ok().and_then(ValueKind::from_code);
            let kind = kind.filter(|kind| !kind.is_scalar()).ok_or_else(|| wrong_value(argument))?;
            let bytes = js.to_bytes(argument).ok_or_else(|| detached(argument))?;
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

    /// A bigint of 64 bits.
    pub fn int64(&self, name: &str, argument: Local<'s>) -> Result<i64, Failure<'s>> {
        match self.js.to_i64(argument) {
            Some(bigint) if bigint.exact => Ok(bigint.value),
            Some(_) => Err(Failure::out_of_range(name, ">= -(2n ** 63n) and < 2n ** 63n", argument)),
            None => Err(Failure::argument_type(name, "of type bigint", argument)),
        }
    }

    /// An expiry in nanoseconds: negative to keep the present one, 0 for none.
    pub fn ttl(&self, index: usize) -> Ttl {
        match self.number(index) {
            nanoseconds if nanoseconds < 0.0 => Ttl::Keep,
            0.0 => Ttl::Never,
            nanoseconds => Ttl::After((nanoseconds as u64).max(1)),
        }
    }

    /// What the engine found, as JavaScript's value. Bytes come back as a `Buffer`, and the call frame
    /// says what they mean.
    pub fn give(&self, value: Value<'_>) -> Result<Local<'s>, Failure<'s>> {
        let Value { kind, scalar, bytes } = value;
        self.show(ValueView { kind, scalar, bytes: ViewBytes::Private(bytes) })
    }

    /// As `give`, of a value that may be changing: what is made of it counts only if the read succeeds.
    #[inline(always)]
    pub fn show(&self, view: ValueView<'_>) -> Result<Local<'s>, Failure<'s>> {
        let js = self.js;
        match view.kind {
            ValueKind::Latin1 => js.latin1_of(view.bytes),
            ValueKind::Utf16 => self.show_wide(view.bytes),
            ValueKind::Number => js.number(f64::from_bits(view.scalar)),
            ValueKind::Boolean => js.boolean(view.scalar != 0),
            ValueKind::BigInt => js.bigint(view.scalar as i64),
            ValueKind::Null => js.null(),
            ValueKind::List => js.number(view.scalar as f64),
            ValueKind::Bytes | ValueKind::Structured | ValueKind::Json | ValueKind::Custom => {
                self.state.frame.kind(view.kind as u32);
                js.buffer_of(view.bytes)
            }
        }
    }

    #[inline(never)]
    fn show_wide(&self, bytes: ViewBytes<'_>) -> Result<Local<'s>, Failure<'s>> {
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

fn wrong_value(argument: Local<'_>) -> Failure<'_> {
    Failure::argument_type("value", "a value that can be stored", argument)
}

fn detached(argument: Local<'_>) -> Failure<'_> {
    Failure::argument_type("value", "a Uint8Array whose buffer is not detached", argument)
}
