//! Calls of the whole API, chosen by the fuzzer. Each may fail with a typed error, or panic inside the engine (which
//! becomes an error in JavaScript), but it must return and must not leave a lock held.

use arbitrary::Arbitrary;
use shmkit_dict::{Cursor, Dict, Freshness, Lease};
use shmkit_dict::value::{Condition, ListEnd, Increment, Key, ValueKind, Number, Ttl, Value};
use shmkit_object::error::Result;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

/// A call.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Call {
    Get(u8),
    GetStale(u8),
    Has(u8),
    Ttl(u8),
    Set { key: u8, len: u16, expires: bool, absent: bool },
    Swap { key: u8, len: u16 },
    Take(u8),
    Delete(u8),
    Increment(u8),
    Expire { key: u8, millis: u16 },
    Push { key: u8, len: u16, left: bool },
    Pop { key: u8, left: bool },
    Range { key: u8, start: i8, stop: i8 },
    Length(u8),
    Scan(u8),
    Lease(u8),
    Flush(u8),
    Clear,
    Verify,
    Stats,
}

const NAMES: [&str; 12] = [
    "a",
    "bb",
    "a name of 24 characters",
    "d",
    "e",
    "f",
    "g",
    "h",
    "list",
    "number",
    "lease",
    "a name that is much longer than any other name here is, so that it takes a block of its own class or two",
];
const MAX_LEN: u16 = 9000;

fn key(number: u8) -> Key<'static> {
    Key::new(NAMES[number as usize % NAMES.len()].as_bytes(), false).expect("a key")
}

/// Returns the value of a key: its bytes are derived from the name, so that a wrong value can be detected.
fn value_of(key: Key<'_>, len: u16) -> Vec<u8> {
    let stamp = key.bytes().iter().fold(1u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte));
    (0..usize::from(len % MAX_LEN)).map(|at| stamp.wrapping_add(at as u8)).collect()
}

fn ttl(expires: bool) -> Ttl {
    if expires { Ttl::After(1_000_000) } else { Ttl::Never }
}

fn end(left: bool) -> ListEnd {
    if left { ListEnd::Left } else { ListEnd::Right }
}

impl Call {
    fn make(self, dict: &Dict, checksums: bool) -> Result<()> {
        let buffer = &mut Vec::new();
        let check = |name: Key<'_>, value: &Value<'_>| {
            // Without checksums, damage may show as a wrong value.
            let same = value.kind != ValueKind::Bytes || value.bytes == value_of(name, value.bytes.len() as u16);
            assert!(!checksums || same, "{WRONG}");
        };
        match self {
            Call::Get(k) => {
                if let Some(entry) = dict.get(key(k), buffer)? {
                    check(key(k), &entry.value);
                }
            }
            Call::GetStale(k) => drop(dict.get_fresh(key(k), Freshness::Stale, buffer)?),
            Call::Has(k) => drop(dict.has(key(k), buffer)?),
            Call::Ttl(k) => drop(dict.ttl(key(k), buffer)?),
            Call::Set { key: k, len, expires, absent } => {
                let condition = if absent { Condition::Absent } else { Condition::Always };
                dict.set(key(k), Value::bytes(ValueKind::Bytes, &value_of(key(k), len)), ttl(expires), condition)?;
            }
            Call::Swap { key: k, len } => {
                let value = value_of(key(k), len);
                drop(dict.swap(key(k), Value::bytes(ValueKind::Bytes, &value), Ttl::Keep, None, buffer)?);
            }
            Call::Take(k) => drop(dict.take(key(k), None, buffer)?),
            Call::Delete(k) => drop(dict.delete(key(k), None)?),
            Call::Increment(k) => {
                let by = Increment {
                    delta: Number::Integer(1),
                    delta_is_default: true,
                    init: Some(Number::Integer(0)),
                    ttl: Ttl::Keep,
                    init_ttl: Ttl::Never,
                };
                dict.increment(key(k), by)?;
            }
            Call::Expire { key: k, millis } => {
                dict.expire(
                    key(k),
                    if millis == 0 { Ttl::Never } else { Ttl::After(u64::from(millis) * 1000) },
                )?;
            }
            Call::Push { key: k, len, left } => {
                dict.push(key(k), end(left), Value::bytes(ValueKind::Bytes, &value_of(key(k), len)))?;
            }
            Call::Pop { key: k, left } => drop(dict.pop(key(k), end(left), buffer)?),
            Call::Range { key: k, start, stop } => {
                dict.list_range(key(k), start.into(), stop.into(), &mut |_| {})?;
            }
            Call::Length(k) => drop(dict.list_len(key(k))?),
            Call::Scan(step) => {
                let (mut cursor, mut calls) = (Cursor::default(), 0);
                while dict.scan(&mut cursor, usize::from(step) + 1, true, &mut |_, _| {})? {
                    calls += 1;
                    assert!(calls < 10_000, "{WRONG}: a scan without an end");
                }
            }
            Call::Lease(k) => {
                if let Lease::Granted(ticket) = dict.lease_acquire(key(k), 1)? {
                    dict.lease_store(
                        key(k),
                        ticket,
                        Value::bytes(ValueKind::Bytes, &value_of(key(k), 30)),
                        Ttl::Never,
                    )?;
                }
            }
            Call::Flush(max) => drop(dict.flush_expired(max.into())?),
            Call::Clear => dict.clear()?,
            Call::Verify => drop(dict.verify()?),
            Call::Stats => {
                dict.len()?;
                dict.stats()?;
            }
        }
        Ok(())
    }
}

/// The message of a panic that is a finding, as opposed to the engine's refusal of damage.
const WRONG: &str = "a value that was never written";

/// Shows only panics that are findings, and ends the run at one: the engine panics by the thousand.
fn watch_panics() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            if info.payload_as_str().is_some_and(|text| text.contains(WRONG)) {
                eprintln!("{info}");
                std::process::abort();
            }
        }));
    });
}

/// Makes the calls. After a call has panicked, no lock may name this process.
pub fn make_calls(dict: &Dict, calls: &[Call], checksums: bool) {
    watch_panics();
    for call in calls {
        if catch_unwind(AssertUnwindSafe(|| call.make(dict, checksums))).is_err() {
            assert_no_lock_held(dict, call);
        }
    }
}

fn assert_no_lock_held(dict: &Dict, call: &Call) {
    if dict.holds_a_lock() {
        eprintln!("a lock is held after {call:?}");
        std::process::abort();
    }
}
