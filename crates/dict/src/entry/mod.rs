//! An entry: one block, or a chain of blocks, that an index word points at.
//!
//! ```text
//!  0  version                                   layout::version
//!  8  header                                    layout::header
//!     scalar cells, 2 x 8     of a number or bigint
//!     list cells, 2 x 32      of a list: head, tail, length, sequence number of the last removal
//!     deadline cells, 2 x 8   if it has a TTL, and always if chained or a list
//!     checks, 16              with checksums: payload (4) + 0 (4) | cells 0 (4) | cells 1 (4)
//!     chain, 16               if chained: link to the next block | length of the value
//!     key, then value, up to the end of the block
//! ```
//! A piece of a chain is `link | header | payload`. The version's cell bit selects the current one of each pair of
//! cells, so that storing the next version commits a change of all of them at once.

pub(crate) mod blocks;
pub(crate) mod cells;
pub(crate) mod chain;
pub(crate) mod piece_plan;
pub(crate) mod plain;
pub(crate) mod read;
pub(crate) mod view;
pub(crate) mod write;

pub(crate) use crate::layout::shape::Shape;
pub(crate) use cells::Cells;
