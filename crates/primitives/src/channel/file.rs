//! Channels as a kind of named objects.

use super::Channel;
use super::layout::{HEAD, HEAD_BYTES, OLDEST, Positions};
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::lock::Guard;
use shmkit_object::membership::Membership;
use shmkit_object::participants::SLOTS;
use shmkit_object::region::{Memory, Region};
use shmkit_object::superblock::{Format, PARTICIPANTS, Superblock};
use shmkit_os::OsError;
use shmkit_os::map::page_size;
use shmkit_os::shm::{Mirrored, ShmFile};
use std::sync::Arc;

/// The largest size of a channel, in bytes.
const MAX_SIZE: u64 = 1 << 40;

/// The format of channels; `docs/format-siblings.md` has the bytes.
pub(super) static FORMAT: Format = Format {
    kind: "channel",
    title: "channel",
    magic: u64::from_le_bytes(*b"shmkit\r\xD7"),
    major: 1,
    minor: 0,
    stores_times: false,
    head: Some(HEAD_BYTES),
    kept_while: None,
    features: &[],
    check,
    body: |_: &Region, _: &Superblock| {},
};

/// Options of a new channel.
#[derive(Debug, Clone, Copy, Default)]
pub struct ChannelOptions {
    /// Bytes for messages, rounded up to whole pages. Required to create a channel.
    pub size: Option<u64>,
    /// Options that all kinds share.
    pub naming: NameOptions,
}

/// Returns the parameters of a channel: its bytes, and their offset in the file.
pub(super) fn parameters(size: u64, at: u64) -> [u64; 8] {
    let mut parameters = [0; 8];
    [parameters[0], parameters[1]] = [size, at];
    parameters[PARTICIPANTS] = u64::from(SLOTS);
    parameters
}

fn check(superblock: &Superblock) -> Result<()> {
    let [size, at, ..] = superblock.parameters;
    let page = page_size() as u64;
    let is_ours = superblock.parameters == parameters(size, at) && superblock.size == HEAD_BYTES;
    let is_aligned = size.is_multiple_of(page) && at.is_multiple_of(page);
    if is_ours && is_aligned && (1..=MAX_SIZE).contains(&size) && (HEAD_BYTES..=MAX_SIZE).contains(&at) {
        return Ok(());
    }
    Err(Error::Layout("the channel's parameters are not those of this build".into()))
}

fn rounded(size: u64) -> Result<u64> {
    let pages = size.max(1).checked_next_multiple_of(page_size() as u64);
    pages
        .filter(|size| *size <= MAX_SIZE)
        .ok_or_else(|| Error::OutOfRange(format!("size is {size}, at most {MAX_SIZE}")))
}

impl Kind for Channel {
    const FORMAT: &'static Format = &FORMAT;
    type Options = ChannelOptions;

    fn name_options(options: &ChannelOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &ChannelOptions) -> Result<CreateParams> {
        let size = options.size.ok_or(Error::MissingOption("size"))?;
        let (size, at) = (rounded(size)?, HEAD_BYTES.next_multiple_of(page_size() as u64));
        let tail = at - HEAD_BYTES + size;
        Ok(CreateParams {
            size: HEAD_BYTES,
            tail,
            parameters: parameters(size, at),
            ..CreateParams::default()
        })
    }

    fn compare(&self, asked: &ChannelOptions, mismatch: &mut OptionMismatch) {
        let asked = asked.size.map(|size| rounded(size).unwrap_or(size).to_string());
        mismatch.compare("size", asked, self.positions.size.to_string());
    }

    fn attach(membership: Membership, file: &ShmFile) -> Result<Channel> {
        let [size, at, ..] = membership.superblock.parameters;
        let status = file.status()?;
        if status.size != at + size {
            return Err(Error::Corrupt("the file is not as long as the channel's parameters say".into()));
        }
        if !status.has_storage_for(at + size) {
            return Err(Error::Corrupt("the file has less storage than the channel's parameters say".into()));
        }
        let memory: Arc<dyn Memory> = Arc::new(Mirrored::of(file, at, size as usize)?);
        Ok(Channel::new(membership, Region::new(memory), Positions { size }))
    }

    fn keep_in_memory(&self) -> std::result::Result<(), OsError> {
        self.membership.region.keep_in_memory()?;
        self.data.keep_in_memory()
    }

    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn membership_mut(&mut self) -> &mut Membership {
        &mut self.membership
    }

    fn recover_slot(&self) {
        // There is nothing to recover but the lock.
        let _: Result<_> = Guard::recover_previous_owner(self);
    }

    fn count(words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        let [size, at, ..] = superblock.parameters;
        let number = |position: u64| words.load(at.saturating_add((position % size) & !7));
        // If posters move the ends between the reads, the difference may be anything.
        let (oldest, head) = (words.load(OLDEST), words.load(HEAD));
        number(head).saturating_sub(number(oldest)).min(size / super::layout::HEADER_BYTES)
    }
}
