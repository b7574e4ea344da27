//! Open objects of all kinds, as one JavaScript thread holds them: by number.

use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::Js;
use crate::runtime::options::Options;
use crate::runtime::state::State;
use shmkit_dict::segment::Segment;
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Kind, Named};
use shmkit_primitives::locks::LockTable;
use shmkit_primitives::mutex::Mutex;
#[cfg(unix)]
use shmkit_primitives::ring::Ring;
#[cfg(any(target_os = "linux", target_os = "macos"))]
use shmkit_primitives::segment::SharedSegment;
use shmkit_primitives::semaphore::Semaphore;
use std::fmt::Debug;
use std::sync::Arc;

/// A kind that JavaScript can open.
pub trait Binding: Kind + Debug + InTable {
    /// What one handle keeps for its thread, such as the locks it holds.
    type Data: Debug;

    /// True if the engine's own calls fail in a forked child; if not, the addon checks before each of them.
    const CHECKS_FORK: bool = false;

    /// Reads the options of making an object, which TypeScript has checked.
    fn options<'s>(options: &Options<'_, 's>) -> Result<Self::Options, Failure<'s>>;

    /// Makes the data of a new handle.
    fn data(named: &Named<Self>, options: &HandleOptions) -> Self::Data;

    /// Takes memory of the object out of JavaScript's hands. Called when JavaScript closes the handle.
    fn detach(handle: &mut Handle<Self>, js: Js<'_>) {
        let _ = (handle, js);
    }

    /// Called once before a handle goes: when it is closed or collected, and when its thread ends, but not
    /// when the process is killed.
    fn on_close(handle: &mut Handle<Self>) {
        let _ = handle;
    }

    /// Called once before `on_close` if the handle goes because its thread ends.
    fn on_end(handle: &mut Handle<Self>) {
        let _ = handle;
    }
}

/// An open object and what its calls need. Dropping it closes it.
#[derive(Debug)]
pub struct Handle<K: Binding> {
    /// The object; an owner's name is removed when this is dropped.
    pub named: Named<K>,
    /// What the thread keeps for it.
    pub data: K::Data,
}

impl<K: Binding> Drop for Handle<K> {
    fn drop(&mut self) {
        // What a forked child has a copy of belongs to its parent.
        if self.named.is_ours() {
            K::on_close(self);
        }
    }
}

/// What can happen to a handle, whatever its kind.
pub trait Events {
    /// Removes an owner's name as closing does; the handle stays usable.
    fn release_name(&mut self);
    /// Takes memory of the object out of JavaScript's hands.
    fn detach(&mut self, js: Js<'_>);
    /// The thread ends.
    fn end(&mut self);
}

impl<K: Binding> Events for Handle<K> {
    fn release_name(&mut self) {
        self.named.release_name();
    }

    fn detach(&mut self, js: Js<'_>) {
        K::detach(self, js);
    }

    fn end(&mut self) {
        if self.named.is_ours() {
            K::on_end(self);
        }
    }
}

/// The place of a kind in the table of handles.
pub trait InTable: Sized {
    /// Returns the handle if it is one of this kind.
    fn from_any(handle: &mut AnyHandle) -> Option<&mut Handle<Self>>
    where
        Self: Binding;

    /// Makes an entry of the table.
    fn into_any(handle: Handle<Self>) -> AnyHandle
    where
        Self: Binding;
}

/// Lists the kinds. An enum, because the calls of dictionaries feel what it takes to find a handle: a comparison,
/// where a trait object takes two calls.
macro_rules! kinds {
    ($($(#[$where:meta])* $name:ident: $kind:ty),+ $(,)?) => {
        /// An open object of any kind.
        #[derive(Debug)]
        pub enum AnyHandle {
            $(
                $(#[$where])*
                #[doc = concat!("A [`", stringify!($kind), "`].")]
                $name(Handle<$kind>),
            )+
        }

        impl AnyHandle {
            /// Returns the handle without its kind.
            pub fn events(&mut self) -> &mut dyn Events {
                match self {
                    $($(#[$where])* AnyHandle::$name(handle) => handle,)+
                }
            }
        }

        $(
            $(#[$where])*
            impl InTable for $kind {
                #[inline(always)]
                fn from_any(handle: &mut AnyHandle) -> Option<&mut Handle<Self>> {
                    match handle {
                        AnyHandle::$name(handle) => Some(handle),
                        _ => None,
                    }
                }

                fn into_any(handle: Handle<Self>) -> AnyHandle {
                    AnyHandle::$name(handle)
                }
            }
        )+
    };
}

kinds! {
    Dict: Segment,
    Locks: LockTable,
    Mutex: Mutex,
    #[cfg(unix)]
    Ring: Ring,
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    Segment: SharedSegment,
    Semaphore: Semaphore,
}

impl<'s> Call<'s> {
    /// Runs `work` on the open object that argument 0 names.
    #[inline(always)]
    pub fn handle<K: Binding, T>(
        &self,
        work: impl FnOnce(&mut Handle<K>) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        with_handle(self.state, self.small(0), work)
    }

    /// Returns the object of argument 0.
    pub fn object<K: Binding>(&self) -> Result<Arc<K>, Failure<'s>> {
        self.handle::<K, _>(|handle| Ok(handle.named.object.clone()))
    }
}

/// Runs `work` on the open object of this number.
#[inline(always)]
pub fn with_handle<'s, K: Binding, T>(
    state: &State,
    number: u32,
    work: impl FnOnce(&mut Handle<K>) -> Result<T, Failure<'s>>,
) -> Result<T, Failure<'s>> {
    let mut handles = state.handles.borrow_mut();
    let Some(handle) = handles.get_mut(number).and_then(K::from_any) else {
        return Err(Error::Closed.into());
    };
    if !K::CHECKS_FORK && !handle.named.is_ours() {
        return Err(Error::Forked.into());
    }
    work(handle)
}
