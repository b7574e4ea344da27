//! Waiting until there is something to do at an end. It takes nothing: who waited tries again, and others
//! may have been faster. So nobody who gives up a wait can lose a message by it.

use super::Ring;
use super::end_lock::{End, EndLock};
use super::layout::record_bytes;
use super::receive::Received;
use super::{Tried, layout};
use shmkit_object::error::Result;
use shmkit_object::lock::{self, Contended};
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition, block_on};
use std::sync::Arc;

/// For a message to be there, or room for one of so many bytes.
struct Readiness {
    ring: Arc<Ring>,
    end: End,
    length: usize,
}

impl Readiness {
    fn is_given(&self) -> bool {
        let region = &self.ring.membership.region;
        let (head, tail) = (region.load(layout::HEAD), region.load(layout::TAIL));
        match self.end {
            End::Receive => head != tail,
            // Others may have moved both since: whoever tries looks again, under the lock.
            End::Send => match self.ring.circle.between(head, tail) {
                Some(used) => self.ring.circle.size - used >= record_bytes(self.length),
                None => true,
            },
        }
    }
}

impl WaitCondition for Readiness {
    fn wait_word(&self) -> (&Region, u64) {
        let bell = self.ring.bell(self.end);
        (bell.region, bell.at)
    }

    fn poll(&mut self, _check_owners: bool) -> Polled {
        if let Err(error) = self.ring.check() {
            return Polled::Failed(error);
        }
        if self.is_given() {
            return Polled::Done;
        }
        let seen = self.ring.bell(self.end).announce();
        match (self.is_given(), self.end) {
            (true, _) => Polled::Done,
            (false, End::Receive) => Polled::Unavailable { seen, wake_next: false },
            (false, End::Send) => Polled::Unavailable { seen, wake_next: true },
        }
    }
}

/// For the lock of an end to be free, or its holder dead.
struct Unlocked {
    ring: Arc<Ring>,
    end: End,
}

impl WaitCondition for Unlocked {
    fn wait_word(&self) -> (&Region, u64) {
        (&self.ring.membership.region, EndLock::of(&self.ring, self.end).lock_at())
    }

    fn poll(&mut self, check_owners: bool) -> Polled {
        if let Err(error) = self.ring.check() {
            return Polled::Failed(error);
        }
        match lock::announce(&EndLock::of(&self.ring, self.end), check_owners) {
            Some(seen) => Polled::Unavailable { seen: seen.0, wake_next: false },
            None => Polled::Done,
        }
    }
}

impl Ring {
    /// What keeps somebody from putting a message of `length` bytes, or from taking one.
    pub fn obstacle(self: &Arc<Self>, end: End, length: usize) -> Box<dyn WaitCondition> {
        let ring = Arc::clone(self);
        if lock::is_locked(&EndLock::of(self, end)) {
            Box::new(Unlocked { ring, end })
        } else {
            Box::new(Readiness { ring, end, length })
        }
    }

    /// Puts a message, and blocks until there is room; false at the deadline.
    ///
    /// # Errors
    /// As [`Ring::send`], but for lock timeouts.
    pub fn send_by(self: &Arc<Self>, message: &[u8], deadline: Option<u64>) -> Result<bool> {
        loop {
            if let Tried::Done(1) = self.send(&[message], None)? {
                return Ok(true);
            }
            if !block_on(&mut *self.obstacle(End::Send, message.len()), deadline)? {
                return Ok(false);
            }
        }
    }

    /// Takes at least one message, and blocks until there is one; no message at the deadline.
    ///
    /// # Errors
    /// As [`Ring::receive`], but for lock timeouts.
    pub fn receive_by(
        self: &Arc<Self>,
        target: &mut [u8],
        lengths: &mut [u32],
        deadline: Option<u64>,
    ) -> Result<Received> {
        loop {
            match self.receive(target, lengths, None)? {
                Tried::Busy | Tried::Done(Received::Messages(0)) => {}
                Tried::Done(received) => return Ok(received),
            }
            if !block_on(&mut *self.obstacle(End::Receive, 0), deadline)? {
                return Ok(Received::Messages(0));
            }
        }
    }
}
