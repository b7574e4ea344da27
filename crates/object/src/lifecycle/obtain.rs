//! Creating: building a draft and giving it a name that others may want too.

use super::attach::attach;
use super::draft::Draft;
use super::judge::judge;
use super::kind::Kind;
use super::options::{CreatePlan, check_match};
use super::patience::Patience;
use super::place::{Place, Trust};
use super::presence::Attached;
use super::remove::{self, remove_leftover};
use super::space;
use crate::error::{Error, Result};
use shmkit_os::liveness::NameLock;
use shmkit_os::process::{ForkExcluded, exclude_fork};
use shmkit_os::shm::{Access, ShmFile, Turn};
use std::time::Duration;

/// How long a builder lets another go first. It is a courtesy: anybody can hold the turn.
const COURTESY: Duration = Duration::from_secs(1);

/// What stands in the way of a creator.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    Free,
    Taken,
}

/// Makes an object and gives it its name.
///
/// # Errors
/// Those of `Named::create`.
pub(super) fn create<K: Kind>(
    place: &Place,
    options: &K::Options,
    plan: &CreatePlan,
    trust: &Trust<'_>,
) -> Result<Attached<K>> {
    let (name, title) = (place.name.as_str(), plan.format.title);
    let exists = || Error::Exists { title, name: name.to_owned(), path: place.path_text() };
    let mut patience = Patience::new();
    let mut builder = Builder::new(place, options, plan);
    loop {
        if clear_way(place, plan, trust)? == Way::Taken && !plan.replace {
            return Err(exists());
        }
        if let Some(made) = builder.go_on(trust)? {
            return Ok(made);
        }
        patience.wait_for(place)?;
    }
}

/// Attaches to what has the name, or makes it.
///
/// # Errors
/// Those of `Named::open_or_create`.
pub(super) fn open_or_create<K: Kind>(
    place: &Place,
    options: &K::Options,
    trust: &Trust<'_>,
) -> Result<Attached<K>> {
    if K::name_options(options).replace {
        return create(place, options, &CreatePlan::of::<K>(options, false)?, trust);
    }
    let mut patience = Patience::new();
    let mut plan = None;
    loop {
        if let Some(found) = attach::<K>(place, Access::ReadWrite, trust)? {
            let mode = found.presence.probe.with_file(ShmFile::status)?.mode;
            check_match(options, &*found.object, mode)?;
            return Ok(found);
        }
        let plan = plan.get_or_insert(CreatePlan::of::<K>(options, false)?);
        // What attaching takes for absent may still have the name.
        if clear_way(place, plan, trust)? == Way::Free
            && let Some(made) = Builder::new(place, options, plan).go_on(trust)?
        {
            return Ok(made);
        }
        patience.wait_for(place)?;
    }
}

/// Removes what may be removed from the name, but not before it is sure that the new one will fit.
fn clear_way(place: &Place, plan: &CreatePlan, trust: &Trust<'_>) -> Result<Way> {
    let mut patience = Patience::new();
    loop {
        {
            let fork = exclude_fork()?;
            let Some(file) = open_for_removal(place, trust)? else { return Ok(Way::Free) };
            if !judge(plan.format, &file)?.is_removable() {
                return Ok(Way::Taken);
            }
            space::check(place, plan.file_bytes(), file.status()?.size)?;
            match remove_leftover(&fork, place, &file)? {
                remove::Try::Removed => return Ok(Way::Free),
                remove::Try::Kept => return Ok(Way::Taken),
                remove::Try::Again => {}
            }
        }
        patience.wait_for(place)?;
    }
}

/// Opens what has the name; if it may only be read, it can at least be judged.
fn open_for_removal(place: &Place, trust: &Trust<'_>) -> Result<Option<ShmFile>> {
    match place.open(Access::ReadWrite, trust) {
        Err(Error::Access(refused)) => match place.open(Access::ReadOnly, trust) {
            Ok(found) => Ok(found),
            Err(_) => Err(Error::Access(refused)),
        },
        other => other,
    }
}

/// Builds a draft, once, and publishes it.
struct Builder<'p, K: Kind> {
    place: &'p Place,
    options: &'p K::Options,
    plan: &'p CreatePlan,
    draft: Option<Draft<'p, K>>,
}

impl<'p, K: Kind> Builder<'p, K> {
    fn new(place: &'p Place, options: &'p K::Options, plan: &'p CreatePlan) -> Self {
        Builder { place, options, plan, draft: None }
    }

    /// `None` if the name was taken meanwhile, or is held by somebody.
    fn go_on(&mut self, trust: &Trust<'_>) -> Result<Option<Attached<K>>> {
        let place = self.place;
        let turn = match self.draft {
            Some(_) => None,
            None => wait_for_turn(place, self.plan)?,
        };
        // The one who had the turn before may have made it.
        if self.draft.is_none() && !self.plan.replace && place.is_taken()? {
            return Ok(None);
        }
        let draft = match &mut self.draft {
            Some(draft) => draft,
            none => none.insert(Draft::build(place, self.plan, self.options)?),
        };
        let fork = exclude_fork()?;
        let is_published =
            draft.publish(&fork)? || self.plan.replace && publish_over(&fork, place, draft, trust)?;
        drop((fork, turn));
        Ok(if is_published { self.draft.take().map(Draft::into_attached) } else { None })
    }
}

/// Retires what has the name and puts the draft in its place; false if somebody else holds the name or
/// was faster.
fn publish_over<K: Kind>(
    fork: &ForkExcluded,
    place: &Place,
    draft: &mut Draft<'_, K>,
    trust: &Trust<'_>,
) -> Result<bool> {
    let Some(old) = place.open(Access::ReadWrite, trust)? else { return Ok(false) };
    let Some(_name) = NameLock::try_acquire(fork, &old)? else { return Ok(false) };
    if !place.leads_to(&old)? {
        return Ok(false);
    }
    draft.publish_over(fork, || super::judge::retire(place.format, &old))?;
    Ok(true)
}

/// Lets others who build in this folder go first, if there is not room for everybody's.
fn wait_for_turn(place: &Place, plan: &CreatePlan) -> Result<Option<Turn>> {
    if !space::is_scarce(place, plan.file_bytes())? {
        return Ok(None);
    }
    let mut patience = Patience::with_limit(COURTESY);
    loop {
        match Turn::try_take(&exclude_fork()?, &place.dir) {
            Ok(None) if patience.wait() && !place.is_taken()? => {}
            Ok(turn) => return Ok(turn),
            // A folder that may not be read has no turns.
            Err(_) => return Ok(None),
        }
    }
}
