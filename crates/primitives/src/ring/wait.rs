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
use shmkit_object::waiter::{Polled, WaitCondition, block_on};
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

    /// Sends a message, blocking until there is space. Returns false at the deadline.
    ///
    /// # Errors
    /// As [`Ring::send`], except for lock timeouts.
    pub fn send_blocking(self: &Arc<Self>, message: &[u8], deadline: Option<u64>) -> Result<bool> {
        loop {
            if let EndAttempt::Done(1) = self.send(&[message], None)? {
                return Ok(true);
            }
            if !block_on(&mut *self.wait_for(RingEnd::Send, message.len()), deadline)? {
                return Ok(false);
            }
        }
    }

    /// Receives at least one message, blocking until there is one. Returns no message at the deadline.
    ///
    /// # Errors
    /// As [`Ring::receive`], except for lock timeouts.
    pub fn receive_blocking(
        self: &Arc<Self>,
        target: &mut [u8],
        lengths: &mut [u32],
        deadline: Option<u64>,
    ) -> Result<Received> {
        loop {
            match self.receive(target, lengths, None)? {
                EndAttempt::Busy | EndAttempt::Done(Received::Messages(0)) => {}
                EndAttempt::Done(received) => return Ok(received),
            }
            if !block_on(&mut *self.wait_for(RingEnd::Receive, 0), deadline)? {
                return Ok(Received::Messages(0));
            }
        }
    }
}
