//! The page table word: who owns a page, and how it is cut.
//!
//! ```text
//! 63            32 31    24 23    16 15             0
//! |   generation   |   0    | class  |   shard + 1   |      shard + 1 = 0: free
//! ```

/// One word of the page table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageWord(pub u64);

impl PageWord {
    /// A page owned by `shard` and cut into blocks of `class`.
    #[inline]
    pub fn owned(shard: u32, class: u8, generation: u32) -> Self {
        PageWord(u64::from(shard + 1) | u64::from(class) << 16 | u64::from(generation) << 32)
    }

    /// The same page, owned by nobody.
    #[inline]
    pub fn freed(self) -> Self {
        PageWord(self.0 & !0xFFFF_FFFF)
    }

    /// Nobody owns it.
    #[inline]
    pub fn is_free(self) -> bool {
        self.0 & 0xFFFF == 0
    }

    /// True if `shard` owns it.
    #[inline]
    pub fn belongs_to(self, shard: u32) -> bool {
        self.0 & 0xFFFF == u64::from(shard + 1)
    }

    /// How it is cut.
    #[inline]
    pub fn class(self) -> u8 {
        (self.0 >> 16) as u8
    }

    /// Grows with every claim.
    #[inline]
    pub fn generation(self) -> u32 {
        (self.0 >> 32) as u32
    }

    /// True if `shard` owns it with blocks of `class`.
    #[inline]
    pub fn is_of(self, shard: u32, class: u8) -> bool {
        self.belongs_to(shard) && self.class() == class
    }
}
