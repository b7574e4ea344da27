//! Turns of JavaScript during a call that blocks the thread.
//!
//! Node.js ends a thread (`worker.terminate()`, `process.exit()`, an uncaught error of the main thread) while it runs
//! JavaScript, and waits for that: it interrupts no call into the addon. So a call that blocks enters JavaScript again
//! and again.

use crate::runtime::failure::Failure;
use crate::runtime::js::Js;
use crate::runtime::state::State;
use napi::sys;
use std::ptr;

/// Enters JavaScript for a moment. Fails if the thread ends: the callback must then return. A debugger may run any JavaScript
/// meanwhile, so the caller holds no bytes of JavaScript.
pub fn take<'s>(js: Js<'s>, state: &State) -> Result<(), Failure<'s>> {
    let mut scope = ptr::null_mut();
    // SAFETY: J1; `scope` is a local variable.
    let status = unsafe { sys::napi_open_handle_scope(js.raw(), &mut scope) };
    if status != sys::Status::napi_ok {
        return Err(Failure::node_api(status));
    }
    let entered = deliver_nothing(js, state);
    // SAFETY: J1; the scope was opened above, is the innermost one, and none of its values is left.
    let _ = unsafe { sys::napi_close_handle_scope(js.raw(), scope) };
    entered
}

/// Calls the receiver of finished waits with none.
fn deliver_nothing<'s>(js: Js<'s>, state: &State) -> Result<(), Failure<'s>> {
    match state.anchor.property(js, c"receive")? {
        Some(receive) => js.call(receive, &[js.array()?]).map(drop),
        None => Ok(()),
    }
}
