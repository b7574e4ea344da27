//! Waits for a lock.

use shmkit_object::error::Error;
use shmkit_object::lifecycle::CreateParams;
use shmkit_object::lock::word::LockWord;
use shmkit_object::lock::{Guard, Lockable, Recover};
use shmkit_object::membership::{Membership, Participant, body_at};
use shmkit_object::region::Region;
use shmkit_object::superblock::{Format, PARTICIPANTS};
use shmkit_testkit::{DeadSlots, Heap, superblock_for};
use std::sync::mpsc;
use std::time::{Duration, Instant};

const SLOTS: u32 = 8;
const LOCK: u64 = body_at(SLOTS);
const PROGRESS: u64 = LOCK + 8;
const TIMEOUT: Duration = Duration::from_millis(20);

static FORMAT: Format = Format {
    kind: "test",
    title: "test",
    magic: 1,
    major: 1,
    minor: 0,
    stores_times: false,
    head: None,
    kept_while: None,
    features: &[],
    check: |_| Ok(()),
    body: |_, _| {},
};

/// Data that is never left unfinished.
struct Data {
    membership: Membership,
    /// Whether it has made progress each time that a waiter looks, however little processor time other threads get.
    always_progresses: bool,
}

impl Lockable for Data {
    fn membership(&self) -> &Membership {
        &self.membership
    }

    fn lock_at(&self) -> u64 {
        LOCK
    }

    fn progress(&self) -> u64 {
        let region = &self.membership.region;
        let progress = region.load(PROGRESS);
        region.store(PROGRESS, progress + u64::from(self.always_progresses));
        progress
    }
}

impl Recover for Data {
    fn is_dirty(&self) -> bool {
        false
    }

    fn finish(&self) -> shmkit_object::error::Result<()> {
        Ok(())
    }
}

/// Participant 1 of new data in which participant 2 holds the lock.
fn held_by_another(always_progresses: bool) -> Data {
    let mut params = CreateParams { size: 4096, ..CreateParams::default() };
    params.parameters[PARTICIPANTS] = SLOTS.into();
    let region = Region::new(Heap::new(4096));
    superblock_for(&params).format(&region, &FORMAT);
    let attach = |slot| {
        let mut membership =
            Membership::attach(region.clone(), &FORMAT, Box::new(DeadSlots::default())).unwrap();
        membership.register(slot, slot, 0);
        membership
    };
    let (holder, _other) = (attach(2), attach(3));
    let word = LockWord::held_by(Participant { slot: 2, generation: 1 });
    holder.region.store32(LOCK, word.0);
    Data { membership: attach(1), always_progresses }
}

#[test]
fn a_wait_ends_after_the_timeout_when_the_owner_makes_no_progress() {
    let data = held_by_another(false);
    let error = Guard::acquire(&data, TIMEOUT).map(drop).unwrap_err();
    assert!(matches!(error, Error::LockTimeout { pid: 2, .. }), "{error}");
}

/// A peer that may write can simulate progress for ever, and owners that come and go.
#[test]
fn a_wait_ends_after_ten_timeouts_however_much_the_word_and_the_progress_change() {
    for changes_word in [false, true] {
        let data = held_by_another(true);
        let (stop, stopped) = mpsc::channel::<()>();
        let region = data.membership.region.clone();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let words = [2, 3].map(|slot| LockWord::held_by(Participant { slot, generation: 1 }).0);
                for number in 0.. {
                    if changes_word {
                        region.store32(LOCK, words[number as usize % 2]);
                    }
                    if stopped.try_recv() != Err(mpsc::TryRecvError::Empty) {
                        break;
                    }
                }
            });
            let start = Instant::now();
            let result = Guard::acquire(&data, TIMEOUT).map(drop);
            drop(stop);
            assert!(matches!(result, Err(Error::LockStarved { .. })), "{result:?}");
            assert_eq!(result.unwrap_err().code(), "ERR_SHM_LOCK_TIMEOUT");
            assert!(start.elapsed() >= 10 * TIMEOUT, "{:?}", start.elapsed());
        });
    }
}
