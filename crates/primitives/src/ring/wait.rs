//! Waiting until one end of a ring is usable. A wait takes nothing: its caller tries again afterwards, and
//! another participant may have been faster. So a cancelled wait cannot lose a message.

use super::EndAttempt;
use super::Ring;
use super::end_lock::{EndLock, RingEnd};
use super::layout::record_bytes;
use super::receive::Received;
use shmkit_object::error::Result;
use shmkit_object::lock::{self, Lockable};
use shmkit_object::region::Region;
use shmkit_object::waiter::{BlockingWait, Polled, WaitCondition};
use std::sync::Arc;

/// Waits for a message, or for space for a message of `length` bytes.
struct Readiness {
    ring: Arc<Ring>,
    end: RingEnd,
    length: usize,
}

impl Readiness {
    fn is_ready(&self) -> bool {
        match self.end {
            RingEnd::Receive => !self.ring.is_empty() || self.ring.is_wipe_due(),
            // The two may not belong together; the attempt that follows checks again, under the lock.
            RingEnd::Send => match self.ring.cursor.distance(self.ring.freed_to(), self.ring.tail()) {
                Some(used) => self.ring.cursor.size - used >= record_bytes(self.length),
                None => true,
            },
        }
    }
}

impl WaitCondition for Readiness {
    fn wait_word(&self) -> (&Region, u64) {
        let event = self.ring.event(self.end);
        (event.region, event.at)
    }

    fn poll(&mut self, _check_owners: bool) -> Polled {
        if let Err(error) = self.ring.check() {
            return Polled::Failed(error);
        }
        if self.is_ready() {
            return Polled::Done;
        }
        let seen = self.ring.event(self.end).prepare_wait();
        match (self.is_ready(), self.end) {
            (true, _) => Polled::Done,
            (false, RingEnd::Receive) => Polled::Unavailable { seen, wake_next: false },
            (false, RingEnd::Send) => Polled::Unavailable { seen, wake_next: true },
        }
    }
}

/// Waits for the lock of an end to be free, or its holder dead.
struct Unlocked {
    ring: Arc<Ring>,
    end: RingEnd,
}

impl WaitCondition for Unlocked {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.ring.membership.region, EndLock::of(&self.ring, self.end).lock_at())
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if let Err(error) = self.ring.check() {
            return Polled::Failed(error);
        }
        match lock::prepare_wait(&EndLock::of(&self.ring, self.end), check_owners) {
            Some(seen) => Polled::Unavailable { seen: seen.0, wake_next: false },
            None => Polled::Done,
        }
    }
}

impl Ring {
    /// Returns the wait to complete before the next attempt to send a message of `length` bytes, or to
    /// receive one.
    pub fn wait_for(self: &Arc<Self>, end: RingEnd, length: usize) -> Box<dyn WaitCondition> {
        let ring = Arc::clone(self);
        if lock::is_locked(&EndLock::of(self, end)) {
            Box::new(Unlocked { ring, end })
        } else {
            Box::new(Readiness { ring, end, length })
        }
    }

    /// Sends a message, or blocks for one turn of the wait. Returns false once its deadline has passed, and `None` after a
    /// turn that did not send.
    ///
    /// # Errors
    /// As [`Ring::send`], except for lock timeouts.
    pub fn send_blocking(self: &Arc<Self>, message: &[u8], wait: &mut BlockingWait) -> Result<Option<bool>> {
        if let EndAttempt::Done(1) = self.send(&[message], None)? {
            return Ok(Some(true));
        }
        let turn = wait.turn(&mut *self.wait_for(RingEnd::Send, message.len()))?;
        Ok(turn.filter(|is_met| !is_met))
    }

    /// Receives at least one message, or blocks for one turn of the wait. Returns no message once its deadline has
    /// passed, and `None` after a turn that received nothing.
    ///
    /// # Errors
    /// As [`Ring::receive`], except for lock timeouts.
    pub fn receive_blocking(
        self: &Arc<Self>,
        target: &mut [u8],
        lengths: &mut [u32],
        wait: &mut BlockingWait,
    ) -> Result<Option<Received>> {
        match self.receive(target, lengths, None)? {
            EndAttempt::Busy | EndAttempt::Done(Received::Messages(0)) => {}
            EndAttempt::Done(received) => return Ok(Some(received)),
        }
        let turn = wait.turn(&mut *self.wait_for(RingEnd::Receive, 0))?;
        Ok((turn == Some(false)).then_some(Received::Messages(0)))
    }
}
