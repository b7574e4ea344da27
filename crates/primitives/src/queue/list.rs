//! The orders in which jobs are found: lists and heaps. They follow from the jobs, and are rebuilt after a death.

use super::cell::Link;
use super::job::Job;
use super::layout::{self, NEXT_DUE};
use super::{Queue, damaged};
use shmkit_object::error::Result;

const NEXT: u64 = 48;
const PREVIOUS: u64 = 52;

/// A doubly linked list: its first job (4) and its last one (4).
#[derive(Clone, Copy)]
pub(super) struct List<'q> {
    queue: &'q Queue,
    at: u64,
}

impl<'q> List<'q> {
    pub(super) fn ready(queue: &'q Queue) -> Self {
        List { queue, at: layout::READY }
    }

    pub(super) fn dead(queue: &'q Queue) -> Self {
        List { queue, at: layout::DEAD }
    }

    pub(super) fn claims(queue: &'q Queue, slot: u32) -> Self {
        List { queue, at: layout::claims_at(slot) }
    }

    pub(super) fn first(self) -> Link {
        self.queue.membership.region.load32(self.at)
    }

    pub(super) fn next(self, link: Link) -> Result<Link> {
        Ok(self.queue.membership.region.load32(self.queue.at(link)? + NEXT))
    }

    pub(super) fn push(self, link: Link) -> Result<()> {
        let (region, at) = (&self.queue.membership.region, self.queue.at(link)?);
        let last = region.load32(self.at + 4);
        region.store32(at + NEXT, 0);
        region.store32(at + PREVIOUS, last);
        region.store32(if last == 0 { self.at } else { self.queue.at(last)? + NEXT }, link);
        region.store32(self.at + 4, link);
        Ok(())
    }

    pub(super) fn remove(self, link: Link) -> Result<()> {
        let (region, at) = (&self.queue.membership.region, self.queue.at(link)?);
        let (next, previous) = (region.load32(at + NEXT), region.load32(at + PREVIOUS));
        region.store32(if previous == 0 { self.at } else { self.queue.at(previous)? + NEXT }, next);
        region.store32(if next == 0 { self.at + 4 } else { self.queue.at(next)? + PREVIOUS }, previous);
        Ok(())
    }

    pub(super) fn clear(self) {
        self.queue.membership.region.store(self.at, 0);
    }

    /// Returns all links, in order; at most as many as there are cells.
    pub(super) fn links(self) -> Result<Vec<Link>> {
        let (mut links, mut link) = (Vec::new(), self.first());
        while link != 0 {
            if links.len() >= self.queue.known_cells() as usize {
                return Err(damaged());
            }
            links.push(link);
            link = self.next(link)?;
        }
        Ok(links)
    }
}

/// A binary heap of jobs.
#[derive(Clone, Copy)]
pub(super) struct Heap<'q> {
    queue: &'q Queue,
    /// Whether it is that of delayed jobs, the earliest one first; otherwise of returned ones, the oldest one first.
    is_delayed: bool,
}

impl<'q> Heap<'q> {
    pub(super) fn delayed(queue: &'q Queue) -> Self {
        Heap { queue, is_delayed: true }
    }

    pub(super) fn returned(queue: &'q Queue) -> Self {
        Heap { queue, is_delayed: false }
    }

    fn length_at(self) -> u64 {
        if self.is_delayed { layout::DELAYED_LENGTH } else { layout::RETURNED_LENGTH }
    }

    pub(super) fn length(self) -> u32 {
        self.queue.membership.region.load32(self.length_at()).min(self.queue.known_cells())
    }

    fn place_at(self, index: u32) -> u64 {
        let geometry = &self.queue.geometry;
        let start = if self.is_delayed { geometry.delayed_at() } else { geometry.returned_at() };
        start + 4 * u64::from(index)
    }

    fn key(self, link: Link) -> Result<(u64, u64)> {
        let job = Job::of(self.queue, link)?;
        Ok(if self.is_delayed { (job.due(), job.place()) } else { (job.number(), 0) })
    }

    fn get(self, index: u32) -> Link {
        self.queue.membership.region.load32(self.place_at(index))
    }

    fn put(self, index: u32, link: Link) {
        self.queue.membership.region.store32(self.place_at(index), link);
    }

    /// Returns the first job; 0 if there is none.
    pub(super) fn first(self) -> Link {
        if self.length() == 0 { 0 } else { self.get(0) }
    }

    pub(super) fn push(self, link: Link) -> Result<()> {
        let (key, mut index) = (self.key(link)?, self.length());
        if index >= self.queue.known_cells() {
            return Err(damaged());
        }
        self.queue.membership.region.store32(self.length_at(), index + 1);
        while index > 0 {
            let parent = (index - 1) / 2;
            if self.key(self.get(parent))? <= key {
                break;
            }
            self.put(index, self.get(parent));
            index = parent;
        }
        self.put(index, link);
        self.note_due()
    }

    /// Removes the first job. There is one.
    pub(super) fn pop(self) -> Result<()> {
        let length = self.length().checked_sub(1).ok_or_else(damaged)?;
        let (last, mut index) = (self.get(length), 0);
        self.queue.membership.region.store32(self.length_at(), length);
        if length > 0 {
            let key = self.key(last)?;
            while 2 * index + 1 < length {
                let mut child = 2 * index + 1;
                if child + 1 < length && self.key(self.get(child + 1))? < self.key(self.get(child))? {
                    child += 1;
                }
                if key <= self.key(self.get(child))? {
                    break;
                }
                self.put(index, self.get(child));
                index = child;
            }
            self.put(index, last);
        }
        self.note_due()
    }

    fn note_due(self) -> Result<()> {
        if self.is_delayed {
            let due = match self.first() {
                0 => 0,
                link => Job::of(self.queue, link)?.due().max(1),
            };
            self.queue.membership.region.store(NEXT_DUE, due);
        }
        Ok(())
    }

    pub(super) fn clear(self) {
        self.queue.membership.region.store32(self.length_at(), 0);
        if self.is_delayed {
            self.queue.membership.region.store(NEXT_DUE, 0);
        }
    }
}
