//! Leases.

use super::fixture::*;
use crate::ops::{Dict, Lease};
use crate::value::Ttl;

#[test]
fn a_lease_is_exclusive_and_stores_only_if_the_key_was_not_written() {
    let machine = Machine::small();
    let (one, two) = (machine.process(1), machine.process(2));
    let acquire = |dict: &Dict| match dict.lease_acquire(key("k"), 1).unwrap() {
        Lease::Granted(ticket) => Some(ticket),
        Lease::Busy => None,
    };
    let store = |ticket| one.lease_store(key("k"), ticket, text("loaded"), Ttl::Never).unwrap();
    let ticket = acquire(&one).unwrap();
    assert!(acquire(&two).is_none());
    assert!(store(ticket));
    assert!(!store(ticket));

    assert!(one.delete(key("k"), None).unwrap());
    let ticket = acquire(&one).unwrap();
    assert!(!two.delete(key("k"), None).unwrap());
    assert!(!store(ticket), "a delete came after the load had started");
    for touch in [
        |dict: &Dict| set(dict, "k", text("written")),
        |dict: &Dict| assert!(dict.delete(key("k"), None).unwrap()),
        |dict: &Dict| dict.clear().unwrap(),
    ] {
        set(&one, "k", text("before"));
        let ticket = acquire(&one).unwrap();
        touch(&two);
        assert!(!store(ticket));
        assert_ne!(get(&one, "k").as_deref(), Some(&b"loaded"[..]));
    }

    let _ = acquire(&one).unwrap();
    machine.dead.add(1);
    let ticket = acquire(&two).expect("dead processes hold no leases");
    assert!(two.lease_store(key("k"), ticket, text("loaded"), Ttl::Never).unwrap());
    assert!(acquire(&two).is_some());
    two.lease_release_all(1).unwrap();
    assert!(acquire(&two).is_some());
}
