//! The byte format of a segment: offsets and words, no behaviour.
//!
//! ```text
//! superblock | participants | levels  | statistics | shards | index | page table | bitmaps | pages
//!    1 KiB      16 B a slot   2 B each   64 B each            64 B      8 B a page            page size
//!                                                           a bucket
//! ```
//! Everything is little-endian, every word 8-aligned, and no absolute pointer is ever stored: blocks
//! are named by their offset. `docs/format.md` shows every byte.

pub mod class;
pub mod geometry;
pub mod hash;
pub mod header;
pub mod page;
pub mod plain;
pub mod shape;
pub mod shard;
mod sizing;
pub mod statistics;
pub mod version;
pub mod word;
