//! Which simulated processes are dead.

use shmkit_object::membership::Liveness;
use std::sync::{Arc, Mutex};

/// The slots of simulated processes that are dead. Clones share one list.
#[derive(Debug, Default, Clone)]
pub struct DeadSlots(Arc<Mutex<Vec<u32>>>);

impl DeadSlots {
    /// Declares the process in `slot` dead.
    ///
    /// # Panics
    /// If another thread panicked while it held the list.
    pub fn add(&self, slot: u32) {
        self.0.lock().expect("no thread panics with the list").push(slot);
    }

    /// Declares all processes alive again.
    ///
    /// # Panics
    /// If another thread panicked while it held the list.
    pub fn clear(&self) {
        self.0.lock().expect("no thread panics with the list").clear();
    }
}

impl Liveness for DeadSlots {
    fn is_dead(&self, slot: u32) -> bool {
        self.0.lock().expect("no thread panics with the list").contains(&slot)
    }
}

/// All participants are threads of this process.
#[derive(Debug, Clone, Copy)]
pub struct AllAlive;

impl Liveness for AllAlive {
    fn is_dead(&self, _slot: u32) -> bool {
        false
    }
}
