//! Everything that can go wrong, each with the stable code users see.

use shmkit_os::OsError;

/// An error of the dictionary. [`Error::code`] is stable; the text is for people.
#[expect(missing_docs, reason = "the messages name the fields")]
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The name is not `[A-Za-z0-9_][A-Za-z0-9._-]{0,99}`.
    #[error("invalid name {0:?}: use 1 to 100 of A-Z a-z 0-9 . _ - and start with a letter, a digit or _")]
    InvalidName(String),
    /// `create` found a live object of that name.
    #[error("a {title} named {name:?} exists already ({path}); open it, unlink it, or pass replace: true")]
    Exists { title: &'static str, name: String, path: String },
    /// `open` found nothing of that name.
    #[error("no {title} named {name:?} ({path})")]
    NotFound { title: &'static str, name: String, path: String },
    /// The file system cannot hold the segment.
    #[error("no space for the segment: {needed} bytes needed, {free} bytes free in {dir}{hint}")]
    NoSpace { needed: u64, free: u64, dir: String, hint: String },
    /// The file system has no room for something smaller than a segment.
    #[error("no space: {0}")]
    NoSpaceFor(OsError),
    /// No room for this entry, or request.
    #[error("no room is left: {needed} bytes needed, {free} bytes free")]
    Full { needed: u64, free: u64 },
    /// A key or value above the documented limit.
    #[error("the {what} is too large: {size} bytes, at most {limit} are allowed")]
    TooLarge { what: &'static str, size: u64, limit: u64 },
    /// The stored value is not of the kind this call works on.
    #[error("wrong type: {0}")]
    WrongType(&'static str),
    /// `incr` would leave the finite doubles or the int64 range.
    #[error("overflow: {0}; the value is unchanged")]
    Overflow(&'static str),
    /// A lock's living holder made no progress in time.
    #[error("lock timeout: process {pid} holds a lock and made no progress for {waited_ms} ms")]
    LockTimeout { pid: u32, waited_ms: u64 },
    /// Somebody alive holds a name, which everybody else does for a moment only.
    #[error(
        "lock timeout: another process has held the name {path} for {waited_ms} ms (is it stopped?), \
         or others were always faster"
    )]
    NameHeld { path: String, waited_ms: u64 },
    /// A write through a read-only handle.
    #[error("the handle is read-only")]
    ReadOnly,
    /// Use after `close`.
    #[error("the handle is closed")]
    Closed,
    /// The segment was replaced under this handle.
    #[error("the segment was replaced under this handle; open it again")]
    Retired,
    /// Not a file of shmkit, or of a layout this build cannot use.
    #[error("unusable layout: {0}")]
    Layout(String),
    /// Damage that could not be repaired.
    #[error("the segment is damaged: {0}")]
    Corrupt(String),
    /// `open_or_create` found a segment made with other options.
    #[error("the segment was made with other options: {0}")]
    OptionsMismatch(String),
    /// The file belongs to another user, is a link, or is not a regular file.
    #[error("untrusted file: {0}")]
    Untrusted(String),
    /// The system refused.
    #[error("access denied: {0}")]
    Access(String),
    /// Every participant slot is held by a living process.
    #[error(
        "all {0} participant slots are held by living processes; a larger segment has more (up to 1,023)"
    )]
    TooManyProcesses(u32),
    /// Mapped memory lost its file.
    #[error("the file became shorter than it must be, or its storage failed")]
    Truncated,
    /// The handle was made before a raw fork of this process.
    #[error("this handle belongs to the parent process: it was made before a fork")]
    Forked,
    /// The file system, kernel or runtime lacks something needed.
    #[error("unsupported: {0}")]
    Unsupported(String),
    /// An option has a value that this segment size cannot serve.
    #[error("out of range: {0}")]
    OutOfRange(String),
    /// Any other failure of the system, which keeps its own name: EMFILE, ENOMEM, EIO.
    #[error("{0}{hint}", hint = hint(.0))]
    System(OsError),
}

/// What the engine's calls return.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The code that JavaScript sees as `error.code`: one of shmkit's, or the system's own name of its failure.
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
            Error::LockTimeout { .. } | Error::NameHeld { .. } => "ERR_SHM_LOCK_TIMEOUT",
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
            Error::OutOfRange(_) => "ERR_OUT_OF_RANGE",
            Error::Unsupported(_) => "ERR_SHM_UNSUPPORTED",
            Error::System(error) => error.posix_name(),
        }
    }
}

/// What to do about a failure of the system, as the end of a sentence; empty if there is no advice.
pub fn hint(error: &OsError) -> &'static str {
    if error.is_too_many_files() {
        return "; raise the limit of open files (ulimit -n)";
    }
    if error.is_out_of_memory() {
        return "; check the limits of memory and address space (the control group's, ulimit -v)";
    }
    ""
}
