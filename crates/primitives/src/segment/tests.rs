//! Death at every store of a change to a segment, and of the process that completes it.

use super::file::{DATA, FORMAT};
use super::{SegmentOptions, SharedSegment};
use shmkit_object::crash::{CrashPlan, Died, arm};
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Named};
use shmkit_object::membership::Membership;
use shmkit_os::entropy;
use shmkit_os::shm::{Access, Directory, ShmFile};
use shmkit_testkit::{DeadSlots, register};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(1);
const FILE: &str = "shmkit.segment.a";

/// A folder in shared memory, removed with its content when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let random = u64::from_ne_bytes(entropy::random().unwrap());
        let parent = if cfg!(target_os = "linux") { "/dev/shm".into() } else { std::env::temp_dir() };
        let path = parent.join(format!("shmkit-segment-test-{random:x}"));
        std::fs::create_dir(&path).unwrap();
        Folder(path)
    }

    fn create(&self, capacity: u64, data: &[u8]) -> Named<SharedSegment> {
        let options = SegmentOptions { capacity, data: data.to_vec(), ..SegmentOptions::default() };
        let handle = HandleOptions { dir: Some(self.0.clone()), ..HandleOptions::default() };
        Named::create("a", &options, &handle).unwrap()
    }

    fn file_size(&self) -> u64 {
        std::fs::metadata(self.0.join(FILE)).unwrap().len()
    }

    /// Opens the file as another process does.
    fn open_file(&self) -> ShmFile {
        Directory::open(&self.0).unwrap().open_file(FILE, Access::ReadWrite).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sample(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index * 31 + index / 251) as u8 | 1).collect()
}

fn content(segment: &SharedSegment) -> Vec<u8> {
    segment.read(0, segment.size().unwrap() as usize).unwrap()
}

/// Runs `work`, which dies before its store of that number. Returns whether it completed.
fn survives(die_at: Option<u64>, work: impl FnOnce()) -> bool {
    arm(CrashPlan { die_at, skip: None });
    let outcome = catch_unwind(AssertUnwindSafe(work));
    arm(CrashPlan::default());
    match outcome {
        Ok(()) => true,
        Err(payload) if payload.is::<Died>() => false,
        Err(payload) => resume_unwind(payload),
    }
}

type Change = fn(&SharedSegment);

/// Attaches to the same file as another process, in the slot of that number, which finds those before it dead.
fn successor(folder: &Folder, of: &SharedSegment, slot: u32) -> SharedSegment {
    let dead = DeadSlots::default();
    (0..slot).for_each(|earlier| dead.add(earlier));
    let membership = Membership::attach(of.membership.region.clone(), &FORMAT, Box::new(dead)).unwrap();
    let mut segment = SharedSegment::of(membership, folder.open_file()).unwrap();
    register(&mut segment, slot);
    segment
}

/// Lets a change die at every store, and another process's changes after it, and checks what is left.
fn die_everywhere(change: Change, before: &[u8], after: &[u8]) {
    for first in 0.. {
        for second in 0.. {
            let folder = Folder::new();
            let named = folder.create(0, before);
            let is_made = survives(Some(first), || change(&named.object));
            let size = folder.file_size();
            let heir = successor(&folder, &named.object, 10);
            let recovered = survives(Some(second), || {
                heir.set_capacity(heir.capacity(), TIMEOUT).unwrap();
                heir.append(b"x", TIMEOUT).unwrap();
            });
            let segment = successor(&folder, &named.object, 11);
            // Reading alone completes an unfinished change.
            let found = content(&segment);
            let found = found.strip_suffix(b"x").unwrap_or(&found);
            let at = format!("died at {first}, then at {second}");
            assert!(found == after || found == before && !is_made, "{at}: {} bytes", found.len());
            // Between size and capacity there may be bytes that a dead writer had not added to the size yet.
            let capacity = segment.capacity() as usize;
            segment.set_capacity(200_000, TIMEOUT).unwrap();
            segment.write(199_999, b"z").unwrap();
            let grown = content(&segment);
            assert!(grown[capacity..199_999].iter().all(|byte| *byte == 0), "{at}: old bytes come back");
            assert!(folder.file_size() >= size, "{at}: the file got shorter");
            if recovered {
                break;
            }
            assert!(second < 100);
        }
        let folder = Folder::new();
        if survives(Some(first), || change(&folder.create(0, before).object)) {
            assert!(first > 0, "the change made no store");
            return;
        }
        assert!(first < 100);
    }
}

#[test]
fn a_change_is_made_or_not_made_after_death_at_any_store() {
    let data = sample(20_000);
    die_everywhere(|segment| segment.set_capacity(50_000, TIMEOUT).unwrap(), &data, &data);
    die_everywhere(|segment| segment.set_capacity(5000, TIMEOUT).unwrap(), &data, &data[..5000]);
    let longer = [&data[..], &sample(9000)].concat();
    die_everywhere(|segment| segment.append(&sample(9000), TIMEOUT).unwrap(), &data, &longer);
}

#[test]
fn a_trim_loses_no_data_after_death_at_any_store() {
    let data = sample(40_000);
    die_everywhere(|segment| segment.trim(1, TIMEOUT).unwrap(), &data, &data[1..]);
    die_everywhere(|segment| segment.trim(35_000, TIMEOUT).unwrap(), &data, &data[35_000..]);
    die_everywhere(|segment| segment.trim(40_000, TIMEOUT).unwrap(), &data, b"");
}

#[test]
fn old_mappings_show_the_segment_after_changes_of_its_capacity() {
    let folder = Folder::new();
    let named = folder.create(0, &sample(10_000));
    let segment = &named.object;
    let old = segment.memory().unwrap().unwrap();
    segment.set_capacity(1 << 20, TIMEOUT).unwrap();
    segment.write(5, b"hello").unwrap();
    segment.set_capacity(100, TIMEOUT).unwrap();
    let mut bytes = [0; 10];
    // SAFETY: the array is that long.
    unsafe { old.read(5, bytes.as_mut_ptr(), 5) }.unwrap();
    assert_eq!(&bytes[..5], b"hello");
    // SAFETY: the array is that long.
    unsafe { old.read(9990, bytes.as_mut_ptr(), 10) }.unwrap();
    assert_eq!(bytes, [0; 10]);
    assert_eq!(folder.file_size(), DATA + (1 << 20));
}

#[test]
fn bytes_written_past_the_capacity_are_not_visible_when_it_grows() {
    let folder = Folder::new();
    let named = folder.create(0, &sample(10_000));
    let segment = &named.object;
    let late = segment.memory().unwrap().unwrap();
    segment.set_capacity(100, TIMEOUT).unwrap();
    // SAFETY: the slice is that long.
    unsafe { late.write(90, [9; 9000].as_ptr(), 9000) }.unwrap();
    segment.set_capacity(10_000, TIMEOUT).unwrap();
    segment.write(9999, b"z").unwrap();
    let mut expected = sample(100);
    expected[90..].fill(9);
    expected.resize(9999, 0);
    expected.push(b'z');
    assert!(content(segment) == expected);
}

#[test]
fn hostile_words_give_errors_and_no_access_past_the_file() {
    let folder = Folder::new();
    let named = folder.create(0, &sample(10_000));
    let segment = &named.object;
    let region = segment.membership.region.clone();
    for hostile in [u64::MAX, 1 << 63, 1 << 46, 1 << 40, (1 << 46) + 1] {
        region.store(super::file::SIZE, hostile);
        assert_eq!(segment.size(), Ok(10_000));
        region.store(super::file::CAPACITY, hostile);
        assert!(matches!(segment.read(9000, 2000), Err(Error::Corrupt(_))), "{hostile:#x}");
        assert!(matches!(segment.write(9000, &[1; 2000]), Err(Error::Corrupt(_))), "{hostile:#x}");
        region.store(super::file::CAPACITY, 10_000);
        for intent in [1, 2, hostile] {
            for field in 1..4 {
                region.store(super::file::INTENT + 8 * field, hostile);
            }
            region.store(super::file::INTENT, intent);
            region.store(super::file::SIZE, 10_000);
            assert!(content(segment) == sample(10_000));
        }
    }
}
