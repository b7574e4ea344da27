//! Stubs for what a system lacks. Each call throws `ERR_SHM_UNSUPPORTED`.

use crate::callback;
use crate::exports::Export;
use crate::runtime::call::{Call, Outcome};
use shmkit_object::error::Error;

fn refuse<'s>(_call: &Call<'s>) -> Outcome<'s> {
    let text = if cfg!(windows) {
        "segments, rings, channels, memory maps of files and locks on their bytes do not exist on Windows yet"
    } else {
        "FreeBSD has no locks on bytes of a file that belong to an opening of it, which segments need too"
    };
    Err(Error::Unsupported(text.to_owned()).into())
}

#[cfg(windows)]
fn page_size<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.js.number(shmkit_os::map::page_size() as f64).map(Some)
}

fn refusals(names: &[&'static str]) -> Vec<Export> {
    names.iter().map(|name| (*name, callback!(refuse) as _)).collect()
}

/// Lists stubs for the functions that all kinds have, and for a kind's own.
fn kind_refusals(own: &[&'static str]) -> Vec<Export> {
    let all = ["create", "open", "openOrCreate", "close", "unlink", "prune", "list"];
    [refusals(&all), refusals(own)].concat()
}

/// Lists the stubs of memory maps.
#[cfg(windows)]
pub fn map() -> Vec<Export> {
    let names = ["open", "mirror", "read", "write", "view", "flush", "advise", "lock", "close", "extend"];
    [refusals(&names), vec![("pageSize", callback!(page_size) as _)]].concat()
}

/// Lists the stubs of locks on byte ranges of files.
pub fn range_lock() -> Vec<Export> {
    refusals(&["take", "release"])
}

/// Lists the stubs of segments.
pub fn segment() -> Vec<Export> {
    kind_refusals(&["capacity", "used", "read", "write", "setCapacity", "append", "trim", "view", "openings"])
}

/// Lists the stubs of rings.
#[cfg(windows)]
pub fn ring() -> Vec<Export> {
    kind_refusals(&["send", "sendMany", "sendSync", "receive", "receiveSync", "wait", "stats"])
}

/// Lists the stubs of channels.
#[cfg(windows)]
pub fn channel() -> Vec<Export> {
    kind_refusals(&["post", "subscribe", "next", "wait", "stats"])
}
