//! The intent record: what a writer is about to do to its shard, in absolute values, so that anybody
//! can finish or undo it, any number of times.
//!
//! ```text
//!      PUBLISH (an index word changes)         LIST (a list's ends change in place)
//!  0   control: state 8 | op 8 | passed 16 | checksum 32
//!  8   index position                          block of the list's entry
//! 16   old index word                          version before
//! 24   new index word                          version after
//! 32   live word after                         link to the fresh chunk
//! 40   link to the fresh blocks                link to the fresh chain of a large item
//! 48   0                                       link to the retired chunk
//! 56   0                                       link to the retired chain
//! ```
//! The fields are written while the state is IDLE; one store of the control word arms them, and its
//! checksum covers them. So an armed record whose checksum fails was damaged, not cut short.

use crate::layout::shard::INTENT;
use crate::shard::Shard;

const FIELDS: usize = 7;
const STATE_IDLE: u64 = 0;
const STATE_ARMED: u64 = 0xA7;
const OP_PUBLISH: u64 = 1;
const OP_LIST: u64 = 2;

/// A change of one index word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Publish {
    /// The index position.
    pub position: u64,
    /// What stands there before.
    pub old: u64,
    /// What stands there after.
    pub new: u64,
    /// The shard's live word after.
    pub live_after: u64,
    /// The new entry's block, and how many blocks it has; `Link::END` if there is no new entry.
    pub fresh: u64,
    /// Overflow counts that change with it.
    pub passed: u32,
}

/// A change of a list's ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListChange {
    /// The block of the list's entry.
    pub block: u64,
    /// Its version before.
    pub before: u64,
    /// Its version after.
    pub after: u64,
    /// A chunk that comes in.
    pub fresh_chunk: u64,
    /// The blocks of a large item that comes in.
    pub fresh_chain: u64,
    /// A chunk that goes.
    pub retired_chunk: u64,
    /// The blocks of a large item that goes.
    pub retired_chain: u64,
}

/// What an armed intent record says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Nothing is under way.
    Idle,
    /// An index word changes.
    Publish(Publish),
    /// A list's ends change.
    List(ListChange),
    /// It was damaged.
    Damaged,
}

/// The armed control word: its upper half is a checksum of everything else. A chain of
/// multiplications (Fibonacci hashing): each step is a bijection, so a change of any one field changes
/// the result of 64 bits, and of the 32 bits kept in all but one of 2^32 cases. A tenth of a CRC's time.
fn control(op: u64, passed: u32, fields: &[u64; FIELDS]) -> u64 {
    const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;
    let head = STATE_ARMED | op << 8 | u64::from(passed & 0xFFFF) << 16;
    let mixed = fields
        .iter()
        .fold(head.wrapping_mul(GOLDEN), |mixed, field| (mixed.rotate_left(29) ^ field).wrapping_mul(GOLDEN));
    head | mixed >> 32 << 32
}

fn arm(shard: &Shard<'_>, op: u64, passed: u32, fields: [u64; FIELDS]) {
    for (index, field) in fields.into_iter().enumerate() {
        shard.store(INTENT + 8 + index as u64 * 8, field);
    }
    shard.store(INTENT, control(op, passed, &fields));
}

impl Publish {
    /// Writes and arms the record.
    pub fn arm(&self, shard: &Shard<'_>) {
        let fields = [self.position, self.old, self.new, self.live_after, self.fresh, 0, 0];
        arm(shard, OP_PUBLISH, self.passed, fields);
    }
}

impl ListChange {
    /// A change that brings and takes no blocks.
    pub const NOTHING: ListChange = ListChange {
        block: 0,
        before: 0,
        after: 0,
        fresh_chunk: 0,
        fresh_chain: 0,
        retired_chunk: 0,
        retired_chain: 0,
    };

    /// True if blocks come or go with it, so that it needs an intent record.
    pub fn moves_blocks(&self) -> bool {
        self.fresh_chunk | self.fresh_chain | self.retired_chunk | self.retired_chain != 0
    }

    /// Writes and arms the record.
    pub fn arm(&self, shard: &Shard<'_>) {
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

/// Nothing is under way any more.
#[inline]
pub fn disarm(shard: &Shard<'_>) {
    shard.store(INTENT, STATE_IDLE);
}

/// True if something is, or may be, under way.
#[inline]
pub fn is_armed(shard: &Shard<'_>) -> bool {
    shard.load(INTENT) != STATE_IDLE
}

/// Reads the record.
pub fn read(shard: &Shard<'_>) -> Intent {
    let stored = shard.load(INTENT);
    if stored == STATE_IDLE {
        return Intent::Idle;
    }
    let fields: [u64; FIELDS] = std::array::from_fn(|index| shard.load(INTENT + 8 + index as u64 * 8));
    let (op, passed) = (stored >> 8 & 0xFF, (stored >> 16) as u32 & 0xFFFF);
    if control(op, passed, &fields) != stored {
        return Intent::Damaged;
    }
    let [a, b, c, d, e, f, g] = fields;
    match op {
        OP_PUBLISH => {
            Intent::Publish(Publish { position: a, old: b, new: c, live_after: d, fresh: e, passed })
        }
        OP_LIST => Intent::List(ListChange {
            block: a,
            before: b,
            after: c,
            fresh_chunk: d,
            fresh_chain: e,
            retired_chunk: f,
            retired_chain: g,
        }),
        _ => Intent::Damaged,
    }
}
