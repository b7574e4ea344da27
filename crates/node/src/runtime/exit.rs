//! The exit of a process by `process.exit`, which ends the main thread without running cleanup hooks: a listener for the event
//! `exit` removes the names of owners before it, and cancels the waits, of which nothing will be delivered any more.
//!
//! There is one listener for each global object, however many copies of the package's JavaScript there are, and it belongs
//! to none of them, so that it keeps none alive.

use crate::runtime::js::Js;
use crate::runtime::state::State;
use napi::sys;
use shmkit_object::waiter;
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::{Rc, Weak};
use std::time::Duration;

/// How long the exit of a process waits for its waiter's thread, which another process can hold up.
const LONGEST_SETTLING: Duration = Duration::from_secs(1);

/// One loading of the addon in this thread.
#[derive(Debug)]
struct Environment {
    env: sys::napi_env,
    listens: Cell<bool>,
}

thread_local! {
    /// The environments that have not ended.
    static ENVIRONMENTS: RefCell<Vec<Weak<Environment>>> = const { RefCell::new(Vec::new()) };
    /// The states of all copies.
    static STATES: RefCell<Vec<Weak<State>>> = const { RefCell::new(Vec::new()) };
}

/// Adds a state whose owners' names are removed at the exit.
pub fn add_state(state: &Rc<State>) {
    add(&STATES, state);
}

/// Returns the states of all copies in this thread.
pub fn states() -> Vec<Rc<State>> {
    living(&STATES)
}

/// Listens for the exit, unless this or another environment of the same global object does.
pub fn listen(js: Js<'_>) {
    let environment = environment_of(js);
    let peers = living(&ENVIRONMENTS);
    if peers.iter().any(|peer| peer.listens.get() && share_global(js.raw(), peer.env)) {
        return;
    }
    // A runtime without such an event has no such exit, so there is nothing to do.
    environment.listens.set(try_listen(js).is_some());
}

fn add<T>(list: &'static std::thread::LocalKey<RefCell<Vec<Weak<T>>>>, item: &Rc<T>) {
    list.with_borrow_mut(|items| {
        items.retain(|item| item.strong_count() > 0);
        items.push(Rc::downgrade(item));
    });
}

fn living<T>(list: &'static std::thread::LocalKey<RefCell<Vec<Weak<T>>>>) -> Vec<Rc<T>> {
    list.with_borrow(|items| items.iter().filter_map(Weak::upgrade).collect())
}

/// Returns the environment, which lives as long as its instance data.
fn environment_of(js: Js<'_>) -> Rc<Environment> {
    if let Some(known) = living(&ENVIRONMENTS).into_iter().find(|known| known.env == js.raw()) {
        return known;
    }
    let environment = Rc::new(Environment { env: js.raw(), listens: Cell::new(false) });
    let data = Rc::into_raw(Rc::clone(&environment)).cast_mut().cast::<c_void>();
    // SAFETY: J1; `data` stays valid until `drop_data`, which is called at most once.
    let status = unsafe { sys::napi_set_instance_data(js.raw(), data, Some(drop_data), ptr::null_mut()) };
    if status == sys::Status::napi_ok {
        add(&ENVIRONMENTS, &environment);
    } else {
        // SAFETY: made with `into_raw` above, and not taken over by the failed call.
        drop(unsafe { Rc::from_raw(data.cast_const().cast::<Environment>()) });
    }
    environment
}

/// Returns whether two environments of this thread have the same global object.
fn share_global(one: sys::napi_env, other: sys::napi_env) -> bool {
    let (mut first, mut second, mut same) = (ptr::null_mut(), ptr::null_mut(), false);
    // SAFETY: the environment has not ended, and this is its thread, with a handle scope open.
    let has_first = unsafe { sys::napi_get_global(one, &mut first) } == sys::Status::napi_ok;
    // SAFETY: as above.
    let has_second = unsafe { sys::napi_get_global(other, &mut second) } == sys::Status::napi_ok;
    // SAFETY: both values are of the present scope, if the calls succeeded.
    let compared =
        has_first && has_second && unsafe { sys::napi_strict_equals(one, first, second, &mut same) } == 0;
    compared && same
}

/// Calls `process.on('exit', release)`.
fn try_listen(js: Js<'_>) -> Option<()> {
    let listener = js.function("releaseNames", release, ptr::null_mut()).ok()?;
    let process = js.property(js.global().ok()?, c"process").ok()?;
    let on = js.property(process, c"on").ok()?;
    let outcome = js.call_on(process, on, &[js.text("exit").ok()?, listener]);
    if outcome.is_err() {
        let _ = js.clear_exception();
    }
    outcome.ok().map(drop)
}

/// Returns whether the process exits, and the event was not emitted by a program that goes on.
fn is_exiting(js: Js<'_>) -> bool {
    let exiting = js
        .global()
        .and_then(|global| js.property(global, c"process"))
        .and_then(|process| js.property(process, c"_exiting"));
    exiting.ok().and_then(|exiting| js.to_boolean(exiting)).unwrap_or(false)
}

/// Cancels the waits of the listener's global object, and removes the names of all owners among its handles. The handles
/// stay usable, because other listeners may run later.
unsafe extern "C" fn release(env: sys::napi_env, _info: sys::napi_callback_info) -> sys::napi_value {
    // A panic must not cross into C. The names that it leaves are removed as those of a killed process are.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: Node-API calls it with a live environment, on its thread, in a scope.
        if !is_exiting(unsafe { Js::from_raw(env) }) {
            return;
        }
        let mut had_waits = false;
        for state in living(&STATES) {
            if state.has_ended() || !share_global(env, state.env()) {
                continue;
            }
            had_waits |= state.end_waits();
            state.release_names();
        }
        if had_waits {
            // Otherwise the process could end while the waiter's thread holds a permit that it is about to release.
            waiter::settle(LONGEST_SETTLING);
        }
    }));
    ptr::null_mut()
}

/// Drops the instance data.
unsafe extern "C" fn drop_data(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: `environment_of` made it with `Rc::into_raw`, for this one call.
    drop(unsafe { Rc::from_raw(data.cast_const().cast::<Environment>()) });
}
