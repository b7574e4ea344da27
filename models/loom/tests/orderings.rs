//! The engine's own reads and writes under every order of loads and stores that C++11 allows, as far as loom explores it
//! (loom never lets a load see a store that comes later in its own thread).
#![cfg(loom)]

use loom::thread;
use shmkit_dict::{Dict, Event, Geometry, Watcher, feed_bytes};
use shmkit_dict::segment::{Clock, FORMAT, Participant, Segment, option_bits};
use shmkit_dict::value::{Condition, Key, ValueKind, Ttl, Value};
use shmkit_object::lifecycle::CreateParams;
use shmkit_object::region::Region;
use shmkit_object::superblock::feature;
use shmkit_object::region::model::Recording;
use shmkit_testkit::{AllAlive, register, superblock_for};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// The minimum size, with one shard.
const SIZE: u64 = 64 << 10;
const WRITERS: [Participant; 2] =
    [Participant { slot: 1, generation: 1 }, Participant { slot: 2, generation: 1 }];

fn attach(region: &Region, me: Participant) -> Dict {
    let mut segment = Segment::attach(region.clone(), Box::new(AllAlive), Clock::Boot).unwrap();
    segment.membership.me = me;
    Dict::new(Arc::new(segment), Duration::from_secs(3600))
}

fn format(region: &Region) {
    let mut features = [0; feature::COUNT];
    features[feature::FEED] = feed_bytes(SIZE, Some(1));
    let geometry = Geometry::with(SIZE, None, &features).unwrap();
    let superblock = superblock_for(&CreateParams {
        size: geometry.size,
        parameters: geometry.parameters(),
        options: option_bits(false, false, false),
        features,
        ..CreateParams::default()
    });
    superblock.format(region, &FORMAT);
}

fn key() -> Key<'static> {
    Key::new(b"k", false).unwrap()
}

/// Returns a value of several words, so that a mixture of two values can be detected.
fn value_of(number: u8) -> [u8; 24] {
    [number; 24]
}

fn set(dict: &Dict, number: u8) {
    let value = value_of(number);
    assert!(dict.set(key(), Value::bytes(ValueKind::Bytes, &value), Ttl::Never, Condition::Always).unwrap());
}

fn get(dict: &Dict) -> Option<u8> {
    let mut buffer = Vec::new();
    let entry = dict.get(key(), &mut buffer).unwrap()?;
    let number = entry.value.bytes[0];
    assert_eq!(entry.value.bytes, value_of(number), "a torn value");
    Some(number)
}

/// Runs `prepare` and then `calls` one after the other, and records the image and the words that the calls change.
fn record(prepare: fn(&Dict), calls: &[fn(&Dict)]) -> Recording {
    let calls = calls.to_vec();
    let outcome = Arc::new(Mutex::new(Recording::default()));
    let result = outcome.clone();
    loom::model(move || {
        let recording = Arc::new(Mutex::new(Recording { image: vec![0; SIZE as usize], ..Recording::default() }));
        let region = Region::recording(recording.clone());
        format(&region);
        for writer in WRITERS {
            let mut segment = Segment::attach(region.clone(), Box::new(AllAlive), Clock::Boot).unwrap();
            register(&mut segment, writer.slot);
            assert_eq!(segment.me, writer);
        }
        prepare(&attach(&region, WRITERS[0]));
        let image = recording.lock().unwrap().image.clone();
        recording.lock().unwrap().locations.clear();
        // In both orders, because each call may change words that the other does not.
        for call in calls.iter().chain(calls.iter().rev()) {
            for writer in WRITERS {
                let dict = attach(&region, writer);
                call(&dict);
                // This is done only by calls that contend.
                dict.segment().count_lock_wait();
            }
        }
        let locations = std::mem::take(&mut recording.lock().unwrap().locations);
        *result.lock().unwrap() = Recording { image, locations };
    });
    Arc::try_unwrap(outcome).unwrap().into_inner().unwrap()
}

/// Explores all interleavings of the threads that `scenario` starts, up to this number of preemptions.
fn explore(preemptions: usize, recording: Recording, scenario: impl Fn(&Region) + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(preemptions);
    model.max_branches = 100_000;
    let explored = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let count = explored.clone();
    model.check(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        scenario(&Region::shared(&recording));
    });
    println!("executions: {}", explored.load(std::sync::atomic::Ordering::Relaxed));
}

/// The values that readers saw in all executions, so that a test can check that it saw enough.
type Seen = Arc<Mutex<BTreeSet<Vec<u8>>>>;

/// Runs one process that writes while another one reads, and returns what was read. The reader is the thread that starts
/// last: loom derives the other orders from its loads (a word that the writer has loaded hides earlier loads of it).
fn read_while(write: fn(&Dict), reads: usize, preemptions: usize) -> BTreeSet<Vec<u8>> {
    let recording = record(|dict| set(dict, 1), &[write]);
    let seen = Seen::default();
    let result = seen.clone();
    explore(preemptions, recording, move |region| {
        let reader = {
            let (region, seen) = (region.clone(), seen.clone());
            thread::spawn(move || {
                let dict = attach(&region, Participant::READER);
                let values = (0..reads).map(|_| get(&dict).expect("a false miss")).collect();
                seen.lock().unwrap().insert(values);
            })
        };
        write(&attach(region, WRITERS[0]));
        reader.join().unwrap();
    });
    let seen = result.lock().unwrap().clone();
    println!("seen: {seen:?}");
    seen
}

#[test]
fn reads_return_whole_committed_values_when_blocks_are_reused() {
    // The second set reuses the block that the first one frees.
    let seen = read_while(
        |dict| {
            set(dict, 2);
            set(dict, 3);
        },
        1,
        2,
    );
    assert_eq!(seen, [vec![1], vec![2], vec![3]].into());
}

#[test]
fn a_second_read_never_returns_an_older_value() {
    let seen = read_while(|dict| set(dict, 2), 2, 3);
    assert_eq!(seen, [vec![1, 1], vec![1, 2], vec![2, 2]].into());
}

#[test]
fn two_writers_never_hold_a_shard_at_once() {
    let recording =
        record(|dict| set(dict, 1), &[|dict| set(dict, 2), |dict| set(dict, 3), |dict| drop(dict.verify())]);
    explore(3, recording, |region| {
        let other = {
            let region = region.clone();
            thread::spawn(move || set(&attach(&region, WRITERS[1]), 3))
        };
        let dict = attach(region, WRITERS[0]);
        set(&dict, 2);
        other.join().unwrap();
        assert!(matches!(get(&attach(region, Participant::READER)), Some(2 | 3)));
        assert_eq!(dict.verify().unwrap(), Vec::<String>::new());
    });
}

/// The records of the key that fit into the ring, beside the ordinal after them.
const RECORDS: u64 = 125;

/// Fills the ring of a dictionary that is watched for ever.
fn fill_the_ring(dict: &Dict) {
    std::mem::forget(dict.watch().unwrap());
    (0..=RECORDS).for_each(|number| set(dict, number as u8));
}

#[test]
fn a_watcher_hears_whole_records_while_the_oldest_one_is_overwritten() {
    let recording = record(fill_the_ring, &[|dict| set(dict, 255)]);
    let outcomes = Arc::new(Mutex::new(BTreeSet::new()));
    let result = outcomes.clone();
    explore(3, recording, move |region| {
        let reader = {
            let (region, outcomes) = (region.clone(), outcomes.clone());
            thread::spawn(move || {
                let (mut heard, mut missed, mut last) = (0, 0, 0);
                let mut hear = |event: Event<'_>| match event {
                    Event::Changed(_, _, version) => {
                        assert!(version > last, "the records are in order");
                        (heard, last) = (heard + 1, version);
                    }
                    Event::Missed(count) => missed += count.expect("the records are whole"),
                    Event::Cleared => panic!("nothing is cleared"),
                };
                let mut watcher = Watcher::behind(&attach(&region, Participant::READER), RECORDS);
                watcher.read(usize::MAX, &mut hear).unwrap();
                assert!((RECORDS..=RECORDS + 1).contains(&(heard + missed)), "{heard} heard, {missed} missed");
                outcomes.lock().unwrap().insert((heard, missed));
            })
        };
        set(&attach(region, WRITERS[0]), 255);
        reader.join().unwrap();
    });
    println!("heard and missed: {:?}", result.lock().unwrap());
    assert!(result.lock().unwrap().len() > 1, "the writer is in the middle of the read at times");
}
