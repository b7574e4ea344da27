//! Reading JavaScript values. `None` means "of another type"; none of these calls runs JavaScript,
//! except `property` on an object with getters and `call`.

use super::{Js, Local};
use crate::runtime::failure::Failure;
use napi::sys;
use shmkit_dict::ViewBytes;
use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::{ptr, slice};

/// What `typeof` says, with `null` told from objects.
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

/// A bigint as far as 64 bits can hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BigInt<T> {
    /// Its low 64 bits.
    pub value: T,
    /// False if there were more.
    pub exact: bool,
}

/// Calls a Node-API function that reads a value into a local place, and returns the place's content
/// if the value had the right type.
macro_rules! read {
    ($js:expr, $call:ident, $value:expr, $initial:expr) => {{
        let mut place = $initial;
        // SAFETY: J1 and J2; `place` is a local of ours of the type the call fills.
        let status = unsafe { sys::$call($js.raw(), $value.raw(), &mut place) };
        (status == sys::Status::napi_ok).then_some(place)
    }};
}

impl<'s> Js<'s> {
    /// What kind of value it is.
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

    /// A number.
    pub fn to_number(self, value: Local<'s>) -> Option<f64> {
        read!(self, napi_get_value_double, value, 0.0)
    }

    /// A number as a `u32`, modulo 2^32.
    pub fn to_u32(self, value: Local<'s>) -> Option<u32> {
        read!(self, napi_get_value_uint32, value, 0)
    }

    /// A boolean.
    pub fn to_boolean(self, value: Local<'s>) -> Option<bool> {
        read!(self, napi_get_value_bool, value, false)
    }

    /// A bigint as a signed integer.
    pub fn to_i64(self, value: Local<'s>) -> Option<BigInt<i64>> {
        let mut exact = false;
        let mut low = 0;
        // SAFETY: J1 and J2; both places are locals of ours.
        let status =
            unsafe { sys::napi_get_value_bigint_int64(self.raw(), value.raw(), &mut low, &mut exact) };
        (status == sys::Status::napi_ok).then_some(BigInt { value: low, exact })
    }

    /// A bigint as an unsigned integer.
    pub fn to_u64(self, value: Local<'s>) -> Option<BigInt<u64>> {
        let mut exact = false;
        let mut low = 0;
        // SAFETY: J1 and J2; both places are locals of ours.
        let status =
            unsafe { sys::napi_get_value_bigint_uint64(self.raw(), value.raw(), &mut low, &mut exact) };
        (status == sys::Status::napi_ok).then_some(BigInt { value: low, exact })
    }

    /// Replaces `units` by a string's code units. Costs one call for strings that fit the vector's
    /// present capacity, three for longer ones.
    #[inline(always)]
    pub fn to_units(self, value: Local<'s>, units: &mut Vec<u16>) -> Option<()> {
        units.clear();
        units.reserve(1);
        let mut written = self.copy_units(value, units)?;
        // Node-API ends what it wrote with a zero unit, so this much may have been cut off.
        if written + 1 == units.capacity() {
            written = self.copy_long(value, units)?;
        }
        // SAFETY: the call initialised this many units, and they lie within the capacity.
        unsafe { units.set_len(written) };
        Some(())
    }

    /// A string's code units, if they are fewer than `scratch` has places: Node-API ends what it wrote with a zero
    /// unit, so one more may have been cut off.
    #[inline(always)]
    pub fn to_short_units<'r, const N: usize>(
        self,
        value: Local<'s>,
        scratch: &'r mut [MaybeUninit<u16>; N],
    ) -> Option<&'r [u16]> {
        let (mut written, first) = (0, scratch.as_mut_ptr().cast());
        // SAFETY: J1 and J2; there is room for `N` units, the final zero included.
        let status =
            unsafe { sys::napi_get_value_string_utf16(self.raw(), value.raw(), first, N, &mut written) };
        if status != sys::Status::napi_ok || written >= N - 1 {
            return None;
        }
        // SAFETY: the call initialised this many units.
        Some(unsafe { slice::from_raw_parts(scratch.as_ptr().cast(), written) })
    }

    /// Makes room for all units in an empty vector, and fills it; how many they are.
    #[cold]
    #[inline(never)]
    fn copy_long(self, value: Local<'s>, units: &mut Vec<u16>) -> Option<usize> {
        units.reserve(self.count_units(value)? + 2);
        self.copy_units(value, units)
    }

    /// Fills the spare capacity of an empty vector; how many units were written.
    #[inline(always)]
    fn copy_units(self, value: Local<'s>, units: &mut Vec<u16>) -> Option<usize> {
        let mut written = 0;
        // SAFETY: J1 and J2; the vector owns room for `capacity` units, the final zero included.
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
        let (data, length) = self.view(value)?;
        if length == 0 {
            return Some(&[]);
        }
        // SAFETY: `length` bytes of the view start at `data`; they are initialised, as all memory of JavaScript is.
        // They stay in place and unchanged: only JavaScript could do otherwise, which the caller rules out.
        Some(unsafe { slice::from_raw_parts(data, length) })
    }

    /// Copies `bytes` into a `Uint8Array` at `offset`; false, and nothing copied, if they do not fit.
    pub fn fill(self, target: Local<'s>, offset: usize, bytes: ViewBytes<'_>) -> Option<bool> {
        let (data, length) = self.view(target)?;
        if offset > length || bytes.len() > length - offset {
            return Some(false);
        }
        if !bytes.is_empty() {
            // SAFETY: `offset` lies within the view, whose memory is one allocation.
            let place = unsafe { data.add(offset) };
            // SAFETY: the bytes fit behind `offset` (checked above), into memory that is JavaScript's.
            unsafe { bytes.copy_to(place) };
        }
        Some(true)
    }

    /// Start and length of a `Uint8Array` that is not detached; the start may be null if it is empty.
    /// The memory is valid as long as no JavaScript runs.
    pub fn view(self, value: Local<'s>) -> Option<(*mut u8, usize)> {
        let mut kind = 0;
        let mut length = 0;
        let mut data = ptr::null_mut();
        let mut buffer = ptr::null_mut();
        let mut offset = 0;
        // SAFETY: J1 and J2; all places are locals of ours. A value that is no typed array is refused.
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

    /// Where an `ArrayBuffer` keeps its bytes, and how many.
    pub fn to_memory(self, value: Local<'s>) -> Option<(*mut u8, usize)> {
        let mut data = ptr::null_mut();
        let mut length = 0;
        // SAFETY: J1 and J2; both places are locals of ours.
        let status =
            unsafe { sys::napi_get_arraybuffer_info(self.raw(), value.raw(), &mut data, &mut length) };
        (status == sys::Status::napi_ok).then_some((data.cast(), length))
    }

    /// `array.length`.
    pub fn length(self, array: Local<'s>) -> Option<u32> {
        read!(self, napi_get_array_length, array, 0)
    }

    /// `array[index]`.
    pub fn element(self, array: Local<'s>, index: u32) -> Result<Local<'s>, Failure<'s>> {
        let mut raw = ptr::null_mut();
        // SAFETY: J1 and J2; `raw` is a local of ours.
        let status = unsafe { sys::napi_get_element(self.raw(), array.raw(), index, &mut raw) };
        self.local(status, raw)
    }

    /// `object[name]`.
    pub fn property(self, object: Local<'s>, name: &CStr) -> Result<Local<'s>, Failure<'s>> {
        let mut raw = ptr::null_mut();
        // SAFETY: J1 and J2; `name` ends with a zero; `raw` is a local of ours.
        let status =
            unsafe { sys::napi_get_named_property(self.raw(), object.raw(), name.as_ptr(), &mut raw) };
        self.local(status, raw)
    }

    /// `function(...arguments)`.
    pub fn call(self, function: Local<'s>, arguments: &[Local<'s>]) -> Result<Local<'s>, Failure<'s>> {
        let this = self.undefined()?;
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
