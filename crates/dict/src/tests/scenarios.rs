//! The operations and states of the crash tests.

use super::fixture::*;
use super::pins::PinnedRead;
use super::scenario::{Scenario, evicting, scenario};
use super::states::*;
use crate::ops::{Dict, KeyPrefix, Lease};
use crate::value::{Condition, Increment, ListEnd, Number, RateLimit, Ttl, Value};

const ADD_ONE: Increment = Increment {
    delta: Number::Double(1.0),
    delta_is_default: true,
    init: Some(Number::Double(0.0)),
    ttl: Ttl::Keep,
    init_ttl: Ttl::Never,
};

fn incr(dict: &Dict, _: u32) {
    dict.increment(key("k"), ADD_ONE).unwrap();
}

const LIMIT: RateLimit = RateLimit { limit: 10, window: 1_000_000_000, burst: 10, cost: 1 };

fn throttle(dict: &Dict, _: u32) {
    assert!(dict.throttle(key("k"), &LIMIT).unwrap().is_allowed);
}

fn set_short(dict: &Dict, _: u32) {
    put(dict, "k", text("the new value"), Ttl::Never);
}

fn delete(dict: &Dict, _: u32) {
    dict.delete(key("k"), None).unwrap();
}

/// Adds an entry to an index that is doubled by it.
fn add_one_more(dict: &Dict, _: u32) {
    let level = dict.segment().shape(0).level();
    put(dict, "one more", text("the value"), Ttl::Never);
    assert_eq!(dict.segment().shape(0).level(), level + 1);
}

/// Stores a value for which there is no memory yet.
fn set_long(dict: &Dict, _: u32) {
    let pages = dict.segment().pages();
    put(dict, "k", bytes(&[5; 20_000]), Ttl::Never);
    assert!(dict.segment().pages() > pages);
}

/// Changes a key while a reader copies its value, and another one asks for a pin.
fn overwrite_pinned(dict: &Dict, change: fn(&Dict)) {
    let before = get(dict, "k");
    let (read, other) = (PinnedRead::begin(dict, "k"), PinnedRead::begin(dict, "k"));
    assert_eq!(other.end(dict), before);
    change(dict);
    assert_eq!(read.end(dict), before);
}

fn buffer() -> Vec<u8> {
    Vec::new()
}

/// Every mutating operation in every relevant state.
pub const SCENARIOS: &[Scenario] = &[
    scenario("set a new key", SMALL, neighbours, set_short),
    scenario("double an index", GROWING, |dict| fill_to_level(dict, 0), add_one_more),
    scenario("double a crowded index", GROWING, fill_crowded, add_one_more),
    scenario("double an index again", GROWING, |dict| fill_to_level(dict, 1), add_one_more),
    scenario("take more pages", GROWING, neighbours, set_long),
    scenario("set a new key in a fresh dictionary", SMALL, |_| (), set_short),
    scenario("set with a TTL", SMALL, neighbours, |dict, _| put(dict, "k", text("v"), TTL)),
    scenario("replace, same class", SMALL, with_key, set_short),
    scenario("replace, other class", SMALL, with_key, |dict, _| put(dict, "k", bytes(&[3; 300]), Ttl::Never)),
    scenario("replace by a chain", SMALL, with_key, |dict, _| put(dict, "k", bytes(&[3; 5000]), Ttl::Never)),
    scenario("replace a chain", SMALL, with_chain, set_short),
    scenario("replace a chain by a chain", SMALL, with_chain, |dict, _| {
        put(dict, "k", bytes(&[3; 4000]), TTL)
    }),
    scenario("set over an expired entry", SMALL, with_expired, set_short),
    scenario("set after clear", SMALL, cleared, set_short),
    scenario("set a chain after clear", SMALL, cleared, |dict, _| {
        put(dict, "l", bytes(&[3; 4000]), Ttl::Never)
    }),
    scenario("set where keys pass full buckets", CROWDED, crowded, set_short),
    scenario("delete where keys pass full buckets", CROWDED, crowded, |dict, step| {
        dict.delete(key(&format!("crowd{step}")), None).unwrap();
    })
    .steps(CROWD),
    scenario("set with checksums", CHECKED, with_key, |dict, _| put(dict, "k", text("other"), TTL)),
    scenario("set a chain with checksums", CHECKED, with_key, |dict, _| {
        put(dict, "k", bytes(&[3; 3000]), TTL)
    }),
    scenario("set when full", SMALL, filled, |dict, _| {
        let full = dict.set(key("k"), bytes(&[3; 9000]), Ttl::Never, Condition::Always);
        assert_eq!(full.unwrap_err().code(), "ERR_SHM_FULL");
    }),
    scenario("overwrite when full", SMALL, filled, |dict, _| {
        put(dict, "fill0003", bytes(&[2; 100]), Ttl::Never)
    }),
    scenario("overwrite by a number when full", SMALL, filled, |dict, _| {
        put(dict, "fill0003", Value::number(5.0), Ttl::Never)
    }),
    scenario("overwrite a page by a number when full", SMALL, filled_with_pages, |dict, _| {
        put(dict, "fill0003", Value::number(5.0), Ttl::Never)
    }),
    scenario("overwrite two blocks when full", SMALL, filled_with_pairs, |dict, _| {
        put(dict, "fill0003", bytes(&[2; 600]), Ttl::Never)
    }),
    evicting("expire for the first time when full", filled_evicting_pages, |dict, _| {
        dict.expire(key("fill0009"), TTL).unwrap();
    }),
    evicting("expire for the first time when full of small entries", filled_evicting, |dict, _| {
        dict.expire(key("fill0030"), TTL).unwrap();
    }),
    scenario("set that sweeps and compacts", SMALL, sparse, |dict, _| {
        put(dict, "k", bytes(&[3; 5000]), Ttl::Never)
    }),
    evicting("set that evicts", filled_evicting, |dict, _| put(dict, "new", bytes(&[3; 100]), Ttl::Never)),
    evicting("replace that evicts", filled_evicting, |dict, _| put(dict, "k", bytes(&[3; 600]), Ttl::Never)),
    evicting("set a chain that evicts", filled_evicting, |dict, _| {
        put(dict, "new", bytes(&[3; 3000]), Ttl::Never)
    }),
    scenario("overwrite what a reader has pinned", SMALL, with_chain, |dict, _| {
        overwrite_pinned(dict, |dict| put(dict, "k", bytes(&[3; 4000]), TTL));
    }),
    scenario("overwrite with a wipe what a reader has pinned", WIPING, with_chain, |dict, _| {
        overwrite_pinned(dict, |dict| put(dict, "k", bytes(&[3; 4000]), TTL));
    }),
    scenario("delete what two readers have pinned", SMALL, with_chain, |dict, _| {
        let read = PinnedRead::begin(dict, "k");
        overwrite_pinned(dict, |dict| delete(dict, 0));
        assert!(read.end(dict).is_some(), "the value stays");
    }),
    scenario("set what needs the space that a reader has pinned", SMALL, with_pinned, |dict, _| {
        put(dict, "other", bytes(&[4; 36_000]), Ttl::Never);
    }),
    scenario("load a value while readers have pinned others", SMALL, with_pins, |dict, _| {
        let Lease::Granted(ticket) = dict.lease_acquire(key("missing"), 1).unwrap() else { panic!("busy") };
        dict.lease_release(ticket).unwrap();
    }),
    scenario("delete", SMALL, with_key, delete),
    scenario("delete a chain", SMALL, with_chain, delete),
    scenario("delete by prefix", SMALL, with_chain, |dict, _| {
        assert_eq!(dict.delete_prefix(&KeyPrefix::new(&[u16::from(b'k')]), 0).unwrap(), 1);
    }),
    scenario("delete by prefix while a value is loaded", SMALL, neighbours, |dict, _| {
        let Lease::Granted(ticket) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
        assert_eq!(dict.delete_prefix(&KeyPrefix::new(&[u16::from(b'k')]), 0).unwrap(), 0);
        assert!(!dict.lease_store(key("k"), ticket, text("loaded"), Ttl::Never).unwrap());
        dict.lease_release_all(1).unwrap();
    }),
    scenario("delete an expired entry", SMALL, with_expired, delete),
    scenario("delete a list", SMALL, with_large_items, |dict, _| {
        dict.delete(key("list"), None).unwrap();
    }),
    scenario("take", SMALL, with_key, |dict, _| {
        dict.take(key("k"), None, &mut buffer()).unwrap();
    }),
    scenario("swap", SMALL, with_key, |dict, _| {
        dict.swap(key("k"), text("new"), Ttl::Never, None, &mut buffer()).unwrap();
    }),
    scenario("incr", SMALL, with_number, incr),
    scenario("incr with checksums", CHECKED, with_number, incr),
    scenario("incr that creates", SMALL, neighbours, incr),
    scenario("incr that gives a TTL", SMALL, with_number, |dict, _| {
        dict.increment(key("k"), Increment { ttl: TTL, ..ADD_ONE }).unwrap();
    }),
    scenario("throttle", SMALL, with_limiter, throttle),
    scenario("throttle with checksums", CHECKED, with_limiter, throttle),
    scenario("throttle that creates", SMALL, neighbours, throttle),
    scenario("throttle after expiry", SMALL, with_expired_limiter, throttle),
    scenario("expire in place", SMALL, with_expiring, |dict, _| {
        dict.expire(key("k"), Ttl::After(5_000_000)).unwrap();
    }),
    scenario("expire for the first time", SMALL, with_key, |dict, _| {
        dict.expire(key("k"), TTL).unwrap();
    }),
    scenario("set whose expiry is past", SMALL, with_key, |dict, _| put(dict, "k", text("new"), Ttl::Past)),
    scenario("incr whose expiry is past", SMALL, with_number, |dict, _| {
        dict.increment(key("k"), Increment { ttl: Ttl::Past, ..ADD_ONE }).unwrap();
    }),
    scenario("expire whose time is past", SMALL, with_chain, |dict, _| {
        dict.expire(key("k"), Ttl::Past).unwrap();
    }),
    scenario("get and expire", SMALL, with_key, |dict, _| {
        dict.get_and_expire(key("k"), TTL, None, &mut buffer()).unwrap();
    }),
    scenario("expire a chain", SMALL, with_chain, |dict, _| {
        dict.expire(key("k"), TTL).unwrap();
    }),
    scenario("clear, then set", SMALL, with_key, |dict, step| match step {
        0 => dict.clear().unwrap(),
        _ => set_short(dict, step),
    })
    .steps(2),
    scenario("flush expired entries", SMALL, with_expired, |dict, _| {
        assert_eq!(dict.flush_expired(0).unwrap(), 1);
    }),
    scenario("push creates a list", SMALL, neighbours, |dict, _| {
        dict.push(key("list"), ListEnd::Left, text("first")).unwrap();
    }),
    scenario("push creates a list of a large item", SMALL, neighbours, |dict, _| {
        dict.push(key("list"), ListEnd::Left, bytes(&[1; 3000])).unwrap();
    }),
    scenario("push right", SMALL, with_list, |dict, _| {
        dict.push(key("list"), ListEnd::Right, Value::number(5.0)).unwrap();
    }),
    scenario("push left", SMALL, with_list, |dict, _| {
        dict.push(key("list"), ListEnd::Left, text("left")).unwrap();
    }),
    scenario("push right into a new chunk", SMALL, with_list_at_the_edge, |dict, step| {
        dict.push(key("list"), ListEnd::Right, bytes(&[step as u8; 250])).unwrap();
    })
    .steps(3),
    scenario("push left into a new chunk", SMALL, with_list_at_the_edge, |dict, step| {
        dict.push(key("list"), ListEnd::Left, bytes(&[step as u8; 250])).unwrap();
    })
    .steps(3),
    scenario("push several items right", SMALL, with_list, |dict, _| {
        dict.push_all(key("list"), ListEnd::Right, &[Value::number(5.0), text("six")]).unwrap();
    }),
    scenario("push several items left into new chunks", SMALL, with_list_at_the_edge, |dict, _| {
        let items = [bytes(&[1; 40]), bytes(&[2; 3000]), bytes(&[3; 250]), bytes(&[4; 900]), text("last")];
        dict.push_all(key("list"), ListEnd::Left, &items).unwrap();
    }),
    scenario("push several items right into new chunks", SMALL, with_list_at_the_edge, |dict, step| {
        let first = [step as u8; 250];
        let items = [bytes(&first), bytes(&[2; 3000]), text("small"), bytes(&[4; 900])];
        dict.push_all(key("list"), ListEnd::Right, &items).unwrap();
    })
    .steps(2),
    scenario("push several items with checksums", CHECKED, with_list, |dict, _| {
        let items = [bytes(&[1; 400]), bytes(&[2; 400]), bytes(&[3; 400])];
        dict.push_all(key("list"), ListEnd::Right, &items).unwrap();
    }),
    scenario("push several items creates a list", SMALL, neighbours, |dict, _| {
        let items = [bytes(&[1; 40]), bytes(&[2; 3000]), bytes(&[3; 250])];
        dict.push_all(key("list"), ListEnd::Left, &items).unwrap();
    }),
    scenario("push a large item", SMALL, with_list, |dict, _| {
        dict.push(key("list"), ListEnd::Right, bytes(&[1; 3000])).unwrap();
    }),
    scenario("pop left", SMALL, with_list_at_the_edge, |dict, _| {
        dict.pop(key("list"), ListEnd::Left, &mut buffer()).unwrap();
    })
    .steps(9),
    scenario("pop right", SMALL, with_list_at_the_edge, |dict, _| {
        dict.pop(key("list"), ListEnd::Right, &mut buffer()).unwrap();
    })
    .steps(9),
    scenario("pop a large item", SMALL, with_large_items, |dict, _| {
        dict.pop(key("list"), ListEnd::Left, &mut buffer()).unwrap();
    }),
    scenario(
        "pop the last item",
        SMALL,
        |dict| {
            neighbours(dict);
            dict.push(key("list"), ListEnd::Left, text("only")).unwrap();
        },
        |dict, _| {
            dict.pop(key("list"), ListEnd::Right, &mut buffer()).unwrap();
        },
    ),
    scenario("store under a lease, which a write breaks", SMALL, neighbours, |dict, _| {
        let Lease::Granted(ticket) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
        set_short(dict, 0);
        assert!(!dict.lease_store(key("k"), ticket, text("loaded"), Ttl::Never).unwrap());
        let Lease::Granted(_) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
        dict.lease_release_all(1).unwrap();
    }),
    scenario("store under a lease", SMALL, neighbours, |dict, _| {
        let Lease::Granted(ticket) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
        assert_eq!(dict.lease_acquire(key("k"), 2).unwrap(), Lease::Busy);
        assert!(dict.lease_store(key("k"), ticket, text("loaded"), Ttl::Never).unwrap());
        let Lease::Granted(ticket) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
        dict.lease_release_all(1).unwrap();
        assert!(!dict.lease_store(key("k"), ticket, text("late"), Ttl::Never).unwrap());
        let Lease::Granted(ticket) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
        dict.lease_release(ticket).unwrap();
        let Lease::Granted(_) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
    }),
    scenario("store under a lease of a full table", SMALL, with_full_lease_table, |dict, _| {
        let Lease::Granted(ticket) = dict.lease_acquire(key("k"), 1).unwrap() else { panic!("busy") };
        assert!(dict.lease_store(key("k"), ticket, text("loaded"), Ttl::Never).unwrap());
    }),
    scenario("push right into new chunks, and pop them again", SMALL, with_list, |dict, step| {
        if step < 3 {
            dict.push(key("list"), ListEnd::Right, bytes(&[step as u8; 250])).unwrap();
        } else {
            dict.pop(key("list"), ListEnd::Right, &mut buffer()).unwrap().expect("an item");
        }
    })
    .steps(8),
];
