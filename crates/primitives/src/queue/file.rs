//! Queues as a kind of named objects.

use super::Queue;
use super::layout::{Geometry, JOBS, MAX_SIZE, MIN_SIZE};
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::membership::Membership;
use shmkit_object::participants::SLOTS;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, PARTICIPANTS, Superblock};
use shmkit_os::shm::ShmFile;

/// The size of a queue whose creator gives none.
const DEFAULT_SIZE: u64 = 16 << 20;
/// The attempts of a queue whose creator gives none.
const DEFAULT_ATTEMPTS: u32 = 5;
const PAGE: u64 = 4096;
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
    features: &[],
    check,
    body: |_: &Region, _: &Superblock| {},
};

/// Options of a new queue.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueueOptions {
    /// Bytes of the file, rounded up to whole pages. Default: 16 MiB.
    pub size: Option<u64>,
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

fn check(superblock: &Superblock) -> Result<()> {
    let [size, max_attempts, ..] = superblock.parameters;
    let is_ours = superblock.parameters == parameters(size, max_attempts)
        && superblock.options & !OPTION_WIPE == 0
        && superblock.size == size
        && size.is_multiple_of(PAGE);
    if is_ours && (MIN_SIZE..=MAX_SIZE).contains(&size) && (1..=u64::from(u16::MAX)).contains(&max_attempts) {
        return Ok(());
    }
    Err(Error::Layout("the queue's parameters are not those of this build".into()))
}

fn rounded(size: u64) -> Result<u64> {
    if !(MIN_SIZE..=MAX_SIZE).contains(&size) {
        return Err(Error::OutOfRange(format!("size is {size}, at least {MIN_SIZE} and at most {MAX_SIZE}")));
    }
    Ok(size.next_multiple_of(PAGE))
}

impl Kind for Queue {
    const FORMAT: &'static Format = &FORMAT;
    type Options = QueueOptions;

    fn name_options(options: &QueueOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &QueueOptions) -> Result<CreateParams> {
        let size = rounded(options.size.unwrap_or(DEFAULT_SIZE))?;
        let max_attempts = options.max_attempts.unwrap_or(DEFAULT_ATTEMPTS);
        if !(1..=u32::from(u16::MAX)).contains(&max_attempts) {
            return Err(Error::OutOfRange(format!("maxAttempts is {max_attempts}, 1 to {}", u16::MAX)));
        }
        let parameters = parameters(size, u64::from(max_attempts));
        let options = if options.wipe == Some(true) { OPTION_WIPE } else { 0 };
        Ok(CreateParams { size, parameters, options, ..CreateParams::default() })
    }

    fn compare(&self, asked: &QueueOptions, mismatch: &mut OptionMismatch) {
        let [size, max_attempts, ..] = self.membership.superblock.parameters;
        let asked_size = asked.size.map(|size| rounded(size).unwrap_or(size).to_string());
        mismatch.compare("size", asked_size, size.to_string());
        let asked_attempts = asked.max_attempts.map(|attempts| attempts.to_string());
        mismatch.compare("maxAttempts", asked_attempts, max_attempts.to_string());
        mismatch.compare("wipe", asked.wipe.map(|on| on.to_string()), self.wipes.to_string());
    }

    fn attach(membership: Membership, _file: &ShmFile) -> Result<Queue> {
        Ok(Queue::new(membership))
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
        let cells = Geometry::of(superblock.size).cells;
        (words.load(JOBS) / 2).min(u64::from(cells))
    }
}
