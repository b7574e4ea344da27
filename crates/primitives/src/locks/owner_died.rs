//! What a holder leaves who died, so that the next one who gets the name is told, once.
//!
//! Its place is not freed but becomes an estate, which is in nobody's way, and draws a token of its own. The
//! next grant of the name has a larger one and says so in its one store ([`StateWord::told`]); then the
//! estates of the name are freed. Whoever makes up for a death in between finds an estate beside a grant
//! with a larger token: that one was told, and the estate is only freed.
//!
//! | if it dies | then |
//! |---|---|
//! | before the place is an estate | it is a dead holder's still: it becomes one at the next look |
//! | before the grant | the estate tells the next grant |
//! | after the grant, before the estate is freed | it is freed, untold: the grant's token is larger |
//! | and who was told dies as well | he was a holder: he leaves an estate himself |

use super::record::{Entry, LockName, Standing, StateWord};
use super::{LockTable, file};

impl LockTable {
    /// The owner of what is held is gone: its place becomes an estate.
    pub(super) fn bequeath(&self, entry: Entry<'_>) {
        entry.set_token(self.draw(file::TOKEN));
        entry.set(StateWord::ESTATE);
    }

    /// Frees what somebody of the queue was told of already; whether the next one is to be told.
    pub(super) fn settle_told(&self, queue: &[Entry<'_>]) -> bool {
        let is_granted =
            |entry: &&Entry<'_>| matches!(entry.state().standing(), Standing::Held | Standing::Stolen);
        let last_grant = queue.iter().filter(is_granted).map(|entry| entry.token()).max();
        let mut is_to_be_told = false;
        for estate in estates(queue) {
            if last_grant > Some(estate.token()) {
                estate.set(StateWord::FREE);
            } else {
                is_to_be_told = true;
            }
        }
        is_to_be_told
    }

    /// Somebody was told.
    pub(super) fn settle_all(&self, queue: &[Entry<'_>]) {
        estates(queue).for_each(|estate| estate.set(StateWord::FREE));
    }

    /// Gives an estate up, so that there is room in a full table: the oldest, rather than one of this name.
    pub(super) fn give_up_estate(&self, name: &LockName) -> Option<Entry<'_>> {
        let estate = self
            .entries()
            .filter(|entry| entry.state() == StateWord::ESTATE)
            .min_by_key(|entry| (entry.is_named(name), entry.token()))?;
        estate.set(StateWord::FREE);
        Some(estate)
    }
}

fn estates<'q>(queue: &'q [Entry<'_>]) -> impl Iterator<Item = Entry<'q>> {
    queue.iter().copied().filter(|entry| entry.state() == StateWord::ESTATE)
}
