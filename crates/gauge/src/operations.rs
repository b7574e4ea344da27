//! The operations to count and measure.

use crate::machine::Machine;
use shmkit_dict::Dict;
use shmkit_dict::value::{Condition, Increment, Key, Number, RateLimit, Ttl, Value, ValueKind};
use std::hint::black_box;

const KEYS: usize = 500;
/// More keys than fit into 1 MiB.
const OVERFLOWING_KEYS: usize = 20_000;
const SIZE: u64 = 16 << 20;
const HOUR: Ttl = Ttl::After(3_600_000_000_000);

/// A populated dictionary, and the keys and buffers of one caller.
pub struct Bench {
    dict: Dict,
    keys: Vec<String>,
    absent: Vec<String>,
    value: Vec<u8>,
    buffer: Vec<u8>,
}

/// The contents of the dictionary before the operation.
#[derive(Debug, Clone, Copy)]
pub enum Contents {
    /// Strings of this many bytes.
    Text(usize),
    /// Strings of 32 bytes with a TTL.
    Expiring,
    /// The number 0.
    Numbers,
    /// Limiters of which something has been taken.
    Limiters,
    /// As many entries as there is space for; there are more keys.
    Full,
    /// Strings of 32 bytes, in a dictionary that grows.
    GrownText,
    /// The number 0, in a dictionary that grows.
    GrownNumbers,
    /// Nothing.
    None,
}

/// One operation, on the key at an index.
pub struct Operation {
    pub name: &'static str,
    pub prepare: Contents,
    pub operate: fn(&mut Bench, usize),
}

const fn operation(name: &'static str, prepare: Contents, operate: fn(&mut Bench, usize)) -> Operation {
    Operation { name, prepare, operate }
}

/// All operations whose cost is recorded; keys have 16 bytes.
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
    operation("throttle", Contents::Limiters, Bench::throttle),
    operation("get 32 B, grown", Contents::GrownText, Bench::get),
    operation("get missing, grown", Contents::GrownText, Bench::miss),
    operation("set 32 B, grown", Contents::GrownText, Bench::set),
    operation("incr, grown", Contents::GrownNumbers, Bench::incr),
];

fn key(name: &str) -> Key<'_> {
    Key::new(name.as_bytes(), false).expect("a short key")
}

/// Returns `count` keys of 16 bytes.
fn keys(count: usize, letter: char) -> Vec<String> {
    (0..count).map(|number| format!("{letter}{:015}", number * 7919)).collect()
}

impl Bench {
    /// Creates a separate dictionary.
    pub fn new(contents: Contents) -> Bench {
        match contents {
            Contents::Full => Bench::full(),
            Contents::GrownText | Contents::GrownNumbers => {
                Bench::attach(&Machine::growing(SIZE), 1, contents)
            }
            _ => Bench::attach(&Machine::new(SIZE, 4 * KEYS as u64), 1, contents),
        }
    }

    /// Creates a full dictionary that evicts entries, of more than one page per shard: an eviction must not scan all.
    fn full() -> Bench {
        let mut bench =
            Bench::attach(&Machine::evicting(1 << 20, OVERFLOWING_KEYS as u64), 1, Contents::None);
        bench.keys = keys(OVERFLOWING_KEYS, 'k');
        (0..OVERFLOWING_KEYS).for_each(|number| bench.set(number));
        assert!(bench.dict.stats().expect("it is open").evictions > 0, "more keys than fit");
        bench
    }

    /// Attaches to the dictionary of `machine` in `slot`.
    pub fn attach(machine: &Machine, slot: u32, contents: Contents) -> Bench {
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
                Contents::Text(_) | Contents::GrownText => bench.set(number),
                Contents::Expiring => {
                    bench.set(number);
                    bench.expire(number);
                }
                Contents::Numbers | Contents::GrownNumbers => bench.set_number(number),
                Contents::Limiters => bench.throttle(number),
                Contents::Full | Contents::None => {}
            }
        }
        bench
    }

    /// Returns the key at an index, modulo the number of keys.
    pub fn key(&self, index: usize) -> Key<'_> {
        key(&self.keys[index % self.keys.len()])
    }

    fn set_number(&mut self, index: usize) {
        self.dict
            .set(self.key(index), Value::number(0.0), Ttl::Never, Condition::Always)
            .expect("there is space");
    }

    fn get(&mut self, index: usize) {
        let key = key(&self.keys[index % self.keys.len()]);
        black_box(self.dict.get(key, &mut self.buffer).expect("it is intact"));
    }

    fn miss(&mut self, index: usize) {
        let key = key(&self.absent[index % KEYS]);
        black_box(self.dict.get(key, &mut self.buffer).expect("it is intact"));
    }

    fn has(&mut self, index: usize) {
        let key = key(&self.keys[index % self.keys.len()]);
        black_box(self.dict.has(key, &mut self.buffer).expect("it is intact"));
    }

    fn ttl(&mut self, index: usize) {
        let key = key(&self.keys[index % self.keys.len()]);
        black_box(self.dict.ttl(key, &mut self.buffer).expect("it is intact"));
    }

    fn set(&mut self, index: usize) {
        let value = Value::bytes(ValueKind::Latin1, &self.value);
        black_box(
            self.dict.set(self.key(index), value, Ttl::Never, Condition::Always).expect("there is space"),
        );
    }

    fn set_and_delete(&mut self, index: usize) {
        self.set(index);
        black_box(self.dict.delete(self.key(index), None).expect("it is open"));
    }

    fn incr(&mut self, index: usize) {
        let by = Increment {
            delta: Number::Double(1.0),
            delta_is_default: true,
            init: None,
            ttl: Ttl::Keep,
            init_ttl: Ttl::Never,
        };
        black_box(self.dict.increment(self.key(index), by).expect("it is a number"));
    }

    fn expire(&mut self, index: usize) {
        black_box(self.dict.expire(self.key(index), HOUR).expect("there is space"));
    }

    fn throttle(&mut self, index: usize) {
        let limit = RateLimit { limit: 1000, window: 3_600_000_000_000, burst: 1_000_000, cost: 1 };
        black_box(self.dict.throttle(self.key(index), &limit).expect("it is a limiter"));
    }
}
