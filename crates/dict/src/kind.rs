//! Dictionaries as a kind of named objects.

use crate::guard;
use crate::layout::feed::{feed_bytes, growing_feed_bytes};
use crate::layout::geometry::{Geometry, SIZE_UNIT};
use crate::layout::shard::LIVE;
use crate::ops::Dict;
use crate::segment::{Clock, FLAG_ELASTIC, FORMAT, Segment, geometry_of, level_of, live_of, option_bits};
use crate::structures;
use shmkit_object::error::{Error, Result};
use shmkit_object::growth::{DEFAULT_FIRST_SIZE, DEFAULT_MAX_SIZE};
use shmkit_object::lifecycle::{
    CreateParams, FileWords, HandleOptions, Kind, Listed, NameOptions, Named, OnMismatch, OptionMismatch,
};
use shmkit_object::membership::Membership;
use shmkit_object::superblock::{COMMITTED_PAGES, Format, Superblock, feature};
use shmkit_os::shm::ShmFile;
use std::ops::Range;

/// What happens when there is no room for a new entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnFull {
    /// The write fails.
    Error,
    /// Old entries make room.
    Evict,
}

/// Options that shape a dictionary.
#[derive(Debug, Clone, Default)]
pub struct SegmentOptions {
    /// Without `max_size`, the bytes of the whole file, rounded up to 64 KiB; with it, the bytes that it takes at first.
    pub size: Option<u64>,
    /// The bytes that it may take, rounded up to 64 KiB. Without it and `size`: [`DEFAULT_MAX_SIZE`].
    pub max_size: Option<u64>,
    /// Default: `Error`.
    pub on_full: Option<OnFull>,
    /// The owner's close keeps the name. Default: false.
    pub persist: Option<bool>,
    /// Retire and replace what has the name.
    pub replace: bool,
    /// Permission bits, 0 to 0o777. Default: 0o600.
    pub mode: Option<u32>,
    /// What `open_or_create` does with a dictionary that was created differently.
    pub on_mismatch: OnMismatch,
    /// Sizes the index.
    pub max_entries: Option<u64>,
    /// Per-entry checks. Default: false.
    pub checksums: Option<bool>,
    /// Freed memory is overwritten. Default: false.
    pub wipe: Option<bool>,
    /// Bytes of the change feed; 0 for none. Default: a hundredth of the size, but at most 128 KiB with `max_size`;
    /// with `wipe`, none.
    pub feed: Option<u64>,
}

/// Returns the bytes of the feed that the creator asked for. Records keep keys that were removed, so with `wipe` the default
/// is none.
fn asked_feed(options: &SegmentOptions) -> Option<u64> {
    if options.wipe == Some(true) { options.feed.or(Some(0)) } else { options.feed }
}

/// Returns the geometry and the features of a dictionary of fixed size.
fn fixed(size: u64, options: &SegmentOptions) -> Result<(Geometry, [u64; feature::COUNT])> {
    let rounded = size.max(1).checked_next_multiple_of(SIZE_UNIT).unwrap_or(size);
    let mut features = [0; feature::COUNT];
    features[feature::RECORDS] = structures::table_bytes(rounded);
    features[feature::FEED] = feed_bytes(size, asked_feed(options));
    Ok((Geometry::with(size, options.max_entries, &features)?, features))
}

/// Returns the geometry and the features of a dictionary that grows.
fn elastic(
    first: Option<u64>,
    most: u64,
    options: &SegmentOptions,
) -> Result<(Geometry, [u64; feature::COUNT])> {
    let mut features = [0; feature::COUNT];
    features[feature::FEED] = growing_feed_bytes(most, asked_feed(options));
    features[feature::RECORDS] = structures::table_bytes(most.clamp(SIZE_UNIT, DEFAULT_FIRST_SIZE * 16));
    let geometry = Geometry::elastic(most, options.max_entries, &features)?;
    if let Some(first) = first.filter(|&first| first > geometry.max_size) {
        return Err(Error::OutOfRange(format!("size is {first}, more than maxSize, which is {most}")));
    }
    let first = first.unwrap_or(DEFAULT_FIRST_SIZE).max(1).next_multiple_of(SIZE_UNIT).min(geometry.max_size);
    features[feature::FLAGS] = FLAG_ELASTIC;
    features[feature::FIRST_SIZE] = first;
    features[feature::MAX_SIZE] = geometry.max_size;
    Ok((geometry, features))
}

impl Kind for Segment {
    const FORMAT: &'static Format = &FORMAT;
    type Options = SegmentOptions;

    fn name_options(options: &SegmentOptions) -> NameOptions {
        let SegmentOptions { persist, replace, mode, on_mismatch, .. } = *options;
        NameOptions { persist, replace, mode, on_mismatch }
    }

    fn create_params(options: &SegmentOptions) -> Result<CreateParams> {
        let (geometry, features) = match (options.size, options.max_size) {
            (Some(size), None) => fixed(size, options)?,
            (first, most) => elastic(first, most.unwrap_or(DEFAULT_MAX_SIZE), options)?,
        };
        let evict = options.on_full == Some(OnFull::Evict);
        Ok(CreateParams {
            size: geometry.size,
            parameters: geometry.parameters(),
            features,
            options: option_bits(evict, options.checksums.unwrap_or(false), options.wipe.unwrap_or(false)),
            ..CreateParams::default()
        })
    }

    fn first_parts(params: &CreateParams) -> Option<(Vec<Range<u64>>, u64)> {
        let max_size = params.features[feature::MAX_SIZE];
        let max_entries = Some(params.parameters[0]).filter(|&entries| entries > 0);
        let geometry =
            Geometry::elastic(max_size, max_entries, &params.features).ok().filter(|_| max_size > 0)?;
        let pages = geometry.first_pages(params.features[feature::FIRST_SIZE]);
        let mut parts: Vec<Range<u64>> = std::iter::once(0..geometry.head()).collect();
        parts.extend((0..geometry.shards).map(|shard| geometry.index_range(shard, None, 0)));
        parts.extend(geometry.page_ranges(0..pages));
        let levels = (0..geometry.shards).map(|_| 0);
        let bytes = geometry.taken(levels, pages);
        Some((parts, bytes))
    }

    fn taken(words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        let Ok(geometry) = geometry_of(superblock) else { return superblock.size };
        let levels = (0..geometry.shards).map(|shard| {
            let words = geometry.level_word(shard).map(|at| words.load(at));
            level_of(words, shard).unwrap_or(0).min(geometry.max_level)
        });
        let pages = words.load(COMMITTED_PAGES).min(u64::from(geometry.pages)) as u32;
        geometry.taken(levels, pages)
    }

    fn compare(&self, asked: &SegmentOptions, mismatch: &mut OptionMismatch) {
        let on_full = |evict: bool| if evict { "'evict'" } else { "'error'" }.to_owned();
        let rounded = |size: u64| size.max(1).checked_next_multiple_of(SIZE_UNIT).unwrap_or(size).to_string();
        let entries = |entries: u64| if entries == 0 { "unset".to_owned() } else { entries.to_string() };
        let evicts = asked.on_full.map(|asked| on_full(asked == OnFull::Evict));
        let most = self.geometry.max_size;
        let first = if most > 0 { self.superblock.features[feature::FIRST_SIZE] } else { self.geometry.size };
        mismatch.compare("size", asked.size.map(rounded), first.to_string());
        let found = if most > 0 { most.to_string() } else { "unset".to_owned() };
        mismatch.compare("maxSize", asked.max_size.map(rounded), found);
        mismatch.compare("onFull", evicts, on_full(self.evict));
        mismatch.compare("maxEntries", asked.max_entries.map(entries), entries(self.geometry.max_entries));
        let bytes = |asked| match most {
            0 => feed_bytes(self.geometry.size, Some(asked)),
            most => growing_feed_bytes(most, Some(asked)),
        };
        let feed = asked.feed.map(|asked| bytes(asked).to_string());
        mismatch.compare("feed", feed, self.geometry.feed.to_string());
        mismatch.compare("checksums", asked.checksums.map(|on| on.to_string()), self.checksums.to_string());
        mismatch.compare("wipe", asked.wipe.map(|on| on.to_string()), self.wipe.to_string());
    }

    fn attach(membership: Membership, _file: &ShmFile) -> Result<Segment> {
        Segment::of(membership, Clock::Boot)
    }

    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn membership_mut(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn recover_slot(&self) {
        guard::recover_slot(self);
    }

    fn count(words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        let (Ok(geometry), epoch) = (geometry_of(superblock), words.epoch()) else { return 0 };
        if epoch.is_retired() {
            return 0;
        }
        (0..geometry.shards).map(|id| live_of(words.load(geometry.shard(id) + LIVE), epoch.epoch())).sum()
    }
}

/// An open dictionary. Dropping it is closing it; see [`Named`].
#[derive(Debug)]
pub struct Handle {
    /// The dictionary.
    pub dict: Dict,
    named: Named<Segment>,
}

impl Handle {
    fn new(named: Named<Segment>, options: &HandleOptions) -> Handle {
        Handle { dict: Dict::new(named.object.clone(), options.lock_timeout), named }
    }
}

impl std::ops::Deref for Handle {
    type Target = Named<Segment>;

    fn deref(&self) -> &Named<Segment> {
        &self.named
    }
}

/// [`Named::create`] for dictionaries.
///
/// # Errors
/// Those of [`Named::create`].
pub fn create(name: &str, segment: &SegmentOptions, handle: &HandleOptions) -> Result<Handle> {
    Ok(Handle::new(Named::create(name, segment, handle)?, handle))
}

/// [`Named::open`] for dictionaries.
///
/// # Errors
/// Those of [`Named::open`].
pub fn open(name: &str, handle: &HandleOptions) -> Result<Handle> {
    Ok(Handle::new(Named::open(name, handle)?, handle))
}

/// [`Named::open_or_create`] for dictionaries.
///
/// # Errors
/// Those of [`Named::open_or_create`].
pub fn open_or_create(name: &str, segment: &SegmentOptions, handle: &HandleOptions) -> Result<Handle> {
    Ok(Handle::new(Named::open_or_create(name, segment, handle)?, handle))
}

/// [`Named::unlink`] for dictionaries.
///
/// # Errors
/// Those of [`Named::unlink`].
pub fn unlink(name: &str, handle: &HandleOptions) -> Result<bool> {
    Named::<Segment>::unlink(name, handle)
}

/// [`Named::prune`] for dictionaries.
///
/// # Errors
/// Those of [`Named::prune`].
pub fn prune(handle: &HandleOptions) -> Result<Vec<String>> {
    Named::<Segment>::prune(handle)
}

/// [`Named::list`] for dictionaries.
///
/// # Errors
/// Those of [`Named::list`].
pub fn list(handle: &HandleOptions) -> Result<Vec<Listed>> {
    Named::<Segment>::list(handle)
}
