//! Rings as a kind of named objects.

use super::layout::{Cursor, HEAD, HEAD_BYTES, MessageHeader, SENT, TAIL};
use super::stats::messages;
use super::{Ring, end_lock};
use shmkit_object::error::Result;
use shmkit_object::lifecycle::{CreateParams, FileWords, Kind, NameOptions, OptionMismatch};
use shmkit_object::membership::Membership;
use shmkit_object::mirrored;
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, Superblock};
use shmkit_os::OsError;
use shmkit_os::shm::ShmFile;

/// Received messages are overwritten.
pub(super) const OPTION_WIPE: u64 = 1;

/// The format of rings; `docs/format-siblings.md` has the bytes.
pub(super) static FORMAT: Format = Format {
    kind: "ring",
    title: "ring",
    magic: u64::from_le_bytes(*b"shmkit\r\xD6"),
    major: 2,
    minor: 0,
    stores_times: false,
    head: Some(HEAD_BYTES),
    kept_while: None,
    features: &[],
    check,
    body: |_: &Region, _: &Superblock| {},
};

/// Options of a new ring.
#[derive(Debug, Clone, Copy, Default)]
pub struct RingOptions {
    /// Bytes for messages, rounded up to whole pages. Required to create a ring.
    pub size: Option<u64>,
    /// Received messages are overwritten. Default: false.
    pub wipe: Option<bool>,
    /// Options that all kinds share.
    pub naming: NameOptions,
}

fn check(superblock: &Superblock) -> Result<()> {
    mirrored::check(superblock, HEAD_BYTES, FORMAT.title)
}

impl Kind for Ring {
    const FORMAT: &'static Format = &FORMAT;
    type Options = RingOptions;

    fn name_options(options: &RingOptions) -> NameOptions {
        options.naming
    }

    fn create_params(options: &RingOptions) -> Result<CreateParams> {
        let params = mirrored::create_params(options.size, HEAD_BYTES)?;
        let options = if options.wipe == Some(true) { OPTION_WIPE } else { 0 };
        Ok(CreateParams { options, ..params })
    }

    fn compare(&self, asked: &RingOptions, mismatch: &mut OptionMismatch) {
        let size = asked.size.map(|size| mirrored::rounded(size).unwrap_or(size).to_string());
        mismatch.compare("size", size, self.cursor.size.to_string());
        mismatch.compare("wipe", asked.wipe.map(|on| on.to_string()), self.wipe.to_string());
    }

    fn attach(membership: Membership, file: &ShmFile) -> Result<Ring> {
        let data = mirrored::map(&membership.superblock, file, FORMAT.title)?;
        let size = membership.superblock.parameters[0];
        Ok(Ring::new(membership, data, Cursor::new(size)))
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
        end_lock::recover_slot(self);
    }

    fn count(words: &FileWords<'_>, superblock: &Superblock) -> u64 {
        let [size, at, ..] = superblock.parameters;
        let cursor = Cursor::new(size);
        let (head, tail, sent) = (words.load(HEAD), words.load(TAIL), words.load(SENT));
        // If the two ends move between the reads, their difference may be anything.
        let used = cursor.distance(head, tail).unwrap_or(0);
        let header = MessageHeader(words.load(at.saturating_add(cursor.offset(head))));
        messages(used, sent, header)
    }
}
