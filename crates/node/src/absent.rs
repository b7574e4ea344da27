//! What a system does not have, or not yet: each of these calls says so.

use crate::callback;
use crate::exports::Export;
use crate::runtime::call::{Call, Outcome};
use shmkit_object::error::Error;

fn refuse<'s>(_call: &Call<'s>) -> Outcome<'s> {
    let text = if cfg!(windows) {
        "segments, rings, memory maps of files and locks on their bytes do not exist on Windows yet"
    } else {
        "FreeBSD has no locks on bytes of a file that belong to an opening of it, which segments need too"
    };
    Err(Error::Unsupported(text.to_owned()).into())
}

#[cfg(windows)]
fn page_size<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.js.number(shmkit_os::map::page_size() as f64).map(Some)
}

/// Memory maps.
#[cfg(windows)]
pub(crate) mod map {
    use super::{Export, callback, page_size, refuse};

    /// What JavaScript can call.
    pub fn exports() -> Vec<Export> {
        let names = ["open", "mirror", "read", "write", "view", "flush", "advise", "lock", "close", "extend"];
        let mut exports: Vec<Export> = names.map(|name| (name, callback!(refuse) as _)).into();
        exports.push(("pageSize", callback!(page_size)));
        exports
    }
}

/// Locks on byte ranges of files.
pub(crate) mod range_lock {
    use super::{Export, callback, refuse};

    /// What JavaScript can call.
    pub fn exports() -> Vec<Export> {
        ["take", "release"].map(|name| (name, callback!(refuse) as _)).into()
    }
}

/// Segments.
pub(crate) mod segment {
    use super::{Export, callback, refuse};

    /// What JavaScript can call.
    pub fn exports() -> Vec<Export> {
        let names = [
            "create",
            "open",
            "openOrCreate",
            "unlink",
            "prune",
            "list",
            "capacity",
            "used",
            "read",
            "write",
            "setCapacity",
            "append",
            "trim",
            "view",
            "openings",
        ];
        names.map(|name| (name, callback!(refuse) as _)).into()
    }
}

/// Rings.
#[cfg(windows)]
pub(crate) mod ring {
    use super::{Export, callback, refuse};

    /// What JavaScript can call.
    pub fn exports() -> Vec<Export> {
        let names = [
            "create",
            "open",
            "openOrCreate",
            "unlink",
            "prune",
            "list",
            "send",
            "sendMany",
            "sendSync",
            "receive",
            "receiveSync",
            "wait",
            "stats",
        ];
        names.map(|name| (name, callback!(refuse) as _)).into()
    }
}
