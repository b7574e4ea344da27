//! Channels as a kind of named objects.

use super::Channel;
use super::layout::{HEAD, HEAD_BYTES, OLDEST, Positions};
use shmkit_object::error::Result;
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::lock::Guard;
use shmkit_object::membership::Membership;
use shmkit_object::mirrored;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, Superblock};
use shmkit_os::OsError;
use shmkit_os::shm::ShmFile;

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

fn check(superblock: &Superblock) -> Result<()> {
    mirrored::check(superblock, HEAD_BYTES, FORMAT.title)
}

impl Kind for Channel {
    const FORMAT: &'static Format = &FORMAT;
    type Options = ChannelOptions;

    fn name_options(options: &ChannelOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &ChannelOptions) -> Result<CreateParams> {
        mirrored::create_params(options.size, HEAD_BYTES)
    }

    fn compare(&self, asked: &ChannelOptions, mismatch: &mut OptionMismatch) {
        let asked = asked.size.map(|size| mirrored::rounded(size).unwrap_or(size).to_string());
        mismatch.compare("size", asked, self.positions.size.to_string());
    }

    fn attach(membership: Membership, file: &ShmFile) -> Result<Channel> {
        let data = mirrored::map(&membership.superblock, file, FORMAT.title)?;
        let size = membership.superblock.parameters[0];
        Ok(Channel::new(membership, data, Positions { size }))
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
