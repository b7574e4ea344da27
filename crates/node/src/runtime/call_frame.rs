//! The call frame: what a callback takes beside its arguments, and returns beside its value.
//!
//! An object per call would cost more than most calls themselves, and a number as an argument or a value
//! of its own up to a quarter of one. So TypeScript hands over one `ArrayBuffer` per thread, keeps views of
//! it, writes what a call takes right before it, and reads what it gives right after it.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use napi::sys;
use shmkit_dict::Validator;
use std::cell::Cell;
use std::ptr;

/// Most bytes that a view of a dictionary's memory shows: its words have numbers of 31 bits, with which engines are
/// quickest.
pub const MOST_VIEWED: u64 = 1 << 33;

/// Bytes of a call frame.
pub const SIZE: usize = 72;

/// A version, a `u64`.
const VERSION: usize = 0;
/// Seconds left, an `f64`.
const SECONDS: usize = 8;
/// The kind of the returned value, a `u32`.
const KIND: usize = 16;
/// 1 if there is more to fetch, a `u32`.
const MORE: usize = 20;
/// What the returned value rests on, eight `u32`: the numbers of two words of 32 bits in the view of
/// the memory, where the index word and the version start; then index word, version and epoch word,
/// each with its lower half first. The first number is 0 if the value must not be kept.
const VALIDATOR: usize = 24;
/// A number that a fast call takes or gives, an `f64`.
const NUMBER: usize = 56;
/// The number of the handle that a fast call is for, a `u32`.
const HANDLE: usize = 64;
/// What a fast call gives that returns `undefined`, a `u32`: a [`ReturnTag`].
const TAG: usize = 68;

/// What a fast call gives in place of a value. The numbers are known to src/dict/fast-calls.ts.
#[repr(u32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnTag {
    /// There is no such entry.
    Missing = 0,
    /// What is in `NUMBER`.
    Number = 1,
    /// `true`
    True = 2,
    /// `false`
    False = 3,
    /// `null`
    Null = 4,
}

/// The call frame of one thread. Null until TypeScript gives it one.
#[derive(Debug)]
pub struct CallFrame {
    /// Invariant R1: null, or the start of `SIZE` bytes of an `ArrayBuffer` that a strong reference
    /// keeps alive until the environment is gone, and that TypeScript never detaches.
    start: Cell<*mut u8>,
}

impl CallFrame {
    /// Without memory: what is written is dropped.
    pub fn new() -> Self {
        CallFrame { start: Cell::new(ptr::null_mut()) }
    }

    /// Uses this `ArrayBuffer` from now on.
    pub fn attach<'s>(&self, js: Js<'s>, buffer: Local<'s>) -> Result<(), Failure<'s>> {
        let (start, length) = js
            .to_memory(buffer)
            .filter(|(_, length)| *length == SIZE)
            .ok_or_else(|| Failure::argument_type("callFrame", "an ArrayBuffer of 72 bytes", buffer))?;
        let mut reference = ptr::null_mut();
        // SAFETY: `js` and `buffer` are of the present callback; `reference` is a local of ours. The
        // reference is never given back, which makes R1 true.
        let status = unsafe { sys::napi_create_reference(js.raw(), buffer.raw(), 1, &mut reference) };
        if status != sys::Status::napi_ok {
            return Err(Failure::node_api(status));
        }
        debug_assert_eq!(length, SIZE);
        self.start.set(start);
        Ok(())
    }

    /// Of an entry: its version, and its seconds left (0: no expiry).
    pub fn entry(&self, version: u64, seconds: f64) {
        self.write(VERSION, version.to_ne_bytes());
        self.write(SECONDS, seconds.to_ne_bytes());
    }

    /// Of a value that is returned as a `Buffer`: what its bytes mean.
    #[inline]
    pub fn kind(&self, kind: u32) {
        self.write(KIND, kind.to_ne_bytes());
    }

    /// Whether the caller should come again.
    pub fn more(&self, more: bool) {
        self.write(MORE, u32::from(more).to_ne_bytes());
    }

    /// Of a value that may be kept for as long as the validator stands: what to compare.
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

    /// Of a value that must not be kept.
    #[inline]
    pub fn clear_validator(&self) {
        self.write(VALIDATOR, 0_u32.to_ne_bytes());
    }

    /// The handle that a fast call is for.
    #[inline]
    pub fn handle(&self) -> u32 {
        u32::from_ne_bytes(self.read(HANDLE))
    }

    /// The number that a fast call takes.
    #[inline]
    pub fn number(&self) -> f64 {
        f64::from_ne_bytes(self.read(NUMBER))
    }

    /// Of a fast call.
    #[inline]
    pub fn set_tag(&self, tag: ReturnTag) {
        self.write(TAG, (tag as u32).to_ne_bytes());
    }

    /// Of a fast call.
    #[inline]
    pub fn return_number(&self, number: f64) {
        self.write(NUMBER, number.to_ne_bytes());
        self.set_tag(ReturnTag::Number);
    }

    /// Of a fast call.
    #[inline]
    pub fn return_boolean(&self, boolean: bool) {
        self.set_tag(if boolean { ReturnTag::True } else { ReturnTag::False });
    }

    /// Zeros where there is no memory.
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
