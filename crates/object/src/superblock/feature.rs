//! The indexes of the words of features that not every file has, and the offsets of words that only some features use.

/// The number of feature words. A file in which one is not 0 that its [`Format`](super::Format) does not know is refused.
pub const COUNT: usize = 5;
/// The index of the feature word with flags.
pub const FLAGS: usize = 0;
/// The index of the feature word with the size that an object which grows began with.
pub const FIRST_SIZE: usize = 1;
/// The index of the feature word with the bytes of the change feed.
pub const FEED: usize = 2;
/// The index of the feature word with the bytes of record structures.
pub const RECORDS: usize = 3;
/// The index of the feature word with the size that an object may grow to.
pub const MAX_SIZE: usize = 4;

/// The offset of the word that names the participant which takes more memory.
pub const GROWER: u64 = 648;
/// The offset of the count of how often memory was taken.
pub const GROWN: u64 = 656;
