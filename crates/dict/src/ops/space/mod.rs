//! Making space: reclaiming expired and cleared entries, evicting, compacting.

mod compact;
pub(crate) mod room;
pub(crate) mod sweep;
