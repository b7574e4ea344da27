//! Hostile memory: whatever bytes a segment contains, the process that uses it stays alive and returns from every call,
//! and with checksums it never gets a value that no writer wrote.
//!
//! A panic inside a call becomes an error in JavaScript. It counts as an error here if it leaves no lock held and the next
//! call works.

mod circular_lists;
mod flips;
mod mutations;
mod population;
pub(super) mod random;
mod scribbler;
mod script;
mod stray_words;
mod trial;
