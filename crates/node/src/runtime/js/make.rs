//! Making JavaScript values.

use super::{Js, Local};
use crate::runtime::failure::Failure;
use napi::sys;
use shmkit_dict::ViewBytes;
use std::ffi::CStr;
use std::ptr;

/// A made value, or why there is none.
type Made<'s> = Result<Local<'s>, Failure<'s>>;

/// Calls a Node-API function whose last argument receives a value. The arguments between must be
/// plain numbers, locals (J2), or pointers that outlive the call.
macro_rules! make {
    ($js:expr, $call:ident $(, $argument:expr)*) => {{
        let mut made = ptr::null_mut();
        // SAFETY: J1 for the environment; `made` is a local of ours; the arguments are as the macro demands.
        let status = unsafe { sys::$call($js.raw() $(, $argument)*, &mut made) };
        $js.local(status, made)
    }};
}

impl<'s> Js<'s> {
    /// `undefined`.
    pub fn undefined(self) -> Made<'s> {
        make!(self, napi_get_undefined)
    }

    /// `null`.
    pub fn null(self) -> Made<'s> {
        make!(self, napi_get_null)
    }

    /// `true` or `false`.
    pub fn boolean(self, value: bool) -> Made<'s> {
        make!(self, napi_get_boolean, value)
    }

    /// A number, bit-exact except for the payload of a NaN.
    pub fn number(self, value: f64) -> Made<'s> {
        make!(self, napi_create_double, value)
    }

    /// A bigint.
    pub fn bigint(self, value: i64) -> Made<'s> {
        make!(self, napi_create_bigint_int64, value)
    }

    /// A string of the code units that these Latin-1 bytes stand for.
    pub fn latin1(self, bytes: &[u8]) -> Made<'s> {
        make!(self, napi_create_string_latin1, bytes.as_ptr().cast(), bytes.len() as isize)
    }

    /// As `latin1`, of bytes that may be changing: the engine copies them once, if they lie side by side.
    #[inline]
    pub fn latin1_of(self, bytes: ViewBytes<'_>) -> Made<'s> {
        let Some(start) = bytes.start() else { return self.joined_latin1(bytes) };
        make!(self, napi_create_string_latin1, start.cast(), bytes.len() as isize)
    }

    #[inline(never)]
    fn joined_latin1(self, bytes: ViewBytes<'_>) -> Made<'s> {
        let mut copy = Vec::with_capacity(bytes.len());
        bytes.append_to(&mut copy);
        self.latin1(&copy)
    }

    /// A string of these code units, lone surrogates included.
    pub fn utf16(self, units: &[u16]) -> Made<'s> {
        make!(self, napi_create_string_utf16, units.as_ptr(), units.len() as isize)
    }

    /// A string.
    pub fn text(self, text: &str) -> Made<'s> {
        make!(self, napi_create_string_utf8, text.as_ptr().cast(), text.len() as isize)
    }

    /// A `Buffer` with a copy of `bytes`, which may be changing, in memory that JavaScript owns.
    pub fn buffer_of(self, bytes: ViewBytes<'_>) -> Made<'s> {
        let mut place = ptr::null_mut();
        if let Some(start) = bytes.start() {
            return make!(self, napi_create_buffer_copy, bytes.len(), start.cast(), &mut place);
        }
        let made = make!(self, napi_create_buffer, bytes.len(), &mut place)?;
        // SAFETY: the new buffer has `len()` bytes from `place` on, and nobody else knows it yet.
        unsafe { bytes.copy_to(place.cast()) };
        Ok(made)
    }

    /// An empty array.
    pub fn array(self) -> Made<'s> {
        make!(self, napi_create_array)
    }

    /// An empty object.
    pub fn object(self) -> Made<'s> {
        make!(self, napi_create_object)
    }

    /// A plain `Error` with a code.
    pub fn error(self, code: Local<'s>, message: Local<'s>) -> Made<'s> {
        make!(self, napi_create_error, code.raw(), message.raw())
    }

    /// The exception that is on its way, which thereby is not any more.
    pub fn take_exception(self) -> Made<'s> {
        make!(self, napi_get_and_clear_last_exception)
    }

    /// Forgets the exception that is on its way, if there is one.
    pub fn clear_exception(self) -> Result<(), Failure<'s>> {
        self.take_exception().map(drop)
    }

    /// Keeps a value alive until the environment ends.
    pub fn reference(self, value: Local<'s>) -> Result<sys::napi_ref, Failure<'s>> {
        let mut reference = ptr::null_mut();
        // SAFETY: J1 and J2; `reference` is a local of ours.
        let status = unsafe { sys::napi_create_reference(self.raw(), value.raw(), 1, &mut reference) };
        self.check(status)?;
        Ok(reference)
    }

    /// The value that `reference` made a reference of; it is never deleted.
    pub fn referenced(self, reference: sys::napi_ref) -> Made<'s> {
        make!(self, napi_get_reference_value, reference)
    }

    /// `array[index] = value`.
    pub fn put(self, array: Local<'s>, index: u32, value: Local<'s>) -> Result<(), Failure<'s>> {
        // SAFETY: J1 and J2.
        let status = unsafe { sys::napi_set_element(self.raw(), array.raw(), index, value.raw()) };
        self.check(status)
    }

    /// `object[name] = value`.
    pub fn set(self, object: Local<'s>, name: &CStr, value: Local<'s>) -> Result<(), Failure<'s>> {
        // SAFETY: J1 and J2; `name` ends with a zero and outlives the call.
        let status =
            unsafe { sys::napi_set_named_property(self.raw(), object.raw(), name.as_ptr(), value.raw()) };
        self.check(status)
    }

    /// An object whose properties are these numbers.
    pub fn numbers(self, properties: &[(&CStr, f64)]) -> Made<'s> {
        let object = self.object()?;
        for (name, value) in properties {
            self.set(object, name, self.number(*value)?)?;
        }
        Ok(object)
    }

    /// An array of what `make` makes of each item.
    pub fn collect<T>(
        self,
        items: impl IntoIterator<Item = T>,
        mut make: impl FnMut(T) -> Made<'s>,
    ) -> Made<'s> {
        let array = self.array()?;
        for (index, item) in (0..).zip(items) {
            self.put(array, index, make(item)?)?;
        }
        Ok(array)
    }
}
