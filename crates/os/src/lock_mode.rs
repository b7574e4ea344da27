//! The mode of a lock on bytes of a file.

/// How bytes are locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockMode {
    /// Together with other shared holders. The file must be open for reading.
    Shared,
    /// By one holder alone. The file must be open for writing.
    Exclusive,
}
