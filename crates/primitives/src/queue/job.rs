//! Jobs: what their cells hold.

use super::cell::{INLINE_BYTES, JobWord, Link};
use super::id::JobId;
use super::{Queue, damaged};
use shmkit_object::error::Result;

const NUMBER: u64 = 8;
const PLACE: u64 = 16;
const DUE: u64 = 24;
const SINCE: u64 = 32;
const CLAIM: u64 = 40;
const VALUE: u64 = 64;
const ID: u64 = 72;
const FORM: u64 = 80;
const INLINE: u64 = 88;

/// The form of an id that is the job's number.
const NUMBERED: u64 = 1 << 48;
/// The form of an id with two bytes for each code unit.
const WIDE: u64 = 1 << 49;

/// A value as a queue stores it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobValue<'b> {
    /// What the bytes are; the queue does not look at it.
    pub kind: u8,
    /// Its bytes.
    pub bytes: &'b [u8],
}

impl JobValue<'_> {
    fn form(&self) -> u64 {
        self.bytes.len() as u64 | u64::from(self.kind) << 32
    }

    /// Returns the further cells for the value if there is this much room in the first one.
    pub(super) fn cells(&self, room: usize) -> u64 {
        if self.bytes.len() <= room { 0 } else { Queue::cells_for(8 + self.bytes.len()) }
    }
}

/// A job in the queue.
#[derive(Clone, Copy)]
pub(super) struct Job<'q> {
    queue: &'q Queue,
    /// Its first cell.
    pub link: Link,
    at: u64,
}

/// Where an id is, and how long.
struct StoredId {
    link: Link,
    length: usize,
    is_numbered: bool,
    is_wide: bool,
}

impl StoredId {
    /// Returns the bytes that it takes in the job's first cell.
    fn inline(&self) -> usize {
        if self.link == 0 && !self.is_numbered { self.length.next_multiple_of(8) } else { 0 }
    }
}

macro_rules! fields {
    ($($get:ident $set:ident $at:ident)+) => {$(
        pub(super) fn $get(&self) -> u64 {
            self.queue.membership.region.load(self.at + $at)
        }

        pub(super) fn $set(&self, value: u64) {
            self.queue.membership.region.store(self.at + $at, value);
        }
    )+};
}

impl<'q> Job<'q> {
    /// Returns the job of a link.
    pub(super) fn of(queue: &'q Queue, link: Link) -> Result<Self> {
        Ok(Job { queue, link, at: queue.at(link)? })
    }

    fields! {
        number set_number NUMBER
        place set_place PLACE
        due set_due DUE
        since set_since SINCE
        claim set_claim CLAIM
    }

    pub(super) fn word(&self) -> JobWord {
        JobWord(self.queue.membership.region.load(self.at))
    }

    /// Stores the word. Release: everything that the new state needs is stored before.
    pub(super) fn set_word(&self, word: JobWord) {
        self.queue.membership.region.store(self.at, word.0);
    }

    /// Returns how many cells a new job takes.
    pub(super) fn cells(id: Option<&JobId>, value: JobValue<'_>) -> u64 {
        let length = id.map_or(0, |id| id.bytes.len());
        let is_inline = length <= INLINE_BYTES;
        let room = if is_inline { INLINE_BYTES - length.next_multiple_of(8) } else { INLINE_BYTES };
        let of_id = if is_inline { 0 } else { Queue::cells_for(length) };
        1 + of_id + value.cells(room)
    }

    /// Writes id and value of a new job.
    pub(super) fn write(&self, id: Option<&JobId>, value: JobValue<'_>) -> Result<()> {
        let region = &self.queue.membership.region;
        let mut room = INLINE_BYTES;
        let stored = match id {
            None => NUMBERED,
            Some(JobId { bytes, wide }) => {
                let form = (bytes.len() as u64) << 32 | if *wide { WIDE } else { 0 };
                if bytes.len() <= INLINE_BYTES {
                    region.copy_in(self.at + INLINE, bytes);
                    room -= bytes.len().next_multiple_of(8);
                    form
                } else {
                    form | u64::from(self.queue.write_chain(&[], bytes)?)
                }
            }
        };
        region.store(self.at + ID, stored);
        if value.bytes.len() <= room {
            region.store(self.at + FORM, value.form());
            region.copy_in(self.at + INLINE + (INLINE_BYTES - room) as u64, value.bytes);
            region.store(self.at + VALUE, 0);
        } else {
            let link = self.queue.write_chain(&value.form().to_le_bytes(), value.bytes)?;
            region.store(self.at + VALUE, link.into());
        }
        Ok(())
    }

    /// Replaces the value by one store, and frees the cells of the old one.
    pub(super) fn replace_value(&self, value: JobValue<'_>) -> Result<()> {
        let (old, form) = (self.value_link(), self.form()?);
        let link = self.queue.write_chain(&value.form().to_le_bytes(), value.bytes)?;
        // The commit.
        self.queue.membership.region.store(self.at + VALUE, link.into());
        match old {
            0 => self.wipe_inline_value(),
            old => self.queue.free_chain(old, 8 + form as u32 as usize)?,
        }
        Ok(())
    }

    /// Overwrites a value that was in the first cell, if the present one is in others and the queue wipes.
    pub(super) fn wipe_inline_value(&self) {
        let start = self.stored_id().inline().min(INLINE_BYTES);
        if self.value_link() != 0 {
            self.queue.wipe(self.at + INLINE + start as u64, INLINE_BYTES - start);
        }
    }

    /// Returns the bytes of the first cell where a value could be that is in others.
    #[cfg(test)]
    pub(super) fn unused_inline_bytes(&self) -> Option<Vec<u8>> {
        let (start, mut bytes) = (self.stored_id().inline(), Vec::new());
        let region = &self.queue.membership.region;
        region.copy_out(self.at + INLINE + start as u64, INLINE_BYTES - start, &mut bytes);
        (self.value_link() != 0).then_some(bytes)
    }

    fn value_link(&self) -> Link {
        self.queue.membership.region.load(self.at + VALUE) as u32
    }

    /// Returns length and kind of the value.
    fn form(&self) -> Result<u64> {
        let region = &self.queue.membership.region;
        match self.value_link() {
            0 => Ok(region.load(self.at + FORM)),
            link => Ok(region.load(self.queue.at(link)? + 8)),
        }
    }

    fn stored_id(&self) -> StoredId {
        let word = self.queue.membership.region.load(self.at + ID);
        StoredId {
            link: word as u32,
            length: (word >> 32) as usize & 0xFFFF,
            is_numbered: word & NUMBERED != 0,
            is_wide: word & WIDE != 0,
        }
    }

    /// Returns its id.
    pub(super) fn id(&self) -> Result<JobId> {
        let stored = self.stored_id();
        if stored.is_numbered {
            return Ok(JobId::of_number(self.number()));
        }
        let mut bytes = Vec::with_capacity(stored.length + 8);
        match stored.link {
            0 if stored.length > INLINE_BYTES => return Err(damaged()),
            0 => self.queue.membership.region.copy_out(self.at + INLINE, stored.length, &mut bytes),
            link => self.queue.read_chain(link, stored.length, &mut bytes)?,
        }
        Ok(JobId { bytes, wide: stored.is_wide })
    }

    /// Appends the bytes of the value, and returns its kind.
    pub(super) fn read_value(&self, out: &mut Vec<u8>) -> Result<u8> {
        let form = self.form()?;
        let (length, kind) = (form as u32 as usize, (form >> 32) as u8);
        let start = self.stored_id().inline();
        match self.value_link() {
            0 if start + length > INLINE_BYTES => return Err(damaged()),
            0 => self.queue.membership.region.copy_out(self.at + INLINE + start as u64, length, out),
            link => {
                let before = out.len();
                self.queue.read_chain(link, 8 + length, out)?;
                out.drain(before..before + 8);
            }
        }
        Ok(kind)
    }

    /// Calls `work` with each further cell of the job.
    pub(super) fn each_further_cell(&self, mut work: impl FnMut(Link) -> Result<()>) -> Result<()> {
        let (id, value, form) = (self.stored_id(), self.value_link(), self.form()?);
        if !id.is_numbered && id.link != 0 {
            self.queue.walk_chain(id.link, id.length, |link, _, _| work(link))?;
        }
        if value != 0 {
            self.queue.walk_chain(value, 8 + form as u32 as usize, |link, _, _| work(link))?;
        }
        Ok(())
    }

    /// Makes all cells of a job free that is none any more.
    pub(super) fn free(&self) -> Result<()> {
        self.each_further_cell(|link| self.queue.free_cell(link))?;
        self.queue.free_cell(self.link)
    }
}
