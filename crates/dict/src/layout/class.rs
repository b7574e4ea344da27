//! Size classes: the block sizes that a page can be divided into.
//!
//! From 32 bytes to an eighth of a page there are eight classes per doubling (steps of at least 8
//! bytes), so at most 1/8 of a block is wasted, 1/16 on average. Above that, a page is divided into 7, 6, ... 1
//! blocks, because other sizes would waste the end of the page. One more class, also of a whole page, marks the page
//! that a shard keeps in reserve; no entry is ever meant to stay in it.

/// The smallest block in bytes.
pub(crate) const SMALLEST: u32 = 32;
/// Upper bound of the number of classes.
pub(crate) const MAX_CLASSES: usize = 96;

/// A size class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Bytes per block.
    pub size: u32,
    /// Blocks per page.
    pub per_page: u32,
    /// 2^32 divided by `size`, rounded up: see `number_of`.
    reciprocal: u32,
}

impl Class {
    fn new(size: u32, page_size: u32) -> Self {
        let reciprocal = (1_u64 << 32).div_ceil(u64::from(size)) as u32;
        Class { size, per_page: page_size / size, reciprocal }
    }

    /// Returns the number of the block that starts at byte `within` of its page, if one does.
    // A multiplication instead of a division. It is exact: the reciprocal is too large by less than 1, and `within`,
    // at most 2^16, times that error stays below the 2^32 / size that would change the result.
    #[inline]
    pub fn number_of(&self, within: u32) -> Option<u32> {
        let number = ((u64::from(within) * u64::from(self.reciprocal)) >> 32) as u32;
        (number * self.size == within && number < self.per_page).then_some(number)
    }
}

/// The size classes of one page size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes {
    /// The classes of entries, and the one of reserves.
    classes: Vec<Class>,
    /// `by_eighth[(n + 7) / 8]` is the smallest class whose blocks hold `n` bytes.
    by_eighth: Vec<u8>,
}

impl Classes {
    /// Returns the classes of pages of `page_size` bytes, a power of two from 1 KiB to 64 KiB.
    pub fn new(page_size: u32) -> Self {
        debug_assert!(page_size.is_power_of_two());
        let mut sizes = vec![SMALLEST];
        let mut size = SMALLEST;
        while size < page_size / 8 {
            size += ((1 << size.ilog2()) / 8).max(8);
            sizes.push(size);
        }
        sizes.extend((1..8).rev().map(|parts| (page_size / parts) & !7));
        let mut by_eighth = Vec::with_capacity(page_size as usize / 8 + 1);
        for eighth in 0..=page_size / 8 {
            by_eighth.push(sizes.partition_point(|&size| size < eighth * 8) as u8);
        }
        sizes.push(page_size);
        let classes = sizes.into_iter().map(|size| Class::new(size, page_size)).collect();
        Classes { classes, by_eighth }
    }

    /// Returns the number of classes of entries.
    #[inline]
    pub fn count(&self) -> usize {
        self.classes.len() - 1
    }

    /// Returns the class of the page that a shard keeps in reserve.
    #[inline]
    pub fn reserve(&self) -> u8 {
        (self.classes.len() - 1) as u8
    }

    /// Returns the class with this number, if it exists.
    #[inline]
    pub fn get(&self, class: u8) -> Option<&Class> {
        self.classes.get(usize::from(class))
    }

    /// Returns the bytes per block of `class`, if it exists.
    #[inline]
    pub fn size(&self, class: u8) -> Option<u32> {
        self.get(class).map(|class| class.size)
    }

    /// Returns the smallest class whose blocks hold `bytes`; `None` if a page is too small.
    #[inline]
    pub fn holding(&self, bytes: u64) -> Option<u8> {
        self.by_eighth.get(bytes.div_ceil(8) as usize).copied()
    }

    /// Returns the class whose block is a whole page.
    #[inline]
    pub fn whole_page(&self) -> u8 {
        (self.classes.len() - 2) as u8
    }

    /// Returns the largest class whose blocks are no larger than `bytes`; `None` below the smallest.
    pub fn within(&self, bytes: u64) -> Option<u8> {
        let entries = &self.classes[..self.count()];
        (entries.partition_point(|class| u64::from(class.size) <= bytes) as u8).checked_sub(1)
    }

    /// Returns the blocks per page of `class`.
    #[inline]
    pub fn per_page(&self, class: u8) -> u32 {
        self.get(class).map_or(0, |class| class.per_page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_up_to_an_eighth_of_a_page_waste_at_most_an_eighth() {
        let classes = Classes::new(16 << 10);
        for bytes in 64..=(16 << 10) / 8 {
            let size = classes.size(classes.holding(bytes).unwrap()).unwrap();
            assert!(u64::from(size) - bytes <= bytes / 8 + 8, "{bytes} in {size}");
        }
    }

    #[test]
    fn classes_of_every_page_size_ascend_to_a_whole_page() {
        for shift in 10..=16 {
            let classes = Classes::new(1 << shift);
            let entries = &classes.classes[..classes.count()];
            assert!(entries.is_sorted_by(|a, b| a.size < b.size), "{classes:?}");
            assert_eq!(classes.size(classes.reserve()), Some(1 << shift));
            assert_eq!(classes.within(u64::MAX), Some(classes.whole_page()));
            assert_eq!(classes.size(classes.whole_page()), Some(1 << shift));
            assert!(classes.count() < MAX_CLASSES);
            assert_eq!(classes.holding(1 << shift), Some(classes.whole_page()));
            assert_eq!(classes.holding((1 << shift) + 1), None);
            assert!(classes.classes.iter().all(|class| class.size % 8 == 0));
        }
    }

    #[test]
    fn number_of_finds_exactly_the_offsets_where_blocks_start() {
        for shift in 10..=16 {
            for class in &Classes::new(1 << shift).classes {
                for within in 0..1 << shift {
                    let (number, rest) = (within / class.size, within % class.size);
                    let expected = (rest == 0 && number < class.per_page).then_some(number);
                    assert_eq!(class.number_of(within), expected, "{within} in {class:?}");
                }
            }
        }
    }
}
