//! Mutexes as a kind of named objects.

use super::Mutex;
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::lock::word::LockWord;
use shmkit_object::membership::{Membership, body_at};
use shmkit_object::participants::SLOTS;
use shmkit_object::superblock::{Format, PARAMETERS, PARTICIPANTS, Superblock};
use shmkit_os::shm::ShmFile;

/// Offset of the lock word.
pub(super) const WORD: u64 = body_at(SLOTS);
/// Offset of the flag that the last owner ended without releasing.
pub(super) const OWNER_DIED: u64 = WORD + 4;
/// Offset of the token last issued.
pub(super) const TOKEN: u64 = WORD + 8;
/// Offset of the time of the last acquisition on the boot clock, for people.
pub(super) const SINCE: u64 = WORD + 16;
/// Bytes of the file: whole pages.
const BYTES: u64 = (WORD + 64).next_multiple_of(4096);

/// The format of mutexes; `docs/format-siblings.md` has the bytes.
pub(super) static FORMAT: Format = Format {
    kind: "mutex",
    title: "mutex",
    magic: u64::from_le_bytes(*b"shmkit\r\xD4"),
    major: 2,
    minor: 1,
    stores_times: false,
    head: None,
    kept_while: None,
    features: &[],
    check,
    body: |_, _| {},
};

/// Options of a new mutex.
#[derive(Debug, Clone, Copy, Default)]
pub struct MutexOptions {
    /// Options that all kinds share.
    pub naming: NameOptions,
}

fn parameters() -> [u64; PARAMETERS] {
    let mut parameters = [0; PARAMETERS];
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

fn check(superblock: &Superblock) -> Result<()> {
    if superblock.parameters == parameters() && superblock.size == BYTES {
        return Ok(());
    }
    Err(Error::Layout("the mutex's parameters are not those of this build".into()))
}

impl Kind for Mutex {
    const FORMAT: &'static Format = &FORMAT;
    type Options = MutexOptions;

    fn name_options(options: &MutexOptions) -> NameOptions {
        options.naming
    }

    fn create_params(_options: &MutexOptions) -> Result<CreateParams> {
        Ok(CreateParams { size: BYTES, parameters: parameters(), ..CreateParams::default() })
    }

    fn compare(&self, _asked: &MutexOptions, _mismatch: &mut OptionMismatch) {}

    fn attach(membership: Membership, _file: &ShmFile) -> Result<Mutex> {
        Ok(Mutex { membership })
    }

    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn membership_mut(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn recover_slot(&self) {
        Mutex::recover_slot(self);
    }

    fn count(words: &FileWords<'_>, _superblock: &Superblock) -> u64 {
        (LockWord(words.load32(WORD)) != LockWord::FREE).into()
    }
}
