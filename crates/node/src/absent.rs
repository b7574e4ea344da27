//! Stubs for what FreeBSD lacks: locks on bytes of a file that belong to an opening of it.

use crate::callback;
use crate::exports::Export;
use crate::runtime::call::{Call, Outcome};
use shmkit_object::error::Error;

fn refuse<'s>(_call: &Call<'s>) -> Outcome<'s> {
    let text = "FreeBSD has no locks on bytes of a file that belong to an opening of it";
    Err(Error::Unsupported(text.to_owned()).into())
}

/// Lists the stubs of locks on byte ranges of files. Each throws `ERR_SHM_UNSUPPORTED`.
pub fn range_lock() -> Vec<Export> {
    vec![("take", callback!(refuse)), ("release", callback!(refuse))]
}
