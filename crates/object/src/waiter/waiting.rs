//! All pending waits of a process, by the word they sleep on. No threads and no system calls here.

use super::{Attempt, Attempted, Outcome, Pending};
use crate::region::Region;
use crate::sync::plain::AtomicU32;
use shmkit_os::futex::MOST_WORDS;
use std::collections::{BTreeSet, HashMap, VecDeque};

/// Tickets of waits that are over may stay in a queue until they are this many more than the others.
const STALE_TICKETS: usize = 64;

/// Those who sleep on one word, first come first tried.
struct Group {
    region: Region,
    at: u64,
    /// The word's value when they were last tried.
    seen: u32,
    queue: VecDeque<u64>,
    /// Those in the queue whose wait is not over.
    alive: usize,
}

/// All of them.
#[derive(Default)]
pub struct Waiting {
    groups: HashMap<usize, Group>,
    pending: HashMap<u64, (usize, Pending)>,
    deadlines: BTreeSet<(u64, u64)>,
    /// Where the next choice of words starts, if there are too many for one sleep.
    turn: usize,
}

/// Where a word is, in this process: what the kernel sleeps on.
fn address(attempt: &dyn Attempt) -> usize {
    let (region, at) = attempt.place();
    region.futex(at).as_ptr().addr()
}

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("pending", &self.pending.len()).finish_non_exhaustive()
    }
}

impl Waiting {
    /// True if there is nobody.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Adds a wait, and tries it if nobody else waits for the same.
    pub fn add(&mut self, pending: Pending) {
        let key = address(&*pending.attempt);
        let ticket = pending.ticket;
        if let Some(deadline) = pending.deadline {
            self.deadlines.insert((deadline, ticket));
        }
        let group = self.groups.entry(key).or_insert_with(|| {
            let (region, at) = pending.attempt.place();
            Group { region: region.clone(), at, seen: 0, queue: VecDeque::new(), alive: 0 }
        });
        group.queue.push_back(ticket);
        group.alive += 1;
        self.pending.insert(ticket, (key, pending));
        self.try_one(key, ticket);
    }

    /// Ends a wait without a word to its sink. Harmless if it is over.
    pub fn cancel(&mut self, ticket: u64) {
        drop(self.take(ticket));
    }

    /// Takes a wait out, and forgets its word if nobody else waits for it.
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
        if let Some(Pending { attempt, sink, .. }) = self.take(ticket) {
            sink.deliver(ticket, attempt, outcome);
        }
    }

    /// Tries a new one; what it saw is where its group sleeps if it is the only one there.
    fn try_one(&mut self, key: usize, ticket: u64) {
        let Some((_, pending)) = self.pending.get_mut(&ticket) else { return };
        match pending.attempt.attempt(false) {
            Attempted::Done => self.finish(ticket, Outcome::Done),
            Attempted::Failed(error) => self.finish(ticket, Outcome::Failed(error)),
            Attempted::Blocked(seen) | Attempted::Starved(seen) => {
                let group = self.groups.get_mut(&key).expect("its wait is pending");
                // Older ones sleep on what they saw: if it differs, they are tried again at once.
                if group.alive == 1 {
                    group.seen = seen;
                }
            }
        }
    }

    /// Tries those whose word has changed; all of them, if `look_around`.
    pub fn look(&mut self, look_around: bool) {
        let changed: Vec<usize> = self
            .groups
            .iter()
            .filter(|(_, group)| look_around || group.region.load32(group.at) != group.seen)
            .map(|(key, _)| *key)
            .collect();
        for key in changed {
            self.try_group(key, look_around);
        }
    }

    /// Tries from the front until nobody else can succeed.
    fn try_group(&mut self, key: usize, look_around: bool) {
        let Some(group) = self.groups.get_mut(&key) else { return };
        let mut queue = std::mem::take(&mut group.queue);
        let mut tried = Vec::new();
        let mut first_seen = None;
        while let Some(ticket) = queue.pop_front() {
            let Some((_, pending)) = self.pending.get_mut(&ticket) else { continue };
            // One look is enough for all of them.
            let (seen, is_last) = match pending.attempt.attempt(look_around && tried.is_empty()) {
                Attempted::Done => {
                    self.finish(ticket, Outcome::Done);
                    continue;
                }
                Attempted::Failed(error) => {
                    self.finish(ticket, Outcome::Failed(error));
                    continue;
                }
                Attempted::Blocked(seen) => (seen, true),
                Attempted::Starved(seen) => (seen, false),
            };
            tried.push(ticket);
            // The first one's: if the word changed on the way, all are tried again.
            first_seen.get_or_insert(seen);
            if is_last {
                break;
            }
        }
        if let Some(group) = self.groups.get_mut(&key) {
            tried.into_iter().rev().for_each(|ticket| queue.push_front(ticket));
            group.queue = queue;
            group.seen = first_seen.unwrap_or(group.seen);
        }
    }

    /// Gives up those whose time is up, after a last try; when the next one's is.
    pub fn expire(&mut self, now: u64) -> Option<u64> {
        while let Some(&(deadline, ticket)) = self.deadlines.first() {
            if deadline > now {
                return Some(deadline);
            }
            let (_, pending) = self.pending.get_mut(&ticket).expect("whoever has a deadline is pending");
            let outcome = match pending.attempt.attempt(true) {
                Attempted::Done => Outcome::Done,
                Attempted::Failed(error) => Outcome::Failed(error),
                Attempted::Blocked(_) | Attempted::Starved(_) => Outcome::TimedOut,
            };
            self.finish(ticket, outcome);
        }
        None
    }

    /// True if not all words fit into one sleep.
    pub fn is_crowded(&self) -> bool {
        self.groups.len() >= MOST_WORDS
    }

    /// Words to sleep on, beside the waiter's own, with what they were: all, or some others each time.
    pub fn words(&mut self) -> Vec<(&AtomicU32, u32)> {
        let room = MOST_WORDS - 1;
        let skipped = if self.is_crowded() { self.turn % self.groups.len() } else { 0 };
        self.turn = skipped + room;
        let groups = self.groups.values();
        let chosen = groups.clone().skip(skipped).chain(groups).take(room.min(self.groups.len()));
        chosen.map(|group| (group.region.futex(group.at), group.seen)).collect()
    }
}
