//! The thread that sleeps for all pending waits of the process. It starts with the first of them and never ends;
//! without any it sleeps on the word of its orders alone.

use super::sleeper::{Sleepers, Told};
use super::wait_set::WaitSet;
use super::{Completion, FIRST_SLICE, LONGEST_SLICE, Outcome, Pending, WaitCondition};
use crate::error::Result;
use crate::sync::Ordering;
use crate::sync::plain::{AtomicU32, AtomicU64};
use shmkit_os as os;
use shmkit_os::OsError;
use shmkit_os::futex;
use std::sync::{Arc, Condvar, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// Without pending waits only an order wakes the thread; the limit only bounds a lost wake-up.
const IDLE: Duration = Duration::from_secs(3600);
/// The longest time before a change is noticed when there are words that no thread sleeps on.
const CROWDED_SLICE: Duration = Duration::from_millis(1);
const STACK_BYTES: usize = 256 << 10;

/// An order to the thread.
enum Order {
    Wait(Pending),
    Cancel(u64),
    Flush(u64, Arc<dyn Completion>),
}

#[derive(Default)]
struct Orders {
    queue: Vec<Order>,
    /// The process whose thread runs, plus one: a forked child has none. 0: none yet.
    runs_in: u64,
}

static ORDERS: LazyLock<Mutex<Orders>> = LazyLock::new(Mutex::default);
/// Changes with every order; the thread sleeps on it as well as on the words of the waits.
static ORDERS_GIVEN: AtomicU32 = AtomicU32::new(0);
static LAST_TICKET: AtomicU64 = AtomicU64::new(0);

fn orders() -> MutexGuard<'static, Orders> {
    ORDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Returns a ticket for one wait in this process: never 0, and exact as a double.
pub fn next_ticket() -> u64 {
    LAST_TICKET.fetch_add(1, Ordering::Relaxed) + 1
}

/// Starts a wait without blocking. Its completion is called once, unless [`cancel`] comes first.
///
/// # Errors
/// [`crate::error::Error::System`] if the thread cannot be started.
pub fn start(pending: Pending) -> Result<()> {
    let mut orders = orders();
    let here = os::process::fork_epoch() + 1;
    if orders.runs_in != here {
        // The orders to a parent's thread concern the parent's handles alone.
        orders.queue.clear();
        let builder = Builder::new().name("shmkit-waiter".into()).stack_size(STACK_BYTES);
        builder.spawn(run).map_err(|error| OsError::from_io("pthread_create", &error))?;
        orders.runs_in = here;
    }
    give(&mut orders, Order::Wait(pending));
    Ok(())
}

/// Cancels a wait. If it is not over yet, its completion is not called. What it had acquired is released.
pub fn cancel(ticket: u64) {
    give(&mut orders(), Order::Cancel(ticket));
}

/// Calls the completion after every change made so far was polled for and its waits completed. Never calls it if this
/// process has not started any wait.
pub fn flush(ticket: u64, completion: Arc<dyn Completion>) {
    give(&mut orders(), Order::Flush(ticket, completion));
}

/// Blocks until all orders given so far have been carried out, so that what they cancelled has been released, or until the
/// timeout has passed. A wait must have been started in this process.
pub fn settle(timeout: Duration) {
    let settled = Arc::new(Settled::default());
    flush(next_ticket(), settled.clone());
    let is_over = settled.is_over.lock().unwrap_or_else(PoisonError::into_inner);
    drop(settled.over.wait_timeout_while(is_over, timeout, |is_over| !*is_over));
}

/// Tells a blocked thread that orders have been carried out.
#[derive(Default)]
struct Settled {
    is_over: Mutex<bool>,
    over: Condvar,
}

impl Completion for Settled {
    fn complete(&self, _: u64, _: Box<dyn WaitCondition>, _: Outcome) {}

    fn flushed(&self, _ticket: u64) {
        *self.is_over.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.over.notify_all();
    }
}

/// Queues an order. Wakes the thread once for any number of orders that it has not fetched yet.
fn give(orders: &mut Orders, order: Order) {
    orders.queue.push(order);
    if orders.queue.len() == 1 {
        wake();
    }
}

fn wake() {
    // Release: pairs with the Acquire in `run`, though the mutex orders the queue anyway.
    ORDERS_GIVEN.fetch_add(1, Ordering::Release);
    futex::wake(&ORDERS_GIVEN, 1);
}

fn run() {
    let words_per_sleep = match futex::words_per_sleep() {
        // One thread looks at all words.
        0 => futex::MAX_WORDS,
        words => words,
    };
    let mut waiting = WaitSet::new(words_per_sleep);
    let mut sleepers = Sleepers::new(wake);
    let mut slice = FIRST_SLICE;
    let mut check_owners = false;
    // Turns may be shorter than a slice, so this is not the time of the last one.
    let mut idle_since = os::clock::monotonic_ns();
    loop {
        // Read before the orders are fetched: a later order changes it again. Acquire: pairs with the Release in `wake`.
        let given = ORDERS_GIVEN.load(Ordering::Acquire);
        let fetched = std::mem::take(&mut orders().queue);
        if !fetched.is_empty() {
            slice = FIRST_SLICE;
        }
        let flushed = carry_out(fetched, &mut waiting);
        if check_owners || !flushed.is_empty() {
            waiting.poll_changed(check_owners);
        } else {
            waiting.poll_lane(0, false);
        }
        sleepers.poll_fired(&mut waiting);
        flushed.into_iter().for_each(|(ticket, completion)| completion.flushed(ticket));
        let now = os::clock::monotonic_ns();
        let deadline = waiting.expire(now);
        let told = sleepers.update(&mut waiting);
        let mut limit = match told {
            Told::NotYet => CROWDED_SLICE,
            _ if waiting.is_empty() => IDLE,
            Told::Some => slice.min(CROWDED_SLICE),
            Told::All => slice,
        };
        if let Some(deadline) = deadline {
            limit = limit.min(Duration::from_nanos(deadline - now));
        }
        let words = waiting.words(0);
        let words = words.iter().map(|word| (word.region.futex(word.at), word.seen));
        let words: Vec<_> = std::iter::once((&ORDERS_GIVEN, given)).chain(words).collect();
        futex::wait_any(&words, limit);
        let after = os::clock::monotonic_ns();
        check_owners = after - idle_since >= slice.as_nanos() as u64;
        // Relaxed: the next turn loads it with the ordering that it needs.
        if check_owners || ORDERS_GIVEN.load(Ordering::Relaxed) != given {
            idle_since = after;
        }
        if check_owners {
            slice = (slice * 2).min(LONGEST_SLICE);
        }
    }
}

/// Carries out orders, and returns the flushes among them.
fn carry_out(orders: Vec<Order>, waiting: &mut WaitSet) -> Vec<(u64, Arc<dyn Completion>)> {
    let mut flushed = Vec::new();
    for order in orders {
        match order {
            Order::Wait(pending) => waiting.add(pending),
            Order::Cancel(ticket) => waiting.cancel(ticket),
            Order::Flush(ticket, completion) => flushed.push((ticket, completion)),
        }
    }
    flushed
}
