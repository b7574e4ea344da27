//! Conversion of system errors.

use crate::error::Error;
use shmkit_os::OsError;
use shmkit_os::map::Fault;

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::OutOfRange => Error::OutOfRange("the range is not within the mapped bytes".into()),
            Fault::Truncated => Error::Truncated,
            Fault::NoSpace => Error::NoSpaceFor(OsError::no_space("write")),
            Fault::ReadOnly => Error::ReadOnly,
        }
    }
}

/// Converts to a code of our own only where that says more than the system's.
impl From<OsError> for Error {
    fn from(error: OsError) -> Self {
        if error.is_access_denied() {
            return Error::Access(format!("{error}; check the owner and mode of the file and its directory"));
        }
        if error.is_leased() {
            return Error::Access(format!("{error}: another process holds a lease on the file"));
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
