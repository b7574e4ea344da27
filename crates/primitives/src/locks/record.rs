//! One request as it is in the table.

use super::file::{GRANT, MOST_NAME_BYTES, NAME, PLACE, STATE, TAG, request};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Participant;
use shmkit_object::region::Region;

/// How a lock goes with others of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// With none.
    Exclusive,
    /// With other shared ones.
    Shared,
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The place is free.
    Free,
    /// It waits.
    Pending,
    /// It is held.
    Held,
    /// It was held, and somebody stole it; its owner has not noticed yet.
    Stolen,
}

/// The first word of a request, whose one store is every transition.
///
/// ```text
/// 63        32 31 24 23   8     4       3       2     1      0
/// | generation | ... |  slot  | estate | told | shared | standing (2) |
/// ```
/// An estate is nobody's: free, but for what it says, that a holder of its name died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateWord(pub u64);

const STANDINGS: [Standing; 4] = [Standing::Free, Standing::Pending, Standing::Held, Standing::Stolen];
const SHARED: u64 = 4;
const TOLD: u64 = 8;
const SLOT_SHIFT: u32 = 8;
const GENERATION_SHIFT: u32 = 32;

impl StateWord {
    /// Nobody's.
    pub const FREE: StateWord = StateWord(0);
    /// What a holder leaves who died, until somebody was told.
    pub const ESTATE: StateWord = StateWord(16);

    /// Somebody's.
    pub fn new(standing: Standing, mode: Mode, owner: Participant) -> StateWord {
        let mode = if mode == Mode::Shared { SHARED } else { 0 };
        let owner = u64::from(owner.slot) << SLOT_SHIFT | u64::from(owner.generation) << GENERATION_SHIFT;
        StateWord(standing as u64 | mode | owner)
    }

    /// The same in another standing.
    pub fn with(self, standing: Standing) -> StateWord {
        StateWord(self.0 & !3 | standing as u64)
    }

    /// The same, telling its owner that a holder before it died.
    pub fn told(self) -> StateWord {
        StateWord(self.0 | TOLD)
    }

    /// Its owner is told that a holder before it died.
    pub fn is_told(self) -> bool {
        self.0 & TOLD != 0
    }

    /// Where it stands.
    pub fn standing(self) -> Standing {
        STANDINGS[(self.0 & 3) as usize]
    }

    /// Its mode.
    pub fn mode(self) -> Mode {
        if self.0 & SHARED != 0 { Mode::Shared } else { Mode::Exclusive }
    }

    /// Whose it is.
    pub fn owner(self) -> Participant {
        let slot = (self.0 >> SLOT_SHIFT) as u32 & 0xFFFF;
        Participant { slot, generation: (self.0 >> GENERATION_SHIFT) as u32 }
    }
}

/// What a holder is told of its grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grant {
    /// Larger than that of every grant of the table before.
    pub token: u64,
    /// A holder of this name died, or its thread ended, without releasing, and nobody was told before.
    pub owner_died: bool,
}

/// A lock's name as it is stored: Latin-1, or UTF-16 if `wide`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LockName {
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// Two bytes a code unit.
    pub wide: bool,
}

impl LockName {
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn new(bytes: &[u8], wide: bool) -> Result<LockName> {
        if bytes.len() > MOST_NAME_BYTES {
            let (size, limit) = (bytes.len() as u64, MOST_NAME_BYTES as u64);
            return Err(Error::TooLarge { what: "lock's name", size, limit });
        }
        Ok(LockName { bytes: bytes.to_vec(), wide })
    }

    fn tag(&self) -> u64 {
        let wide = u64::from(self.wide) << 31;
        u64::from(crc32fast::hash(&self.bytes)) << 32 | wide | self.bytes.len() as u64
    }
}

/// A place in the table.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    region: &'a Region,
    /// Its number.
    pub index: u32,
}

impl<'a> Entry<'a> {
    /// The place of this number.
    pub fn new(region: &'a Region, index: u32) -> Self {
        Entry { region, index }
    }

    fn at(self, field: u64) -> u64 {
        request(self.index) + field
    }

    /// Acquire: pairs with the Release in `set`, so that the other fields are those of this state.
    pub fn state(self) -> StateWord {
        StateWord(self.region.load(self.at(STATE)))
    }

    /// The one store of a transition.
    pub fn set(self, state: StateWord) {
        self.region.store(self.at(STATE), state.0);
    }

    /// Its place in the queue.
    pub fn order(self) -> u64 {
        self.region.load(self.at(PLACE))
    }

    /// The token of its grant; of an estate, one that was drawn when it became that.
    pub fn token(self) -> u64 {
        self.region.load(self.at(GRANT))
    }

    /// Before it is granted.
    pub fn set_token(self, token: u64) {
        self.region.store(self.at(GRANT), token);
    }

    /// Writes a free place, all but the state.
    pub fn write(self, name: &LockName, order: u64) {
        self.region.store(self.at(PLACE), order);
        self.region.store(self.at(GRANT), 0);
        self.region.store(self.at(TAG), name.tag());
        self.region.copy_in(self.at(NAME), &name.bytes);
    }

    /// Whether it is about this name.
    pub fn is_named(self, name: &LockName) -> bool {
        self.region.load(self.at(TAG)) == name.tag() && self.name() == *name
    }

    /// Its name.
    pub fn name(self) -> LockName {
        let tag = self.region.load(self.at(TAG));
        let len = ((tag & 0x7FFF_FFFF) as usize).min(MOST_NAME_BYTES);
        let mut bytes = Vec::new();
        self.region.copy_out(self.at(NAME), len, &mut bytes);
        LockName { bytes, wide: tag & 1 << 31 != 0 }
    }
}
