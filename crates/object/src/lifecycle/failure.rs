//! The system's refusals in the caller's terms.

use crate::error::Error;
use shmkit_os::OsError;
#[cfg(unix)]
use shmkit_os::map::Fault;

#[cfg(unix)]
impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::OutOfRange => Error::OutOfRange("the range is not within what is mapped".into()),
            Fault::Truncated => Error::Truncated,
            Fault::ReadOnly => Error::ReadOnly,
        }
    }
}

/// Codes of our own only where they say more than the system's: anything else keeps the name it has.
impl From<OsError> for Error {
    fn from(error: OsError) -> Self {
        if error.is_access() {
            return Error::Access(format!("{error}; check the owner and mode of the file and its folder"));
        }
        if error.is_unsupported() {
            return Error::Unsupported(error.to_string());
        }
        if error.is_wrong_kind() {
            return Error::Untrusted(format!("{error}: not a regular file"));
        }
        if error.is_no_space() && !error.is_out_of_memory() {
            return Error::NoSpaceFor(error);
        }
        Error::System(error)
    }
}
