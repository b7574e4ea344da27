//! Attaching to an object, or creating it.

use super::attach::attach;
use super::attachment::AttachedObject;
use super::backoff::Backoff;
use super::create::{Builder, NameState, clear_name, create};
use super::kind::Kind;
use super::location::{Location, Trust};
use super::misfit::Misfit;
use super::options::{CreatePlan, OnMismatch, check_match};
use crate::error::{Error, Result};
use shmkit_os::shm::{Access, ShmFile};

/// What has the name.
enum Found<K> {
    Object(AttachedObject<K>),
    Misfit(Misfit),
    /// Nothing, or a file that counts as absent.
    Nothing,
    /// The name leads elsewhere meanwhile.
    Again,
}

/// Attaches to the object, or creates it.
///
/// # Errors
/// Those of `Named::open_or_create`.
pub(super) fn open_or_create<K: Kind>(
    location: &Location,
    options: &K::Options,
    trust: &Trust<'_>,
) -> Result<AttachedObject<K>> {
    if K::name_options(options).replace {
        return create(location, options, &CreatePlan::of::<K>(options, false)?, trust);
    }
    let mut backoff = Backoff::new();
    let mut found = find(location, options, trust)?;
    if let Found::Object(object) = found {
        return Ok(object);
    }
    let plan = CreatePlan::of::<K>(options, false)?;
    let mut builder = Builder::new(location, options, &plan);
    loop {
        let created = match found {
            Found::Object(object) => return Ok(object),
            Found::Misfit(misfit) => {
                misfit.check_patience(&backoff)?;
                builder.try_publish(trust, &backoff, Some(&misfit))?
            }
            // A file that counts as absent may still have the name.
            Found::Nothing if clear_name(location, &plan, trust)? == NameState::Free => {
                builder.try_publish(trust, &backoff, None)?
            }
            Found::Nothing | Found::Again => None,
        };
        if let Some(created) = created {
            return Ok(created);
        }
        backoff.wait_for(location)?;
        found = find(location, options, trust)?;
    }
}

/// Looks at what has the name.
fn find<K: Kind>(location: &Location, options: &K::Options, trust: &Trust<'_>) -> Result<Found<K>> {
    let on_mismatch = K::name_options(options).on_mismatch;
    let object = match attach::<K>(location, Access::ReadWrite, trust) {
        Ok(Some(object)) => object,
        Ok(None) => return Ok(Found::Nothing),
        Err(Error::Layout(layout)) if on_mismatch == OnMismatch::Replace => {
            let misfit = Misfit::of_another_layout(location, trust, layout)?;
            return Ok(misfit.map_or(Found::Again, Found::Misfit));
        }
        Err(error) => return Err(error),
    };
    let status = object.attachment.probe.with_file(ShmFile::status)?;
    match check_match(options, &*object.object, &status) {
        Err(Error::OptionsMismatch(differing)) if on_mismatch == OnMismatch::Replace => {
            let superblock = &object.object.membership().superblock;
            let misfit = Misfit::of(location, trust, (status.identity, superblock.created), differing)?;
            Ok(misfit.map_or(Found::Again, Found::Misfit))
        }
        Err(Error::OptionsMismatch(_)) if on_mismatch == OnMismatch::Open => Ok(adopted(object)),
        Err(error) => Err(error),
        Ok(()) => Ok(adopted(object)),
    }
}

/// Makes the leftover of an owner that was killed an object without an owner. This process is attached, so it cannot be
/// removed as a leftover meanwhile.
fn adopted<K: Kind>(object: AttachedObject<K>) -> Found<K> {
    let membership = object.object.membership();
    if membership.is_orphan() {
        membership.adopt();
    }
    Found::Object(object)
}
