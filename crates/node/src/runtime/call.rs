//! One call from JavaScript: its arguments, and how its outcome goes back.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local};
use crate::runtime::state::State;
use napi::sys;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// What a callback gives back; `None` is `undefined`.
pub type Outcome<'s> = Result<Option<Local<'s>>, Failure<'s>>;

/// The function behind a callback.
pub type Operation = for<'s> fn(&Call<'s>) -> Outcome<'s>;

/// Most arguments that any callback takes.
pub const MOST_ARGUMENTS: usize = 7;

/// One call from JavaScript.
#[derive(Debug)]
pub struct Call<'s> {
    /// The engine it came from.
    pub js: Js<'s>,
    /// What the thread keeps between calls.
    pub state: &'s State,
    arguments: &'s [Local<'s>],
    /// How many were given: to ask Node-API about one that was not costs as much as about one that was.
    given: usize,
}

/// Turns an operation into what Node-API calls. A number of arguments after it saves the time of filling
/// in those that it never takes.
#[macro_export]
macro_rules! callback {
    ($operation:path) => {
        $crate::callback!($operation, $crate::runtime::call::MOST_ARGUMENTS)
    };
    ($operation:path, $arguments:expr) => {{
        #[expect(unsafe_code, reason = "the shape of a function that Node-API calls")]
        unsafe extern "C" fn entry(
            env: napi::sys::napi_env,
            info: napi::sys::napi_callback_info,
        ) -> napi::sys::napi_value {
            // SAFETY: Node-API calls it with a live environment and the call's info; `data` is the
            // state, as `register` gave it.
            unsafe { $crate::runtime::call::enter::<{ $arguments }>(env, info, $operation) }
        }
        entry
    }};
}

/// Runs an operation; a failure or a panic becomes an exception.
///
/// # Safety
/// `env` and `info` are those of the running callback, whose data is the environment's [`State`].
#[inline(always)]
pub unsafe fn enter<const ARGUMENTS: usize>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
    operation: Operation,
) -> sys::napi_value {
    // SAFETY: the environment of a running callback is as J1 demands.
    let js = unsafe { Js::from_raw(env) };
    let mut raw = [ptr::null_mut(); ARGUMENTS];
    let mut count = ARGUMENTS;
    let mut data = ptr::null_mut();
    // SAFETY: `raw` has room for `count` values, and missing ones are filled with `undefined`.
    let status =
        unsafe { sys::napi_get_cb_info(env, info, &mut count, raw.as_mut_ptr(), ptr::null_mut(), &mut data) };
    if status != sys::Status::napi_ok || data.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the values are of the callback's own scope.
    let arguments = raw.map(|raw| unsafe { Local::from_raw(raw) });
    // SAFETY: `data` is the state, which lives until the environment is gone.
    let state = unsafe { &*data.cast_const().cast::<State>() };
    let call = Call { js, state, arguments: &arguments, given: count };
    match catch_unwind(AssertUnwindSafe(|| operation(&call))) {
        Ok(Ok(Some(value))) => return value.raw(),
        Ok(Ok(None)) => {}
        Ok(Err(failure)) => failure.throw(js, state),
        Err(payload) => Failure::panic(&*payload).throw(js, state),
    }
    ptr::null_mut()
}

impl<'s> Call<'s> {
    /// The argument at this place.
    #[inline]
    pub fn argument(&self, index: usize) -> Local<'s> {
        self.arguments[index]
    }

    /// True if the caller gave this argument.
    #[inline]
    pub fn is_given(&self, index: usize) -> bool {
        index < self.given
    }

    /// A number that TypeScript has checked; 0 if there is none.
    #[inline]
    pub fn number(&self, index: usize) -> f64 {
        if !self.is_given(index) {
            return 0.0;
        }
        self.js.to_number(self.argument(index)).unwrap_or(0.0)
    }

    /// A small whole number that TypeScript has made; 0 if there is none.
    #[inline]
    pub fn small(&self, index: usize) -> u32 {
        if !self.is_given(index) {
            return 0;
        }
        self.js.to_u32(self.argument(index)).unwrap_or(0)
    }

    /// A flag that TypeScript has made; false if there is none.
    #[inline]
    pub fn flag(&self, index: usize) -> bool {
        self.js.to_boolean(self.argument(index)).unwrap_or(false)
    }
}
