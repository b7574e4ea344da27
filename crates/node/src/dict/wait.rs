//! Waiting until a key has another version.

use crate::runtime::call::{Call, Outcome};
use shmkit_dict::segment::Segment;

/// `versionOf(handle, key)`: returns the version of the key's entry, 0n if the key is missing.
pub fn version_of<'s>(call: &Call<'s>) -> Outcome<'s> {
    let version = call.keyed(|data, key| Ok(data.dict.version_of(key)?))?;
    call.js.bigint(version as i64).map(Some)
}

/// `changeWait(handle, key, version, timeout)`: returns the ticket of a wait until the key's version differs from this
/// one. It yields `true`, or `undefined` after the timeout.
pub fn start<'s>(call: &Call<'s>) -> Outcome<'s> {
    let version = call.js.to_u64(call.argument(2)).map_or(0, |version| version.value);
    let wait = call.keyed(|data, key| Ok(data.dict.change_wait(key, version)))?;
    call.wait::<Segment>(call.timeout(3), |js, _, _, _| js.boolean(true), |_| Ok(Box::new(wait)))
}
