//! The epoch word, which `clear` advances, and in which changes of the object's name are marked. Each mark is one bit, so
//! that no process can die between two stores of it.

/// The object was replaced.
const RETIRED: u64 = 1 << 63;
/// The object's name was removed.
const UNLINKED: u64 = 1 << 62;
/// The object has no owner any more, although it was created with one.
const ADOPTED: u64 = 1 << 61;
const MARKS: u64 = RETIRED | UNLINKED | ADOPTED;

/// The epoch word: the marks and the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EpochWord(pub u64);

impl EpochWord {
    /// Returns whether the object was replaced.
    #[inline]
    pub fn is_retired(self) -> bool {
        self.0 & RETIRED != 0
    }

    /// Returns whether the object's name was removed by a process of shmkit; not whether by other programs.
    pub(crate) fn is_unlinked(self) -> bool {
        self.0 & UNLINKED != 0
    }

    /// Returns whether the object lives until its name is removed, although it was created with an owner.
    pub(crate) fn is_adopted(self) -> bool {
        self.0 & ADOPTED != 0
    }

    pub(crate) fn unlinked(self) -> EpochWord {
        EpochWord(self.0 | UNLINKED)
    }

    pub(crate) fn adopted(self) -> EpochWord {
        EpochWord(self.0 | ADOPTED)
    }

    /// Returns the word that marks the object as replaced, also if it was marked before. Both halves change in one store, because a local cache reads
    /// only the lower one.
    pub fn retired(self) -> EpochWord {
        if self.is_retired() {
            return self;
        }
        let low = (self.0 as u32).wrapping_add(1);
        EpochWord(self.0 >> 32 << 32 | u64::from(low) | RETIRED)
    }

    /// Returns the epoch, which `clear` increments.
    #[inline]
    pub fn epoch(self) -> u64 {
        self.0 & !MARKS
    }

    /// Returns whether a shard's live word counts entries of this epoch.
    #[inline]
    pub fn is_epoch_of(self, live: u64) -> bool {
        live >> 32 == self.epoch() & 0xFFFF_FFFF
    }

    /// Returns the part of the epoch that entries store.
    #[inline]
    pub fn tag(self) -> u16 {
        self.0 as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_change_neither_the_epoch_nor_each_other() {
        let epoch = EpochWord(7);
        let marked = epoch.adopted().unlinked();
        assert!(marked.is_adopted() && marked.is_unlinked() && !marked.is_retired());
        assert_eq!((marked.epoch(), marked.tag()), (7, 7));
        assert!(marked.is_epoch_of(7 << 32));
        let cleared = EpochWord(marked.0 + 1);
        assert!(cleared.is_adopted() && cleared.is_unlinked());
        assert_eq!(cleared.epoch(), 8);
        let retired = marked.retired();
        assert!(retired.is_retired() && retired.is_adopted());
        assert_eq!(retired.retired(), retired);
    }
}
