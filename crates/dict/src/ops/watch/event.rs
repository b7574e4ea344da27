//! What a watcher hears.

use crate::feed::Change;
use crate::value::Key;

/// An event of a dictionary.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Event<'k> {
    /// One entry has changed. The version is that of the entry after a [`Change::Set`].
    Changed(Change, Key<'k>, u64),
    /// The dictionary was cleared.
    Cleared,
    /// This many changes were missed; `None` if that is not known.
    Missed(Option<u64>),
}

/// A record of a later epoch than those before it.
#[derive(Debug)]
pub(super) struct Later {
    pub(super) epoch: u64,
    pub(super) change: Change,
    pub(super) key: Option<(Vec<u8>, bool)>,
    pub(super) version: u64,
}
