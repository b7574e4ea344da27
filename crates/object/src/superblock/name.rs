//! The name in a superblock.
//!
//! It tells a file from a second link to it: another user may be allowed to link a file that it may not write, and
//! could give an object that it can read the name of one that its owner takes for private.

use std::fmt;

/// The bytes of the longest name.
pub(crate) const MOST_NAME_BYTES: usize = 100;

/// A name as a superblock stores it; empty for objects without a file, as in tests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StoredName {
    bytes: [u8; MOST_NAME_BYTES],
    len: u8,
}

impl StoredName {
    /// The empty name.
    pub const EMPTY: StoredName = StoredName { bytes: [0; MOST_NAME_BYTES], len: 0 };

    /// Returns a name in this form. It must be valid, so of at most 100 bytes.
    pub fn new(name: &str) -> StoredName {
        let mut stored = StoredName::EMPTY;
        stored.bytes[..name.len()].copy_from_slice(name.as_bytes());
        stored.len = name.len() as u8;
        stored
    }

    /// Returns the name that a file stores; `None` if it is too long, or not ASCII.
    pub(super) fn from_bytes(len: u64, bytes: [u8; MOST_NAME_BYTES]) -> Option<StoredName> {
        let name = bytes.get(..usize::try_from(len).ok()?)?;
        name.is_ascii().then(|| std::str::from_utf8(name).map(StoredName::new).ok())?
    }

    /// Returns the text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Debug for StoredName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}
