//! Hostile memory: whatever bytes a segment holds, the process that uses it stays alive, comes back
//! from every call, and with checksums never sees a value that nobody wrote.
//!
//! A panic inside of a call becomes an error in JavaScript. It counts as one here if it leaves no lock
//! behind and the next call works.

mod circular_lists;
mod flips;
mod mutations;
mod population;
pub(super) mod random;
mod scribbler;
mod script;
mod stray_words;
mod trial;
