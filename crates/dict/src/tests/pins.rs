//! Pins: what a reader has pinned stays as it is until the reader ends the pin or a writer needs the space.

use super::fixture::*;
use super::states::{EVICTING, SMALL, put};
use crate::entry::read::{Snapshot, Want};
use crate::guard::Guard;
use crate::ops::{Dict, Lease};
use crate::pins::Pin;
use crate::value::{Condition, Ttl};
use std::time::Duration;

const MOMENT: Duration = Duration::from_millis(20);
const OLD: [u8; 5000] = [1; 5000];
const NEW: [u8; 5000] = [2; 5000];

/// A reader between the two locks of a read.
pub struct PinnedRead {
    pin: Pin,
    block: u64,
    entry: Snapshot,
}

impl PinnedRead {
    pub fn begin(dict: &Dict, name: &str) -> PinnedRead {
        let hash = dict.hash(key(name));
        let shard = hash.shard(dict.segment().geometry.shards);
        let guard = Guard::acquire(dict.segment(), shard, MOMENT).unwrap();
        let (slot, entry) = guard.find(key(name), hash, &mut Vec::new()).entry.expect("there is an entry");
        let block = slot.word.block();
        PinnedRead { pin: guard.pin(block).expect("the table has room"), block, entry }
    }

    /// Returns the value; `None` if a writer needed its blocks.
    pub fn end(self, dict: &Dict) -> Option<Vec<u8>> {
        let mut payload = Vec::new();
        let copied = self.entry.copy_while(dict.segment(), self.block, Want::Value, &mut payload, || true);
        let guard = Guard::acquire(dict.segment(), self.pin.shard, MOMENT).unwrap();
        guard.unpin(self.pin).then(|| {
            copied.expect("the blocks are as they were");
            payload[self.entry.header.key_len as usize..].to_vec()
        })
    }
}

fn with_old(options: Options) -> (Machine, Dict, Dict) {
    let machine = Machine::new(options);
    let (reader, writer) = (machine.process(1), machine.process(2));
    set(&writer, "k", bytes(&OLD));
    (machine, reader, writer)
}

fn used(dict: &Dict) -> u64 {
    dict.stats().unwrap().used
}

#[test]
fn a_pinned_value_stays_while_others_replace_and_delete_it_and_is_freed_afterwards() {
    for options in [SMALL, Options { checksums: true, ..SMALL }, Options { wipe: true, ..SMALL }] {
        let (_machine, reader, writer) = with_old(options);
        let before = used(&writer);
        let read = PinnedRead::begin(&reader, "k");
        set(&writer, "k", bytes(&NEW));
        let second = PinnedRead::begin(&reader, "k");
        assert!(writer.delete(key("k"), None).unwrap());
        for number in 0..4 {
            set(&writer, &format!("other {number}"), bytes(&[3; 2000]));
        }
        assert_sound(&writer);
        assert_eq!(read.end(&reader).as_deref(), Some(&OLD[..]));
        assert_sound(&writer);
        assert_eq!(second.end(&reader).as_deref(), Some(&NEW[..]));
        (0..4).for_each(|number| assert!(writer.delete(key(&format!("other {number}")), None).unwrap()));
        set(&writer, "k", bytes(&NEW));
        assert_eq!(used(&writer), before, "nothing is lost");
        assert_sound(&writer);
    }
}

#[test]
fn two_readers_of_one_value_free_it_once() {
    let (_machine, reader, writer) = with_old(SMALL);
    let (one, two) = (PinnedRead::begin(&reader, "k"), PinnedRead::begin(&writer, "k"));
    set(&writer, "k", bytes(&NEW));
    assert_eq!(one.end(&reader).as_deref(), Some(&OLD[..]));
    set(&writer, "other", bytes(&NEW));
    assert_sound(&writer);
    assert_eq!(two.end(&writer).as_deref(), Some(&OLD[..]));
    assert_sound(&writer);
}

#[test]
fn a_writer_that_needs_the_space_ends_the_pin() {
    for options in [SMALL, EVICTING, Options { size: 4 << 10, max_size: 64 << 10, ..SMALL }] {
        let (_machine, reader, writer) = with_old(options);
        put(&writer, "neighbour", text("stays"), Ttl::Never);
        let read = PinnedRead::begin(&reader, "k");
        set(&writer, "k", bytes(&NEW));
        let mut stored = 0;
        while stored < 40
            && writer.set(key("big"), bytes(&vec![4; 1000 * stored]), Ttl::Never, Condition::Always).is_ok()
        {
            stored += 1;
        }
        let largest = stored;
        assert_eq!(read.end(&reader), None, "the blocks are needed");
        assert_eq!(
            get(&reader, "k").as_deref(),
            (!options.evict || get(&reader, "k").is_some()).then_some(&NEW[..])
        );
        assert_sound(&writer);
        let size = |stored: usize| vec![5; 1000 * stored];
        assert!(writer.delete(key("big"), None).unwrap());
        let again = writer.set(key("big"), bytes(&size(largest - 1)), Ttl::Never, Condition::Always);
        assert!(again.unwrap(), "no more fits without the pin");
    }
}

#[test]
fn an_eviction_ends_the_pin() {
    let (_machine, reader, writer) = with_old(EVICTING);
    let read = PinnedRead::begin(&reader, "k");
    for number in 0..400 {
        set(&writer, &format!("fill{number}"), bytes(&[3; 300]));
    }
    assert_eq!(get(&writer, "k"), None);
    assert_eq!(read.end(&reader), None);
    assert_sound(&writer);
}

#[test]
fn a_dead_reader_keeps_nothing_from_the_next_one() {
    let (machine, reader, writer) = with_old(SMALL);
    let table = writer.segment().geometry.leases;
    for _ in 0..table {
        PinnedRead::begin(&reader, "k");
    }
    set(&writer, "k", bytes(&NEW));
    machine.dead.add(1);
    let before = used(&writer);
    let read = PinnedRead::begin(&writer, "k");
    assert!(used(&writer) < before, "the pins of the dead are ended");
    assert_eq!(read.end(&writer).as_deref(), Some(&NEW[..]));
    assert_sound(&writer);
}

#[test]
fn leases_and_pins_share_a_table() {
    let (_machine, reader, writer) = with_old(SMALL);
    let table = writer.segment().geometry.leases as usize;
    let mut pinned: Vec<PinnedRead> = (0..table).map(|_| PinnedRead::begin(&reader, "k")).collect();
    set(&writer, "k", bytes(&NEW));
    let Lease::Granted(ticket) = writer.lease_acquire(key("missing"), 1).unwrap() else { panic!("busy") };
    let lasting = pinned.drain(..).filter_map(|read| read.end(&reader)).count();
    assert_eq!(lasting, table - 1, "the lease has taken the slot of one pin");
    writer.clear().unwrap();
    assert!(!writer.lease_store(key("missing"), ticket, text("loaded"), Ttl::Never).unwrap());
    assert_sound(&writer);
    writer.clear().unwrap();
    set(&writer, "k", bytes(&OLD));
    let read = PinnedRead::begin(&reader, "k");
    writer.clear().unwrap();
    writer.lease_release_all(0).unwrap();
    assert_eq!(read.end(&reader).as_deref(), Some(&OLD[..]), "what ends leases ends no pin");
    assert_sound(&writer);
}
