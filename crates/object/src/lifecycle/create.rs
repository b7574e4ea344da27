//! Creating: building a file, and publishing it under a name that other processes may want too.

use super::attachment::AttachedObject;
use super::backoff::Backoff;
use super::classify::{classify, retire};
use super::kind::Kind;
use super::location::{Location, Trust};
use super::misfit::Misfit;
use super::name_right::NameRight;
use super::options::CreatePlan;
use super::remove::{self, remove_leftover};
use super::space;
use super::unpublished::UnpublishedFile;
use crate::error::{Error, Result};
use shmkit_os::process::{ForkExcluded, exclude_fork};
use shmkit_os::shm::{Access, CreateLock, ShmFile};
use std::time::Duration;

/// How long a creator lets another one go first. Any user can hold the create lock, so the wait is short.
const CREATE_DELAY: Duration = Duration::from_secs(1);

/// Whether a creator can have a name.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NameState {
    Free,
    Taken,
}

/// Creates an object.
///
/// # Errors
/// Those of `Named::create`.
pub(super) fn create<K: Kind>(
    location: &Location,
    options: &K::Options,
    plan: &CreatePlan,
    trust: &Trust<'_>,
) -> Result<AttachedObject<K>> {
    let (name, title) = (location.name.as_str(), plan.format.title);
    let exists = || Error::Exists { title, name: name.to_owned(), path: location.path_text() };
    let mut backoff = Backoff::new();
    let mut builder = Builder::new(location, options, plan);
    loop {
        if clear_name(location, plan, trust)? == NameState::Taken && !plan.replace {
            return Err(exists());
        }
        if let Some(created) = builder.try_publish(trust, &backoff, None)? {
            return Ok(created);
        }
        backoff.wait_for(location)?;
    }
}

/// Removes a leftover that has the name, but only after checking that the new file will fit.
pub(super) fn clear_name(location: &Location, plan: &CreatePlan, trust: &Trust<'_>) -> Result<NameState> {
    let mut backoff = Backoff::new();
    loop {
        {
            let fork = exclude_fork()?;
            let Some(file) = open_for_removal(location, trust)? else { return Ok(NameState::Free) };
            if !classify(plan.format, &file)?.is_removable() {
                return Ok(NameState::Taken);
            }
            space::check(location, plan.first_bytes(), file.status()?.allocated)?;
            match remove_leftover(&fork, location, &file, (&backoff, false))? {
                remove::RemoveOutcome::Removed => return Ok(NameState::Free),
                remove::RemoveOutcome::Kept => return Ok(NameState::Taken),
                remove::RemoveOutcome::Again => {}
            }
        }
        backoff.wait_for(location)?;
    }
}

/// Opens the file with the name; if this user may only read it, read-only, so that it can be classified.
fn open_for_removal(location: &Location, trust: &Trust<'_>) -> Result<Option<ShmFile>> {
    match location.open(Access::ReadWrite, trust) {
        Err(Error::Access(refused)) => match location.open(Access::ReadOnly, trust) {
            Ok(found) => Ok(found),
            Err(_) => Err(Error::Access(refused)),
        },
        other => other,
    }
}

/// Builds a file once, and publishes it.
pub(super) struct Builder<'p, K: Kind> {
    location: &'p Location,
    options: &'p K::Options,
    plan: &'p CreatePlan,
    unpublished: Option<UnpublishedFile<'p, K>>,
}

impl<'p, K: Kind> Builder<'p, K> {
    pub fn new(location: &'p Location, options: &'p K::Options, plan: &'p CreatePlan) -> Self {
        Builder { location, options, plan, unpublished: None }
    }

    /// Publishes under a free name, or over a misfit. Returns `None` if the name leads elsewhere meanwhile, or another
    /// process holds it.
    pub fn try_publish(
        &mut self,
        trust: &Trust<'_>,
        backoff: &Backoff,
        misfit: Option<&Misfit>,
    ) -> Result<Option<AttachedObject<K>>> {
        let (location, replaces) = (self.location, self.plan.replace || misfit.is_some());
        let create_lock = match self.unpublished {
            Some(_) => None,
            None => acquire_create_lock(location, self.plan)?,
        };
        // The previous holder of the create lock may have created it.
        if self.unpublished.is_none() && !replaces && location.is_taken()? {
            return Ok(None);
        }
        let unpublished = match &mut self.unpublished {
            Some(unpublished) => unpublished,
            none => none.insert(UnpublishedFile::build(location, self.plan, self.options, trust)?),
        };
        let fork = exclude_fork()?;
        let is_published = match misfit {
            Some(misfit) => publish_over(&fork, location, unpublished, (&misfit.file, backoff), || {
                misfit.permission(&fork)
            })?,
            None if unpublished.publish(&fork)? => true,
            None => {
                self.plan.replace
                    && match location.open(Access::ReadWrite, trust)? {
                        Some(old) => {
                            publish_over(&fork, location, unpublished, (&old, backoff), || Ok(Some(())))?
                        }
                        None => false,
                    }
            }
        };
        drop((fork, create_lock));
        Ok(if is_published { self.unpublished.take().map(UnpublishedFile::into_attached) } else { None })
    }
}

/// Retires the file that has the name and publishes the new one in its place, if `permission` gives one while this process
/// has the right to the name. Returns false if another process holds the name or was faster.
fn publish_over<K: Kind, P>(
    fork: &ForkExcluded,
    location: &Location,
    unpublished: &mut UnpublishedFile<'_, K>,
    (old, backoff): (&ShmFile, &Backoff),
    permission: impl FnOnce() -> Result<Option<P>>,
) -> Result<bool> {
    let Some(_right) = NameRight::try_acquire(fork, location, old, backoff)? else { return Ok(false) };
    if !location.leads_to(old)? {
        return Ok(false);
    }
    let Some(_permission) = permission()? else { return Ok(false) };
    unpublished.publish_over(fork, || retire(location.format, old))?;
    Ok(true)
}

/// Serializes creators in a directory when space is scarce.
fn acquire_create_lock(location: &Location, plan: &CreatePlan) -> Result<Option<CreateLock>> {
    if !space::is_scarce(location, plan.first_bytes())? {
        return Ok(None);
    }
    let mut backoff = Backoff::with_limit(CREATE_DELAY);
    loop {
        match CreateLock::try_acquire(&exclude_fork()?, &location.dir) {
            Ok(None) if backoff.wait() && !location.is_taken()? => {}
            Ok(lock) => return Ok(lock),
            // A directory that this user may not read has no create lock.
            Err(_) => return Ok(None),
        }
    }
}
