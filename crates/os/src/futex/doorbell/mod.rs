//! Windows: a table of sleeping threads beside the shared files, and a named event for each of them.
//!
//! `WaitOnAddress` wakes only threads of the same process, so the files of a directory share a table in memory
//! (`.shmkit.bells`). A thread that sleeps has a slot there, which says on which words, and an event, which a waker
//! sets. A word is identified by the identity of its file and its offset.
//!
//! | waiter | waker |
//! |---|---|
//! | stores the words in its slot, then *asleep* | changes the word |
//! | full fence; looks at the words again | full fence; looks for slots that are asleep on the word |
//! | sleeps on its event | *asleep* -> *woken*, and sets the event |
//!
//! One of the two sees the other's store. A slot belongs to the process that holds the lock of its byte, and the kernel
//! releases that when the process dies. A waker that dies after its change costs its sleepers one slice.
//!
//! Where there is no table, because this user may not write to the directory, or no event, waiters poll. Words outside of
//! shared files have a table in this process.

#![allow(clippy::disallowed_methods, reason = "the full fence between waiter and waker")]

mod event;
mod places;
mod slot;
mod table;

pub(crate) use places::Registration;

use super::polling;
use places::{Place, find};
use slot::{OwnSlot, SleepsOn};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering, fence};
use std::time::Duration;
use table::Table;

/// The longest sleep while a word has no table.
const POLLING: Duration = Duration::from_millis(1);

/// Sleeps while `*word == expected`, at most about `timeout`. May return early; the caller checks the word again.
pub fn wait(word: &AtomicU32, expected: u32, timeout: Duration) {
    if word.load(Ordering::Relaxed) != expected {
        return;
    }
    if !sleep_on(&[(word, expected)], timeout) {
        polling::wait(word, expected, timeout);
    }
}

/// Like `wait`, for any of several words.
pub(super) fn wait_any(words: &[(&AtomicU32, u32)], timeout: Duration) {
    if !sleep_on(words, timeout) {
        // The words that have a table were waited for, too, but a change of the others is only seen by looking.
        std::thread::sleep(timeout.min(POLLING));
    }
}

/// Wakes at most `count` waiters on `word`, in any process.
pub fn wake(word: &AtomicU32, count: u32) {
    let Place { table, key } = find(word);
    // Pairs with the fence in `sleep_on`: one side sees the other's store.
    fence(Ordering::SeqCst);
    if let Some(table) = table {
        table.wake(key, count);
    }
}

/// Returns false, at once, if a word has no table or there is no slot.
fn sleep_on(words: &[(&AtomicU32, u32)], timeout: Duration) -> bool {
    let Some(groups) = grouped(words) else { return false };
    let mut asleep: Vec<(&Arc<Table>, OwnSlot)> = Vec::with_capacity(groups.len());
    for (table, keys) in &groups {
        let Some(slot) = table.take_slot() else { break };
        table.announce(&slot, SleepsOn::these(keys));
        asleep.push((table, slot));
    }
    let has_all = asleep.len() == groups.len();
    // Pairs with the fence in `wake`: one side sees the other's store.
    fence(Ordering::SeqCst);
    // Relaxed: the caller loads the words again, with the ordering that it needs.
    let is_unchanged = words.iter().all(|(word, value)| word.load(Ordering::Relaxed) == *value);
    if has_all && is_unchanged {
        let events: Vec<_> = asleep.iter().map(|(_, slot)| &*slot.event).collect();
        event::wait_for_any(&events, timeout);
    }
    for (table, slot) in asleep {
        table.give_back(slot);
    }
    has_all || !is_unchanged
}

/// Returns the tables of the words, with the keys of the words in each; `None` if a word has no table, or if one
/// thread cannot sleep on that many events.
fn grouped(words: &[(&AtomicU32, u32)]) -> Option<Vec<(Arc<Table>, Vec<u64>)>> {
    let mut groups: Vec<(Arc<Table>, Vec<u64>)> = Vec::new();
    for (word, _) in words {
        let Place { table, key } = find(word);
        let table = table?;
        match groups.iter_mut().find(|(other, _)| Arc::ptr_eq(other, &table)) {
            Some((_, keys)) => keys.push(key),
            None => groups.push((table, vec![key])),
        }
    }
    (groups.len() <= event::MOST).then_some(groups)
}
