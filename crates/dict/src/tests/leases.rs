//! Leases.

use super::fixture::*;
use crate::lease::LEASE_SECONDS;
use crate::ops::{Dict, Lease, LeaseTicket, LoadWait};
use crate::shard::Shard;
use crate::value::Ttl;
use shmkit_object::crash::{CrashPlan, arm};
use shmkit_object::waiter::{Polled, WaitCondition};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

fn acquire(dict: &Dict, name: &str) -> Option<LeaseTicket> {
    match dict.lease_acquire(key(name), 1).unwrap() {
        Lease::Granted(ticket) => Some(ticket),
        Lease::Busy => None,
    }
}

fn store(dict: &Dict, name: &str, ticket: LeaseTicket) -> bool {
    dict.lease_store(key(name), ticket, text("loaded"), Ttl::Never).unwrap()
}

fn is_held(dict: &Dict, ticket: LeaseTicket) -> bool {
    let shard = Shard::new(dict.segment(), ticket.shard);
    shard.holds_lease(ticket, dict.segment().me)
}

#[test]
fn a_lease_is_exclusive_and_stores_only_if_the_key_was_not_written() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    let ticket = acquire(&one, "k").unwrap();
    assert!(acquire(&two, "k").is_none());
    assert!(store(&one, "k", ticket));
    assert!(!store(&one, "k", ticket));

    assert!(one.delete(key("k"), None).unwrap());
    let ticket = acquire(&one, "k").unwrap();
    assert!(!two.delete(key("k"), None).unwrap());
    assert!(!store(&one, "k", ticket), "a delete came after the load had started");
    for touch in [
        |dict: &Dict| set(dict, "k", text("written")),
        |dict: &Dict| assert!(dict.delete(key("k"), None).unwrap()),
        |dict: &Dict| dict.clear().unwrap(),
    ] {
        set(&one, "k", text("before"));
        let ticket = acquire(&one, "k").unwrap();
        touch(&two);
        assert!(!store(&one, "k", ticket));
        assert_ne!(get(&one, "k").as_deref(), Some(&b"loaded"[..]));
    }

    let _ = acquire(&one, "k").unwrap();
    machine.dead.add(1);
    let ticket = acquire(&two, "k").expect("dead processes hold no leases");
    assert!(store(&two, "k", ticket));
    assert!(acquire(&two, "k").is_some());
    two.lease_release_all(1).unwrap();
    assert!(acquire(&two, "k").is_some());
}

#[test]
fn a_full_table_grants_every_request_and_takes_the_oldest_leases() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    let table = one.segment().geometry.leases as usize;
    let names: Vec<String> = (0..3 * table).map(|number| format!("k{number}")).collect();
    let tickets: Vec<LeaseTicket> = names
        .iter()
        .enumerate()
        .map(|(number, name)| {
            acquire([&one, &two][number % 2], name).expect("no other process loads the key")
        })
        .collect();
    for (number, (name, ticket)) in names.iter().zip(tickets).enumerate() {
        let is_newest = number >= 2 * table;
        assert_eq!(store([&one, &two][number % 2], name, ticket), is_newest, "{name}");
    }
    assert_sound(&one);
}

#[test]
fn a_full_table_takes_leases_of_dead_processes_then_broken_then_late_ones_first() {
    let machine = Machine::small();
    let (dead, live) = (machine.process(1), machine.process(2));
    let table = live.segment().geometry.leases;
    let healthy: Vec<_> = (0..table - 4).map(|number| format!("h{number}")).collect();
    let late = [acquire(&live, "late 1").unwrap(), acquire(&live, "late 2").unwrap()];
    set_clock(&live, 1000 + 1000 * (LEASE_SECONDS as u32 + 2));
    let tickets: Vec<_> = healthy.iter().map(|name| acquire(&live, name).unwrap()).collect();
    let broken = acquire(&live, "broken").unwrap();
    set(&live, "broken", text("written"));
    acquire(&dead, "dead").unwrap();
    machine.dead.add(1);
    for number in 0..4 {
        assert!(acquire(&live, &format!("new {number}")).is_some());
        let left = late.map(|ticket| is_held(&live, ticket));
        assert_eq!(left, [number < 2, number < 3], "after {} requests", number + 1);
    }
    assert!(!store(&live, "broken", broken));
    for (name, ticket) in healthy.iter().zip(tickets) {
        assert!(store(&live, name, ticket), "{name}");
    }
}

#[test]
fn a_lease_past_its_term_lets_one_more_load_begin_and_the_first_to_end_stores() {
    for first_wins in [true, false] {
        let machine = Machine::small();
        let (one, two) = (machine.process(1), machine.process(2));
        let first = acquire(&one, "k").unwrap();
        set_clock(&two, 1000 * LEASE_SECONDS as u32);
        assert!(acquire(&two, "k").is_none());
        set_clock(&two, 1000 + 1000 * (LEASE_SECONDS as u32 + 2));
        let second = acquire(&two, "k").expect("the first load takes too long");
        assert!(acquire(&two, "k").is_none(), "the second load has just begun");
        if first_wins {
            assert!(store(&one, "k", first));
            assert!(!store(&two, "k", second));
        } else {
            assert!(store(&two, "k", second));
            assert!(!store(&one, "k", first));
        }
        set(&one, "k", text("written"));
        assert_eq!(get(&two, "k").as_deref(), Some(&b"written"[..]));
        assert_sound(&one);
    }
}

/// A process that takes over a lease dies at each of its stores. The former holder, which is alive, must not store after
/// its key was written, and once it has released its ticket its key must be free.
#[test]
fn death_while_a_lease_is_taken_over_leaves_no_lease_that_writes_do_not_break() {
    for die_at in 0..100 {
        let machine = Machine::small();
        let [holder, thief, third] = [1, 2, 3].map(|slot| machine.process(slot));
        let ticket = acquire(&holder, "k").unwrap();
        for number in 1..holder.segment().geometry.leases {
            acquire(&holder, &format!("other {number}")).unwrap();
        }
        arm(CrashPlan { die_at: Some(die_at), skip: None });
        let lived = catch_unwind(AssertUnwindSafe(|| acquire(&thief, "new"))).is_ok();
        arm(CrashPlan::default());
        machine.dead.add(2);
        let third = third.with_lock_timeout(Duration::from_millis(2));
        set(&third, "k", text("written"));
        assert!(third.delete(key("k"), None).unwrap());
        assert!(!store(&holder, "k", ticket), "death at store {die_at}");
        holder.lease_release(ticket).unwrap();
        assert!(acquire(&third, "k").is_some(), "death at store {die_at}");
        assert_sound(&third);
        if lived {
            return;
        }
    }
    panic!("taking over a lease does not end");
}

fn is_pending(wait: &mut LoadWait) -> bool {
    matches!(wait.poll(true), Polled::Unavailable { .. })
}

#[test]
fn a_wait_for_a_load_ends_when_the_lease_is_stored_freed_broken_or_late() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    assert!(two.load_wait(key("k")).unwrap().is_none(), "there is no holder");
    let ends: [fn(&Dict, LeaseTicket); 5] = [
        |dict, ticket| assert!(store(dict, "k", ticket)),
        |dict, ticket| dict.lease_release(ticket).unwrap(),
        |dict, _| dict.lease_release_all(1).unwrap(),
        |dict, _| set(dict, "k", text("written")),
        |dict, _| set_clock(dict, 2000 + LEASE_SECONDS as u32 * 1000),
    ];
    for end in ends {
        one.delete(key("k"), None).unwrap();
        let ticket = acquire(&one, "k").unwrap();
        let mut wait = two.load_wait(key("k")).unwrap().unwrap();
        let (mut other, seen) = (two.load_wait(key("k")).unwrap().unwrap(), wait.wait_word().1);
        assert!(is_pending(&mut wait) && is_pending(&mut other));
        assert_eq!(seen, other.wait_word().1, "they sleep on one word");
        end(&one, ticket);
        assert!(!is_pending(&mut wait) && !is_pending(&mut other));
        one.lease_release_all(1).unwrap();
        set_clock(&one, 1000);
    }
    set(&one, "k", text("present"));
    assert!(two.load_wait(key("k")).unwrap().is_none(), "there is a value");
}

#[test]
fn a_waited_lease_still_stores_and_a_wait_ends_with_the_death_of_its_holder() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    let ticket = acquire(&one, "k").unwrap();
    let mut wait = two.load_wait(key("k")).unwrap().unwrap();
    assert!(is_held(&one, ticket));
    machine.dead.add(1);
    assert!(matches!(wait.poll(false), Polled::Unavailable { .. }), "without looking at owners");
    assert!(!is_pending(&mut wait));
    assert!(acquire(&two, "k").is_some());
}
