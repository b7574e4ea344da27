//! What a write could not get, and what its error says about it.

use crate::entry::write::{BlockPlan, EntryDraft};
use crate::index::find::LookupResult;
use crate::ops::Dict;
use crate::ops::reserve::Detour;
use crate::segment::Segment;
use crate::shard::Shard;
use crate::slab::Picks;
use crate::value::Key;
use shmkit_object::error::Error;
use shmkit_object::growth::Refusal;

/// Longest part of a key in a message, in characters.
const SHOWN: usize = 60;

/// The blocks that a write could not get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SpaceNeeded {
    /// The blocks of the new entry, or of a pushed item.
    pub plan: BlockPlan,
    /// The blocks to get there through the reserve, if that is possible.
    pub detour: Option<Detour>,
    /// The largest part of what is stored: `key`, `value` or `item`.
    what: &'static str,
    /// Its bytes.
    size: u64,
    /// Blocks that have to stay until the write is complete.
    kept: u64,
    /// Whether an entry only gets its first expiry.
    pub is_first_expiry: bool,
    /// Whether the index has no slot for the key, so that free bytes do not help.
    pub lacks_slot: bool,
}

impl SpaceNeeded {
    /// Returns what a draft needs that replaces the entry that was found.
    pub(crate) fn of_entry(
        draft: &EntryDraft<'_>,
        plan: BlockPlan,
        detour: Option<Detour>,
        found: &LookupResult,
    ) -> SpaceNeeded {
        let kept = found.entry.as_ref().map_or(0, |(_, old)| old.link.blocks());
        let (key, value) = (draft.key.bytes().len() as u64, draft.value.bytes.len() as u64);
        let (what, size) = if key > value { ("key", key) } else { ("value", value) };
        SpaceNeeded { plan, detour, what, size, kept, is_first_expiry: false, lacks_slot: false }
    }

    /// Returns what a pushed item of `size` bytes needs at most; the list's own block stays.
    pub(crate) fn of_item(plan: BlockPlan, size: u64) -> SpaceNeeded {
        let (detour, what, kept) = (None, "item", 1);
        SpaceNeeded { plan, detour, what, size, kept, is_first_expiry: false, lacks_slot: false }
    }

    /// Returns whether the blocks can be picked now.
    pub(crate) fn is_available(&self, shard: &Shard<'_>) -> bool {
        self.plan.pick(shard, &mut Picks::default()).is_some()
            || self.detour.is_some_and(|detour| detour.pick(shard).is_some())
    }

    /// Returns whether the plan fits into an empty dictionary, in which one page is a reserve; otherwise nothing is
    /// evicted for it.
    pub(crate) fn fits_when_empty(&self, shard: &Shard<'_>) -> bool {
        self.plan.blocks() < shard.segment.most_pages()
    }

    /// Returns whether the plan fits into the dictionary beside what has to stay; otherwise nothing is evicted for it.
    pub(crate) fn fits_beside_old(&self, shard: &Shard<'_>) -> bool {
        self.plan.pieces.pages == 0 || self.plan.blocks() + self.kept < shard.segment.most_pages()
    }

    /// Returns the error for what can never fit. Up to its limit, everything fits.
    pub(crate) fn too_large(&self, shard: &Shard<'_>) -> Error {
        let geometry = &shard.segment.geometry;
        let pages = shard.segment.most_pages().saturating_sub(4);
        let limit = (pages * (geometry.page_bytes() - 16)).min(self.size.saturating_sub(1));
        Error::TooLarge { what: self.what, size: self.size, limit }
    }

    /// Returns the error for what does not fit now.
    #[cold]
    pub(crate) fn full(&self, dict: &Dict, key: Key<'_>, refusal: Option<Refusal>) -> Error {
        let segment = dict.segment();
        let geometry = &segment.geometry;
        let free = dict.free_bytes();
        Error::Full {
            needed: self.plan.bytes(&geometry.classes),
            free,
            object: format!(" for {} in dictionary {:?}", shown(key), segment.superblock.name.as_str()),
            advice: match refusal {
                None | Some(Refusal::Maximum) if self.lacks_slot => advice_on_index(segment),
                refusal => self.advice(&Shard::new(segment, 0), free, refusal),
            },
        }
    }

    /// Returns why the bytes that are free are not enough, and what helps.
    fn advice(&self, shard: &Shard<'_>, free: u64, refusal: Option<Refusal>) -> String {
        let needed = self.plan.bytes(&shard.segment.geometry.classes);
        let (why, first) = if !self.fits_beside_old(shard) {
            (", but the old value has to stay until the new one is complete", "delete the key first")
        } else if self.is_first_expiry {
            (
                ", but not in this entry's block, which a first expiry makes 16 bytes larger",
                "store it with a ttl at first",
            )
        } else if free < needed {
            ("", "delete entries")
        } else if self.plan.blocks() == 1 {
            (", but not in one block of this size that is not kept in reserve", "delete entries")
        } else {
            (", but not in as many blocks of these sizes that are not kept in reserve", "delete entries")
        };
        let evict = if shard.segment.evict { "" } else { " or with onFull: 'evict'" };
        let Some(refusal) = refusal else {
            return format!("{why}; {first}, or create a larger dictionary{evict}");
        };
        let reason = refusal.reason(shard.segment.geometry.max_size);
        let evict = if refusal == Refusal::Maximum { evict } else { "" };
        let advice = refusal.advice().map_or(String::new(), |advice| format!(", or {advice}{evict}"));
        format!("{why}; {reason}; {first}{advice}")
    }
}

/// Returns why a key finds no slot, and what helps.
fn advice_on_index(segment: &Segment) -> String {
    let evict = if segment.evict { "" } else { " or with onFull: 'evict'" };
    let size = if segment.geometry.is_elastic() { "maxSize" } else { "size" };
    let (why, larger) = match segment.geometry.max_entries {
        0 => (String::new(), size.to_owned()),
        most if segment.geometry.is_elastic() => {
            (format!(": maxEntries is {most}"), format!("maxEntries or {size}"))
        }
        most => (format!(": maxEntries is {most}"), "maxEntries".to_owned()),
    };
    format!(
        ", but the index has no place for another key{why}; delete entries, or create it with a larger {larger}{evict}"
    )
}

/// Returns a key in quotes, cut short if it is long.
fn shown(key: Key<'_>) -> String {
    let units = |pair: &[u8]| u16::from_le_bytes([pair[0], *pair.get(1).unwrap_or(&0)]);
    let text: String = if key.is_wide() {
        let units = key.bytes().chunks(2).map(units);
        char::decode_utf16(units)
            .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
            .take(SHOWN + 1)
            .collect()
    } else {
        key.bytes().iter().map(|&byte| char::from(byte)).take(SHOWN + 1).collect()
    };
    let is_long = text.chars().count() > SHOWN;
    let text: String = text.chars().take(SHOWN).collect();
    if is_long { format!("key {text:?}...") } else { format!("key {text:?}") }
}
