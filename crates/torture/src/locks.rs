//! Lock tables: what the dead held and asked for vanishes, and what the living asked for is granted.

use crate::machine::Machine;
use crate::subject::{Case, Found, Subject, case};
use shmkit_object::lifecycle::Kind;
use shmkit_primitives::locks::{LockName, LockTable, LocksOptions, Mode, Request, Wish, Wished};
use std::cell::Cell;
use std::io;
use std::sync::Arc;

/// Requests that a table has room for.
const CAPACITY: u32 = 16;
/// What the witness asks for, and the victim before it in some cases.
const DISPUTED: &str = "disputed";
/// What the witness shares with whoever wants to.
const SHARED: &str = "shared";
const FREE: &str = "free";

/// A process's table, and the last lock it got.
pub struct Process {
    table: Arc<LockTable>,
    got: Cell<Option<Request>>,
}

/// A lock that is held or waited for: name, mode, whether it is held, whose it is.
type Line = (Vec<u8>, Mode, bool, u32);

impl Subject for Process {
    type Options = ();
    type State = Vec<Line>;

    fn machine(_options: ()) -> io::Result<Machine> {
        Machine::of::<LockTable>(&LocksOptions { capacity: Some(CAPACITY), ..LocksOptions::default() })
    }

    fn attach(machine: &Machine, slot: u32) -> Process {
        Process { table: machine.attach(slot), got: Cell::new(None) }
    }

    fn again(&self) -> Process {
        Process { table: self.table.clone(), got: self.got.clone() }
    }

    fn stand_by(&self) {
        self.ask(DISPUTED, Mode::Exclusive);
        self.ask(SHARED, Mode::Shared);
    }

    fn recover(&self) {
        self.ask(SHARED, Mode::Shared);
    }

    /// Shares a lock with the living, and looks at all there are.
    fn inspect(&self) -> Result<Found<Vec<Line>>, String> {
        let lines = || self.table.query().expect("the table is not retired").into_iter();
        let left = LockTable::count(&self.table);
        let text = |error: shmkit_object::error::Error| error.to_string();
        let wish = Wish { if_available: true, ..wish(SHARED, Mode::Shared) };
        match self.table.request(&wish).map_err(text)? {
            Wished::Held(request, _) => drop(self.table.release(request).map_err(text)?),
            other => return Err(format!("what is shared cannot be had: {other:?}")),
        }
        let mut state: Vec<Line> =
            lines().map(|line| (line.name.bytes, line.mode, line.held, line.slot)).collect();
        if !state.iter().any(|(name, _, held, _)| name == DISPUTED.as_bytes() && *held) {
            return Err(format!("nobody gets what the dead one had: {state:?}"));
        }
        state.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(Found { recoveries: u64::from(LockTable::count(&self.table) < left), state })
    }
}

impl Process {
    fn ask(&self, name: &str, mode: Mode) {
        self.wish(&wish(name, mode));
    }

    fn wish(&self, wish: &Wish) {
        match self.table.request(wish).expect("there is room") {
            Wished::Held(request, _) | Wished::Pending(request) => self.got.set(Some(request)),
            Wished::Unavailable => panic!("it was not asked for at once only"),
        }
    }

    fn release(&self) {
        let request = self.got.get().expect("something was asked for");
        self.table.release(request).expect("the table's lock can be had");
    }
}

fn wish(name: &str, mode: Mode) -> Wish {
    let name = LockName::new(name.as_bytes(), false).expect("a short name");
    Wish { name, mode, if_available: false, steal: false }
}

fn idle(_process: &Process) {}

fn holding(process: &Process) {
    process.ask(DISPUTED, Mode::Exclusive);
}

/// Every change of a lock table.
pub const CASES: &[Case<Process>] = &[
    case("locks: request a free one", (), idle, |process| process.ask(FREE, Mode::Exclusive)),
    case("locks: request one that is held", (), idle, |process| process.ask(DISPUTED, Mode::Exclusive)),
    case("locks: request one more to share", (), holding, |process| process.ask(SHARED, Mode::Shared)),
    case("locks: release to who waits", (), holding, Process::release),
    case("locks: steal", (), idle, |process| {
        process.wish(&Wish { steal: true, ..wish(SHARED, Mode::Exclusive) })
    }),
];
