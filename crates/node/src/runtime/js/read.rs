//! Reads JavaScript values. `None` means another type. None of these functions runs JavaScript, except `call` and `call_on`, and
//! `property` and `element` if the object has getters or is a proxy.

use super::{Js, Local};
use crate::runtime::failure::Failure;
use napi::sys;
use shmkit_dict::ViewBytes;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::{ptr, slice};

/// The result of `typeof`, with `null` told from objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `undefined`
    Undefined,
    /// `null`
    Null,
    /// A boolean.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// A bigint.
    BigInt,
    /// Anything else.
    Other,
}

/// A bigint, as far as 64 bits can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt<T> {
    /// The low 64 bits.
    pub value: T,
    /// Whether these are all its bits.
    pub exact: bool,
}

/// Calls a Node-API function that reads a value into a local variable, and returns that if the value had the right
/// type.
macro_rules! read {
    ($js:expr, $call:ident, $value:expr, $initial:expr) => {{
        let mut place = $initial;
        // SAFETY: J1 and J2; `place` is a local variable of the type that the call fills.
        let status = unsafe { sys::$call($js.raw(), $value.raw(), &mut place) };
        (status == sys::Status::napi_ok).then_some(place)
    }};
}

impl<'s> Js<'s> {
    /// Returns the type of a value.
    pub fn type_of(self, value: Local<'s>) -> Type {
        match read!(self, napi_typeof, value, 0) {
            Some(sys::ValueType::napi_undefined) => Type::Undefined,
            Some(sys::ValueType::napi_null) => Type::Null,
            Some(sys::ValueType::napi_boolean) => Type::Boolean,
            Some(sys::ValueType::napi_number) => Type::Number,
            Some(sys::ValueType::napi_string) => Type::String,
            Some(sys::ValueType::napi_bigint) => Type::BigInt,
            _ => Type::Other,
        }
    }

    /// Reads a number.
    pub fn to_number(self, value: Local<'s>) -> Option<f64> {
        read!(self, napi_get_value_double, value, 0.0)
    }

    /// Reads a number as a `u32`, modulo 2^32.
    pub fn to_u32(self, value: Local<'s>) -> Option<u32> {
        read!(self, napi_get_value_uint32, value, 0)
    }

    /// Reads a boolean.
    pub fn to_boolean(self, value: Local<'s>) -> Option<bool> {
        read!(self, napi_get_value_bool, value, false)
    }

    /// Reads a bigint as a signed integer.
    pub fn to_i64(self, value: Local<'s>) -> Option<BigInt<i64>> {
        let mut exact = false;
        let mut low = 0;
        // SAFETY: J1 and J2; both places are local variables.
        let status =
            unsafe { sys::napi_get_value_bigint_int64(self.raw(), value.raw(), &mut low, &mut exact) };
        (status == sys::Status::napi_ok).then_some(BigInt { value: low, exact })
    }

    /// Reads a bigint as an unsigned integer.
    pub fn to_u64(self, value: Local<'s>) -> Option<BigInt<u64>> {
        let mut exact = false;
        let mut low = 0;
        // SAFETY: J1 and J2; both places are local variables.
        let status =
            unsafe { sys::napi_get_value_bigint_uint64(self.raw(), value.raw(), &mut low, &mut exact) };
        (status == sys::Status::napi_ok).then_some(BigInt { value: low, exact })
    }

    /// Replaces `units` by a string's code units. Takes one call for strings that fit into the vector's capacity, three
    /// for longer ones.
    #[inline(always)]
    pub fn to_units(self, value: Local<'s>, units: &mut Vec<u16>) -> Option<()> {
        units.clear();
        units.reserve(1);
        let mut written = self.copy_units(value, units)?;
        // Node-API ends the string with a zero unit, so this one may have been cut off.
        if written + 1 == units.capacity() {
            written = self.copy_long(value, units)?;
        }
        // SAFETY: the call initialised this many units, and they lie within the capacity.
        unsafe { units.set_len(written) };
        Some(())
    }

    /// Reads a string's code units if they are fewer than `N - 1`. Node-API ends the string with a zero unit, so a
    /// longer one may have been cut off.
    #[inline(always)]
    pub fn to_short_units<'r, const N: usize>(
        self,
        value: Local<'s>,
        scratch: &'r mut [MaybeUninit<u16>; N],
    ) -> Option<&'r [u16]> {
        let (mut written, first) = (0, scratch.as_mut_ptr().cast());
        // SAFETY: J1 and J2; there is space for `N` units, the final zero included.
        let status =
            unsafe { sys::napi_get_value_string_utf16(self.raw(), value.raw(), first, N, &mut written) };
        if status != sys::Status::napi_ok || written >= N - 1 {
            return None;
        }
        // SAFETY: the call initialised this many units.
        Some(unsafe { slice::from_raw_parts(scratch.as_ptr().cast(), written) })
    }

    /// Reserves capacity for all units in an empty vector, and fills it. Returns their number.
    #[cold]
    #[inline(never)]
    fn copy_long(self, value: Local<'s>, units: &mut Vec<u16>) -> Option<usize> {
        units.reserve(self.count_units(value)? + 2);
        self.copy_units(value, units)
    }

    /// Fills the spare capacity of an empty vector. Returns the number of units written.
    #[inline(always)]
    fn copy_units(self, value: Local<'s>, units: &mut Vec<u16>) -> Option<usize> {
        let mut written = 0;
        // SAFETY: J1 and J2; the vector owns space for `capacity` units, the final zero included.
        let status = unsafe {
            sys::napi_get_value_string_utf16(
                self.raw(),
                value.raw(),
                units.as_mut_ptr(),
                units.capacity(),
                &mut written,
            )
        };
        (status == sys::Status::napi_ok).then_some(written)
    }

    fn count_units(self, value: Local<'s>) -> Option<usize> {
        let mut length = 0;
        // SAFETY: J1 and J2; without a buffer the call only counts.
        let status = unsafe {
            sys::napi_get_value_string_utf16(self.raw(), value.raw(), ptr::null_mut(), 0, &mut length)
        };
        (status == sys::Status::napi_ok).then_some(length)
    }

    /// Returns the bytes of a `Uint8Array` that is not detached, in place.
    ///
    /// # Safety
    /// The array is no view of a `SharedArrayBuffer`, and no JavaScript of this thread runs before the last use of
    /// the bytes: it could detach, resize or change them.
    pub unsafe fn to_bytes(self, value: Local<'s>) -> Option<&'s [u8]> {
        let (data, length) = self.typed_array(value)?;
        if length == 0 {
            return Some(&[]);
        }
        // SAFETY: `length` bytes of the view start at `data`; they are initialised, as all memory of JavaScript is.
        // They stay in place and unchanged: only JavaScript could do otherwise, which the caller rules out.
        Some(unsafe { slice::from_raw_parts(data, length) })
    }

    /// Copies `bytes` into a `Uint8Array` at `offset`. Returns false, and copies nothing, if they do not fit.
    pub fn copy_into(self, target: Local<'s>, offset: usize, bytes: ViewBytes<'_>) -> Option<bool> {
        let (data, length) = self.typed_array(target)?;
        if offset > length || bytes.len() > length - offset {
            return Some(false);
        }
        if !bytes.is_empty() {
            // SAFETY: `offset` lies within the view, whose memory is one allocation.
            let place = unsafe { data.add(offset) };
            // SAFETY: the bytes fit after `offset` (checked above), into memory that JavaScript owns.
            unsafe { bytes.copy_to(place) };
        }
        Some(true)
    }

    /// Returns start and length of a `Uint8Array` that is not detached. The start may be null if the array is empty.
    /// The memory is valid until JavaScript of this thread runs.
    pub fn typed_array(self, value: Local<'s>) -> Option<(*mut u8, usize)> {
        let mut kind = 0;
        let mut length = 0;
        let mut data = ptr::null_mut();
        let mut buffer = ptr::null_mut();
        let mut offset = 0;
        // SAFETY: J1 and J2; all places are local variables. A value that is no typed array is refused.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                self.raw(),
                value.raw(),
                &mut kind,
                &mut length,
                &mut data,
                &mut buffer,
                &mut offset,
            )
        };
        if status != sys::Status::napi_ok || kind != sys::TypedarrayType::uint8_array {
            return None;
        }
        if length == 0 {
            // SAFETY: the buffer is a value of the present scope.
            let buffer = unsafe { Local::from_raw(buffer) };
            return (!self.is_detached(buffer)).then_some((ptr::null_mut(), 0));
        }
        Some((data.cast(), length))
    }

    fn is_detached(self, buffer: Local<'s>) -> bool {
        read!(self, napi_is_detached_arraybuffer, buffer, false).unwrap_or(false)
    }

    /// Returns start and length of an `ArrayBuffer`.
    pub fn array_buffer(self, value: Local<'s>) -> Option<(*mut u8, usize)> {
        let mut data = ptr::null_mut();
        let mut length = 0;
        // SAFETY: J1 and J2; both places are local variables.
        let status =
            unsafe { sys::napi_get_arraybuffer_info(self.raw(), value.raw(), &mut data, &mut length) };
        (status == sys::Status::napi_ok).then_some((data.cast(), length))
    }

    /// Returns `array.length`.
    pub fn length(self, array: Local<'s>) -> Option<u32> {
        read!(self, napi_get_array_length, array, 0)
    }

    /// Returns `array[index]`.
    pub fn element(self, array: Local<'s>, index: u32) -> Result<Local<'s>, Failure<'s>> {
        let mut raw = ptr::null_mut();
        // SAFETY: J1 and J2; `raw` is a local variable.
        let status = unsafe { sys::napi_get_element(self.raw(), array.raw(), index, &mut raw) };
        self.local(status, raw)
    }

    /// Returns `object[name]`.
    pub fn property(self, object: Local<'s>, name: &CStr) -> Result<Local<'s>, Failure<'s>> {
        let mut raw = ptr::null_mut();
        // SAFETY: J1 and J2; `name` ends with a zero; `raw` is a local variable.
        let status =
            unsafe { sys::napi_get_named_property(self.raw(), object.raw(), name.as_ptr(), &mut raw) };
        self.local(status, raw)
    }

    /// Calls `function(...arguments)`.
    pub fn call(self, function: Local<'s>, arguments: &[Local<'s>]) -> Result<Local<'s>, Failure<'s>> {
        self.call_on(self.undefined()?, function, arguments)
    }

    /// Calls `function.call(this, ...arguments)`.
    pub fn call_on(
        self,
        this: Local<'s>,
        function: Local<'s>,
        arguments: &[Local<'s>],
    ) -> Result<Local<'s>, Failure<'s>> {
        let raw: Vec<_> = arguments.iter().map(|argument| argument.raw()).collect();
        let mut result = ptr::null_mut();
        // SAFETY: J1 and J2; `raw` holds as many values as its length says.
        let status = unsafe {
            sys::napi_call_function(
                self.raw(),
                this.raw(),
                function.raw(),
                raw.len(),
                raw.as_ptr(),
                &mut result,
            )
        };
        self.local(status, result)
    }
}
