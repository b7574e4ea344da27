//! The end of a request, and what it leaves.

use super::record::{Standing, StateWord};
use super::{LockTable, PATIENCE, Request};
use shmkit_object::error::Result;

impl LockTable {
    /// Ends a request, whatever it stands at; where it stood.
    ///
    /// # Errors
    /// [`Error::LockTimeout`].
    pub fn release(&self, request: Request) -> Result<Standing> {
        self.end(request, |_| false)
    }

    /// As `release`, on behalf of a holder that went without releasing: the next one is told.
    ///
    /// # Errors
    /// [`Error::LockTimeout`].
    pub fn abandon(&self, request: Request) -> Result<Standing> {
        self.end(request, |_| true)
    }

    /// As `release`, of what nobody has seen yet: the next one is told what this one would have been.
    pub(super) fn give_back(&self, request: Request) -> Result<Standing> {
        self.end(request, StateWord::is_told)
    }

    fn end(&self, request: Request, is_to_be_told: fn(StateWord) -> bool) -> Result<Standing> {
        let _change = self.change_even_if_retired(PATIENCE)?;
        let (standing, _) = self.standing(request);
        if standing != Standing::Free {
            let entry = self.entry(request.index);
            let name = entry.name();
            if standing == Standing::Held && is_to_be_told(entry.state()) {
                self.bequeath(entry);
            } else {
                entry.set(StateWord::FREE);
            }
            self.grant(&name);
        }
        Ok(standing)
    }
}
