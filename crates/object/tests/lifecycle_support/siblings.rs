//! The lives of all kinds except dictionaries: created, used and closed by one command.

use super::within;
use shmkit_object::error::{Error, Result};
use shmkit_object::lifecycle::{Kind, Named};
use shmkit_object::waiter::{block_on, deadline_after};
use shmkit_os::map::{Advice, Flush, MapAccess, Memory, Source, extend, page_size};
use shmkit_os::range_lock::{LockMode, Range, RangeLock};
use shmkit_primitives::locks::{LockName, LockRequest, LockTable, LocksOptions, Mode, RequestOutcome};
use shmkit_primitives::mutex::{Mutex, MutexOptions, PendingLock};
use shmkit_primitives::ring::{EndAttempt, LOCK_TIMEOUT, Ring, RingOptions};
use shmkit_primitives::segment::{SegmentOptions, SharedSegment};
use shmkit_primitives::semaphore::{PendingAcquire, Semaphore, SemaphoreOptions};
use std::fs::File;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The kinds that [`live`] knows.
pub const SIBLINGS: [&str; 9] =
    ["semaphore", "holders", "mutex", "locks", "ring", "segment", "map", "mirror", "range-lock"];

const NAME: &str = "sibling";
/// The only file that is not an object, for maps and range locks.
const PLAIN: &str = "plain";
/// The timeout of waits that cannot succeed.
const SHORT: Duration = Duration::from_millis(3);

/// Creates, uses and closes one of them; returns `ok` or the error.
pub fn live(kind: &str, folder: &Path) -> String {
    let outcome = match kind {
        "semaphore" => semaphore(folder, false),
        "holders" => semaphore(folder, true),
        "mutex" => mutex(folder),
        "locks" => locks(folder),
        "ring" => ring(folder),
        "segment" => segment(folder),
        "map" => map(folder),
        "mirror" => mirror(folder),
        "range-lock" => range_lock(folder),
        "words" => words(),
        other => panic!("no such sibling: {other}"),
    };
    match outcome {
        Ok(()) => "ok".into(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}

/// Removes everything that is left of any of them.
pub fn clear(folder: &Path) {
    fn of<K: Kind>(folder: &Path) {
        Named::<K>::prune(&within(folder)).unwrap();
        Named::<K>::unlink(NAME, &within(folder)).unwrap();
    }
    of::<Semaphore>(folder);
    of::<Mutex>(folder);
    of::<LockTable>(folder);
    of::<Ring>(folder);
    of::<SharedSegment>(folder);
    let _ = std::fs::remove_file(folder.join(PLAIN));
}

/// Creates an object, and opens it a second time.
fn create_and_open<K: Kind>(options: &K::Options, folder: &Path) -> Result<(Named<K>, Arc<K>)> {
    let named = Named::<K>::create(NAME, options, &within(folder))?;
    let again = Named::<K>::open(NAME, &within(folder))?;
    let object = again.object.clone();
    Ok((named, object))
}

fn semaphore(folder: &Path, holders: bool) -> Result<()> {
    let options = SemaphoreOptions { initial: 2, holders, ..SemaphoreOptions::default() };
    let (_named, semaphore) = create_and_open::<Semaphore>(&options, folder)?;
    assert!(semaphore.try_acquire(1)?);
    let mut wait = PendingAcquire::new(semaphore.clone(), 2);
    assert!(!block_on(&mut wait, deadline_after(Some(SHORT)))?, "there is one permit");
    assert_eq!(semaphore.release(1)?, 2);
    assert!(block_on(&mut wait, deadline_after(Some(SHORT)))?, "there are two");
    drop(wait);
    assert_eq!(semaphore.value()?, 2);
    Ok(())
}

fn mutex(folder: &Path) -> Result<()> {
    let (_named, mutex) = create_and_open::<Mutex>(&MutexOptions::default(), folder)?;
    mutex.try_lock()?.expect("it is free");
    let mut wait = PendingLock::new(mutex.clone());
    assert!(!block_on(&mut wait, deadline_after(Some(SHORT)))?, "it is held");
    mutex.unlock();
    assert!(block_on(&mut wait, deadline_after(Some(SHORT)))?, "it is free again");
    Ok(())
}

fn locks(folder: &Path) -> Result<()> {
    let (_named, table) = create_and_open::<LockTable>(&LocksOptions::default(), folder)?;
    let name = || LockName::new(b"a", false).expect("a short name");
    let request_of = || LockRequest { name: name(), mode: Mode::Exclusive, if_available: true, steal: false };
    let RequestOutcome::Held(request, _) = table.request(&request_of())? else { panic!("it is free") };
    assert!(matches!(table.request(&request_of())?, RequestOutcome::Unavailable));
    table.release(request)?;
    Ok(())
}

fn ring(folder: &Path) -> Result<()> {
    let (_named, ring) =
        create_and_open::<Ring>(&RingOptions { size: Some(4096), ..RingOptions::default() }, folder)?;
    assert_eq!(ring.send(&[b"message"], Some(LOCK_TIMEOUT))?, EndAttempt::Done(1));
    let (mut target, mut lengths) = ([0; 100], [0; 4]);
    ring.receive(&mut target, &mut lengths, Some(LOCK_TIMEOUT))?;
    assert_eq!(&target[..7], b"message");
    Ok(())
}

fn segment(folder: &Path) -> Result<()> {
    let options = SegmentOptions { capacity: 100_000, ..SegmentOptions::default() };
    let (_named, segment) = create_and_open::<SharedSegment>(&options, folder)?;
    segment.write(0, &[7; 50_000])?;
    segment.set_capacity(300_000, LOCK_TIMEOUT)?;
    segment.append(&[8; 100_000], LOCK_TIMEOUT)?;
    segment.trim(10_000, LOCK_TIMEOUT)?;
    segment.set_capacity(60_000, LOCK_TIMEOUT)?;
    let bytes = segment.read(39_990, 20)?;
    assert_eq!(bytes, [[7; 10], [8; 10]].concat());
    segment.private_memory().map(drop)
}

fn plain_file(folder: &Path) -> Result<File> {
    let failed = |error: std::io::Error| Error::System(shmkit_os::OsError::from_io("open", &error));
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false).open(folder.join(PLAIN)).map_err(failed)
}

fn map(folder: &Path) -> Result<()> {
    let file = plain_file(folder)?;
    let length = 4 * page_size();
    extend(file.as_fd(), length as u64)?;
    let source = |access, execute, populate| Source {
        file: Some(file.as_fd()),
        access,
        offset: 0,
        length,
        execute,
        populate,
        is_stable: false,
    };
    let memory = Memory::map(&source(MapAccess::ReadWrite, false, true))?;
    // SAFETY: both are that long.
    unsafe { memory.write(10, b"mapped".as_ptr(), 6) }?;
    memory.flush(Flush { offset: 0, length, begin_only: false })?;
    for advice in [Advice::Random, Advice::WillNeed, Advice::DontNeed, Advice::Sequential] {
        memory.advise(advice)?;
    }
    memory.lock()?;
    let view = memory.private_view()?;
    let mut bytes = [0; 6];
    // SAFETY: both are that long.
    unsafe { view.read(10, bytes.as_mut_ptr(), bytes.len()) }?;
    assert_eq!(&bytes, b"mapped");
    Memory::map(&source(MapAccess::Copy, true, false)).map(drop)?;
    Ok(())
}

fn mirror(folder: &Path) -> Result<()> {
    let file = plain_file(folder)?;
    extend(file.as_fd(), page_size() as u64)?;
    for file in [None, Some(file.as_fd())] {
        let memory = Memory::mirror(file, page_size(), 3)?;
        // SAFETY: both are that long.
        unsafe { memory.write(page_size() - 2, b"ring".as_ptr(), 4) }?;
    }
    Ok(())
}

fn range_lock(folder: &Path) -> Result<()> {
    let (file, other) = (plain_file(folder)?, plain_file(folder)?);
    let range = Range { offset: 10, length: 20 };
    let take = |file: &File, mode| RangeLock::try_acquire(file.as_fd(), mode, range);
    // `None` without an error means that another process holds it.
    let Some(held) = take(&file, LockMode::Exclusive)? else { return Ok(()) };
    assert!(take(&other, LockMode::Shared)?.is_none());
    drop(held);
    drop(take(&other, LockMode::Shared)?);
    Ok(())
}

/// Sleeps on words that do not change, and on one that did; returns in both cases.
fn words() -> Result<()> {
    let [still, changed] = [AtomicU32::new(0), AtomicU32::new(0)];
    shmkit_os::futex::wait_any(&[(&still, 0), (&changed, 0)], SHORT);
    changed.store(1, Ordering::Relaxed);
    shmkit_os::futex::wait_any(&[(&still, 0), (&changed, 0)], Duration::from_secs(60));
    Ok(())
}
