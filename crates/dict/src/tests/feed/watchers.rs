//! Watching and its end: for how long writers tell.

use super::*;
use crate::feed::Change::Set;
use crate::layout::shard::WATCHED;
use crate::shard::Shard;
use shmkit_object::error::Error;
use shmkit_object::waiter::{Polled, WaitCondition};

fn is_watched(dict: &Dict) -> bool {
    Shard::new(dict.segment(), 0).load32(WATCHED) & 1 != 0
}

#[test]
fn writers_tell_only_while_something_watches() {
    let machine = Machine::watched();
    let (writer, other) = (machine.process(1), machine.process(2));
    assert!(!is_watched(&writer));
    let (mut first, second) = (other.watch().unwrap(), other.watch().unwrap());
    assert!(is_watched(&writer));
    drop(second);
    set(&writer, "k", text("v"));
    assert_eq!(hear(&mut first), [changed(Set, "k")]);
    let own = writer.watch().unwrap();
    drop(first);
    assert!(is_watched(&writer));
    drop(own);
    assert!(!is_watched(&writer));
}

#[test]
fn a_dead_watcher_costs_writers_nothing_for_long() {
    let machine = Machine::watched();
    let (writer, other) = (machine.process(1), machine.process(2));
    std::mem::forget(other.watch().unwrap());
    let mut living = machine.process(3).watch().unwrap();
    machine.dead.add(2);
    let write_much = || (0..3000).for_each(|_| set(&writer, "a key of some length", text("v")));
    write_much();
    assert!(is_watched(&writer), "the other watcher lives");
    assert!(matches!(hear(&mut living)[..], [Heard::Missed(Some(3000))]));
    machine.dead.add(3);
    write_much();
    assert!(!is_watched(&writer));
    let mut again = machine.process(4).watch().unwrap();
    set(&writer, "k", text("v"));
    assert_eq!(hear(&mut again), [changed(Set, "k")]);
}

#[test]
fn watching_needs_a_feed_and_a_writable_handle() {
    let machine = Machine::watched();
    assert!(matches!(machine.reader().watch(), Err(Error::ReadOnly)));
    assert!(matches!(Machine::small().process(1).watch(), Err(Error::Unsupported(_))));
}

#[test]
fn a_wait_ends_with_a_change_and_rests_before_it_asks_to_be_woken_again() {
    let (_machine, writer, mut watcher) = watched();
    let mut wait = watcher.wait();
    assert!(matches!(wait.poll(true), Polled::Unavailable { .. }));
    let (region, bell) = wait.wait_word();
    let before = region.load32(bell);
    set(&writer, "k", text("v"));
    assert_ne!(region.load32(bell), before, "the watcher is woken");
    assert!(matches!(wait.poll(false), Polled::Done));
    watcher.note_woken();
    watcher.rest_for_ever();
    hear(&mut watcher);
    let mut rests = watcher.wait();
    let Polled::Unavailable { seen, .. } = rests.poll(false) else { panic!("there is nothing to read") };
    assert!(rests.poll_again_at().is_some());
    set(&writer, "k", text("v"));
    assert_eq!(wait.wait_word().0.load32(bell), seen, "a resting watcher is not woken");
    assert!(matches!(rests.poll(false), Polled::Done));
}

#[test]
fn a_replaced_dictionary_is_told_after_its_last_changes() {
    let (_machine, writer, mut watcher) = watched();
    set(&writer, "k", text("v"));
    writer.segment().retire();
    let mut heard = 0;
    assert!(watcher.read(9, &mut |_| heard += 1).is_ok());
    assert_eq!(heard, 1);
    assert!(matches!(watcher.read(9, &mut |_| ()), Err(Error::Retired)));
    assert!(matches!(watcher.wait().poll(false), Polled::Done));
}
