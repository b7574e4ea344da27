//! Channels: a message is there as a whole or not at all, without a gap, and no poster is held up.

use crate::machine::Machine;
use crate::subject::{Case, Inspection, Subject, case};
use shmkit_object::lock::is_abandoned;
use shmkit_primitives::channel::{Batch, Channel, ChannelOptions, LOCK_TIMEOUT, Message, Start};
use std::io;
use std::sync::Arc;

/// Bytes of a ring: one page.
const SIZE: u64 = 4096;
/// More messages than a ring has room for.
const MOST: usize = 1000;
/// The message that the recoverer posts.
const RECOVERER_MESSAGE: &[u8] = b"of the recoverer";

type Handle = Arc<Channel>;

/// The number of the first message that a subscriber can still hear, and all from there on.
type State = (u64, Vec<(u8, Vec<u8>)>);

impl Subject for Handle {
    type Options = ();
    type State = State;

    fn machine(_options: ()) -> io::Result<Machine> {
        Machine::with_kind::<Channel>(&ChannelOptions { size: Some(SIZE), ..ChannelOptions::default() })
    }

    fn attach(machine: &Machine, slot: u32) -> Handle {
        machine.attach(slot)
    }

    fn for_child(&self) -> Handle {
        self.clone()
    }

    fn recover(&self) {
        post(self, RECOVERER_MESSAGE);
    }

    fn inspect(&self) -> Result<Inspection<State>, String> {
        let recoveries = u64::from(is_abandoned(&**self));
        let mut state = heard(self)?;
        let last = state.0 + state.1.len() as u64;
        // A killed recoverer may have posted its own message; if so, that is the last one.
        if state.1.last().is_some_and(|(_, bytes)| bytes == RECOVERER_MESSAGE) {
            state.1.pop();
        }
        let sequence = number_of(self, b"from the next one");
        if sequence != last {
            return Err(format!("the next message has the number {sequence}, not {last}"));
        }
        match heard(self)?.1.pop() {
            Some((1, bytes)) if bytes == b"from the next one" => Ok(Inspection { state, recoveries }),
            other => Err(format!("the message heard is not the one posted: {other:?}")),
        }
    }

    /// The oldest messages give way before the new one is there, and to that of a killed recoverer.
    fn is_acceptable(_options: (), before: &State, after: &State, found: &State) -> bool {
        let is_rest = |(first, messages): &State| {
            let gone = found.0.saturating_sub(*first) as usize;
            messages.get(gone..) == Some(&found.1)
        };
        is_rest(before) || is_rest(after)
    }
}

/// Posts a message and returns its number.
fn number_of(channel: &Handle, bytes: &[u8]) -> u64 {
    channel.post(Message { kind: 1, bytes }, LOCK_TIMEOUT).expect("the lock can be acquired")
}

fn post(channel: &Handle, bytes: &[u8]) {
    number_of(channel, bytes);
}

/// Returns what a subscriber hears from the oldest message on.
fn heard(channel: &Handle) -> Result<State, String> {
    let mut subscription = channel.subscribe(Start::Oldest).map_err(|error| error.to_string())?;
    let first = subscription.number() + 1;
    let mut batch = Batch::default();
    channel.read(&mut subscription, &mut batch, MOST).map_err(|error| error.to_string())?;
    if batch.missed != 0 || !batch.is_empty() && batch.first != first {
        return Err(format!(
            "messages before number {} are missed though none is posted meanwhile",
            batch.first
        ));
    }
    Ok((first, batch.iter().map(|(kind, bytes)| (kind, bytes.to_vec())).collect()))
}

fn filled(channel: &Handle) {
    (0..3).for_each(|number| post(channel, &[number; 100]));
}

/// Posts until the next message makes others give way, and runs past the end of the ring.
fn full(channel: &Handle) {
    (0..60_u8).for_each(|number| post(channel, &vec![number; 50 + usize::from(number) * 13 % 200]));
}

/// Every change of a channel.
pub const CASES: &[Case<Handle>] = &[
    case("channel: post the first", (), |_| (), |channel| post(channel, b"new")),
    case("channel: post", (), filled, |channel| post(channel, &[7; 300])),
    case("channel: post an empty one", (), filled, |channel| post(channel, b"")),
    case("channel: post a short one to a full one", (), full, |channel| post(channel, b"new")),
    case("channel: post a long one to a full one", (), full, |channel| post(channel, &[9; 900])),
];
