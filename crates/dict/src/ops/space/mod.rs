//! Making space: reclaiming expired and cleared entries, evicting, compacting.

mod compact;
mod evict_pages;
pub(crate) mod grow;
pub(crate) mod make_space;
pub(crate) mod needed;
mod reclaim;
pub(crate) mod sweep;
