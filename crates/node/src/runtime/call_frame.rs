//! The call frame: passes values besides arguments and results.
//!
//! An object per call would take longer than most calls, and a number as an argument or result up to a quarter of one.
//! So each copy of the package's JavaScript has one `ArrayBuffer`, of which it keeps views: it stores the inputs of a
//! call right before it, and loads the outputs right after it.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use shmkit_dict::{Validator, ViewBytes};
use std::cell::Cell;
use std::ptr;
use std::slice;

/// The most bytes of a dictionary that a view shows: 2^31 words of 32 bits, whose indices JavaScript engines handle
/// fastest.
pub const MOST_VIEWED: u64 = 1 << 33;

/// The size of a call frame in bytes.
pub const SIZE: usize = OUTGOING + OUTGOING_BYTES;

/// The most bytes of an encoded value that a fast call returns in the call frame. A `Buffer` for each value would take longer
/// than the rest of the call.
const ENCODED_BYTES: usize = 32 * 1024;
/// The most bytes of a record, without its text, that `setEncoded` takes from the call frame.
const OUTGOING_BYTES: usize = 32 * 1024;

/// A version, a `u64`.
const VERSION: usize = 0;
/// Seconds left, or the deadline of the validated value in nanoseconds since boot: an `f64`.
const SECONDS: usize = 8;
/// The kind of the returned value, a `u32`.
const KIND: usize = 16;
/// 1 if there are more entries to fetch, or a [`PreviousStep`], a `u32`.
const MORE: usize = 20;
/// The validator of the returned value, eight `u32`: the indices of two 32-bit words in the view of the memory, where
/// index word and version start; then index word, version and epoch word, lower halves first. The first index is 0 if
/// the value must not be cached.
const VALIDATOR: usize = 24;
/// A number that a fast call takes or returns, an `f64`.
const NUMBER: usize = 56;
/// The handle of a fast call, a `u32`.
const HANDLE: usize = 64;
/// The result of a fast call that returns `undefined`, a `u32`: a [`ReturnTag`].
const TAG: usize = 68;
/// The parameters of `throttle`, then its result: four `f64`. The first is the expiry for `setEncoded`.
const RATE: usize = 72;

/// The bytes of an encoded value that a fast call returns; their number is in `NUMBER`.
const ENCODED: usize = 104;
/// The bytes of a record that `setEncoded` stores. Not those of `ENCODED`: a getter can read values meanwhile.
const OUTGOING: usize = ENCODED + ENCODED_BYTES;

/// What a fast call returns. The numbers are repeated in src/dict/fast-calls.ts.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnTag {
    /// No such entry.
    Missing = 0,
    /// The number in `NUMBER`.
    Number = 1,
    /// `true`
    True = 2,
    /// `false`
    False = 3,
    /// `null`
    Null = 4,
    /// The bytes in `ENCODED`, whose kind is in `KIND`.
    Encoded = 5,
    /// The call returns the value itself.
    Itself = 6,
    /// The call returns the text of the encoded value whose kind is in `KIND`.
    Text = 7,
}

/// What TypeScript must do after a write that returns the value before it. The numbers are repeated in
/// src/dict/call-frame.ts.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviousStep {
    /// Nothing: the write is complete.
    Complete = 0,
    /// Decode the value and call again with its version.
    Decode = 1,
    /// Return the value that it has decoded: the write is complete.
    Decoded = 2,
}

/// The call frame of one copy. Its memory comes from TypeScript.
#[derive(Debug)]
pub struct CallFrame {
    /// Invariant R1: null, or the start of `SIZE` bytes of an `ArrayBuffer` that TypeScript never detaches. It is a constant
    /// of the module whose functions alone make calls, and a property of the anchor.
    start: Cell<*mut u8>,
}

impl CallFrame {
    /// Creates a call frame without memory, which drops what is written.
    pub fn new() -> Self {
        CallFrame { start: Cell::new(ptr::null_mut()) }
    }

    /// Uses this `ArrayBuffer`, which the anchor must have as a property.
    pub fn attach<'s>(&self, js: Js<'s>, buffer: Local<'s>) -> Result<(), Failure<'s>> {
        let (start, length) =
            js.array_buffer(buffer).filter(|(_, length)| *length == SIZE).ok_or_else(|| {
                Failure::argument_type("callFrame", "an ArrayBuffer of the agreed size", buffer)
            })?;
        debug_assert_eq!(length, SIZE);
        self.start.set(start);
        Ok(())
    }

    /// Sets version and seconds left (0: no expiry) of an entry.
    pub fn entry(&self, version: u64, seconds: f64) {
        self.write(VERSION, version.to_ne_bytes());
        self.write(SECONDS, seconds.to_ne_bytes());
    }

    /// Sets the kind of a value that is returned as a `Buffer`.
    #[inline]
    pub fn kind(&self, kind: u32) {
        self.write(KIND, kind.to_ne_bytes());
    }

    /// Returns the kind of the value that was last made a `Buffer`, or that `setEncoded` is to store.
    pub fn last_kind(&self) -> u32 {
        u32::from_ne_bytes(self.read(KIND))
    }

    /// Sets whether the caller should call again.
    pub fn more(&self, more: bool) {
        self.write(MORE, u32::from(more).to_ne_bytes());
    }

    /// Sets what TypeScript must do after a write that returns the value before it.
    pub fn previous(&self, step: PreviousStep) {
        self.write(MORE, (step as u32).to_ne_bytes());
    }

    /// Sets the validator of a value that may be cached.
    #[inline]
    pub fn set_validator(&self, validator: &Validator) {
        let last = validator.word_at.max(validator.version_at);
        if last >= MOST_VIEWED {
            return self.clear_validator();
        }
        let numbers = (validator.word_at / 4) | (validator.version_at / 4) << 32;
        let words = [numbers, validator.word, validator.version, validator.epoch];
        self.write(VALIDATOR, words.map(u64::to_le_bytes));
    }

    /// Sets the deadline of the value that the validator is for; 0 for none.
    #[inline]
    pub fn set_deadline(&self, deadline: u64) {
        self.write(SECONDS, (deadline as f64).to_ne_bytes());
    }

    /// Sets the length of the encoded value that is returned as text.
    #[inline]
    pub fn set_length(&self, length: usize) {
        self.write(NUMBER, (length as f64).to_ne_bytes());
    }

    /// Says that the value must not be cached.
    #[inline]
    pub fn clear_validator(&self) {
        self.write(VALIDATOR, 0_u32.to_ne_bytes());
    }

    /// Returns the handle of a fast call.
    #[inline]
    pub fn handle(&self) -> u32 {
        u32::from_ne_bytes(self.read(HANDLE))
    }

    /// Returns the number that a fast call takes.
    #[inline]
    pub fn number(&self) -> f64 {
        f64::from_ne_bytes(self.read(NUMBER))
    }

    /// Sets the result of a fast call.
    #[inline]
    pub fn set_tag(&self, tag: ReturnTag) {
        self.write(TAG, (tag as u32).to_ne_bytes());
    }

    /// Sets a number as the result of a fast call.
    #[inline]
    pub fn return_number(&self, number: f64) {
        self.write(NUMBER, number.to_ne_bytes());
        self.set_tag(ReturnTag::Number);
    }

    /// Sets a count of units as the result of a fast call, in the first half of `NUMBER`.
    #[inline]
    pub fn return_units(&self, units: u32) {
        self.write(NUMBER, units.to_ne_bytes());
    }

    /// Copies an encoded value to the call frame, as the result of a fast call. Returns the copy; `None`, with nothing copied,
    /// if it is too long.
    #[inline]
    pub fn return_encoded(&self, bytes: ViewBytes<'_>) -> Option<&[u8]> {
        let (start, length) = (self.start.get(), bytes.len());
        if start.is_null() || length > ENCODED_BYTES {
            return None;
        }
        // SAFETY: R1, and the field lies within `SIZE`.
        let place = unsafe { start.add(ENCODED) };
        // SAFETY: R1; the memory belongs to this thread alone, and has space for `ENCODED_BYTES` from `place` on.
        unsafe { bytes.copy_to(place) };
        self.set_length(length);
        self.set_tag(ReturnTag::Encoded);
        // SAFETY: R1; these bytes are initialised, and nothing writes them before the next call of this thread.
        Some(unsafe { slice::from_raw_parts(place, length) })
    }

    /// Sets a boolean as the result of a fast call.
    #[inline]
    pub fn return_boolean(&self, boolean: bool) {
        self.set_tag(if boolean { ReturnTag::True } else { ReturnTag::False });
    }

    /// Returns the four numbers that `throttle` takes.
    #[inline]
    pub fn rate(&self) -> [f64; 4] {
        [0, 8, 16, 24].map(|offset| f64::from_ne_bytes(self.read(RATE + offset)))
    }

    /// Returns the expiry that `setEncoded` takes.
    #[inline]
    pub fn expiry(&self) -> f64 {
        f64::from_ne_bytes(self.read(RATE))
    }

    /// Returns the first `length` bytes of a record that `setEncoded` stores; `None` if they cannot be that many.
    #[inline]
    pub fn outgoing(&self, length: usize) -> Option<&[u8]> {
        let start = self.start.get();
        if start.is_null() || length > OUTGOING_BYTES {
            return None;
        }
        // SAFETY: R1, and the field lies within `SIZE`.
        let place = unsafe { start.add(OUTGOING) };
        // SAFETY: R1; an `ArrayBuffer`'s bytes are initialised, and no JavaScript writes them before this call returns.
        Some(unsafe { slice::from_raw_parts(place, length) })
    }

    /// Sets the three numbers that `throttle` returns.
    #[inline]
    pub fn return_decision(&self, numbers: [f64; 3]) {
        self.write(RATE, numbers.map(f64::to_ne_bytes));
    }

    /// Returns zeros if there is no memory.
    #[inline]
    fn read<const BYTES: usize>(&self, at: usize) -> [u8; BYTES] {
        debug_assert!(at + BYTES <= SIZE);
        let start = self.start.get();
        if start.is_null() {
            return [0; BYTES];
        }
        // SAFETY: R1, and every field lies within `SIZE`.
        let place = unsafe { start.add(at) };
        // SAFETY: R1; bytes need no alignment, and an `ArrayBuffer`'s are initialized.
        unsafe { place.cast::<[u8; BYTES]>().read() }
    }

    #[inline]
    fn write<T: Copy>(&self, at: usize, field: T) {
        const { assert!(align_of::<T>() == 1) };
        debug_assert!(at + size_of::<T>() <= SIZE);
        let start = self.start.get();
        if start.is_null() {
            return;
        }
        // SAFETY: R1, and every field lies within `SIZE`.
        let place = unsafe { start.add(at) };
        // SAFETY: R1; a field is made of bytes, so it needs no alignment.
        unsafe { place.cast::<T>().write(field) };
    }
}
