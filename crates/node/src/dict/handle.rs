//! An open dictionary, as one JavaScript thread holds it.

use crate::runtime::slots::Slots;
use crate::runtime::view::View;
use shmkit_dict::kind::Handle;
use shmkit_dict::ops::{Cursor, Dict, LeaseTicket};
use std::sync::Mutex;

/// Bytes that stay reserved between reads.
const RETAINED: usize = 1024 * 1024;

/// The last number given to a handle of this process; workers share it.
static LAST_OWNER: Mutex<u32> = Mutex::new(0);

/// A handle and what its calls need. Dropping it closes the handle.
#[derive(Debug)]
pub struct DictHandle {
    /// The dictionary.
    pub dict: Dict,
    /// Where reads are copied to; used again by every call.
    pub buffer: Vec<u8>,
    /// Iterations under way.
    pub scans: Slots<Cursor>,
    /// Loads under way.
    pub leases: Slots<LeaseTicket>,
    /// The memory as JavaScript sees it, once it asked.
    pub view: Option<View>,
    /// Tells the leases of this handle from those of others in this process.
    pub owner: u32,
    /// Holds the name: an owner's name goes when this is dropped.
    name: Option<Handle>,
}

impl DictHandle {
    /// Takes charge of a handle.
    pub fn new(handle: Handle) -> Self {
        let mut last = LAST_OWNER.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *last = last.wrapping_add(1).max(1);
        DictHandle {
            dict: handle.dict.clone(),
            buffer: Vec::new(),
            scans: Slots::default(),
            leases: Slots::default(),
            view: None,
            owner: *last,
            name: Some(handle),
        }
    }

    /// Removes an owner's name as closing does, but stays usable: for code that runs until the
    /// process is gone.
    pub fn release_name(&mut self) {
        drop(self.name.take());
    }

    /// Gives memory back after an unusually large read.
    #[inline]
    pub fn trim(&mut self) {
        if self.buffer.capacity() > RETAINED {
            self.buffer = Vec::new();
        }
    }
}

impl Drop for DictHandle {
    fn drop(&mut self) {
        // A handle that never asked for a lease has none. If giving them back fails, they end with
        // the process at the latest, as they would after a kill.
        if !self.leases.is_empty() {
            let _ = self.dict.lease_release_all(self.owner);
        }
    }
}
