//! The byte format of a segment: offsets and words, no behaviour.
//!
//! ```text
//! superblock | participants | levels  | statistics | shards | index | page table | bitmaps | feed | pages
//!    1 KiB      16 B per slot 2 B each   64 B each            64 B      8 B per page                  page size
//!                                                           per bucket
//! ```
//! Everything is little-endian and every word is aligned to 8 bytes. Absolute pointers are never stored: blocks are
//! identified by their offset. `docs/format.md` shows every byte.

pub(crate) mod class;
pub(crate) mod feed;
pub(crate) mod geometry;
pub(crate) mod hash;
pub(crate) mod header;
pub(crate) mod index_shape;
pub(crate) mod page;
pub(crate) mod plain;
pub(crate) mod shape;
pub(crate) mod shard;
pub(crate) mod sizing;
pub(crate) mod statistics;
pub(crate) mod version;
pub(crate) mod word;
