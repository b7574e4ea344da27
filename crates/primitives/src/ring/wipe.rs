//! Wiping, for rings made with that option: the bytes of a received message are zeros before a sender can use them.
//!
//! Senders wait for the `wiped` position instead of `head`. A receiver moves it after its commit, while it holds the
//! receivers' lock; if it dies before that, the next owner of the lock does.

use super::{Ring, layout};
use shmkit_object::error::Result;

const ZEROS: [u8; 4096] = [0; 4096];

impl Ring {
    /// Returns the position up to which senders may use the ring again.
    #[inline]
    pub(super) fn freed_to(&self) -> u64 {
        // Acquire, pairs with the store in `take`, or in `wipe_received`.
        self.membership.region.load(if self.wipe { layout::WIPED } else { layout::HEAD })
    }

    /// Returns whether there are received messages to overwrite.
    #[inline]
    pub(super) fn is_wipe_due(&self) -> bool {
        let region = &self.membership.region;
        self.wipe && region.load(layout::WIPED) != region.load(layout::HEAD)
    }

    /// Overwrites received messages. The caller must hold the receivers' lock.
    pub(super) fn wipe_received(&self) -> Result<()> {
        let region = &self.membership.region;
        let (wiped, head) = (region.load(layout::WIPED), region.load(layout::HEAD));
        let mut left = self.cursor.distance(wiped, head).ok_or_else(super::damaged)?;
        // The ring is mapped twice, so what begins in the first copy ends in the second at the latest.
        let mut at = self.cursor.offset(wiped);
        while left > 0 {
            let step = left.min(ZEROS.len() as u64);
            self.data.copy_in(at, &ZEROS[..step as usize]);
            (at, left) = (at + step, left - step);
        }
        // Release: pairs with the load in `freed_to`. Senders may write there from now on.
        region.store(layout::WIPED, head);
        Ok(())
    }
}
