//! Simulated death for tests: every store to shared memory asks this module first, so that a test can stop a
//! writer before its k-th store. Compiled out of release builds.
//!
//! After `kill -9` the memory holds a prefix of the stores in program order. So an operation has as many crash states
//! as stores, and a test can visit all of them. A thread that has "died" here unwinds, and none of its later
//! stores, such as a guard's, reaches memory.

/// How a simulated process fails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CrashPlan {
    /// Die before this store, counted from 0.
    pub die_at: Option<u64>,
    /// Omit this store and go on: a mutant that the tests must detect.
    pub skip: Option<u64>,
}

/// The panic payload of a thread that died.
#[derive(Debug)]
pub struct Died;

#[cfg(feature = "crash-points")]
mod armed {
    use super::{CrashPlan, Died};
    use crate::sync::Ordering;
    use std::cell::{Cell, RefCell};
    use std::panic::Location;

    thread_local! {
        static PLAN: Cell<CrashPlan> = const { Cell::new(CrashPlan { die_at: None, skip: None }) };
        static STORES: Cell<u64> = const { Cell::new(0) };
        static DEAD: Cell<bool> = const { Cell::new(false) };
        static REBUILDS: Cell<u64> = const { Cell::new(0) };
        static LAZY: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
        static SKIPPED: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
    }

    /// Makes this thread alive again, with a plan and a store count of 0.
    pub fn arm(plan: CrashPlan) {
        PLAN.set(plan);
        STORES.set(0);
        DEAD.set(false);
        SKIPPED.set(None);
        REBUILDS.set(0);
        LAZY.take();
    }

    /// Returns, for each store since `arm`, whether its ordering lets later stores overtake it.
    pub fn lazy_stores() -> Vec<bool> {
        LAZY.take()
    }

    /// Returns how many shards this thread has rebuilt since `arm`.
    pub fn rebuilds() -> u64 {
        REBUILDS.get()
    }

    /// Counts a rebuild.
    pub fn note_rebuild() {
        REBUILDS.set(REBUILDS.get() + 1);
    }

    /// Returns the source line of the store that was omitted.
    pub fn skipped() -> Option<&'static Location<'static>> {
        SKIPPED.get()
    }

    /// Returns how many stores were made since `arm`.
    pub fn stores() -> u64 {
        STORES.get()
    }

    /// Returns whether the store may proceed.
    #[track_caller]
    pub(crate) fn allows_store(order: Ordering) -> bool {
        if DEAD.get() {
            return false;
        }
        let number = STORES.get();
        let plan = PLAN.get();
        if plan.die_at == Some(number) {
            DEAD.set(true);
            if std::thread::panicking() {
                // The thread is unwinding already: a second panic would abort.
                return false;
            }
            std::panic::resume_unwind(Box::new(Died));
        }
        STORES.set(number + 1);
        LAZY.with_borrow_mut(|lazy| lazy.push(order == Ordering::Relaxed));
        if plan.skip == Some(number) {
            SKIPPED.set(Some(Location::caller()));
        }
        plan.skip != Some(number)
    }
}

#[cfg(feature = "crash-points")]
pub(crate) use armed::allows_store;
#[cfg(feature = "crash-points")]
pub use armed::{arm, lazy_stores, note_rebuild, rebuilds, skipped, stores};

/// Does nothing in a release build.
#[cfg(not(feature = "crash-points"))]
pub fn note_rebuild() {}

/// Returns true: in a release build every store proceeds.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub(crate) fn allows_store(_order: crate::sync::Ordering) -> bool {
    true
}
