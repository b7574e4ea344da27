//! Open objects of all kinds, as one JavaScript thread holds them: by number.

use crate::runtime::call::Call;
use crate::runtime::failure::{Failure, Subject};
use crate::runtime::js::Js;
use crate::runtime::options::Options;
use crate::runtime::state::State;
use shmkit_dict::segment::Segment;
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{HandleOptions, Kind, Named};
use shmkit_primitives::channel::Channel;
use shmkit_primitives::locks::LockTable;
use shmkit_primitives::mutex::Mutex;
use shmkit_primitives::queue::Queue;
use shmkit_primitives::ring::Ring;
use shmkit_primitives::segment::SharedSegment;
use shmkit_primitives::semaphore::Semaphore;
use std::fmt::Debug;
use std::sync::Arc;

/// A kind that JavaScript can open.
pub trait Binding: Kind + Debug + InTable {
    /// What one handle keeps for its thread, such as the locks that it holds.
    type Data: Debug;

    /// Whether the engine's own calls fail in a forked child. If not, the addon checks before each call.
    const CHECKS_FORK: bool = false;

    /// Reads the options of `create` and `openOrCreate`, which TypeScript has checked.
    fn options<'s>(options: &Options<'_, 's>) -> Result<Self::Options, Failure<'s>>;

    /// Creates the data of a new handle.
    fn data(named: &Named<Self>, options: &HandleOptions) -> Self::Data;

    /// Takes the memory away from JavaScript, if it has a view. Called when JavaScript closes the handle.
    fn detach(handle: &mut Handle<Self>, js: Js<'_>) {
        let _ = (handle, js);
    }

    /// Called once before a handle is dropped: when it is closed or collected, and when its thread ends, but not when
    /// the process is killed.
    fn on_close(handle: &mut Handle<Self>) {
        let _ = handle;
    }

    /// Called once before `on_close` if the handle's thread ends.
    fn on_end(handle: &mut Handle<Self>) {
        let _ = handle;
    }
}

/// An open object with the data of its calls. Dropping it closes it.
#[derive(Debug)]
pub struct Handle<K: Binding> {
    /// The object. Dropping it removes an owner's name.
    pub named: Named<K>,
    /// What the handle keeps for its thread.
    pub data: K::Data,
}

impl<K: Binding> Drop for Handle<K> {
    fn drop(&mut self) {
        // In a forked child the handle still belongs to the parent.
        if self.named.is_ours() {
            K::on_close(self);
        }
    }
}

/// Events in the life of a handle of any kind.
pub trait Events {
    /// Removes an owner's name as closing does. The handle stays usable.
    fn release_name(&mut self);
    /// Takes the memory away from JavaScript, if it has a view.
    fn detach(&mut self, js: Js<'_>);
    /// Called when the thread ends.
    fn end(&mut self);
    /// Returns whether the name leads to the object.
    fn is_linked(&mut self) -> bool;
    /// Returns what errors say of the object.
    fn subject(&self) -> Subject;
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

    fn is_linked(&mut self) -> bool {
        self.named.is_linked()
    }

    fn subject(&self) -> Subject {
        Subject { kind: K::FORMAT.kind, name: self.named.name.clone() }
    }
}

/// Finds the handles of a kind in the table.
pub trait InTable: Sized {
    /// Returns the handle if it is of this kind.
    fn from_any(handle: &mut AnyHandle) -> Option<&mut Handle<Self>>
    where
        Self: Binding;

    /// Returns an entry for the table.
    fn into_any(handle: Handle<Self>) -> AnyHandle
    where
        Self: Binding;
}

/// Lists the kinds. The table has an enum because the calls of dictionaries are short enough for its cost to matter: a
/// comparison, where a trait object takes two calls.
macro_rules! kinds {
    ($($(#[$where:meta])* $name:ident: $kind:ty),+ $(,)?) => {
        /// An open object of any kind.
        #[allow(clippy::large_enum_variant, reason = "a process has few handles, and those of dictionaries are used most")]
        #[derive(Debug)]
        pub enum AnyHandle {
            $(
                $(#[$where])*
                #[doc = concat!("A [`", stringify!($kind), "`].")]
                $name(Handle<$kind>),
            )+
        }

        impl AnyHandle {
            /// Returns the handle as one of any kind.
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
    Channel: Channel,
    Dict: Segment,
    Locks: LockTable,
    Mutex: Mutex,
    Queue: Queue,
    Ring: Ring,
    Segment: SharedSegment,
    Semaphore: Semaphore,
}

impl<'s> Call<'s> {
    /// Runs `work` on the open object whose number is argument 0.
    #[inline(always)]
    pub fn handle<K: Binding, T>(
        &self,
        work: impl FnOnce(&mut Handle<K>) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        with_handle(self.state, self.small(0), work)
    }

    /// Returns the object whose number is argument 0.
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
