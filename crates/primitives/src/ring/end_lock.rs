//! Whose turn it is at an end of the ring: one sender's, and one receiver's.

use super::{Ring, layout};
use shmkit_object::error::Result;
use shmkit_object::lock::{self, Contended};
use shmkit_object::membership::Membership;
use std::time::Duration;

/// An end of the ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Where messages are put.
    Send,
    /// Where they are taken.
    Receive,
}

/// The lock of an end.
#[derive(Debug, Clone, Copy)]
pub struct EndLock<'a> {
    membership: &'a Membership,
    end: End,
}

impl<'a> EndLock<'a> {
    /// Of this ring.
    pub fn of(ring: &'a Ring, end: End) -> Self {
        EndLock { membership: &ring.membership, end }
    }
}

impl Contended for EndLock<'_> {
    fn membership(&self) -> &Membership {
        self.membership
    }

    fn lock_at(&self) -> u64 {
        match self.end {
            End::Send => layout::SEND_LOCK,
            End::Receive => layout::RECEIVE_LOCK,
        }
    }

    fn progress(&self) -> u64 {
        self.membership.region.load(match self.end {
            End::Send => layout::TAIL,
            End::Receive => layout::HEAD,
        })
    }

    /// With the lock just taken, before anything else is done with it. Who dies before this store is taken over
    /// himself, and the next one counts one for both.
    fn note_taken_over(&self) {
        let at = match self.end {
            End::Send => layout::SENDERS_TAKEN_OVER,
            End::Receive => layout::RECEIVERS_TAKEN_OVER,
        };
        let region = &self.membership.region;
        region.store(at, region.load(at).wrapping_add(1));
    }
}

/// A held lock of an end. Dropping it unlocks, also while a panic unwinds: what was not committed then is
/// as if it never was, as after a death.
#[derive(Debug)]
pub struct Turn<'a>(EndLock<'a>);

impl<'a> Turn<'a> {
    /// Waits for the lock for as long as its living holders make progress within `patience`. Without
    /// patience it is tried just once: `None` if somebody has it.
    ///
    /// # Errors
    /// [`shmkit_object::error::Error::LockTimeout`].
    pub fn take(ring: &'a Ring, end: End, patience: Option<Duration>) -> Result<Option<Turn<'a>>> {
        let lock = EndLock::of(ring, end);
        match patience {
            Some(patience) => lock::lock(&lock, patience)?,
            None if !lock::try_lock(&lock) => return Ok(None),
            None => {}
        }
        Ok(Some(Turn(lock)))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock::unlock(&self.0);
    }
}

/// Frees the locks that an earlier owner of our slot held when it died: there is nothing to recover.
pub fn take_over_slot(ring: &Ring) {
    for end in [End::Send, End::Receive] {
        let lock = EndLock::of(ring, end);
        if lock::take_over_from_earlier(&lock) {
            lock::unlock_taken_over(&lock);
        }
    }
}
