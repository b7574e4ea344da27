//! Waits for a change of a key.

use super::fixture::*;
use crate::layout::shard::WATCHED;
use crate::ops::Dict;
use crate::shard::Shard;
use crate::value::{ListEnd, Ttl};
use shmkit_object::waiter::{Polled, WaitCondition};

fn word(dict: &Dict) -> u32 {
    Shard::new(dict.segment(), 0).load32(WATCHED)
}

/// Polls, and returns the word to sleep on; `None` if the wait is over.
fn poll(wait: &mut impl WaitCondition) -> Option<u32> {
    match wait.poll(true) {
        Polled::Unavailable { seen, .. } => Some(seen),
        Polled::Done => None,
        Polled::Failed(error) => panic!("{error}"),
    }
}

#[test]
fn every_change_of_the_key_ends_the_wait_and_changes_the_word() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    let changes: [fn(&Dict); 6] = [
        |dict| set(dict, "k", text("other")),
        |dict| assert!(dict.delete(key("k"), None).unwrap()),
        |dict| assert!(dict.expire(key("k"), Ttl::After(9)).unwrap()),
        |dict| dict.clear().unwrap(),
        |dict| {
            dict.delete(key("k"), None).unwrap();
            dict.push(key("k"), ListEnd::Left, text("item")).unwrap();
        },
        |dict| {
            dict.expire(key("k"), Ttl::After(1)).unwrap();
            set_clock(dict, 2000);
            dict.flush_expired(0).unwrap();
        },
    ];
    for change in changes {
        set_clock(&one, 1000);
        set(&one, "k", text("value"));
        let mut wait = two.change_wait(key("k"), two.version_of(key("k")).unwrap());
        let seen = poll(&mut wait).unwrap();
        assert_eq!(seen, word(&one));
        change(&one);
        assert_ne!(word(&one), seen, "a sleeper is woken");
        assert_eq!(poll(&mut wait), None);
    }
}

#[test]
fn a_change_of_another_key_wakes_the_waiters_of_the_shard_once() {
    let machine = Machine::small();
    let one = machine.process(1);
    let mut wait = one.change_wait(key("k"), 0);
    let seen = poll(&mut wait).unwrap();
    set(&one, "other", text("value"));
    let woken = word(&one);
    assert_ne!(woken, seen);
    set(&one, "other", text("again"));
    assert_eq!(word(&one), woken, "no waiter is asleep");
    assert!(poll(&mut wait).is_some());
}

#[test]
fn a_reader_cannot_announce_its_wait_but_looks_at_the_key() {
    let machine = Machine::small();
    let (one, reader) = (machine.process(1), machine.reader());
    let mut wait = reader.change_wait(key("k"), 0);
    assert_eq!(poll(&mut wait), Some(0));
    set(&one, "k", text("value"));
    assert_eq!(word(&one), 0);
    assert_eq!(poll(&mut wait), None);
}
