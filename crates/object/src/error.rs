//! Errors, with their stable codes.

use shmkit_os::OsError;

/// An error. [`Error::code`] is stable; the message is for people and may change.
#[expect(missing_docs, reason = "the messages name the fields")]
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The name is not `[A-Za-z0-9_][A-Za-z0-9._-]{0,99}`.
    #[error("invalid name {0:?}: use 1 to 100 of A-Z a-z 0-9 . _ - and start with a letter, a digit or _")]
    InvalidName(String),
    /// `create` found an object of that name in use.
    #[error("a {title} named {name:?} already exists ({path}); open it, unlink it, or pass replace: true")]
    Exists { title: &'static str, name: String, path: String },
    /// `open` found no object of that name.
    #[error("there is no {title} named {name:?} ({path})")]
    NotFound { title: &'static str, name: String, path: String },
    /// The file system cannot hold the segment.
    #[error(
        "there is no space for the segment: {needed} bytes are needed, {free} bytes are free in {dir}{hint}"
    )]
    NoSpace { needed: u64, free: u64, dir: String, hint: String },
    /// The file system cannot hold something smaller than a segment.
    #[error("no space is left: {0}")]
    NoSpaceFor(OsError),
    /// There is no room for this entry or request.
    #[error("there is no room left{object}: {needed} bytes are needed, {free} bytes are free{advice}")]
    Full { needed: u64, free: u64, object: String, advice: String },
    /// A key or value above the documented limit.
    #[error("the {what} is too large: it has {size} bytes, the limit is {limit}")]
    TooLarge { what: &'static str, size: u64, limit: u64 },
    /// The stored value is not of the type that the call works on.
    #[error("wrong type: {0}")]
    WrongType(&'static str),
    /// The result of `incr` is not a finite double, or does not fit into an int64.
    #[error("overflow: {0}; the value is unchanged")]
    Overflow(&'static str),
    /// The live holder of a lock made no progress in time.
    #[error("lock timeout: process {pid} holds a lock and made no progress for {waited_ms} ms")]
    LockTimeout { pid: u32, waited_ms: u64 },
    /// The call would wait for its own thread.
    #[error("deadlock: {0}")]
    Deadlock(&'static str),
    /// Live holders of a lock made progress, but the caller did not get it in ten times the time.
    #[error(
        "lock timeout: other processes have held a lock in turn for {waited_ms} ms, the last one with pid {pid}"
    )]
    LockStarved { pid: u32, waited_ms: u64 },
    /// Another live process holds a name lock, which otherwise takes microseconds.
    #[error(
        "lock timeout: other processes have held the name {path} for {waited_ms} ms; one of them may be stopped"
    )]
    NameHeld { path: String, waited_ms: u64 },
    /// The value changed during every attempt to copy it.
    #[error("contention: the value changed during every attempt to read it, for {waited_ms} ms")]
    Contention { waited_ms: u64 },
    /// The job is not claimed by the caller any more.
    #[error("the job is not claimed by this handle any more")]
    NotClaimed,
    /// A write through a read-only handle.
    #[error("the handle is read-only")]
    ReadOnly,
    /// Use after `close`.
    #[error("the handle is closed")]
    Closed,
    /// Another process replaced the object while this handle had it open.
    #[error("another process replaced the object while this handle had it open; open the name again")]
    Retired,
    /// The file is not one of shmkit, or has a layout that this build cannot use.
    #[error("unusable layout: {0}")]
    Layout(String),
    /// Damage that could not be repaired.
    #[error("the segment is damaged: {0}")]
    Corrupt(String),
    /// `open_or_create` found an object that was created with different options.
    #[error("the object was created with different options: {0}")]
    OptionsMismatch(String),
    /// The file belongs to another user, is a link, or is not a regular file.
    #[error("untrusted file: {0}")]
    Untrusted(String),
    /// The system denied access.
    #[error("access denied: {0}")]
    Access(String),
    /// Live processes hold all participant slots.
    #[error("live processes hold all {0} participant slots; a larger segment has more (up to 1,023)")]
    TooManyProcesses(u32),
    /// The bytes of mapped memory are gone.
    #[error("the file was truncated while it was mapped, or its storage failed")]
    Truncated,
    /// The handle was opened before a raw fork of this process.
    #[error("this handle belongs to the parent process: it was opened before a fork")]
    Forked,
    /// The file system, kernel or runtime lacks a feature.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// The object does not exist, and cannot be created without this option.
    #[error("The \"options.{0}\" property must be given: the object does not exist, and is to be created")]
    MissingOption(&'static str),
    /// An option is out of range for this size.
    #[error("out of range: {0}")]
    OutOfRange(String),
    /// Any other system failure, under its own name: EMFILE, ENOMEM, EIO.
    #[error("{0}{hint}", hint = hint(.0))]
    System(OsError),
}

/// The result of the engine's calls.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Returns the code that JavaScript sees as `error.code`: one of shmkit's, or the system's own name of the failure.
    pub fn code(&self) -> &'static str {
        match self {
            Error::InvalidName(_) => "ERR_SHM_INVALID_NAME",
            Error::Exists { .. } => "ERR_SHM_EXISTS",
            Error::NotFound { .. } => "ERR_SHM_NOT_FOUND",
            Error::NoSpace { .. } | Error::NoSpaceFor(_) => "ERR_SHM_NO_SPACE",
            Error::Full { .. } => "ERR_SHM_FULL",
            Error::TooLarge { .. } => "ERR_SHM_TOO_LARGE",
            Error::WrongType(_) => "ERR_SHM_WRONG_TYPE",
            Error::Overflow(_) => "ERR_SHM_OVERFLOW",
            Error::Deadlock(_) => "ERR_SHM_DEADLOCK",
            Error::LockTimeout { .. } | Error::LockStarved { .. } | Error::NameHeld { .. } => {
                "ERR_SHM_LOCK_TIMEOUT"
            }
            Error::Contention { .. } => "ERR_SHM_CONTENTION",
            Error::NotClaimed => "ERR_SHM_NOT_CLAIMED",
            Error::ReadOnly => "ERR_SHM_READONLY",
            Error::Closed => "ERR_SHM_CLOSED",
            Error::Retired => "ERR_SHM_RETIRED",
            Error::Layout(_) => "ERR_SHM_LAYOUT",
            Error::Corrupt(_) => "ERR_SHM_CORRUPT",
            Error::OptionsMismatch(_) => "ERR_SHM_OPTIONS_MISMATCH",
            Error::Untrusted(_) => "ERR_SHM_UNTRUSTED",
            Error::Access(_) => "ERR_SHM_ACCESS",
            Error::TooManyProcesses(_) => "ERR_SHM_TOO_MANY_PROCESSES",
            Error::Truncated => "ERR_SHM_TRUNCATED",
            Error::Forked => "ERR_SHM_FORKED",
            Error::MissingOption(_) => "ERR_INVALID_ARG_TYPE",
            Error::OutOfRange(_) => "ERR_OUT_OF_RANGE",
            Error::Unsupported(_) => "ERR_SHM_UNSUPPORTED",
            Error::System(error) => error.posix_name(),
        }
    }
}

/// Returns what to do about a system failure, as the end of a sentence; empty if there is no advice.
pub fn hint(error: &OsError) -> &'static str {
    if error.is_too_many_files() {
        return "; raise the limit of open files (ulimit -n)";
    }
    if error.is_out_of_memory() {
        return "; check the limits of memory and address space (the control group's, ulimit -v)";
    }
    ""
}
