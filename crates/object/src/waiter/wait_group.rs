//! The waits that sleep on one word, and the lanes into which words are divided.

use crate::region::Region;
use std::collections::{HashMap, HashSet, VecDeque};

/// A word to sleep on while it has a value.
#[derive(Clone)]
pub struct SleepWord {
    /// The memory that holds the word.
    pub region: Region,
    /// Its offset.
    pub at: u64,
    /// Its value.
    pub seen: u32,
}

impl std::fmt::Debug for SleepWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SleepWord").field("at", &self.at).field("seen", &self.seen).finish_non_exhaustive()
    }
}

/// The waits that sleep on one word, polled in the order of their arrival.
pub(super) struct Group {
    pub region: Region,
    pub at: u64,
    /// The word's value when they were last polled.
    pub seen: u32,
    pub queue: VecDeque<u64>,
    /// The waits in the queue that are not over.
    pub alive: usize,
    /// Those of them that have a topic, by topic.
    topics: HashMap<u64, Vec<u64>>,
    /// Those that have none.
    pub without_topic: usize,
    pub lane: usize,
}

/// Groups whose words one thread sleeps on.
#[derive(Default)]
pub(super) struct Lane {
    pub groups: HashSet<usize>,
    /// Whether a word, or the value that it had, has changed since the thread was told.
    pub is_stale: bool,
}

/// Returns how many words a lane has. A sleep on several words includes one by which its thread is told. Where it takes only
/// one, the waiter's own lane, the first, has none.
pub(super) fn lane_capacity(lane: usize, words_per_sleep: usize) -> usize {
    if words_per_sleep > 1 { words_per_sleep - 1 } else { usize::from(lane > 0) }
}

impl Group {
    pub(super) fn new(region: Region, at: u64, lane: usize) -> Group {
        let (queue, topics) = (VecDeque::new(), HashMap::new());
        Group { region, at, seen: 0, queue, alive: 0, topics, without_topic: 0, lane }
    }

    pub(super) fn add(&mut self, ticket: u64, topic: Option<u64>) {
        self.queue.push_back(ticket);
        self.alive += 1;
        match topic {
            Some(topic) => self.topics.entry(topic).or_default().push(ticket),
            None => self.without_topic += 1,
        }
    }

    /// Forgets a wait that is over. Its ticket stays in the queue.
    pub(super) fn remove(&mut self, ticket: u64, topic: Option<u64>) {
        self.alive -= 1;
        let Some(topic) = topic else {
            self.without_topic -= 1;
            return;
        };
        if let Some(tickets) = self.topics.get_mut(&topic) {
            tickets.retain(|other| *other != ticket);
            if tickets.is_empty() {
                self.topics.remove(&topic);
            }
        }
    }

    /// Returns a wait that has a topic.
    pub(super) fn any(&self) -> Option<u64> {
        self.topics.values().flatten().next().copied()
    }

    /// Returns the waits that have these topics.
    pub(super) fn waits_for(&self, topics: &[u64]) -> Vec<u64> {
        topics.iter().filter_map(|topic| self.topics.get(topic)).flatten().copied().collect()
    }

    pub(super) fn word(&self) -> SleepWord {
        SleepWord { region: self.region.clone(), at: self.at, seen: self.seen }
    }
}
