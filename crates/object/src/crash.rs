//! Simulated death: every store to shared memory asks here first, so that a test can stop a
//! writer before its k-th store. Compiled out of release builds.
//!
//! After `kill -9` the surviving image is a prefix of the program order of the stores, so the crash
//! states of an operation are as many as its stores, and a test can visit all of them. A thread
//! that has "died" here unwinds, and none of its later stores (a guard's, say) reaches memory.

/// How a simulated process is to fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Plan {
    /// Die before the store of this number, counted from 0.
    pub die_at: Option<u64>,
    /// Leave this store out and go on: a mutant that the tests must notice.
    pub skip: Option<u64>,
}

/// The payload of the unwinding of a thread that died.
#[derive(Debug)]
pub struct Died;

#[cfg(feature = "crash-points")]
mod armed {
    use super::{Died, Plan};
    use crate::sync::Ordering;
    use std::cell::{Cell, RefCell};
    use std::panic::Location;

    thread_local! {
        static PLAN: Cell<Plan> = const { Cell::new(Plan { die_at: None, skip: None }) };
        static STORES: Cell<u64> = const { Cell::new(0) };
        static DEAD: Cell<bool> = const { Cell::new(false) };
        static REBUILDS: Cell<u64> = const { Cell::new(0) };
        static LAZY: RefCell<Vec<bool>> = const { RefCell::new(Vec::new()) };
        static SKIPPED: Cell<Option<&'static Location<'static>>> = const { Cell::new(None) };
    }

    /// Brings this thread to life with a plan and its store count at 0.
    pub fn arm(plan: Plan) {
        PLAN.set(plan);
        STORES.set(0);
        DEAD.set(false);
        SKIPPED.set(None);
        REBUILDS.set(0);
        LAZY.take();
    }

    /// For each store since `arm`: whether its ordering lets it come after stores behind it.
    pub fn lazy_stores() -> Vec<bool> {
        LAZY.take()
    }

    /// Shards that this thread has rebuilt since `arm`.
    pub fn rebuilds() -> u64 {
        REBUILDS.get()
    }

    /// Counts a rebuild.
    pub fn note_rebuild() {
        REBUILDS.set(REBUILDS.get() + 1);
    }

    /// The line of the store that was left out.
    pub fn skipped() -> Option<&'static Location<'static>> {
        SKIPPED.get()
    }

    /// Stores made since `arm`.
    pub fn stores() -> u64 {
        STORES.get()
    }

    /// True if the store may go on.
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
                // Unwinding already: a second one would abort.
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

/// Counts a rebuild, for tests.
#[cfg(not(feature = "crash-points"))]
pub fn note_rebuild() {}

/// True if the store may go on: always, in a release build.
#[cfg(not(feature = "crash-points"))]
#[inline(always)]
pub(crate) fn allows_store(_order: crate::sync::Ordering) -> bool {
    true
}
