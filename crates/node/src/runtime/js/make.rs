//! Makes JavaScript values.

use super::{Js, Local};
use crate::runtime::failure::Failure;
use napi::sys;
use shmkit_dict::ViewBytes;
use std::ffi::{CStr, c_void};
use std::ptr;
use std::slice;

/// A new value, or a failure.
type Made<'s> = Result<Local<'s>, Failure<'s>>;

/// A function as Node-API calls it.
pub type NativeFunction = unsafe extern "C" fn(sys::napi_env, sys::napi_callback_info) -> sys::napi_value;

/// Calls a Node-API function whose last argument receives a value. The arguments between must be
/// plain numbers, locals (J2), or pointers that outlive the call.
macro_rules! make {
    ($js:expr, $call:ident $(, $argument:expr)*) => {{
        let mut made = ptr::null_mut();
        // SAFETY: J1 for the environment; `made` is a local variable; the arguments are as the macro demands.
        let status = unsafe { sys::$call($js.raw() $(, $argument)*, &mut made) };
        $js.local(status, made)
    }};
}

impl<'s> Js<'s> {
    /// Returns `undefined`.
    pub fn undefined(self) -> Made<'s> {
        make!(self, napi_get_undefined)
    }

    /// Returns `null`.
    pub fn null(self) -> Made<'s> {
        make!(self, napi_get_null)
    }

    /// Returns `true` or `false`.
    pub fn boolean(self, value: bool) -> Made<'s> {
        make!(self, napi_get_boolean, value)
    }

    /// Makes a number, bit-exact except for the payload of a NaN.
    pub fn number(self, value: f64) -> Made<'s> {
        make!(self, napi_create_double, value)
    }

    /// Makes a bigint.
    pub fn bigint(self, value: i64) -> Made<'s> {
        make!(self, napi_create_bigint_int64, value)
    }

    /// Makes a string of Latin-1 bytes.
    pub fn latin1(self, bytes: &[u8]) -> Made<'s> {
        make!(self, napi_create_string_latin1, bytes.as_ptr().cast(), bytes.len() as isize)
    }

    /// Like `latin1`, for bytes that may be changing meanwhile: contiguous ones are copied once, by the JavaScript
    /// engine.
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

    /// Makes a string of code units, including lone surrogates.
    pub fn utf16(self, units: &[u16]) -> Made<'s> {
        make!(self, napi_create_string_utf16, units.as_ptr(), units.len() as isize)
    }

    /// Makes a string.
    pub fn text(self, text: &str) -> Made<'s> {
        make!(self, napi_create_string_utf8, text.as_ptr().cast(), text.len() as isize)
    }

    /// Makes a string of UTF-8; what is not valid becomes U+FFFD.
    pub fn utf8(self, bytes: &[u8]) -> Made<'s> {
        make!(self, napi_create_string_utf8, bytes.as_ptr().cast(), bytes.len() as isize)
    }

    /// Makes a `Buffer` with a copy of `bytes`, which may be changing meanwhile, in memory that JavaScript owns.
    pub fn buffer_of(self, bytes: ViewBytes<'_>) -> Made<'s> {
        self.filled_buffer(bytes).map(|(buffer, _)| buffer)
    }

    /// Like `buffer_of`; also returns what `inspect` says of the copy.
    pub fn buffer_with<T>(
        self,
        bytes: ViewBytes<'_>,
        inspect: impl FnOnce(&[u8]) -> T,
    ) -> Result<(Local<'s>, T), Failure<'s>> {
        let (buffer, place) = self.filled_buffer(bytes)?;
        if bytes.is_empty() {
            return Ok((buffer, inspect(&[])));
        }
        // SAFETY: the buffer has `len()` initialised bytes from `place` on. Nothing else uses them before this call
        // returns: no JavaScript runs, and no other thread has the buffer.
        let copy = unsafe { slice::from_raw_parts(place, bytes.len()) };
        Ok((buffer, inspect(copy)))
    }

    /// Makes a `Buffer` with a copy of `bytes`. Returns it, and where its memory starts.
    #[inline]
    fn filled_buffer(self, bytes: ViewBytes<'_>) -> Result<(Local<'s>, *const u8), Failure<'s>> {
        let mut place = ptr::null_mut();
        if let Some(start) = bytes.start() {
            let made = make!(self, napi_create_buffer_copy, bytes.len(), start.cast(), &mut place)?;
            return Ok((made, place.cast::<u8>().cast_const()));
        }
        let made = make!(self, napi_create_buffer, bytes.len(), &mut place)?;
        // SAFETY: the new buffer has `len()` bytes from `place` on, which nothing else uses yet.
        unsafe { bytes.copy_to(place.cast()) };
        Ok((made, place.cast::<u8>().cast_const()))
    }

    /// Makes an empty array.
    pub fn array(self) -> Made<'s> {
        make!(self, napi_create_array)
    }

    /// Makes an empty object.
    pub fn object(self) -> Made<'s> {
        make!(self, napi_create_object)
    }

    /// Makes a plain `Error` with a code.
    pub fn error(self, code: Local<'s>, message: Local<'s>) -> Made<'s> {
        make!(self, napi_create_error, code.raw(), message.raw())
    }

    /// Clears the pending exception and returns it.
    pub fn take_exception(self) -> Made<'s> {
        make!(self, napi_get_and_clear_last_exception)
    }

    /// Clears the pending exception, if there is one.
    pub fn clear_exception(self) -> Result<(), Failure<'s>> {
        self.take_exception().map(drop)
    }

    /// Returns the global object.
    pub fn global(self) -> Made<'s> {
        make!(self, napi_get_global)
    }

    /// Makes a symbol.
    pub fn symbol(self, description: Local<'s>) -> Made<'s> {
        make!(self, napi_create_symbol, description.raw())
    }

    /// Makes a function that gets `data` with each call.
    pub fn function(self, name: &str, callback: NativeFunction, data: *mut c_void) -> Made<'s> {
        make!(self, napi_create_function, name.as_ptr().cast(), name.len() as isize, Some(callback), data)
    }

    /// Makes a reference that does not keep the object alive.
    pub fn weak_reference(self, object: Local<'s>) -> Result<sys::napi_ref, Failure<'s>> {
        let mut reference = ptr::null_mut();
        // SAFETY: J1 and J2; `reference` is a local variable.
        let status = unsafe { sys::napi_create_reference(self.raw(), object.raw(), 0, &mut reference) };
        self.check(status)?;
        Ok(reference)
    }

    /// Returns the object of a reference; `None` if it is gone, or the reference is null.
    pub fn referenced(self, reference: sys::napi_ref) -> Result<Option<Local<'s>>, Failure<'s>> {
        if reference.is_null() {
            return Ok(None);
        }
        let mut raw = ptr::null_mut();
        // SAFETY: J1; the caller's reference is not deleted.
        self.check(unsafe { sys::napi_get_reference_value(self.raw(), reference, &mut raw) })?;
        // SAFETY: not null, so a value of the present scope.
        Ok((!raw.is_null()).then(|| unsafe { Local::from_raw(raw) }))
    }

    /// Adds a property that cannot be changed, removed or listed.
    pub fn fix(self, object: Local<'s>, name: Local<'s>, value: Local<'s>) -> Result<(), Failure<'s>> {
        let property = sys::napi_property_descriptor {
            utf8name: ptr::null(),
            name: name.raw(),
            method: None,
            getter: None,
            setter: None,
            value: value.raw(),
            attributes: sys::PropertyAttributes::default,
            data: ptr::null_mut(),
        };
        // SAFETY: J1 and J2; the descriptor outlives the call.
        let status = unsafe { sys::napi_define_properties(self.raw(), object.raw(), 1, &property) };
        self.check(status)
    }

    /// Sets `array[index] = value`.
    pub fn put(self, array: Local<'s>, index: u32, value: Local<'s>) -> Result<(), Failure<'s>> {
        // SAFETY: J1 and J2.
        let status = unsafe { sys::napi_set_element(self.raw(), array.raw(), index, value.raw()) };
        self.check(status)
    }

    /// Sets `object[name] = value`.
    pub fn set(self, object: Local<'s>, name: &CStr, value: Local<'s>) -> Result<(), Failure<'s>> {
        // SAFETY: J1 and J2; `name` ends with a zero and outlives the call.
        let status =
            unsafe { sys::napi_set_named_property(self.raw(), object.raw(), name.as_ptr(), value.raw()) };
        self.check(status)
    }

    /// Makes an object with these numbers as properties.
    pub fn numbers(self, properties: &[(&CStr, f64)]) -> Made<'s> {
        let object = self.object()?;
        for (name, value) in properties {
            self.set(object, name, self.number(*value)?)?;
        }
        Ok(object)
    }

    /// Makes an array of the results of `make`.
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
