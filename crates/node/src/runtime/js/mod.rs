//! JavaScript values, through safe functions: the only module that reads and makes them through Node-API.
//!
//! - **J1** A [`Js`] exists only inside a callback (or the registration) of its environment, on its
//!   thread: the environment is alive, a handle scope is open, and no other thread uses it.
//! - **J2** A [`Local`] comes from the same scope as the `Js` it is given to, so it names a live value.
//!
//! Both carry the scope as a lifetime and are neither `Send` nor `Sync`, so neither outlives its callback.

mod make;
mod read;

pub use make::NativeFunction;
pub use read::Type;

use crate::runtime::failure::Failure;
use napi::sys;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The JavaScript engine during one callback.
#[derive(Clone, Copy, Debug)]
pub struct Js<'s> {
    env: sys::napi_env,
    scope: PhantomData<&'s ()>,
}

/// A JavaScript value, valid until the callback returns.
#[derive(Clone, Copy, Debug)]
pub struct Local<'s> {
    raw: NonNull<sys::napi_value__>,
    scope: PhantomData<&'s ()>,
}

impl<'s> Local<'s> {
    /// # Safety
    /// `raw` is a value of the handle scope that `'s` stands for, and so is not null.
    #[inline]
    pub unsafe fn from_raw(raw: sys::napi_value) -> Self {
        // SAFETY: the caller's promise.
        Local { raw: unsafe { NonNull::new_unchecked(raw) }, scope: PhantomData }
    }

    /// Returns the value's Node-API handle.
    #[inline]
    pub fn raw(self) -> sys::napi_value {
        self.raw.as_ptr()
    }
}

impl<'s> Js<'s> {
    /// # Safety
    /// J1 holds for `env` for the whole of `'s`.
    pub unsafe fn from_raw(env: sys::napi_env) -> Self {
        Js { env, scope: PhantomData }
    }

    /// Returns the Node-API environment.
    pub fn raw(self) -> sys::napi_env {
        self.env
    }

    fn check(self, status: sys::napi_status) -> Result<(), Failure<'s>> {
        match status {
            sys::Status::napi_ok => Ok(()),
            other => Err(Failure::node_api(other)),
        }
    }

    fn local(self, status: sys::napi_status, raw: sys::napi_value) -> Result<Local<'s>, Failure<'s>> {
        self.check(status)?;
        // SAFETY: a call that succeeded made a value of the present scope.
        Ok(unsafe { Local::from_raw(raw) })
    }
}
