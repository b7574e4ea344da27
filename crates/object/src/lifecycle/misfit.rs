//! An object that has the name, but is not what the caller of `open_or_create` asks for, and may be replaced.
//!
//! Programs of two versions, which ask for different options, could retire each other's objects without end. So what
//! living processes have open is replaced only if it is not itself a recent replacement.

use super::backoff::Backoff;
use super::file_words::FileWords;
use super::location::{Location, Trust};
use crate::error::{Error, Result};
use shmkit_os::clock::boot_ns;
use shmkit_os::liveness::{AttachLock, has_attachments};
use shmkit_os::process::ForkExcluded;
use shmkit_os::shm::{Access, Identity, ShmFile};
use std::time::Duration;

/// The shortest time between two objects of one name if processes have the earlier one open.
const INTERVAL: Duration = Duration::from_secs(10);

/// A file to replace. It stays open, so that no other file can get its identity.
#[derive(Debug)]
pub(super) struct Misfit {
    pub file: ShmFile,
    /// When it was created, in nanoseconds of the boot clock.
    created: u64,
    /// How it differs from what the caller asks for.
    differing: String,
}

/// The permission to replace a misfit.
#[derive(Debug)]
pub(super) struct Permission<'a>(#[expect(dead_code, reason = "held, not used")] Option<AttachLock<'a>>);

impl Misfit {
    /// Describes an object that was found with other options; returns `None` if another file has the name by now.
    ///
    /// # Errors
    /// [`Error::Untrusted`], `Access`, `System`.
    pub fn of(
        location: &Location,
        trust: &Trust<'_>,
        (identity, created): (Identity, u64),
        differing: String,
    ) -> Result<Option<Misfit>> {
        let file = location.open(Access::ReadWrite, trust)?.filter(|file| file.identity() == identity);
        Ok(file.map(|file| Misfit { file, created, differing }))
    }

    /// Describes an object with another layout; returns `None` if the name is free by now.
    ///
    /// # Errors
    /// [`Error::Layout`] if the file is none of this kind; those of `of`.
    pub fn of_another_layout(
        location: &Location,
        trust: &Trust<'_>,
        differing: String,
    ) -> Result<Option<Misfit>> {
        let Some(file) = location.open(Access::ReadWrite, trust)? else { return Ok(None) };
        match FileWords::of(&file).created(location.format) {
            Some(created) => Ok(Some(Misfit { created, differing, file })),
            None => Err(Error::Layout(differing)),
        }
    }

    /// Returns the permission to replace it, if it was created long enough ago or no process has it open; in the latter
    /// case no process can attach to it while the permission exists.
    ///
    /// # Errors
    /// [`Error::System`].
    pub fn permission<'a>(&'a self, fork: &'a ForkExcluded) -> Result<Option<Permission<'a>>> {
        if self.age() >= INTERVAL {
            return Ok(Some(Permission(None)));
        }
        let alone = AttachLock::try_acquire_exclusive(fork, &self.file)?;
        Ok(if alone.is_some() && !has_attachments(&self.file)? { Some(Permission(alone)) } else { None })
    }

    /// Fails if processes have had it open all the time: other callers that look at it are attached for a moment, too.
    ///
    /// # Errors
    /// [`Error::OptionsMismatch`].
    pub fn check_patience(&self, backoff: &Backoff) -> Result<()> {
        if !backoff.is_long() || self.age() >= INTERVAL || !has_attachments(&self.file)? {
            return Ok(());
        }
        let (differing, age, interval) = (&self.differing, self.age().as_secs_f64(), INTERVAL.as_secs());
        Err(Error::OptionsMismatch(format!(
            "{differing}; processes have it open, and it was created {age:.1} s ago: \
             with onMismatch 'replace', such an object is replaced once in {interval} s"
        )))
    }

    fn age(&self) -> Duration {
        Duration::from_nanos(boot_ns().saturating_sub(self.created))
    }
}
