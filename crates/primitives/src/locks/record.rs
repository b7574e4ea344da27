//! One request as it is stored in the table.

use super::file::{Layout, MAX_NAME_BYTES, NAME, NEXT, ORDER, PREVIOUS, SINCE, STATE, TAG, TOKEN};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Participant;
use shmkit_object::region::Region;

/// Which other holders of its name a lock tolerates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// None.
    Exclusive,
    /// Shared ones.
    Shared,
}

/// The state of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestState {
    /// The record is free.
    Free,
    /// The request waits.
    Pending,
    /// The lock is held.
    Held,
    /// The lock was held and has been stolen; its owner has not noticed yet.
    Stolen,
}

/// The first word of a record. Every transition of a request is one store of it.
///
/// ```text
/// 63        32 31 24 23   8        4             3           2      1     0
/// | generation | ... |  slot  | died record | owner died | shared | state (2) |
/// ```
/// Bit 4 alone is an owner-died record: it belongs to no participant, and remembers that a holder of its name
/// died. Bit 3 of a granted request says that its holder is the one that learns of such a death.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StateWord(pub u64);

const STATES: [RequestState; 4] =
    [RequestState::Free, RequestState::Pending, RequestState::Held, RequestState::Stolen];
const SHARED: u64 = 4;
const WITH_OWNER_DIED: u64 = 8;
const SLOT_SHIFT: u32 = 8;
const GENERATION_SHIFT: u32 = 32;

impl StateWord {
    /// An unused record.
    pub(super) const FREE: StateWord = StateWord(0);
    /// An owner-died record: reported to the next holder of the name exactly once.
    pub(super) const OWNER_DIED: StateWord = StateWord(16);

    /// Returns the word of a participant's request.
    pub(super) fn new(state: RequestState, mode: Mode, owner: Participant) -> StateWord {
        let mode = if mode == Mode::Shared { SHARED } else { 0 };
        let owner = u64::from(owner.slot) << SLOT_SHIFT | u64::from(owner.generation) << GENERATION_SHIFT;
        StateWord(state as u64 | mode | owner)
    }

    /// Returns the same request in another state.
    pub(super) fn with(self, state: RequestState) -> StateWord {
        StateWord(self.0 & !3 | state as u64)
    }

    /// Returns the same request, whose holder learns that a previous holder died.
    pub(super) fn with_owner_died(self) -> StateWord {
        StateWord(self.0 | WITH_OWNER_DIED)
    }

    /// Returns whether the holder learns that a previous holder died.
    pub(super) fn owner_died(self) -> bool {
        self.0 & WITH_OWNER_DIED != 0
    }

    /// Returns the request's state.
    pub(super) fn state(self) -> RequestState {
        STATES[(self.0 & 3) as usize]
    }

    /// Returns the request's mode.
    pub(super) fn mode(self) -> Mode {
        if self.0 & SHARED != 0 { Mode::Shared } else { Mode::Exclusive }
    }

    /// Returns the participant that made the request.
    pub(super) fn owner(self) -> Participant {
        let slot = (self.0 >> SLOT_SHIFT) as u32 & 0xFFFF;
        Participant { slot, generation: (self.0 >> GENERATION_SHIFT) as u32 }
    }
}

/// What a holder learns with its grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Grant {
    /// Larger than that of every earlier grant of the table.
    pub token: u64,
    /// Whether a previous holder of this name died, or its thread ended, without releasing, and no later
    /// holder has learned of it.
    pub owner_died: bool,
}

/// A lock's name as it is stored: Latin-1, or UTF-16 if `wide`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LockName {
    /// The stored bytes.
    pub bytes: Vec<u8>,
    /// Whether a code unit has two bytes.
    pub wide: bool,
}

impl LockName {
    /// Creates a name from its stored bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`].
    pub fn new(bytes: &[u8], wide: bool) -> Result<LockName> {
        if bytes.len() > MAX_NAME_BYTES {
            let (size, limit) = (bytes.len() as u64, MAX_NAME_BYTES as u64);
            return Err(Error::TooLarge { what: "lock's name", size, limit });
        }
        Ok(LockName { bytes: bytes.to_vec(), wide })
    }

    /// Returns the hash that selects the bucket of the name's requests.
    pub(super) fn hash(&self) -> u32 {
        crc32fast::hash(&self.bytes)
    }

    fn tag(&self) -> u64 {
        let wide = u64::from(self.wide) << 31;
        u64::from(self.hash()) << 32 | wide | self.bytes.len() as u64
    }
}

/// A record of the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestRecord<'a> {
    region: &'a Region,
    layout: Layout,
    /// Its index in the table.
    pub index: u32,
}

impl<'a> RequestRecord<'a> {
    /// Returns the record of this index.
    pub(super) fn new(region: &'a Region, layout: Layout, index: u32) -> Self {
        RequestRecord { region, layout, index }
    }

    fn at(self, field: u64) -> u64 {
        self.layout.record_at(self.index) + field
    }

    /// Returns the first word. Acquire: pairs with the Release in `set`, so that the other fields belong to this
    /// word.
    pub(super) fn word(self) -> StateWord {
        StateWord(self.region.load(self.at(STATE)))
    }

    /// Stores the first word: the single store of a transition. Release: pairs with the Acquire in `word`.
    pub(super) fn set(self, word: StateWord) {
        self.region.store(self.at(STATE), word.0);
    }

    /// Returns the request's position in the queue of its name.
    pub(super) fn order(self) -> u64 {
        self.region.load(self.at(ORDER))
    }

    /// Returns the token of the grant; of an owner-died record, one that was issued when it became that.
    pub(super) fn token(self) -> u64 {
        self.region.load(self.at(TOKEN))
    }

    /// Stores the token. Called before the request is granted.
    pub(super) fn set_token(self, token: u64) {
        self.region.store(self.at(TOKEN), token);
    }

    /// Returns when the request was granted, or made, on the boot clock.
    pub(super) fn since(self) -> u64 {
        self.region.load(self.at(SINCE))
    }

    /// Stores when the request was granted, or made.
    pub(super) fn set_since(self, boot_ns: u64) {
        self.region.store(self.at(SINCE), boot_ns);
    }

    /// Follows the link at an offset. Bounded by the table: other processes may have stored anything.
    pub(super) fn link(self, at: u64) -> Option<RequestRecord<'a>> {
        let index = self.region.load32(at).checked_sub(1)?;
        (index < self.layout.capacity).then_some(RequestRecord { index, ..self })
    }

    /// Returns the link that leads to this record.
    pub(super) fn as_link(self) -> u32 {
        self.index + 1
    }

    /// Returns the next record of its list.
    pub(super) fn next(self) -> Option<RequestRecord<'a>> {
        self.link(self.at(NEXT))
    }

    /// Returns the previous record of its list.
    pub(super) fn previous(self) -> Option<RequestRecord<'a>> {
        self.link(self.at(PREVIOUS))
    }

    /// Stores both links.
    pub(super) fn set_links(self, next: Option<Self>, previous: Option<Self>) {
        self.set_next(next);
        self.set_previous(previous);
    }

    /// Stores the link to the next record.
    pub(super) fn set_next(self, next: Option<Self>) {
        self.region.store32(self.at(NEXT), next.map_or(0, Self::as_link));
    }

    /// Stores the link to the previous record.
    pub(super) fn set_previous(self, previous: Option<Self>) {
        self.region.store32(self.at(PREVIOUS), previous.map_or(0, Self::as_link));
    }

    /// Returns the hash of the request's name.
    pub(super) fn hash(self) -> u32 {
        (self.region.load(self.at(TAG)) >> 32) as u32
    }

    /// Fills a free record, except its first word.
    pub(super) fn write(self, name: &LockName, order: u64) {
        self.region.store(self.at(ORDER), order);
        self.region.store(self.at(TOKEN), 0);
        self.region.store(self.at(TAG), name.tag());
        self.region.copy_in(self.at(NAME), &name.bytes);
    }

    /// Returns whether the request is for this name.
    pub(super) fn is_named(self, name: &LockName) -> bool {
        self.region.load(self.at(TAG)) == name.tag() && self.name() == *name
    }

    /// Returns the request's name.
    pub(super) fn name(self) -> LockName {
        let tag = self.region.load(self.at(TAG));
        let len = ((tag & 0x7FFF_FFFF) as usize).min(MAX_NAME_BYTES);
        let mut bytes = Vec::new();
        self.region.copy_out(self.at(NAME), len, &mut bytes);
        LockName { bytes, wide: tag & 1 << 31 != 0 }
    }
}
