//! The pending waits of a process, by the word they sleep on. This module has no threads and makes no system calls.

use super::wait_group::{Group, Lane, SleepWord, lane_capacity};
use super::{Outcome, Pending, Polled, WaitCondition};
use std::collections::{BTreeSet, HashMap};

/// How many more tickets of finished waits than of pending ones a queue may hold.
const STALE_TICKETS: usize = 64;

struct Entry {
    group: usize,
    topic: Option<u64>,
    pending: Pending,
}

/// What has become of a wait that was polled.
enum AfterPoll {
    /// It goes on; see [`Polled::Unavailable`].
    Pending {
        seen: u32,
        wake_next: bool,
    },
    Over,
    Failed,
}

/// A set of pending waits.
pub struct WaitSet {
    /// How many words one sleep takes.
    words_per_sleep: usize,
    groups: HashMap<usize, Group>,
    pending: HashMap<u64, Entry>,
    deadlines: BTreeSet<(u64, u64)>,
    /// When waits asked to be polled again, and their tickets, which may be over.
    alarms: BTreeSet<(u64, u64)>,
    lanes: Vec<Lane>,
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
    /// Returns an empty set for sleeps that take this many words.
    pub fn new(words_per_sleep: usize) -> WaitSet {
        let (groups, pending) = (HashMap::new(), HashMap::new());
        let (deadlines, alarms, lanes) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        WaitSet { words_per_sleep, groups, pending, deadlines, alarms, lanes }
    }

    /// Returns whether no wait is pending.
    pub fn is_empty(&self) -> bool {
        self.pending.is_empty()
    }

    /// Adds a wait and polls it.
    pub fn add(&mut self, pending: Pending) {
        let key = address(&*pending.condition);
        let (ticket, topic) = (pending.ticket, pending.condition.topic());
        if let Some(deadline) = pending.deadline {
            self.deadlines.insert((deadline, ticket));
        }
        if !self.groups.contains_key(&key) {
            self.add_group(key, &*pending.condition);
        }
        let group = self.groups.get_mut(&key).expect("it was just added");
        group.add(ticket, topic);
        self.pending.insert(ticket, Entry { group: key, topic, pending });
        self.poll_new(key, ticket);
    }

    fn add_group(&mut self, key: usize, condition: &dyn WaitCondition) {
        let is_free = |&lane: &usize| {
            let taken = self.lanes.get(lane).map_or(0, |lane| lane.groups.len());
            taken < lane_capacity(lane, self.words_per_sleep)
        };
        let lane = (0..).find(is_free).expect("a new lane is free");
        self.lanes.resize_with(self.lanes.len().max(lane + 1), Lane::default);
        self.lanes[lane].groups.insert(key);
        self.lanes[lane].is_stale = true;
        let (region, at) = condition.wait_word();
        let group = Group::new(region.clone(), at, lane);
        self.groups.insert(key, group);
    }

    /// Drops a wait without calling its completion. Does nothing if it is over.
    pub fn cancel(&mut self, ticket: u64) {
        drop(self.take(ticket));
    }

    /// Removes a wait, and its group if it was the last one there.
    fn take(&mut self, ticket: u64) -> Option<Pending> {
        let Entry { group: key, topic, pending } = self.pending.remove(&ticket)?;
        if let Some(deadline) = pending.deadline {
            self.deadlines.remove(&(deadline, ticket));
        }
        let group = self.groups.get_mut(&key).expect("a pending wait has a group");
        group.remove(ticket, topic);
        if group.alive == 0 {
            let lane = &mut self.lanes[group.lane];
            lane.groups.remove(&key);
            lane.is_stale = true;
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

    /// Polls a wait, and finishes it if it is over.
    fn poll(&mut self, ticket: u64, check_owners: bool) -> AfterPoll {
        let Some(entry) = self.pending.get_mut(&ticket) else { return AfterPoll::Over };
        match entry.pending.condition.poll(check_owners) {
            Polled::Unavailable { seen, wake_next } => {
                if let Some(at) = entry.pending.condition.poll_again_at() {
                    self.alarms.insert((at, ticket));
                }
                AfterPoll::Pending { seen, wake_next }
            }
            Polled::Done => {
                self.finish(ticket, Outcome::Done);
                AfterPoll::Over
            }
            Polled::Failed(error) => {
                self.finish(ticket, Outcome::Failed(error));
                AfterPoll::Failed
            }
        }
    }

    /// Polls a new wait. Its group sleeps on the value that it saw if it is the only one there.
    fn poll_new(&mut self, key: usize, ticket: u64) {
        // Older waits sleep on the value that they saw: if it differs, they are polled again at once.
        if let AfterPoll::Pending { seen, .. } = self.poll(ticket, false)
            && self.groups.get(&key).is_some_and(|group| group.alive == 1)
        {
            self.set_seen(key, seen);
        }
    }

    /// Polls the waits whose word has changed; with `check_owners`, all of them.
    pub fn poll_changed(&mut self, check_owners: bool) {
        (0..self.lanes.len()).for_each(|lane| self.poll_lane(lane, check_owners));
    }

    /// Like `poll_changed`, for the waits of one lane.
    pub fn poll_lane(&mut self, lane: usize, check_owners: bool) {
        let Some(lane) = self.lanes.get(lane) else { return };
        let has_changed = |key: &usize| {
            let group = &self.groups[key];
            check_owners || group.region.load32(group.at) != group.seen
        };
        let changed: Vec<usize> = lane.groups.iter().copied().filter(has_changed).collect();
        for key in changed {
            if !self.poll_topics(key, check_owners) {
                self.poll_group(key, check_owners);
            }
        }
    }

    /// Polls the waits whose topic has changed, and one in any case with `check_owners`. Returns false if it is not
    /// known which have changed, or that one has failed, which may hold for all.
    fn poll_topics(&mut self, key: usize, check_owners: bool) -> bool {
        if check_owners {
            let Some(ticket) = self.topical_group(key).and_then(Group::any) else { return false };
            if let AfterPoll::Failed = self.poll(ticket, true) {
                return !self.groups.contains_key(&key);
            }
        }
        // The check may have ended the last wait, or changed nothing.
        let is_unchanged = |group: &Group| group.region.load32(group.at) == group.seen;
        if self.groups.get(&key).is_none_or(is_unchanged) {
            return true;
        }
        let Some(group) = self.topical_group(key) else { return false };
        let Some(ticket) = group.any() else { return false };
        let Some((seen, topics)) = self.pending[&ticket].pending.condition.changed_topics(group.seen) else {
            return false;
        };
        let tickets = group.waits_for(&topics);
        self.set_seen(key, seen);
        for ticket in tickets {
            self.poll(ticket, false);
        }
        true
    }

    /// Returns the group, if all its waits have topics.
    fn topical_group(&self, key: usize) -> Option<&Group> {
        self.groups.get(&key).filter(|group| group.without_topic == 0)
    }

    /// Polls from the front until no other wait of the group can succeed.
    fn poll_group(&mut self, key: usize, check_owners: bool) {
        let Some(group) = self.groups.get_mut(&key) else { return };
        let mut queue = std::mem::take(&mut group.queue);
        let mut polled = Vec::new();
        let mut first_seen = None;
        while let Some(ticket) = queue.pop_front() {
            // Checking the owners once serves the whole group.
            let after = self.poll(ticket, check_owners && polled.is_empty());
            let AfterPoll::Pending { seen, wake_next } = after else { continue };
            polled.push(ticket);
            // The value that the first one saw: if the word changed meanwhile, all are polled again.
            first_seen.get_or_insert(seen);
            if !wake_next {
                break;
            }
        }
        if let Some(group) = self.groups.get_mut(&key) {
            polled.into_iter().rev().for_each(|ticket| queue.push_front(ticket));
            group.queue = queue;
            if let Some(seen) = first_seen {
                self.set_seen(key, seen);
            }
        }
    }

    /// Polls the waits that asked for it, and ends those whose deadline has passed, after a last poll. Returns when to call
    /// this again.
    pub fn expire(&mut self, now: u64) -> Option<u64> {
        while let Some(&(at, ticket)) = self.alarms.first()
            && at <= now
        {
            self.alarms.pop_first();
            // If its word differs from what older waits of its group saw, all are polled again at once.
            if let Some(key) = self.pending.get(&ticket).map(|entry| entry.group) {
                self.poll_new(key, ticket);
            }
        }
        let deadline = self.end_late(now);
        let alarm = self.alarms.first().map(|&(at, _)| at);
        deadline.into_iter().chain(alarm).min()
    }

    fn end_late(&mut self, now: u64) -> Option<u64> {
        while let Some(&(deadline, ticket)) = self.deadlines.first() {
            if deadline > now {
                return Some(deadline);
            }
            if let AfterPoll::Pending { .. } = self.poll(ticket, true) {
                self.finish(ticket, Outcome::TimedOut);
            }
        }
        None
    }

    fn set_seen(&mut self, key: usize, seen: u32) {
        let Some(group) = self.groups.get_mut(&key) else { return };
        if group.seen != seen {
            group.seen = seen;
            self.lanes[group.lane].is_stale = true;
        }
    }

    /// Returns the number of lanes, up to the last that has words: each holds those of one sleep.
    pub fn lanes(&self) -> usize {
        self.lanes.iter().rposition(|lane| !lane.groups.is_empty()).map_or(0, |last| last + 1)
    }

    /// Returns whether the words of a lane, or the values that they had when polled, have changed since the last call.
    pub fn take_stale(&mut self, lane: usize) -> bool {
        std::mem::take(&mut self.lanes[lane].is_stale)
    }

    /// Makes the next call of `take_stale` return true.
    pub fn set_stale(&mut self, lane: usize) {
        self.lanes[lane].is_stale = true;
    }

    /// Returns the words of a lane, with their values when they were last polled.
    pub fn words(&self, lane: usize) -> Vec<SleepWord> {
        let groups = self.lanes.get(lane).into_iter().flat_map(|lane| &lane.groups);
        groups.map(|key| self.groups[key].word()).collect()
    }
}
