//! Counts properties of JavaScript objects.

use super::{Js, Local};
use crate::runtime::failure::Failure;
use napi::sys;
use std::ptr;

impl<'s> Js<'s> {
    /// Returns the number of an object's own enumerable properties with names that are no symbols.
    pub fn count_properties(self, object: Local<'s>) -> Result<u32, Failure<'s>> {
        let mut names = ptr::null_mut();
        // SAFETY: J1 and J2; `names` is a local variable.
        let status = unsafe {
            sys::napi_get_all_property_names(
                self.raw(),
                object.raw(),
                sys::KeyCollectionMode::own_only,
                sys::KeyFilter::enumerable | sys::KeyFilter::skip_symbols,
                sys::KeyConversion::keep_numbers,
                &mut names,
            )
        };
        let names = self.local(status, names)?;
        Ok(self.length(names).unwrap_or(0))
    }
}
