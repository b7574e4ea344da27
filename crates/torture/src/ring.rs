//! Rings: messages are sent and received all or none, and no participant is held up.

use crate::machine::Machine;
use crate::subject::{Case, Inspection, Subject, case};
use shmkit_primitives::ring::{EndAttempt, LOCK_TIMEOUT, Received, Ring, RingEnd, RingOptions};
use std::io;
use std::sync::Arc;

/// Bytes of a ring: one page.
const SIZE: usize = 4096;
/// Maximum number of messages per receive.
const MAX_MESSAGES: usize = 64;
/// The message that the recoverer sends.
const RECOVERER_MESSAGE: &[u8] = b"of the recoverer";

type Handle = Arc<Ring>;
type Messages = Vec<Vec<u8>>;

impl Subject for Handle {
    type Options = ();
    /// All messages, in their order.
    type State = Messages;

    fn machine(_options: ()) -> io::Result<Machine> {
        Machine::with_kind::<Ring>(&RingOptions { size: Some(SIZE as u64), ..RingOptions::default() })
    }

    fn attach(machine: &Machine, slot: u32) -> Handle {
        machine.attach(slot)
    }

    fn for_child(&self) -> Handle {
        self.clone()
    }

    /// Takes both ends' locks over from a dead holder. Receiving takes the receivers' lock only if there is a
    /// message, so this sends one of its own first, and takes none.
    fn recover(&self) {
        send(self, &[RECOVERER_MESSAGE]);
        receive(self, 0);
    }

    fn inspect(&self) -> Result<Inspection<Messages>, String> {
        let recoveries =
            [RingEnd::Send, RingEnd::Receive].map(|end| u64::from(self.is_busy(end))).iter().sum();
        let mut state = receive(self, MAX_MESSAGES);
        // A killed recoverer may have sent its own message; if so, that is the last one.
        if state.last().is_some_and(|last| last == RECOVERER_MESSAGE) {
            state.pop();
        }
        send(self, &[b"from the next one"]);
        let echo = receive(self, MAX_MESSAGES);
        if echo != [b"from the next one"] {
            return Err(format!("the received message is not the one sent: {echo:?}"));
        }
        let stats = self.stats().map_err(|error| error.to_string())?;
        if (stats.messages, stats.used) != (0, 0) {
            return Err(format!("the ring is not empty after all messages are received: {stats:?}"));
        }
        if [RingEnd::Send, RingEnd::Receive].into_iter().any(|end| self.is_busy(end)) {
            return Err("a lock is held though no process uses it".into());
        }
        // A dead holder's lock is taken over, and there is nothing else to recover.
        Ok(Inspection { state, recoveries })
    }
}

/// Sends all of them.
fn send(ring: &Handle, messages: &[&[u8]]) {
    let sent = ring.send(messages, Some(LOCK_TIMEOUT)).expect("the lock can be acquired");
    assert_eq!(sent, EndAttempt::Done(messages.len()), "there is space");
}

/// Receives at most `most` messages.
fn receive(ring: &Handle, most: usize) -> Messages {
    let (mut target, mut lengths) = ([0; SIZE], [0; MAX_MESSAGES]);
    let received = ring.receive(&mut target, &mut lengths[..most], Some(LOCK_TIMEOUT));
    let Ok(EndAttempt::Done(Received::Messages(count))) = received else {
        panic!("all messages of a ring of {SIZE} bytes fit into the target: {received:?}");
    };
    let mut rest = &target[..];
    let next = |length: &u32| rest.split_off(..*length as usize).expect("they fit").to_vec();
    lengths[..count].iter().map(next).collect()
}

fn empty(_ring: &Handle) {}

fn filled(ring: &Handle) {
    send(ring, &[b"one", b"", &[3; 100]]);
}

/// Fills the ring so that the next message wraps around its end.
fn nearly_wrapped(ring: &Handle) {
    send(ring, &[&[0; SIZE - 200]]);
    receive(ring, 1);
    filled(ring);
}

/// Every change of a ring.
pub const CASES: &[Case<Handle>] = &[
    case("ring: send the first", (), empty, |ring| send(ring, &[b"new"])),
    case("ring: send several", (), filled, |ring| send(ring, &[b"new", &[7; 300], b""])),
    case("ring: send over the end", (), nearly_wrapped, |ring| send(ring, &[&[7; 300], b"new"])),
    case("ring: receive one", (), filled, |ring| drop(receive(ring, 1))),
    case("ring: receive all", (), filled, |ring| drop(receive(ring, MAX_MESSAGES))),
    case("ring: receive over the end", (), nearly_wrapped, |ring| drop(receive(ring, MAX_MESSAGES))),
];
