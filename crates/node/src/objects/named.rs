//! Open objects of any kind but dictionaries, as one JavaScript thread holds them: by number.

use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::options::Options;
use crate::runtime::slots::Slots;
use crate::runtime::state::State;
use shmkit_object::error::Error;
use shmkit_object::lifecycle::{Kind, Named};
use std::any::Any;
use std::fmt::Debug;

/// A kind that JavaScript can open.
pub trait Binding: Kind + Debug {
    /// What one handle keeps for its thread, such as the locks it holds.
    type Data: Debug + Default + 'static;

    /// The options of making, as TypeScript has checked them.
    fn options<'s>(options: &Options<'_, 's>) -> Result<Self::Options, Failure<'s>>;

    /// Called once before a handle goes, however it goes, unless the process is killed: when it is closed
    /// or collected, and when its thread ends.
    fn on_close(open: &mut ObjectHandle<Self>) {
        let _ = open;
    }

    /// Called once before, if the handle goes because its thread ends.
    fn on_end(open: &mut ObjectHandle<Self>) {
        let _ = open;
    }
}

/// A handle and what its calls need. Dropping it closes the handle.
#[derive(Debug)]
pub struct ObjectHandle<K: Binding> {
    /// The object; an owner's name goes when this is dropped.
    pub named: Named<K>,
    /// What the thread keeps for it.
    pub data: K::Data,
}

impl<K: Binding> Drop for ObjectHandle<K> {
    fn drop(&mut self) {
        // What a forked child has a copy of is its parent's.
        if self.named.is_ours() {
            K::on_close(self);
        }
    }
}

/// Any open object.
pub trait AnyHandle: Any + Debug {
    /// Removes an owner's name as closing does; the handle stays usable.
    fn release_name(&mut self);
    /// Its thread ends.
    fn end(&mut self);
    /// For getting the type back.
    fn as_any(&mut self) -> &mut dyn Any;
}

impl<K: Binding> AnyHandle for ObjectHandle<K> {
    fn release_name(&mut self) {
        self.named.release_name();
    }

    fn end(&mut self) {
        if self.named.is_ours() {
            K::on_end(self);
        }
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }
}

/// All open objects of a thread.
pub type AllNamed = Slots<Box<dyn AnyHandle>>;

impl<'s> Call<'s> {
    /// Runs `work` on the open object that argument 0 names, outside of dictionaries.
    pub fn named<K: Binding, T>(
        &self,
        work: impl FnOnce(&mut ObjectHandle<K>) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        with_named(self.state, self.small(0), work)
    }
}

/// Runs `work` on the open object of this number.
pub fn with_named<'s, K: Binding, T>(
    state: &State,
    number: u32,
    work: impl FnOnce(&mut ObjectHandle<K>) -> Result<T, Failure<'s>>,
) -> Result<T, Failure<'s>> {
    let mut all = state.named.borrow_mut();
    let handle = all.get_mut(number).ok_or(Error::Closed)?;
    let open = handle.as_any().downcast_mut::<ObjectHandle<K>>().ok_or(Error::Closed)?;
    if !open.named.is_ours() {
        return Err(Error::Forked.into());
    }
    work(open)
}
