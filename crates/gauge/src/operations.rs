//! The operations that are counted and timed.

use crate::machine::Machine;
use shmkit_dict::Dict;
use shmkit_dict::value::{Condition, Increment, Key, Number, Ttl, Value, ValueKind};
use std::hint::black_box;

const KEYS: usize = 500;
/// More than fit into 1 MiB.
const MANY: usize = 20_000;
const SIZE: u64 = 16 << 20;
const HOUR: Ttl = Ttl::After(3_600_000_000_000);

/// A filled dictionary, and what one caller needs.
pub struct Bench {
    dict: Dict,
    keys: Vec<String>,
    absent: Vec<String>,
    value: Vec<u8>,
    buffer: Vec<u8>,
}

/// What the keys hold before.
#[derive(Debug, Clone, Copy)]
pub enum Contents {
    /// Strings of so many bytes.
    Text(usize),
    /// Strings of 32 bytes that expire.
    Expiring,
    /// 0.
    Numbers,
    /// As much as there is room for; of more keys than fit.
    Full,
    /// Nothing.
    None,
}

/// One operation on the `time`-th key.
pub struct Operation {
    pub name: &'static str,
    pub prepare: Contents,
    pub operate: fn(&mut Bench, usize),
}

const fn operation(name: &'static str, prepare: Contents, operate: fn(&mut Bench, usize)) -> Operation {
    Operation { name, prepare, operate }
}

/// Every operation whose cost is watched; keys have 16 bytes.
pub const OPERATIONS: &[Operation] = &[
    operation("get number", Contents::Numbers, Bench::get),
    operation("get 32 B", Contents::Text(32), Bench::get),
    operation("get 1 KiB", Contents::Text(1024), Bench::get),
    operation("get missing", Contents::Text(32), Bench::miss),
    operation("has", Contents::Text(32), Bench::has),
    operation("ttl", Contents::Expiring, Bench::ttl),
    operation("set 32 B", Contents::Text(32), Bench::set),
    operation("set 1 KiB", Contents::Text(1024), Bench::set),
    operation("set that evicts", Contents::Full, Bench::set),
    operation("set and delete", Contents::None, Bench::set_and_delete),
    operation("incr", Contents::Numbers, Bench::incr),
    operation("expire", Contents::Expiring, Bench::expire),
];

fn key(name: &str) -> Key<'_> {
    Key::new(name.as_bytes(), false).expect("a short key")
}

/// Keys of 16 bytes.
fn keys(count: usize, letter: char) -> Vec<String> {
    (0..count).map(|number| format!("{letter}{:015}", number * 7919)).collect()
}

impl Bench {
    /// A dictionary of its own.
    pub fn new(contents: Contents) -> Bench {
        match contents {
            Contents::Full => Bench::full(),
            _ => Bench::within(&Machine::new(SIZE, 4 * KEYS as u64), 1, contents),
        }
    }

    /// A full dictionary that evicts, of more than one page a shard: an eviction must not look at all.
    fn full() -> Bench {
        let mut bench = Bench::within(&Machine::evicting(1 << 20, MANY as u64), 1, Contents::None);
        bench.keys = keys(MANY, 'k');
        (0..MANY).for_each(|number| bench.set(number));
        assert!(bench.dict.stats().expect("it is open").evictions > 0, "more keys than fit");
        bench
    }

    /// The process of a slot of a machine.
    pub fn within(machine: &Machine, slot: u32, contents: Contents) -> Bench {
        let dict = machine.attach(slot);
        let length = if let Contents::Text(length) = contents { length } else { 32 };
        let mut bench = Bench {
            dict,
            keys: keys(KEYS, 'k'),
            absent: keys(KEYS, 'n'),
            value: vec![b'v'; length],
            buffer: Vec::with_capacity(4096),
        };
        for number in 0..KEYS {
            match contents {
                Contents::Text(_) => bench.set(number),
                Contents::Expiring => {
                    bench.set(number);
                    bench.expire(number);
                }
                Contents::Numbers => bench.set_number(number),
                Contents::Full | Contents::None => {}
            }
        }
        bench
    }

    /// The `time`-th key.
    pub fn key(&self, time: usize) -> Key<'_> {
        key(&self.keys[time % self.keys.len()])
    }

    fn set_number(&mut self, time: usize) {
        self.dict
            .set(self.key(time), Value::number(0.0), Ttl::Never, Condition::Always)
            .expect("there is room");
    }

    fn get(&mut self, time: usize) {
        let key = key(&self.keys[time % self.keys.len()]);
        black_box(self.dict.get(key, &mut self.buffer).expect("it is sound"));
    }

    fn miss(&mut self, time: usize) {
        let key = key(&self.absent[time % KEYS]);
        black_box(self.dict.get(key, &mut self.buffer).expect("it is sound"));
    }

    fn has(&mut self, time: usize) {
        let key = key(&self.keys[time % self.keys.len()]);
        black_box(self.dict.has(key, &mut self.buffer).expect("it is sound"));
    }

    fn ttl(&mut self, time: usize) {
        let key = key(&self.keys[time % self.keys.len()]);
        black_box(self.dict.ttl(key, &mut self.buffer).expect("it is sound"));
    }

    fn set(&mut self, time: usize) {
        let value = Value::bytes(ValueKind::Latin1, &self.value);
        black_box(
            self.dict.set(self.key(time), value, Ttl::Never, Condition::Always).expect("there is room"),
        );
    }

    fn set_and_delete(&mut self, time: usize) {
        self.set(time);
        black_box(self.dict.delete(self.key(time), None).expect("it is open"));
    }

    fn incr(&mut self, time: usize) {
        let by = Increment {
            delta: Number::Double(1.0),
            delta_is_default: true,
            init: None,
            ttl: Ttl::Keep,
            init_ttl: Ttl::Never,
        };
        black_box(self.dict.increment(self.key(time), by).expect("it is a number"));
    }

    fn expire(&mut self, time: usize) {
        black_box(self.dict.expire(self.key(time), HOUR).expect("there is room"));
    }
}
