//! The layout of a queue's file.
//!
//! ```text
//!      0  superblock, participants
//! 17,408  lock (4) | - | jobs (8): twice their number, 1 more while it changes | progress (8) | last check (8)
//! 17,472  an eventcount (4), notified when a job became ready
//! 17,536  intent: cell + 1 (8; 0 none) | its word after (8) | counter (8) | its value after (8)
//! 17,600  last number (8) | last place (8) | last claim (8) | pushed (8) | done (8) | failed (8) | returned (8)
//! 17,664  cells ever used (4) | first free one (4) | free ones (4) | claimed jobs (4) | when the next delayed one is due (8)
//! 17,688  buckets in use less one (4), in a queue that grows
//! 17,728  ready: first (4), last (4), number (8) | dead: the same | number of delayed (4), of returned (4)
//! 17,792  claims of each participant: first (4), last (4)
//! 25,984  buckets (4 each) | delayed jobs (4 each) | returned jobs (4 each) | cells (128 each)
//! ```
//! In a queue that grows, the tables begin at 28,672 and have places for as many cells as there can be, the buckets too; each
//! table, and the cells, begin at a page. What has memory are the first cells and their places, as many as the word
//! in the superblock counts that dictionaries count their pages with.
//!
//! A job is a cell, and further ones for what does not fit into it. Cells are named by their index plus one: 0 is none.
//!
//! ```text
//!   0  word: state (3 bits) | - | attempts (16 bits from bit 8) | slot (10, from 24) | generation (21, from 34)
//!   8  number | 16  place | 24  due | 32  since | 40  claim
//!  48  next (4), previous (4) in its list, or place in its heap (4) | 56  next of its bucket (4)
//!  64  cells of the value (4; 0: it is in this cell) | 72  cells of the id (4; 0: here), its length (16), form (16)
//!  80  length (32) and kind (8) of a value in this cell | 88  40 bytes: the id, then the value
//! ```
//! Another cell is a word whose upper half names the next one, and 120 bytes; the first of a value starts with length
//! and kind. Everything from 17,664 on except the number of cells ever used, and bytes 48 to 64 of a cell, follow from
//! the rest, and are rebuilt after a death.

use shmkit_object::membership::body_at;
use shmkit_object::participants::SLOTS;

/// Offset of the lock.
pub(super) const LOCK: u64 = body_at(SLOTS);
/// Offset of twice the number of jobs, and 1 more while they change.
pub(super) const JOBS: u64 = LOCK + 8;
/// Offset of a number that grows with every change.
pub(super) const PROGRESS: u64 = LOCK + 16;
/// Offset of the time of the last check for dead claimers (a hint).
pub(super) const CHECKED: u64 = LOCK + 24;
/// Offset of the eventcount that claimers sleep on.
pub(super) const EVENT: u64 = LOCK + 64;
/// Offset of the intent.
pub(super) const INTENT: u64 = LOCK + 128;
/// Offset of the last number given to a job.
pub(super) const LAST_NUMBER: u64 = LOCK + 192;
/// Offset of the last place given out.
pub(super) const LAST_PLACE: u64 = LOCK + 200;
/// Offset of the last number of a claim.
pub(super) const LAST_CLAIM: u64 = LOCK + 208;
/// Offset of the first of the counters that only grow; see `change::Counter`.
pub(super) const COUNTERS: u64 = LOCK + 216;
/// Offset of the number of cells that were ever in use.
pub(super) const USED_CELLS: u64 = LOCK + 256;
/// Offset of the first free cell.
pub(super) const FREE: u64 = LOCK + 260;
/// Offset of the number of free cells that were in use before.
pub(super) const FREE_CELLS: u64 = LOCK + 264;
/// Offset of the number of claimed jobs.
pub(super) const CLAIMED: u64 = LOCK + 268;
/// Offset of the time at which the next delayed job is due; 0 for none.
pub(super) const NEXT_DUE: u64 = LOCK + 272;
/// Offset of the number of buckets in use, less one, in a queue that grows.
pub(super) const BUCKETS: u64 = LOCK + 280;
/// Offset of the list of ready jobs.
pub(super) const READY: u64 = LOCK + 320;
/// Offset of the list of dead jobs.
pub(super) const DEAD: u64 = LOCK + 336;
/// Offset of the number of delayed jobs.
pub(super) const DELAYED_LENGTH: u64 = LOCK + 352;
/// Offset of the number of returned jobs.
pub(super) const RETURNED_LENGTH: u64 = LOCK + 356;
/// Offset of the lists of claimed jobs.
const CLAIMS: u64 = LOCK + 384;
/// Offset of what depends on the size, in a queue of fixed size.
pub(super) const TABLES: u64 = CLAIMS + 8 * SLOTS as u64;

/// Bytes of a cell.
pub(super) const CELL_BYTES: u64 = 128;
/// Returns the offset of the list of a participant's claims.
pub(super) fn claims_at(slot: u32) -> u64 {
    CLAIMS + 8 * u64::from(slot.min(SLOTS - 1))
}
