//! One call from JavaScript: its arguments and its outcome.

use crate::runtime::failure::Failure;
use crate::runtime::js::{Js, Local, Type};
use crate::runtime::state::State;
use napi::sys;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

/// The result of a callback; `None` is `undefined`.
pub type Outcome<'s> = Result<Option<Local<'s>>, Failure<'s>>;

/// The function that a callback runs.
pub type Operation = for<'s> fn(&Call<'s>) -> Outcome<'s>;

/// The largest number of arguments of any callback.
pub const MOST_ARGUMENTS: usize = 7;

/// One call from JavaScript.
#[derive(Debug)]
pub struct Call<'s> {
    /// The JavaScript engine that made the call.
    pub js: Js<'s>,
    /// The state of the calling copy of the package's JavaScript.
    pub state: &'s Rc<State>,
    arguments: &'s [Local<'s>],
    /// The number of arguments that were given. Asking Node-API about a missing one takes as long as about a given one.
    given: usize,
}

/// Turns an operation into a function for Node-API. A number after it limits the arguments, which saves the time of
/// filling in those that the operation never takes.
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
            // SAFETY: Node-API calls it with a live environment and the info of the call, whose `data` is the state
            // that `add` of `exports` passed.
            unsafe { $crate::runtime::call::enter::<{ $arguments }>(env, info, $operation) }
        }
        entry
    }};
}

/// Runs an operation. A failure or a panic becomes an exception.
///
/// # Safety
/// `env` and `info` are those of the running callback, whose data is a [`State`] that lives as long as the function.
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
    // SAFETY: `raw` has space for `count` values, and missing ones are filled with `undefined`.
    let status =
        unsafe { sys::napi_get_cb_info(env, info, &mut count, raw.as_mut_ptr(), ptr::null_mut(), &mut data) };
    if status != sys::Status::napi_ok || data.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the values are of the callback's own scope.
    let arguments = raw.map(|raw| unsafe { Local::from_raw(raw) });
    let data = data.cast_const().cast::<State>();
    // SAFETY: `data` points into an `Rc`, and the function that is called keeps it alive until here.
    unsafe { Rc::increment_strong_count(data) };
    // A share of its own: the function could be collected before it has returned.
    // SAFETY: the share that was just added.
    let state = &unsafe { Rc::from_raw(data) };
    let call = Call { js, state, arguments: &arguments, given: count };
    match catch_unwind(AssertUnwindSafe(|| operation(&call))) {
        Ok(Ok(Some(value))) => return value.raw(),
        Ok(Ok(None)) => {}
        Ok(Err(failure)) => fail(&call, failure),
        Err(payload) => Failure::panic(&*payload).throw(js, state),
    }
    ptr::null_mut()
}

/// Makes an exception of a failure, which tells the object that the call was made on: its number is argument 0, or in the
/// call frame if that is a key.
#[cold]
fn fail<'s>(call: &Call<'s>, failure: Failure<'s>) {
    let number = match call.is_given(0).then(|| call.js.type_of(call.argument(0))) {
        Some(Type::Number) => call.small(0),
        Some(Type::String) => call.state.frame.handle(),
        _ => 0,
    };
    failure.about(|| call.state.subject(number)).throw(call.js, call.state);
}

impl<'s> Call<'s> {
    /// Returns the argument at `index`.
    #[inline]
    pub fn argument(&self, index: usize) -> Local<'s> {
        self.arguments[index]
    }

    /// Returns whether the caller gave this argument.
    #[inline]
    pub fn is_given(&self, index: usize) -> bool {
        index < self.given
    }

    /// Returns a number that TypeScript has checked; 0 if there is none.
    #[inline]
    pub fn number(&self, index: usize) -> f64 {
        if !self.is_given(index) {
            return 0.0;
        }
        self.js.to_number(self.argument(index)).unwrap_or(0.0)
    }

    /// Returns a small integer that TypeScript made; 0 if there is none.
    #[inline]
    pub fn small(&self, index: usize) -> u32 {
        if !self.is_given(index) {
            return 0;
        }
        self.js.to_u32(self.argument(index)).unwrap_or(0)
    }

    /// Returns a flag that TypeScript made; false if there is none.
    #[inline]
    pub fn flag(&self, index: usize) -> bool {
        self.js.to_boolean(self.argument(index)).unwrap_or(false)
    }
}
