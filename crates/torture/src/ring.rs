//! Rings: messages are sent and received all or none, and nobody is held up.

use crate::machine::Machine;
use crate::subject::{Case, Found, Subject, case};
use shmkit_primitives::ring::{End, PATIENCE, Received, Ring, RingOptions, Tried};
use std::io;
use std::sync::Arc;

/// Bytes of a ring: one page.
const SIZE: usize = 4096;
/// Messages that a receiver takes at most.
const MOST: usize = 64;
/// What an heir sends.
const HEIRS: &[u8] = b"of the heir";

type Handle = Arc<Ring>;
type Messages = Vec<Vec<u8>>;

impl Subject for Handle {
    type Options = ();
    /// All messages, in their order.
    type State = Messages;

    fn machine(_options: ()) -> io::Result<Machine> {
        Machine::of::<Ring>(&RingOptions { size: Some(SIZE as u64), ..RingOptions::default() })
    }

    fn attach(machine: &Machine, slot: u32) -> Handle {
        machine.attach(slot)
    }

    fn again(&self) -> Handle {
        self.clone()
    }

    /// Takes the locks of both ends from whoever has them. That of receivers is wanted only where there is
    /// something to receive: it sends a message of its own, and takes none.
    fn recover(&self) {
        send(self, &[HEIRS]);
        receive(self, 0);
    }

    fn inspect(&self) -> Result<Found<Messages>, String> {
        let recoveries = [End::Send, End::Receive].map(|end| u64::from(self.is_busy(end))).iter().sum();
        let mut state = receive(self, MOST);
        // Whether an heir that was killed had sent its own is its own affair; if it had, nothing comes behind.
        if state.last().is_some_and(|last| last == HEIRS) {
            state.pop();
        }
        send(self, &[b"from the next one"]);
        let echo = receive(self, MOST);
        if echo != [b"from the next one"] {
            return Err(format!("what is sent is not what comes: {echo:?}"));
        }
        let stats = self.stats().map_err(|error| error.to_string())?;
        if (stats.messages, stats.used) != (0, 0) {
            return Err(format!("an empty ring holds something: {stats:?}"));
        }
        if [End::Send, End::Receive].into_iter().any(|end| self.is_busy(end)) {
            return Err("a lock is held by nobody".into());
        }
        // A dead one's lock is taken over, and that is all.
        Ok(Found { state, recoveries })
    }
}

/// Sends all of them.
fn send(ring: &Handle, messages: &[&[u8]]) {
    let sent = ring.send(messages, Some(PATIENCE)).expect("the lock can be had");
    assert_eq!(sent, Tried::Done(messages.len()), "there is room");
}

/// Takes so many messages at most.
fn receive(ring: &Handle, most: usize) -> Messages {
    let (mut target, mut lengths) = ([0; SIZE], [0; MOST]);
    let received = ring.receive(&mut target, &mut lengths[..most], Some(PATIENCE));
    let Ok(Tried::Done(Received::Messages(count))) = received else {
        panic!("a ring of {SIZE} bytes fits into as many: {received:?}");
    };
    let mut rest = &target[..];
    let next = |length: &u32| rest.split_off(..*length as usize).expect("they fit").to_vec();
    lengths[..count].iter().map(next).collect()
}

fn empty(_ring: &Handle) {}

fn filled(ring: &Handle) {
    send(ring, &[b"one", b"", &[3; 100]]);
}

/// The next message goes over the end.
fn nearly_round(ring: &Handle) {
    send(ring, &[&[0; SIZE - 200]]);
    receive(ring, 1);
    filled(ring);
}

/// Every change of a ring.
pub const CASES: &[Case<Handle>] = &[
    case("ring: send the first", (), empty, |ring| send(ring, &[b"new"])),
    case("ring: send several", (), filled, |ring| send(ring, &[b"new", &[7; 300], b""])),
    case("ring: send over the end", (), nearly_round, |ring| send(ring, &[&[7; 300], b"new"])),
    case("ring: receive one", (), filled, |ring| drop(receive(ring, 1))),
    case("ring: receive all", (), filled, |ring| drop(receive(ring, MOST))),
    case("ring: receive over the end", (), nearly_round, |ring| drop(receive(ring, MOST))),
];
