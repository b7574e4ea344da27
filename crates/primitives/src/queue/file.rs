//! Queues as a kind of named objects.

use super::Queue;
use super::geometry::{Geometry, MAX_SIZE, MIN_SIZE, PAGE};
use super::layout::JOBS;
use shmkit_object::error::{Error, Result};
use shmkit_object::growth::{DEFAULT_FIRST_SIZE, DEFAULT_MAX_SIZE};
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::membership::Membership;
use shmkit_object::participants::SLOTS;
use shmkit_object::region::Region;
use shmkit_object::superblock::{COMMITTED_PAGES, Format, PARTICIPANTS, Superblock, feature};
use shmkit_os::shm::ShmFile;
use std::ops::Range;

/// The attempts of a queue whose creator gives none.
const DEFAULT_ATTEMPTS: u32 = 5;
/// The option of a queue whose free cells hold nothing of what was in them.
pub(super) const OPTION_WIPE: u64 = 1;

/// The format of queues; `docs/format-siblings.md` has the bytes.
pub(super) static FORMAT: Format = Format {
    kind: "queue",
    title: "queue",
    magic: u64::from_le_bytes(*b"shmkit\r\xD8"),
    major: 1,
    minor: 0,
    stores_times: true,
    head: None,
    kept_while: Some(JOBS),
    features: &[feature::FIRST_SIZE, feature::MAX_SIZE],
    check,
    body: format_cells,
};

/// Options of a new queue.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueueOptions {
    /// Without `max_size`, the bytes of the file, rounded up to whole pages; with it, the bytes that it takes at first.
    pub size: Option<u64>,
    /// The bytes that it may take, rounded up to whole pages. Without it and `size`: 1 GiB, or 64 MiB where all of them are
    /// reserved at once.
    pub max_size: Option<u64>,
    /// How often a job is handed out before it counts as dead. Default: 5.
    pub max_attempts: Option<u32>,
    /// Whether to overwrite what leaves the queue. Default: false.
    pub wipe: Option<bool>,
    /// Options that all kinds share.
    pub naming: NameOptions,
}

fn parameters(size: u64, max_attempts: u64) -> [u64; 8] {
    let mut parameters = [0; 8];
    [parameters[0], parameters[1]] = [size, max_attempts];
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

/// Returns the geometry of a queue's file.
///
/// # Errors
/// [`Error::Layout`] if this build would not make such a file.
pub(super) fn geometry_of(superblock: &Superblock) -> Result<Geometry> {
    let is_size = |size: u64| (MIN_SIZE..=MAX_SIZE).contains(&size) && size.is_multiple_of(PAGE);
    let [first, most] = [feature::FIRST_SIZE, feature::MAX_SIZE].map(|word| superblock.features[word]);
    let geometry = match most {
        0 if first == 0 && is_size(superblock.size) => Geometry::of(superblock.size),
        _ if is_size(most) && is_size(first) && first <= most => Geometry::elastic(most),
        _ => return Err(unknown()),
    };
    if geometry.size == superblock.size { Ok(geometry) } else { Err(unknown()) }
}

fn unknown() -> Error {
    Error::Layout("the queue's parameters are not those of this build".into())
}

fn check(superblock: &Superblock) -> Result<()> {
    let [size, max_attempts, ..] = superblock.parameters;
    let is_ours = superblock.parameters == parameters(size, max_attempts)
        && superblock.options & !OPTION_WIPE == 0
        && superblock.size == size
        && (1..=u64::from(u16::MAX)).contains(&max_attempts);
    if is_ours { geometry_of(superblock).map(drop) } else { Err(unknown()) }
}

fn format_cells(region: &Region, superblock: &Superblock) {
    let geometry = geometry_of(superblock).expect("its creator derived it by the same rules");
    if geometry.is_elastic() {
        let first = superblock.features[feature::FIRST_SIZE];
        region.store(COMMITTED_PAGES, geometry.first_cells(first).into());
    }
}

fn rounded(field: &str, size: u64) -> Result<u64> {
    if !(MIN_SIZE..=MAX_SIZE).contains(&size) {
        return Err(Error::OutOfRange(format!(
            "{field} is {size}, at least {MIN_SIZE} and at most {MAX_SIZE}"
        )));
    }
    Ok(size.next_multiple_of(PAGE))
}

/// Returns the geometry that options ask for, and the bytes that a queue takes at first which grows.
fn asked_geometry(options: &QueueOptions) -> Result<(Geometry, u64)> {
    let size = options.size.map(|size| rounded("size", size)).transpose()?;
    let max_size = options.max_size.map(|size| rounded("maxSize", size)).transpose()?;
    let (first, most) = match (size, max_size) {
        (Some(size), None) => return Ok((Geometry::of(size), 0)),
        (first, most) => (first, most.unwrap_or(DEFAULT_MAX_SIZE)),
    };
    if let Some(first) = first.filter(|&first| first > most) {
        return Err(Error::OutOfRange(format!("size is {first}, more than maxSize, which is {most}")));
    }
    Ok((Geometry::elastic(most), first.unwrap_or(DEFAULT_FIRST_SIZE).min(most)))
}

impl Kind for Queue {
    const FORMAT: &'static Format = &FORMAT;
    type Options = QueueOptions;

    fn name_options(options: &QueueOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &QueueOptions) -> Result<CreateParams> {
        let (geometry, first_size) = asked_geometry(options)?;
        let max_attempts = options.max_attempts.unwrap_or(DEFAULT_ATTEMPTS);
        if !(1..=u32::from(u16::MAX)).contains(&max_attempts) {
            return Err(Error::OutOfRange(format!("maxAttempts is {max_attempts}, 1 to {}", u16::MAX)));
        }
        let mut features = [0; feature::COUNT];
        [features[feature::FIRST_SIZE], features[feature::MAX_SIZE]] = [first_size, geometry.max_size];
        let (size, options) = (geometry.size, if options.wipe == Some(true) { OPTION_WIPE } else { 0 });
        let parameters = parameters(size, u64::from(max_attempts));
        Ok(CreateParams { size, parameters, features, options, ..CreateParams::default() })
    }

    fn first_parts(params: &CreateParams) -> Option<(Vec<Range<u64>>, u64)> {
        let max_size = params.features[feature::MAX_SIZE];
        let geometry = (max_size > 0).then(|| Geometry::elastic(max_size))?;
        let cells = geometry.first_cells(params.features[feature::FIRST_SIZE]);
        Some((geometry.parts(0..cells).collect(), geometry.taken(cells)))
    }

    fn taken(words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        let Ok(geometry) = geometry_of(superblock) else { return superblock.size };
        geometry.taken(words.load(COMMITTED_PAGES).min(geometry.cells.into()) as u32)
    }

    fn compare(&self, asked: &QueueOptions, mismatch: &mut OptionMismatch) {
        let [size, max_attempts, ..] = self.membership.superblock.parameters;
        let max_size = self.geometry.max_size;
        let rounded = |asked: u64| rounded("size", asked).unwrap_or(asked).to_string();
        let first =
            if max_size > 0 { self.membership.superblock.features[feature::FIRST_SIZE] } else { size };
        mismatch.compare("size", asked.size.map(rounded), first.to_string());
        let found = if max_size > 0 { max_size.to_string() } else { "unset".to_owned() };
        mismatch.compare("maxSize", asked.max_size.map(rounded), found);
        let asked_attempts = asked.max_attempts.map(|attempts| attempts.to_string());
        mismatch.compare("maxAttempts", asked_attempts, max_attempts.to_string());
        mismatch.compare("wipe", asked.wipe.map(|on| on.to_string()), self.wipes.to_string());
    }

    fn attach(membership: Membership, _file: &ShmFile) -> Result<Queue> {
        Queue::new(membership)
    }

    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn membership_mut(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn recover_slot(&self) {
        self.recover_previous_owner();
    }

    fn count(words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        let cells = geometry_of(superblock).map_or(0, |geometry| geometry.cells);
        (words.load(JOBS) / 2).min(u64::from(cells))
    }
}
