//! What only Linux has so far: everywhere else each of these calls says so.

use crate::call::{Call, Outcome};
use crate::callback;
use crate::exports::Export;
use shmkit_core::error::Error;

fn page_size<'s>(call: &Call<'s>) -> Outcome<'s> {
    call.js.number(shmkit_os::map::page_size() as f64).map(Some)
}

fn refuse<'s>(_call: &Call<'s>) -> Outcome<'s> {
    let text = format!(
        "segments, rings, memory maps of files and locks on their bytes do not exist on {}",
        std::env::consts::OS
    );
    Err(Error::Unsupported(text).into())
}

/// Memory maps.
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
