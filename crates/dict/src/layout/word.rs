//! The index word: an entry exists exactly if an index word points at it.
//!
//! ```text
//! 63        48 47          36 35                     0
//! |   tag     |  generation  |   block offset / 8     |      0 = empty
//! |  16 bits  |   12 bits    |        36 bits         |
//! ```

const BLOCK_BITS: u32 = 36;
const GENERATION_BITS: u32 = 12;
const BLOCK_MASK: u64 = (1 << BLOCK_BITS) - 1;
const GENERATION_MASK: u64 = (1 << GENERATION_BITS) - 1;

/// A pointer to an entry's block, or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct IndexWord(pub u64);

impl IndexWord {
    /// No entry.
    pub(crate) const EMPTY: IndexWord = IndexWord(0);

    /// Returns the word for the block at byte `offset` (a multiple of 8) on a page of `generation`.
    #[inline]
    pub(crate) fn new(offset: u64, generation: u32, tag: u16) -> Self {
        debug_assert!(offset.is_multiple_of(8) && offset / 8 <= BLOCK_MASK);
        let generation = u64::from(generation) & GENERATION_MASK;
        IndexWord(
            (offset / 8) | (generation << BLOCK_BITS) | (u64::from(tag) << (BLOCK_BITS + GENERATION_BITS)),
        )
    }

    /// Returns whether the slot is empty.
    #[inline]
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the byte offset of the block.
    #[inline]
    pub(crate) fn block(self) -> u64 {
        (self.0 & BLOCK_MASK) * 8
    }

    /// Returns the low bits of the generation of the block's page.
    #[inline]
    pub(crate) fn generation(self) -> u32 {
        (self.0 >> BLOCK_BITS & GENERATION_MASK) as u32
    }

    /// Returns 16 bits of the key's hash.
    #[inline]
    pub(crate) fn tag(self) -> u16 {
        (self.0 >> (BLOCK_BITS + GENERATION_BITS)) as u16
    }

    /// Returns whether the word belongs to a page of `generation`.
    #[inline]
    pub(crate) fn is_of_generation(self, generation: u32) -> bool {
        u64::from(self.generation()) == u64::from(generation) & GENERATION_MASK
    }
}

/// A link of a chain: the next block, and the number of blocks from there to the end, including it.
///
/// ```text
/// 63                  36 35                     0
/// |   blocks left       |   block offset / 8     |      0 = the end
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link(pub u64);

impl Link {
    /// The end of a chain.
    pub const END: Link = Link(0);
    /// Maximum number of blocks in a chain.
    pub const MAX_BLOCKS: u64 = (1 << 28) - 1;

    /// Returns a link to the block at byte `offset`, the first of `blocks`.
    #[inline]
    pub fn new(offset: u64, blocks: u64) -> Self {
        debug_assert!(offset.is_multiple_of(8) && offset / 8 <= BLOCK_MASK && blocks <= Self::MAX_BLOCKS);
        Link((offset / 8) | (blocks << BLOCK_BITS))
    }

    /// Returns the byte offset of the block; 0 at the end.
    #[inline]
    pub fn block(self) -> u64 {
        (self.0 & BLOCK_MASK) * 8
    }

    /// Returns the number of blocks from there to the end.
    #[inline]
    pub fn blocks(self) -> u64 {
        self.0 >> BLOCK_BITS
    }
}
