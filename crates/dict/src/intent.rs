//! The intent record: what a writer is about to do to its shard, in absolute values, so that any later owner of the
//! lock can complete or undo it, any number of times.
//!
//! ```text
//!      PUBLISH (an index word changes)         LIST (a list's ends change in place)
//!  0   control: state 8 | op 8 | passed 16 | checksum 32
//!  8   index position                          block of the list's entry
//! 16   old index word                          version before
//! 24   new index word                          version after
//! 32   live word after                         link to the fresh chunk
//! 40   link to the fresh blocks                link to the fresh chain of a large item
//! 48   unused                                  link to the retired chunk
//! 56   unused                                  link to the retired chain
//!
//!      PUSHES (several items come to a list)
//!  8   block of the list's entry
//! 16   version before
//! 24   version after
//! 32   first new item from the left            as an end of a list
//! 40   right end after
//! 48   number of new items
//! 56   link to the chunk that was at the end
//!
//!      DOUBLE (the index is doubled)
//!  8   level before
//! ```
//! The fields are written while the state is IDLE; one store of the control word arms them, and its
//! checksum covers the fields that the operation uses. So an armed record with a wrong checksum was damaged, not cut
//! short.

use crate::layout::shard::INTENT;
use crate::shard::Shard;

/// Fields of a PUBLISH record.
const PUBLISH_FIELDS: usize = 5;
/// Fields of a LIST record, the longer one.
const FIELDS: usize = 7;
const STATE_IDLE: u64 = 0;
const STATE_ARMED: u64 = 0xA7;
const OP_PUBLISH: u64 = 1;
const OP_LIST: u64 = 2;
const OP_PUSHES: u64 = 3;
const OP_DOUBLE: u64 = 4;

/// A change of one index word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Publish {
    /// The index position.
    pub position: u64,
    /// The index word before.
    pub old: u64,
    /// The index word after.
    pub new: u64,
    /// The shard's live word after.
    pub live_after: u64,
    /// Link to the new entry's block and the number of its blocks; `Link::END` if there is no new entry.
    pub fresh: u64,
    /// Number of overflow counts that change with it.
    pub passed: u32,
}

/// A change of a list's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListChange {
    /// The block of the list's entry.
    pub block: u64,
    /// Its version before.
    pub before: u64,
    /// Its version after.
    pub after: u64,
    /// Link to a new chunk.
    pub fresh_chunk: u64,
    /// Link to the blocks of a new large item.
    pub fresh_chain: u64,
    /// Link to a chunk that is removed.
    pub retired_chunk: u64,
    /// Link to the blocks of a large item that is removed.
    pub retired_chain: u64,
}

/// Several items that come to an end of a list. Their blocks are found by walking from the first item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ListPushes {
    /// The block of the list's entry.
    pub block: u64,
    /// Its version before.
    pub before: u64,
    /// Its version after.
    pub after: u64,
    /// The end of a list that the first new item from the left would be at.
    pub first: u64,
    /// The right end of the list after the pushes.
    pub tail: u64,
    /// Number of new items.
    pub count: u64,
    /// Link to the chunk that was at the end.
    pub edge: u64,
}

/// The contents of the intent record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intent {
    /// No operation is in progress.
    Idle,
    /// An index word changes.
    Publish(Publish),
    /// A list's ends change.
    List(ListChange),
    /// Several items come to a list.
    Pushes(ListPushes),
    /// The index is doubled: its level before.
    Doubling(u32),
    /// The record is damaged.
    Damaged,
}

/// Odd numbers with random bits: the first hexadecimal digits of pi after the point.
const FACTORS: [u64; FIELDS + 1] = [
    0x243F_6A88_85A3_08D3,
    0x1319_8A2E_0370_7345,
    0xA409_3822_299F_31D1,
    0x082E_FA98_EC4E_6C89,
    0x4528_21E6_38D0_1377,
    0xBE54_66CF_34E9_0C6D,
    0xC0AC_29B7_C97C_50DD,
    0x3F84_D5B5_B547_0917,
];

/// The armed control word: its upper half is a checksum of everything else, the upper half of a sum of
/// products (multiply-shift hashing: Dietzfelbinger and others, 1997). The factors are odd, so a change of any field
/// changes the sum, and the 32 bits that are kept miss one of 2^32 changes. The products do not depend on each other,
/// unlike the steps of a CRC.
#[inline]
fn control<const N: usize>(op: u64, passed: u32, fields: &[u64; N]) -> u64 {
    let head = STATE_ARMED | op << 8 | u64::from(passed & 0xFFFF) << 16;
    let product = |(field, factor): (&u64, &u64)| field.wrapping_mul(*factor);
    let sum = fields
        .iter()
        .zip(&FACTORS[1..])
        .map(product)
        .fold(head.wrapping_mul(FACTORS[0]), |sum, product| sum.wrapping_add(product));
    head | sum >> 32 << 32
}

#[inline(always)]
fn arm<const N: usize>(shard: &Shard<'_>, op: u64, passed: u32, fields: [u64; N]) {
    shard.store_all(INTENT + 8, fields);
    shard.store(INTENT, control(op, passed, &fields));
}

impl Publish {
    /// Writes and arms the record.
    #[inline(always)]
    pub(crate) fn arm(&self, shard: &Shard<'_>) {
        let fields: [u64; PUBLISH_FIELDS] = [self.position, self.old, self.new, self.live_after, self.fresh];
        arm(shard, OP_PUBLISH, self.passed, fields);
    }
}

impl ListChange {
    /// A change without blocks.
    pub(crate) const NOTHING: ListChange = ListChange {
        block: 0,
        before: 0,
        after: 0,
        fresh_chunk: 0,
        fresh_chain: 0,
        retired_chunk: 0,
        retired_chain: 0,
    };

    /// Returns whether blocks are added or removed, so that an intent record is needed.
    pub(crate) fn moves_blocks(&self) -> bool {
        self.fresh_chunk | self.fresh_chain | self.retired_chunk | self.retired_chain != 0
    }

    /// Writes and arms the record.
    pub(crate) fn arm(&self, shard: &Shard<'_>) {
        let fields = [
            self.block,
            self.before,
            self.after,
            self.fresh_chunk,
            self.fresh_chain,
            self.retired_chunk,
            self.retired_chain,
        ];
        arm(shard, OP_LIST, 0, fields);
    }
}

impl ListPushes {
    /// Writes and arms the record.
    pub(crate) fn arm(&self, shard: &Shard<'_>) {
        let fields = [self.block, self.before, self.after, self.first, self.tail, self.count, self.edge];
        arm(shard, OP_PUSHES, 0, fields);
    }
}

/// Writes and arms the record of a doubling of the index from this level.
pub(crate) fn arm_doubling(shard: &Shard<'_>, level: u32) {
    arm(shard, OP_DOUBLE, 0, [u64::from(level)]);
}

/// Marks the operation as complete.
#[inline]
pub(crate) fn disarm(shard: &Shard<'_>) {
    shard.store(INTENT, STATE_IDLE);
}

/// Returns whether an intent is armed (or damaged).
#[inline]
pub(crate) fn is_armed(shard: &Shard<'_>) -> bool {
    shard.load(INTENT) != STATE_IDLE
}

/// Reads the record.
pub(crate) fn read(shard: &Shard<'_>) -> Intent {
    let stored = shard.load(INTENT);
    if stored == STATE_IDLE {
        return Intent::Idle;
    }
    let fields: [u64; FIELDS] = std::array::from_fn(|index| shard.load(INTENT + 8 + index as u64 * 8));
    let (op, passed) = (stored >> 8 & 0xFF, (stored >> 16) as u32 & 0xFFFF);
    let [a, b, c, d, e, f, g] = fields;
    match op {
        OP_PUBLISH if control(op, passed, &[a, b, c, d, e]) == stored => {
            Intent::Publish(Publish { position: a, old: b, new: c, live_after: d, fresh: e, passed })
        }
        OP_LIST if control(op, passed, &fields) == stored => Intent::List(ListChange {
            block: a,
            before: b,
            after: c,
            fresh_chunk: d,
            fresh_chain: e,
            retired_chunk: f,
            retired_chain: g,
        }),
        OP_PUSHES if control(op, passed, &fields) == stored => {
            Intent::Pushes(ListPushes { block: a, before: b, after: c, first: d, tail: e, count: f, edge: g })
        }
        OP_DOUBLE if control(op, passed, &[a]) == stored => Intent::Doubling(a as u32),
        _ => Intent::Damaged,
    }
}
