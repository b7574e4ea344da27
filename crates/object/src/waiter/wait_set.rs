//! The pending waits of a process, by the word they sleep on. This module has no threads and makes no system calls.

use super::{Outcome, Pending, Polled, WaitCondition};
use crate::region::Region;
use crate::sync::plain::AtomicU32;
use shmkit_os::futex::MAX_WORDS;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// How many more tickets of finished waits than of pending ones a queue may hold.
const STALE_TICKETS: usize = 64;

/// The waits that sleep on one word, polled in the order of their arrival.
struct Group {
    region: Region,
    at: u64,
    /// The word's value when they were last polled.
    seen: u32,
    queue: VecDeque<u64>,
    /// The waits in the queue that are not over.
    alive: usize,
}

/// A set of pending waits.
#[derive(Default)]
pub struct WaitSet {
    groups: HashMap<usize, Group>,
    pending: HashMap<u64, (usize, Pending)>,
    deadlines: BTreeSet<(u64, u64)>,
    /// The first group of the next choice of words, if there are too many for one sleep.
    next_group: usize,
}

/// Returns the address, in this process, of the word that the kernel sleeps on.
fn address(condition: &dyn WaitCondition) -> usize {
    let (region, at) = condition.wait_word();
    region.futex(at).as_ptr().addr()
}

impl std::fmt::Debug for WaitSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WaitSet").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl WaitSet {
    /// Returns whether no wait is pending.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Adds a wait and polls it.
    pub fn add(&mut self, pending: Pending) {
        let key = address(&*pending.condition);
        let ticket = pending.ticket;
        if let Some(deadline) = pending.deadline {
            self.deadlines.insert((deadline, ticket));
        }
        let group = self.groups.entry(key).or_insert_with(|| {
            let (region, at) = pending.condition.wait_word();
            Group { region: region.clone(), at, seen: 0, queue: VecDeque::new(), alive: 0 }
        });
        group.queue.push_back(ticket);
        group.alive += 1;
        self.pending.insert(ticket, (key, pending));
        self.poll_one(key, ticket);
    }

    /// Drops a wait without calling its completion. Does nothing if it is over.
    pub fn cancel(&mut self, ticket: u64) {
        drop(self.take(ticket));
    }

    /// Removes a wait, and its group if it was the last one there.
    fn take(&mut self, ticket: u64) -> Option<Pending> {
        let (key, pending) = self.pending.remove(&ticket)?;
        if let Some(deadline) = pending.deadline {
            self.deadlines.remove(&(deadline, ticket));
        }
        let group = self.groups.get_mut(&key).expect("a pending wait has a group");
        group.alive -= 1;
        if group.alive == 0 {
            self.groups.remove(&key);
        } else if group.queue.len() > 2 * group.alive + STALE_TICKETS {
            let pending = &self.pending;
            group.queue.retain(|ticket| pending.contains_key(ticket));
        }
        Some(pending)
    }

    fn finish(&mut self, ticket: u64, outcome: Outcome) {
        if let Some(Pending { condition, completion, .. }) = self.take(ticket) {
            completion.complete(ticket, condition, outcome);
        }
    }

    /// Polls a new wait. Its group sleeps on the value that it saw if it is the only one there.
    fn poll_one(&mut self, key: usize, ticket: u64) {
        let Some((_, pending)) = self.pending.get_mut(&ticket) else { return };
        match pending.condition.poll(false) {
            Polled::Done => self.finish(ticket, Outcome::Done),
            Polled::Failed(error) => self.finish(ticket, Outcome::Failed(error)),
            Polled::Unavailable { seen, .. } => {
                let group = self.groups.get_mut(&key).expect("its wait is pending");
                // Older waits sleep on the value that they saw: if it differs, they are polled again at once.
                if group.alive == 1 {
                    group.seen = seen;
                }
            }
        }
    }

    /// Polls the waits whose word has changed; with `check_owners`, all of them.
    pub fn poll_changed(&mut self, check_owners: bool) {
        let changed: Vec<usize> = self
            .groups
            .iter()
            .filter(|(_, group)| check_owners || group.region.load32(group.at) != group.seen)
            .map(|(key, _)| *key)
            .collect();
        for key in changed {
            self.poll_group(key, check_owners);
        }
    }

    /// Polls from the front until no other wait of the group can succeed.
    fn poll_group(&mut self, key: usize, check_owners: bool) {
        let Some(group) = self.groups.get_mut(&key) else { return };
        let mut queue = std::mem::take(&mut group.queue);
        let mut polled = Vec::new();
        let mut first_seen = None;
        while let Some(ticket) = queue.pop_front() {
            let Some((_, pending)) = self.pending.get_mut(&ticket) else { continue };
            // Checking the owners once serves the whole group.
            let (seen, is_last) = match pending.condition.poll(check_owners && polled.is_empty()) {
                Polled::Done => {
                    self.finish(ticket, Outcome::Done);
                    continue;
                }
                Polled::Failed(error) => {
                    self.finish(ticket, Outcome::Failed(error));
                    continue;
                }
                Polled::Unavailable { seen, wake_next } => (seen, !wake_next),
            };
            polled.push(ticket);
            // The value that the first one saw: if the word changed meanwhile, all are polled again.
            first_seen.get_or_insert(seen);
            if is_last {
                break;
            }
        }
        if let Some(group) = self.groups.get_mut(&key) {
            polled.into_iter().rev().for_each(|ticket| queue.push_front(ticket));
            group.queue = queue;
            group.seen = first_seen.unwrap_or(group.seen);
        }
    }

    /// Ends the waits whose deadline has passed, after a last poll; returns the next deadline.
    pub fn expire(&mut self, now: u64) -> Option<u64> {
        while let Some(&(deadline, ticket)) = self.deadlines.first() {
            if deadline > now {
                return Some(deadline);
            }
            let (_, pending) = self.pending.get_mut(&ticket).expect("a wait with a deadline is pending");
            let outcome = match pending.condition.poll(true) {
                Polled::Done => Outcome::Done,
                Polled::Failed(error) => Outcome::Failed(error),
                Polled::Unavailable { .. } => Outcome::TimedOut,
            };
            self.finish(ticket, outcome);
        }
        None
    }

    /// Returns whether there are more words than one sleep takes.
    pub fn is_crowded(&self) -> bool {
        self.groups.len() >= MAX_WORDS
    }

    /// Returns words to sleep on besides the waiter's own, with their values: all, or different ones each time if there
    /// are too many.
    pub fn words(&mut self) -> Vec<(&AtomicU32, u32)> {
        let room = MAX_WORDS - 1;
        let skipped = if self.is_crowded() { self.next_group % self.groups.len() } else { 0 };
        self.next_group = skipped + room;
        let groups = self.groups.values();
        let chosen = groups.clone().skip(skipped).chain(groups).take(room.min(self.groups.len()));
        chosen.map(|group| (group.region.futex(group.at), group.seen)).collect()
    }
}
