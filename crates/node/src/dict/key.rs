//! The key of a call.

use crate::dict::handle::DictData;
use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use crate::runtime::js::Local;
use crate::runtime::state::Scratch;
use crate::runtime::text;
use shmkit_dict::value::{Key, Value};
use std::cell::RefMut;
use std::mem::MaybeUninit;

/// The number of code units of the longest short key, plus one.
const SHORT: usize = 64;

impl<'s> Call<'s> {
    /// Runs `work` on the open dictionary whose number is argument 0, and on the key in argument 1.
    #[inline(always)]
    pub fn keyed<T>(
        &self,
        work: impl FnOnce(&mut DictData, Key<'_>) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        self.with_key(1, |key| self.dict(|data| work(data, key)))
    }

    /// Runs `work` on the open dictionary whose number is in the call frame, and on the key in argument 0.
    #[inline(always)]
    pub fn fast_call(&self, work: impl FnOnce(&mut DictData, Key<'_>) -> Outcome<'s>) -> Outcome<'s> {
        let number = self.state.frame.handle();
        self.with_key(0, |key| self.dict_number(number, |data| work(data, key)))
    }

    /// Like `fast_call`, with the string at `index`.
    #[inline(always)]
    pub fn fast_call_with_text(
        &self,
        index: usize,
        work: impl FnOnce(&mut DictData, Key<'_>, Value<'_>) -> Outcome<'s>,
    ) -> Outcome<'s> {
        let mut scratch = self.state.value.borrow_mut();
        let text = self.text(index, &mut scratch)?;
        let outcome = self.fast_call(|data, key| work(data, key, text));
        scratch.trim();
        outcome
    }

    /// Runs `work` on the key at `index`. A short key of one-byte code units needs no memory but the stack.
    #[inline(always)]
    fn with_key<T>(
        &self,
        index: usize,
        work: impl FnOnce(Key<'_>) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        let argument = self.argument(index);
        let (mut units, mut bytes) = ([MaybeUninit::uninit(); SHORT], [MaybeUninit::uninit(); SHORT]);
        let mut scratch: Option<RefMut<'_, Scratch>> = None;
        let short = self.js.to_short_units(argument, &mut units);
        let (stored, wide) = match short.and_then(|units| text::narrow_short(units, &mut bytes)) {
            Some(stored) => (stored, false),
            None => self.long_key(argument, scratch.insert(self.state.key.borrow_mut()))?,
        };
        let result = Key::new(stored, wide).map_err(Failure::from).and_then(work);
        let result = result.map_err(|failure| failure.with_key(argument));
        if let Some(scratch) = &mut scratch {
            scratch.trim();
        }
        result
    }

    /// Returns the stored bytes of any key, and whether they are two per unit.
    #[cold]
    #[inline(never)]
    fn long_key<'r>(
        &self,
        argument: Local<'s>,
        scratch: &'r mut Scratch,
    ) -> Result<(&'r [u8], bool), Failure<'s>> {
        if self.js.to_units(argument, &mut scratch.units).is_none() {
            return Err(Failure::argument_type("key", "a non-empty string", argument));
        }
        if scratch.units.is_empty() {
            return Err(Failure::argument_value("key", "must be a non-empty string. Received ''"));
        }
        let wide = text::store(&scratch.units, &mut scratch.bytes);
        Ok((&scratch.bytes, wide))
    }
}
