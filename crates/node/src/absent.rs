//! Stubs for what FreeBSD lacks. Each call throws `ERR_SHM_UNSUPPORTED`.

use crate::callback;
use crate::exports::Export;
use crate::runtime::call::{Call, Outcome};
use shmkit_object::error::Error;

fn refuse<'s>(_call: &Call<'s>) -> Outcome<'s> {
    let text =
        "FreeBSD has no locks on bytes of a file that belong to an opening of it, which segments need too";
    Err(Error::Unsupported(text.to_owned()).into())
}

fn refusals(names: &[&'static str]) -> Vec<Export> {
    names.iter().map(|name| (*name, callback!(refuse) as _)).collect()
}

/// Lists the stubs of locks on byte ranges of files.
pub fn range_lock() -> Vec<Export> {
    refusals(&["take", "release"])
}

/// Lists the stubs of segments: for the functions that all kinds have, and for their own.
pub fn segment() -> Vec<Export> {
    let all = ["create", "open", "openOrCreate", "close", "unlink", "prune", "list"];
    let own = ["capacity", "used", "read", "write", "setCapacity", "append", "trim", "view", "openings"];
    [refusals(&all), refusals(&own)].concat()
}
