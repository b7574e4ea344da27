//! What finds the requests of a name without looking at all others, and the dead among their owners.
//!
//! The records of a bucket form a doubly linked list in the order of their queue; free records form a list of
//! their own; each participant's requests are counted. All of this is derived from the state words of the
//! records, and changed only while the table is marked as busy. So a change needs no intent: after a death the
//! next owner of the lock rebuilds everything ([`LockTable::rebuild`]).
//!
//! A link is the index of a record plus one; 0 ends a list. Other processes may store anything: a link leads
//! to a record of the table or ends the list, and a walk takes at most as many steps as there are records.

use super::record::{LockName, RequestRecord, StateWord};
use super::{LockTable, file};
use shmkit_object::error::{Error, Result};
use shmkit_object::membership::Participant;
use shmkit_os as os;

impl LockTable {
    pub(super) fn record(&self, index: u32) -> RequestRecord<'_> {
        RequestRecord::new(&self.membership.region, self.layout, index)
    }

    /// Returns the records that have ever been in use.
    fn used_records(&self) -> impl Iterator<Item = RequestRecord<'_>> {
        let used = self.membership.region.load(file::USED).min(u64::from(self.layout.capacity)) as u32;
        (0..used).map(|index| self.record(index))
    }

    /// Returns all records in use.
    pub(super) fn records(&self) -> impl Iterator<Item = RequestRecord<'_>> {
        self.used_records().filter(|record| record.word() != StateWord::FREE)
    }

    /// Returns all requests: the records in use, except owner-died records.
    pub(super) fn requests(&self) -> impl Iterator<Item = RequestRecord<'_>> {
        self.records().filter(|record| record.word() != StateWord::OWNER_DIED)
    }

    /// Returns the number of requests, held and pending.
    pub fn request_count(&self) -> u64 {
        self.requests().count() as u64
    }

    /// Returns the records of a name, in the order of its queue.
    pub(super) fn queue<'t>(&'t self, name: &'t LockName) -> impl Iterator<Item = RequestRecord<'t>> {
        let first = self.link(self.bucket_at(name));
        self.walk(first, RequestRecord::next).filter(move |record| record.is_named(name))
    }

    /// Returns the records of a name, from the end of its queue.
    pub(super) fn queue_reversed<'t>(
        &'t self,
        name: &'t LockName,
    ) -> impl Iterator<Item = RequestRecord<'t>> {
        let last = self.link(self.bucket_at(name) + 4);
        self.walk(last, RequestRecord::previous).filter(move |record| record.is_named(name))
    }

    /// Returns the record, and those that `step` leads to.
    pub(super) fn walk<'t>(
        &'t self,
        first: Option<RequestRecord<'t>>,
        step: fn(RequestRecord<'t>) -> Option<RequestRecord<'t>>,
    ) -> impl Iterator<Item = RequestRecord<'t>> {
        std::iter::successors(first, move |record| step(*record)).take(self.layout.capacity as usize)
    }

    /// Returns a record with the order `order` of a request, filled in and linked: at the end of its name's
    /// queue, or with `is_first` at the front. Its word is stored last, by the caller.
    ///
    /// # Errors
    /// [`Error::Full`].
    pub(super) fn insert(&self, name: &LockName, order: u64, is_first: bool) -> Result<RequestRecord<'_>> {
        let record = self.allocate(name)?;
        record.write(name, order);
        record.set_since(os::clock::boot_ns_coarse());
        self.link_in(record, self.bucket_at(name), is_first);
        self.count_request(self.membership.me, 1);
        Ok(record)
    }

    /// Frees a record, whatever it holds.
    pub(super) fn free(&self, record: RequestRecord<'_>) {
        let word = record.word();
        self.unlink(record);
        record.set(StateWord::FREE);
        self.link_free(record);
        if word == StateWord::OWNER_DIED {
            self.count_owner_died(-1);
        } else {
            self.count_request(word.owner(), -1);
        }
    }

    /// Counts a request that has become an owner-died record.
    pub(super) fn count_as_owner_died(&self, owner: Participant) {
        self.count_request(owner, -1);
        self.count_owner_died(1);
    }

    /// Returns whether there are owner-died records.
    pub(super) fn has_owner_died(&self) -> bool {
        self.membership.region.load32(file::OWNER_DIED_COUNT) != 0
    }

    /// Returns the participants that have requests.
    pub(super) fn owners(&self) -> impl Iterator<Item = Participant> + '_ {
        let highest = self.membership.region.load32(file::HIGHEST_SLOT);
        (1..=highest.min(self.membership.participants() - 1)).filter_map(|slot| self.owner_in(slot))
    }

    /// Returns the participant in a slot, if it has requests.
    pub(super) fn owner_in(&self, slot: u32) -> Option<Participant> {
        let word = self.membership.region.load(file::request_count_at(slot));
        (word as u32 != 0).then_some(Participant { slot, generation: (word >> 32) as u32 })
    }

    /// Derives everything again from the state words. O(n log n) for n records that have ever been in use.
    pub(super) fn rebuild(&self) {
        let region = &self.membership.region;
        // Most are zero: a store would take a page of memory.
        let ends = |bucket| [0, 4].map(|field| self.layout.bucket_at(bucket) + field);
        let words = [file::FREE_LIST, file::OWNER_DIED_COUNT, file::HIGHEST_SLOT];
        for at in self.layout.buckets().flat_map(ends).chain(words).filter(|at| region.load32(*at) != 0) {
            region.store32(at, 0);
        }
        let counts = (1..self.membership.participants()).map(file::request_count_at);
        for at in counts.filter(|at| region.load(*at) != 0) {
            region.store(at, 0);
        }
        let mut queued = Vec::new();
        for record in self.used_records() {
            match record.word() {
                StateWord::FREE => self.link_free(record),
                _ => queued.push(record),
            }
        }
        queued.sort_by_key(|record| record.order());
        for record in queued {
            self.link_in(record, self.layout.bucket_at(self.layout.bucket_of(record.hash())), false);
            match record.word() {
                StateWord::OWNER_DIED => self.count_owner_died(1),
                word => self.count_request(word.owner(), 1),
            }
        }
    }

    fn bucket_at(&self, name: &LockName) -> u64 {
        self.layout.bucket_at(self.layout.bucket_of(name.hash()))
    }

    /// Follows the link at an offset.
    fn link(&self, at: u64) -> Option<RequestRecord<'_>> {
        self.record(0).link(at)
    }

    /// Returns a free record for a request of this name.
    fn allocate(&self, name: &LockName) -> Result<RequestRecord<'_>> {
        if self.link(file::FREE_LIST).is_some_and(|record| record.word() != StateWord::FREE) {
            // Another process has damaged the lists.
            self.rebuild();
        }
        if let Some(record) = self.link(file::FREE_LIST) {
            self.unlink_free(record);
            return Ok(record);
        }
        let region = &self.membership.region;
        let used = region.load(file::USED).min(u64::from(self.layout.capacity)) as u32;
        if used == self.layout.capacity {
            let full = Error::Full {
                needed: file::RECORD_BYTES,
                free: 0,
                object: String::new(),
                advice: String::new(),
            };
            let record = self.evict_owner_died(name).ok_or(full)?;
            self.unlink_free(record);
            return Ok(record);
        }
        let record = self.record(used);
        record.set(StateWord::FREE);
        region.store(file::USED, u64::from(used) + 1);
        Ok(record)
    }

    fn link_in(&self, record: RequestRecord<'_>, bucket: u64, is_first: bool) {
        let (near, far) = if is_first { (bucket, bucket + 4) } else { (bucket + 4, bucket) };
        let neighbour = self.link(near);
        let (next, previous) = if is_first { (neighbour, None) } else { (None, neighbour) };
        record.set_links(next, previous);
        let region = &self.membership.region;
        region.store32(near, record.as_link());
        match (neighbour, is_first) {
            (None, _) => region.store32(far, record.as_link()),
            (Some(next), true) => next.set_previous(Some(record)),
            (Some(previous), false) => previous.set_next(Some(record)),
        }
    }

    fn unlink(&self, record: RequestRecord<'_>) {
        let bucket = self.layout.bucket_at(self.layout.bucket_of(record.hash()));
        let (next, previous) = (record.next(), record.previous());
        let region = &self.membership.region;
        let as_link = |record: Option<RequestRecord<'_>>| record.map_or(0, RequestRecord::as_link);
        match previous {
            Some(previous) => previous.set_next(next),
            None => region.store32(bucket, as_link(next)),
        }
        match next {
            Some(next) => next.set_previous(previous),
            None => region.store32(bucket + 4, as_link(previous)),
        }
    }

    fn link_free(&self, record: RequestRecord<'_>) {
        record.set_links(self.link(file::FREE_LIST), None);
        self.membership.region.store32(file::FREE_LIST, record.as_link());
    }

    /// Takes the first record off the list of free ones.
    fn unlink_free(&self, first: RequestRecord<'_>) {
        let next = first.next().map_or(0, RequestRecord::as_link);
        self.membership.region.store32(file::FREE_LIST, next);
    }

    fn count_owner_died(&self, change: i32) {
        let region = &self.membership.region;
        let count = region.load32(file::OWNER_DIED_COUNT).wrapping_add_signed(change);
        region.store32(file::OWNER_DIED_COUNT, count);
    }

    /// A count is that of the owner's generation. A participant that has registered in a slot before the requests
    /// of its previous owner were reaped reaps them first (`recover_slot`).
    fn count_request(&self, owner: Participant, change: i32) {
        if owner.slot == 0 || owner.slot >= self.membership.participants() {
            return;
        }
        let region = &self.membership.region;
        let at = file::request_count_at(owner.slot);
        let count = (region.load(at) as u32).wrapping_add_signed(change);
        region.store(at, u64::from(owner.generation) << 32 | u64::from(count));
        if owner.slot > region.load32(file::HIGHEST_SLOT) {
            region.store32(file::HIGHEST_SLOT, owner.slot);
        }
    }
}
