//! Making space: reclaiming expired and cleared entries, evicting, compacting.

mod compact;
pub(crate) mod make_space;
pub(crate) mod sweep;
