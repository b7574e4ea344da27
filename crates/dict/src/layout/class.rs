//! Size classes: which block sizes a page can be cut into.
//!
//! From 32 bytes to an eighth of a page there are eight classes per doubling (steps of at least 8
//! bytes), so at most 1/8 of a block is waste, 1/16 on average. Above, a page is cut into 7, 6, ... 1
//! blocks, because other sizes would waste the page's end.

/// The smallest block in bytes.
pub const SMALLEST: u32 = 32;
/// More classes than any page size has.
pub const MAX_CLASSES: usize = 96;

/// How a page is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Class {
    /// Bytes of a block.
    pub size: u32,
    /// Blocks in one page.
    pub per_page: u32,
    /// 2^32 divided by `size`, rounded up: see `number_of`.
    reciprocal: u32,
}

impl Class {
    fn new(size: u32, page_size: u32) -> Self {
        let reciprocal = (1_u64 << 32).div_ceil(u64::from(size)) as u32;
        Class { size, per_page: page_size / size, reciprocal }
    }

    /// The number of the block that starts at byte `within` of its page; `None` if none does.
    // A multiplication instead of a division. It is exact here: the reciprocal is too large by
    // less than 1, and `within`, at most 2^16, times that stays under the 2^32 / size that would show.
    #[inline]
    pub fn number_of(&self, within: u32) -> Option<u32> {
        let number = ((u64::from(within) * u64::from(self.reciprocal)) >> 32) as u32;
        (number * self.size == within && number < self.per_page).then_some(number)
    }
}

/// The size classes of one page size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Classes {
    classes: Vec<Class>,
    /// `by_eighth[(n + 7) / 8]` is the smallest class that holds `n` bytes.
    by_eighth: Vec<u8>,
}

impl Classes {
    /// The classes of pages of `page_size` bytes, a power of two from 1 KiB to 64 KiB.
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
        let classes = sizes.into_iter().map(|size| Class::new(size, page_size)).collect();
        Classes { classes, by_eighth }
    }

    /// How many classes there are.
    #[inline]
    pub fn count(&self) -> usize {
        self.classes.len()
    }

    /// The class of this number, if there is one.
    #[inline]
    pub fn get(&self, class: u8) -> Option<&Class> {
        self.classes.get(usize::from(class))
    }

    /// Bytes of a block of `class`, or `None` for a number that is no class.
    #[inline]
    pub fn size(&self, class: u8) -> Option<u32> {
        self.get(class).map(|class| class.size)
    }

    /// The smallest class whose blocks hold `bytes`, or `None` if a page is too small.
    #[inline]
    pub fn holding(&self, bytes: u64) -> Option<u8> {
        self.by_eighth.get(bytes.div_ceil(8) as usize).copied()
    }

    /// The class whose block is a whole page.
    #[inline]
    pub fn whole_page(&self) -> u8 {
        (self.classes.len() - 1) as u8
    }

    /// The largest class whose blocks are no larger than `bytes`, or `None` below the smallest.
    pub fn within(&self, bytes: u64) -> Option<u8> {
        (self.classes.partition_point(|class| u64::from(class.size) <= bytes) as u8).checked_sub(1)
    }

    /// Blocks of `class` in one page.
    #[inline]
    pub fn per_page(&self, class: u8) -> u32 {
        self.get(class).map_or(0, |class| class.per_page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waste_stays_under_an_eighth_up_to_an_eighth_of_a_page() {
        let classes = Classes::new(16 << 10);
        for bytes in 64..=(16 << 10) / 8 {
            let size = classes.size(classes.holding(bytes).unwrap()).unwrap();
            assert!(u64::from(size) - bytes <= bytes / 8 + 8, "{bytes} in {size}");
        }
    }

    #[test]
    fn every_page_size_has_classes_of_rising_size_that_end_with_a_whole_page() {
        for shift in 10..=16 {
            let classes = Classes::new(1 << shift);
            assert!(classes.classes.is_sorted_by(|a, b| a.size < b.size), "{classes:?}");
            assert_eq!(classes.size(classes.whole_page()), Some(1 << shift));
            assert!(classes.count() <= MAX_CLASSES);
            assert_eq!(classes.holding(1 << shift), Some(classes.whole_page()));
            assert_eq!(classes.holding((1 << shift) + 1), None);
            assert!(classes.classes.iter().all(|class| class.size % 8 == 0));
        }
    }

    #[test]
    fn every_block_of_every_class_is_found_by_its_offset_and_nothing_else_is() {
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
