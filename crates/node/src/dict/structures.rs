//! The structures of records that all processes share.

#![expect(unsafe_code, reason = "reads bytes that JavaScript lends")]

use crate::runtime::call::{Call, Outcome};
use crate::runtime::failure::Failure;
use shmkit_dict::{Appended, ViewBytes};

/// `structures(handle, known)`: returns a `Buffer` of the bytes past the first `known` ones, `undefined` if there
/// is no table.
pub fn read<'s>(call: &Call<'s>) -> Outcome<'s> {
    let known = call.number(1) as u64;
    call.dict(|data| {
        if !data.dict.has_structures() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        data.dict.read_structures(known, &mut bytes)?;
        call.js.buffer_of(ViewBytes::Private(&bytes)).map(Some)
    })
}

/// `appendStructures(handle, expected, added, bytes)`: appends the bytes of `added` structures if there are `expected`
/// ones. Returns 0 if they are stored, 1 at another count, 2 if there is no room.
pub fn append<'s>(call: &Call<'s>) -> Outcome<'s> {
    let [expected, added] = [1, 2].map(|index| u64::from(call.small(index)));
    // SAFETY: TypeScript passes memory of its own, and nothing runs JavaScript before the engine has copied it.
    let bytes = unsafe { call.js.to_bytes(call.argument(3)) };
    let bytes = bytes.ok_or_else(|| Failure::argument_type("bytes", "a Uint8Array", call.argument(3)))?;
    let outcome = match call.dict(|data| Ok(data.dict.append_structures(expected, added, bytes)?))? {
        Appended::Stored => 0.0,
        Appended::Changed => 1.0,
        Appended::Full => 2.0,
    };
    call.js.number(outcome).map(Some)
}
