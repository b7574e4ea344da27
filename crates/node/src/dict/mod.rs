//! Dictionaries.

pub(crate) mod batch;
pub(crate) mod fast_calls;
pub(crate) mod handle;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod lease;
pub(crate) mod lifecycle;
pub(crate) mod list;
pub(crate) mod many;
pub(crate) mod read;
pub(crate) mod scan;
pub(crate) mod write;
