//! Dictionaries.

pub(crate) mod batch;
pub(crate) mod inspect;
pub(crate) mod key;
pub(crate) mod lease;
pub(crate) mod lifecycle;
pub(crate) mod list;
pub(crate) mod many;
pub(crate) mod open;
pub(crate) mod quick;
pub(crate) mod read;
pub(crate) mod scan;
pub(crate) mod write;
