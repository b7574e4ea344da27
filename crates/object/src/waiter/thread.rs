//! The one thread that sleeps for all pending waits of the process. It starts with the first of them and
//! never ends; without any it sleeps on its bell alone.

use super::waiting::Waiting;
use super::{FIRST_SLICE, LONGEST_SLICE, Pending, Sink};
use crate::error::Result;
use crate::sync::Ordering;
use crate::sync::plain::{AtomicU32, AtomicU64};
use shmkit_os as os;
use shmkit_os::OsError;
use shmkit_os::futex;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::thread::Builder;
use std::time::Duration;

/// With nobody to wait for, the bell alone wakes the thread; the limit only bounds a lost ring.
const IDLE: Duration = Duration::from_secs(3600);
/// How long a change can go unnoticed with more words than one sleep takes.
const CROWDED_SLICE: Duration = Duration::from_millis(1);
const STACK_BYTES: usize = 256 << 10;

/// What the thread is told.
enum Order {
    Wait(Pending),
    Cancel(u64),
    Confirm(u64, Arc<dyn Sink>),
}

#[derive(Default)]
struct Orders {
    queue: Vec<Order>,
    /// The process whose thread runs: a forked child has none. 0 is "none yet", so it is one more.
    runs_in: u64,
}

static ORDERS: LazyLock<Mutex<Orders>> = LazyLock::new(Mutex::default);
/// Changes with every order; the thread sleeps on it beside the others' words.
static BELL: AtomicU32 = AtomicU32::new(0);
static LAST_TICKET: AtomicU64 = AtomicU64::new(0);

fn orders() -> MutexGuard<'static, Orders> {
    ORDERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that names one wait in this process; never 0, and exact as a double.
pub fn next_ticket() -> u64 {
    LAST_TICKET.fetch_add(1, Ordering::Relaxed) + 1
}

/// Waits without blocking: the sink is told once, unless [`cancel`] comes first.
///
/// # Errors
/// [`crate::error::Error::System`] if the thread cannot be started.
pub fn start(pending: Pending) -> Result<()> {
    let mut orders = orders();
    let here = os::process::fork_epoch() + 1;
    if orders.runs_in != here {
        // What a parent's thread was told concerns its handles alone.
        orders.queue.clear();
        let builder = Builder::new().name("shmkit-waiter".into()).stack_size(STACK_BYTES);
        builder.spawn(run).map_err(|error| OsError::from_io("pthread_create", &error))?;
        orders.runs_in = here;
    }
    give(&mut orders, Order::Wait(pending));
    Ok(())
}

/// Ends a wait; if it is not over yet, its sink is not told. What it had got is given back.
pub fn cancel(ticket: u64) {
    give(&mut orders(), Order::Cancel(ticket));
}

/// Tells the sink, after what else it is told of, that every change made so far was looked at on behalf of
/// those who wait. Nobody is told if nobody ever waited.
pub fn confirm(ticket: u64, sink: Arc<dyn Sink>) {
    give(&mut orders(), Order::Confirm(ticket, sink));
}

/// Rings once for any number of orders that the thread has not fetched yet.
fn give(orders: &mut Orders, order: Order) {
    orders.queue.push(order);
    if orders.queue.len() == 1 {
        // Release: pairs with the Acquire in `run`, though the mutex orders the queue anyway.
        BELL.fetch_add(1, Ordering::Release);
        futex::wake(&BELL, 1);
    }
}

fn run() {
    let mut waiting = Waiting::default();
    let mut slice = FIRST_SLICE;
    let mut look_around = false;
    loop {
        // Before the orders are fetched: what comes later has rung again.
        let bell = BELL.load(Ordering::Acquire);
        let fetched = std::mem::take(&mut orders().queue);
        if !fetched.is_empty() {
            slice = FIRST_SLICE;
        }
        let mut confirmed = Vec::new();
        for order in fetched {
            match order {
                Order::Wait(pending) => waiting.add(pending),
                Order::Cancel(ticket) => waiting.cancel(ticket),
                Order::Confirm(ticket, sink) => confirmed.push((ticket, sink)),
            }
        }
        waiting.look(look_around);
        confirmed.into_iter().for_each(|(ticket, sink)| sink.confirm(ticket));
        let now = os::clock::monotonic_ns();
        let deadline = waiting.expire(now);
        let mut limit = match (waiting.is_empty(), waiting.is_crowded()) {
            (true, _) => IDLE,
            (false, true) => slice.min(CROWDED_SLICE),
            (false, false) => slice,
        };
        if let Some(deadline) = deadline {
            limit = limit.min(Duration::from_nanos(deadline - now));
        }
        let mut words = waiting.words();
        words.insert(0, (&BELL, bell));
        futex::wait_any(&words, limit);
        look_around = os::clock::monotonic_ns() - now >= slice.as_nanos() as u64;
        if look_around {
            slice = (slice * 2).min(LONGEST_SLICE);
        }
    }
}
