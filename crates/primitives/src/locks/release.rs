//! The end of a request.

use super::record::{RequestState, StateWord};
use super::{LOCK_TIMEOUT, LockTable, RequestId};
use shmkit_object::error::Result;

impl LockTable {
    /// Ends a request in whatever state, and returns which.
    ///
    /// # Errors
    /// [`Error::LockTimeout`](shmkit_object::error::Error::LockTimeout).
    pub fn release(&self, request: RequestId) -> Result<RequestState> {
        self.end(request, |_| false)
    }

    /// Like `release`, on behalf of a holder that ended without releasing: the next grant has `owner_died` set.
    ///
    /// # Errors
    /// [`Error::LockTimeout`](shmkit_object::error::Error::LockTimeout).
    pub fn abandon(&self, request: RequestId) -> Result<RequestState> {
        self.end(request, |_| true)
    }

    /// Releases an undelivered request, preserving its owner-died flag.
    pub(super) fn release_undelivered(&self, request: RequestId) -> Result<RequestState> {
        self.end(request, StateWord::owner_died)
    }

    fn end(&self, request: RequestId, marks_owner_died: fn(StateWord) -> bool) -> Result<RequestState> {
        let _change = self.change_even_if_retired(LOCK_TIMEOUT)?;
        let (state, _) = self.state_of(request);
        if state != RequestState::Free {
            let record = self.record(request.index);
            let name = record.name();
            if state == RequestState::Held && marks_owner_died(record.word()) {
                self.mark_owner_died(record);
                self.grant(&name);
            } else {
                self.end_and_grant(record, &name);
            }
        }
        Ok(state)
    }
}
