//! The page table word: the owner of a page and its size class.
//!
//! ```text
//! 63            32 31    24 23    16 15             0
//! |   generation   |   0    | class  |   shard + 1   |      shard + 1 = 0: free
//! ```

/// One word of the page table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageWord(pub u64);

impl PageWord {
    /// Returns the word of a page that `shard` owns and that is divided into blocks of `class`.
    #[inline]
    pub(crate) fn owned(shard: u32, class: u8, generation: u32) -> Self {
        PageWord(u64::from(shard + 1) | u64::from(class) << 16 | u64::from(generation) << 32)
    }

    /// Returns the word of the same page without an owner.
    #[inline]
    pub(crate) fn freed(self) -> Self {
        PageWord(self.0 & !0xFFFF_FFFF)
    }

    /// Returns whether no shard owns the page.
    #[inline]
    pub(crate) fn is_free(self) -> bool {
        self.0 & 0xFFFF == 0
    }

    /// Returns the shard that owns the page.
    #[inline]
    pub(crate) fn shard(self) -> Option<u32> {
        (self.0 as u32 & 0xFFFF).checked_sub(1)
    }

    /// Returns whether `shard` owns the page.
    #[inline]
    pub(crate) fn belongs_to(self, shard: u32) -> bool {
        self.0 & 0xFFFF == u64::from(shard + 1)
    }

    /// Returns the size class of its blocks.
    #[inline]
    pub(crate) fn class(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// Returns the generation, which every claim raises.
    #[inline]
    pub(crate) fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// Returns whether `shard` owns the page and its blocks are of `class`.
    #[inline]
    pub(crate) fn is_of(self, shard: u32, class: u8) -> bool {
        self.belongs_to(shard) && self.class() == class
    }
}
