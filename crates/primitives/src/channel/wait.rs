//! Waiting for a message. A wait takes nothing: its caller reads afterwards.

use super::{Channel, Subscription};
use shmkit_object::region::Region;
use shmkit_object::waiter::{Polled, WaitCondition};
use std::sync::Arc;

/// Waits for a message that a subscriber has not heard.
#[derive(Debug)]
pub struct Unheard {
    channel: Arc<Channel>,
    subscription: Subscription,
}

impl Unheard {
    /// Waits for what comes after that.
    pub fn new(channel: Arc<Channel>, subscription: Subscription) -> Self {
        Unheard { channel, subscription }
    }
}

impl WaitCondition for Unheard {
    fn wait_word(&self) -> (&Region, u64) {
        let event = self.channel.event();
        (event.region, event.at)
    }

    fn poll(&mut self, _check_owners: bool) -> Polled {
        if let Err(error) = self.channel.check() {
            return Polled::Failed(error);
        }
        if self.channel.has_news(&self.subscription) {
            return Polled::Done;
        }
        let seen = self.channel.event().prepare_wait();
        match self.channel.has_news(&self.subscription) {
            true => Polled::Done,
            // Each subscriber has its own position.
            false => Polled::Unavailable { seen, wake_next: true },
        }
    }
}
