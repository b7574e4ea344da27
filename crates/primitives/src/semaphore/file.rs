//! Semaphores as a kind of named objects.

use super::Semaphore;
use super::permit_word::{MAX_PERMITS, PermitWord};
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::membership::{Membership, body_at};
use shmkit_object::participants::SLOTS;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, PARTICIPANTS, Superblock};
use shmkit_os::shm::ShmFile;

/// Offset of the permit word.
pub(super) const WORD: u64 = body_at(SLOTS);
/// With `holders`, offset of the lock word.
pub(super) const LOCK: u64 = WORD + 4;
/// With `holders`, offset of the intent.
pub(super) const INTENT: u64 = WORD + 64;
/// With `holders`, offset of a count (8) for each participant.
pub(super) const COUNTS: u64 = INTENT + 64;
const PLAIN_END: u64 = INTENT;
const END: u64 = COUNTS + 8 * SLOTS as u64;

const OPTION_HOLDERS: u64 = 1;

/// Returns the bytes of the file, in whole pages.
fn bytes(options: u64) -> u64 {
    if options & OPTION_HOLDERS != 0 { END } else { PLAIN_END }.next_multiple_of(4096)
}

/// The format of semaphores; `docs/format-siblings.md` has the bytes.
pub(super) static FORMAT: Format = Format {
    kind: "sem",
    title: "semaphore",
    magic: u64::from_le_bytes(*b"shmkit\r\xD3"),
    major: 2,
    minor: 0,
    stores_times: false,
    head: None,
    kept_while: None,
    features: &[],
    check,
    body: |region: &Region, superblock: &Superblock| {
        region.store32(WORD, superblock.parameters[0] as u32);
    },
};

/// Options of a new semaphore.
#[derive(Debug, Clone, Copy, Default)]
pub struct SemaphoreOptions {
    /// Initial permits, at most 2^31 - 1.
    pub initial: u32,
    /// Return the permits of a process that dies.
    pub holders: bool,
    /// Options that all kinds share.
    pub naming: NameOptions,
}

fn parameters(initial: u64) -> [u64; 8] {
    let mut parameters = [0; 8];
    parameters[0] = initial;
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

fn check(superblock: &Superblock) -> Result<()> {
    let initial = superblock.parameters[0];
    let is_ours = superblock.parameters == parameters(initial)
        && superblock.options & !OPTION_HOLDERS == 0
        && superblock.size == bytes(superblock.options);
    if is_ours && initial <= u64::from(MAX_PERMITS) {
        return Ok(());
    }
    Err(Error::Layout("the semaphore's parameters are not those of this build".into()))
}

impl Kind for Semaphore {
    const FORMAT: &'static Format = &FORMAT;
    type Options = SemaphoreOptions;

    fn name_options(options: &SemaphoreOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &SemaphoreOptions) -> Result<CreateParams> {
        if options.initial > MAX_PERMITS {
            return Err(Error::OutOfRange(format!("initial is {}, at most {MAX_PERMITS}", options.initial)));
        }
        let parameters = parameters(u64::from(options.initial));
        let own = if options.holders { OPTION_HOLDERS } else { 0 };
        Ok(CreateParams { size: bytes(own), parameters, options: own, ..CreateParams::default() })
    }

    fn compare(&self, asked: &SemaphoreOptions, mismatch: &mut OptionMismatch) {
        let found = self.membership.superblock.parameters[0];
        mismatch.compare("initial", Some(asked.initial.to_string()), found.to_string());
        mismatch.compare("holders", Some(asked.holders.to_string()), self.holders.to_string());
    }

    fn attach(membership: Membership, _file: &ShmFile) -> Result<Semaphore> {
        let holders = membership.superblock.options & OPTION_HOLDERS != 0;
        Ok(Semaphore { membership, holders })
    }

    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn membership_mut(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn recover_slot(&self) {
        if self.holders {
            self.recover_slot_of_holders();
        }
    }

    fn count(words: &FileWords<'_>, _superblock: &Superblock) -> u64 {
        PermitWord(words.load32(WORD)).permits().into()
    }
}
