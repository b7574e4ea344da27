//! Lock tables: requests of dead processes are removed, and those of live processes are granted.

use crate::machine::Machine;
use crate::subject::{Case, Inspection, Subject, case};
use shmkit_primitives::locks::{
    LockName, LockRequest, LockTable, LocksOptions, Mode, RequestId, RequestOutcome,
};
use std::cell::Cell;
use std::io;
use std::sync::Arc;

/// Capacity of a table.
const CAPACITY: u32 = 16;
/// Requested by the observer, and before it by the victim in some cases.
const DISPUTED: &str = "disputed";
/// Shared by the observer and other processes.
const SHARED: &str = "shared";
const FREE: &str = "free";

/// A process's table, and its last request.
pub struct Process {
    table: Arc<LockTable>,
    last: Cell<Option<RequestId>>,
}

/// A request: name, mode, whether it is held, and the owner's slot.
type Row = (Vec<u8>, Mode, bool, u32);

impl Subject for Process {
    type Options = ();
    type State = Vec<Row>;

    fn machine(_options: ()) -> io::Result<Machine> {
        Machine::with_kind::<LockTable>(&LocksOptions { capacity: Some(CAPACITY), ..LocksOptions::default() })
    }

    fn attach(machine: &Machine, slot: u32) -> Process {
        Process { table: machine.attach(slot), last: Cell::new(None) }
    }

    fn for_child(&self) -> Process {
        Process { table: self.table.clone(), last: self.last.clone() }
    }

    fn prepare_observer(&self) {
        self.ask(DISPUTED, Mode::Exclusive);
        self.ask(SHARED, Mode::Shared);
    }

    fn recover(&self) {
        self.ask(SHARED, Mode::Shared);
    }

    /// Shares a lock with live processes, and lists all requests.
    fn inspect(&self) -> Result<Inspection<Vec<Row>>, String> {
        let rows = || self.table.query().expect("the table is not retired").into_iter();
        let left = self.table.request_count();
        let text = |error: shmkit_object::error::Error| error.to_string();
        let request = LockRequest { if_available: true, ..lock_request(SHARED, Mode::Shared) };
        match self.table.request(&request).map_err(text)? {
            RequestOutcome::Held(request, _) => drop(self.table.release(request).map_err(text)?),
            other => return Err(format!("a shared lock is not available: {other:?}")),
        }
        let mut state: Vec<Row> = rows().map(|row| (row.name.bytes, row.mode, row.held, row.slot)).collect();
        if !state.iter().any(|(name, _, held, _)| name == DISPUTED.as_bytes() && *held) {
            return Err(format!("the lock of the dead process is not granted to the next: {state:?}"));
        }
        state.sort_by(|left, right| left.0.cmp(&right.0));
        Ok(Inspection { recoveries: u64::from(self.table.request_count() < left), state })
    }
}

impl Process {
    fn ask(&self, name: &str, mode: Mode) {
        self.request(&lock_request(name, mode));
    }

    fn request(&self, request: &LockRequest) {
        match self.table.request(request).expect("there is space") {
            RequestOutcome::Held(request, _) | RequestOutcome::Pending(request) => {
                self.last.set(Some(request))
            }
            RequestOutcome::Unavailable => panic!("if_available was not set"),
        }
    }

    fn release(&self) {
        let request = self.last.get().expect("there was a request");
        self.table.release(request).expect("the lock of the table can be acquired");
    }
}

fn lock_request(name: &str, mode: Mode) -> LockRequest {
    let name = LockName::new(name.as_bytes(), false).expect("a short name");
    LockRequest { name, mode, if_available: false, steal: false }
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
    case("locks: release to a waiter", (), holding, Process::release),
    case("locks: steal", (), idle, |process| {
        process.request(&LockRequest { steal: true, ..lock_request(SHARED, Mode::Exclusive) })
    }),
];
