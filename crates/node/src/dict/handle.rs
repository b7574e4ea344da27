//! An open dictionary, as one JavaScript thread holds it.

use crate::dict::scan::Scan;
use crate::dict::view::View;
use crate::dict::watch::Watching;
use crate::objects::handle::{Binding, Handle, InTable, with_handle};
use crate::runtime::call::Call;
use crate::runtime::failure::Failure;
use crate::runtime::js::Js;
use crate::runtime::options::Options;
use crate::runtime::slots::Slots;
use shmkit_dict::kind::{OnFull, SegmentOptions};
use shmkit_dict::segment::Segment;
use shmkit_dict::{Dict, LeaseTicket};
use shmkit_object::lifecycle::{HandleOptions, Named};
use std::sync::Mutex;

/// The largest read buffer that is kept for the next read.
const RETAINED: usize = 1024 * 1024;

/// The last owner number given to a handle of this process, in whichever thread.
static LAST_OWNER: Mutex<u32> = Mutex::new(0);

/// What the calls of a dictionary need.
#[derive(Debug)]
pub struct DictData {
    /// The dictionary.
    pub dict: Dict,
    /// The buffer that reads are copied to, reused by every call.
    pub buffer: Vec<u8>,
    /// Iterations in progress.
    pub scans: Slots<Scan>,
    /// What watches the dictionary for this handle.
    pub watchers: Slots<Watching>,
    /// Loads in progress.
    pub leases: Slots<LeaseTicket>,
    /// The view of the memory that JavaScript has, if it has asked for one.
    pub view: Option<View>,
    /// Distinguishes the leases of this handle from those of other handles in this process.
    pub owner: u32,
}

impl DictData {
    /// Frees the buffer after an unusually large read.
    #[inline]
    fn trim(&mut self) {
        if self.buffer.capacity() > RETAINED {
            self.buffer = Vec::new();
        }
    }
}

impl Binding for Segment {
    type Data = DictData;

    const CHECKS_FORK: bool = true;

    fn options<'s>(options: &Options<'_, 's>) -> Result<SegmentOptions, Failure<'s>> {
        let naming = options.naming()?;
        Ok(SegmentOptions {
            size: options.number(c"size")?.map(|bytes| bytes as u64),
            max_size: options.number(c"maxSize")?.map(|bytes| bytes as u64),
            on_full: options.flag(c"evict")?.map(|evict| if evict { OnFull::Evict } else { OnFull::Error }),
            persist: naming.persist,
            replace: naming.replace,
            mode: naming.mode,
            on_mismatch: naming.on_mismatch,
            max_entries: options.number(c"maxEntries")?.map(|entries| entries as u64),
            checksums: options.flag(c"checksums")?,
            wipe: options.flag(c"wipe")?,
            feed: options.number(c"feed")?.map(|bytes| bytes as u64),
        })
    }

    fn data(named: &Named<Segment>, options: &HandleOptions) -> DictData {
        let mut last = LAST_OWNER.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        *last = last.wrapping_add(1).max(1);
        DictData {
            dict: Dict::new(named.object.clone(), options.lock_timeout),
            buffer: Vec::new(),
            scans: Slots::default(),
            watchers: Slots::default(),
            leases: Slots::default(),
            view: None,
            owner: *last,
        }
    }

    fn detach(handle: &mut Handle<Segment>, js: Js<'_>) {
        if let Some(view) = handle.data.view.take() {
            view.detach(js);
        }
    }

    fn on_close(handle: &mut Handle<Segment>) {
        // If releasing fails, the leases end with the process at the latest, as they would if it were killed.
        let DictData { dict, leases, owner, .. } = &handle.data;
        if !leases.is_empty() {
            let _ = dict.lease_release_all(*owner);
        }
    }
}

impl<'s> Call<'s> {
    /// Runs `work` on the open dictionary whose number is argument 0.
    #[inline(always)]
    pub fn dict<T>(
        &self,
        work: impl FnOnce(&mut DictData) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        self.dict_number(self.small(0), work)
    }

    /// Runs `work` on the open dictionary of this number.
    #[inline(always)]
    pub fn dict_number<T>(
        &self,
        number: u32,
        work: impl FnOnce(&mut DictData) -> Result<T, Failure<'s>>,
    ) -> Result<T, Failure<'s>> {
        with_handle::<Segment, _>(self.state, number, |handle| {
            let result = work(&mut handle.data);
            handle.data.trim();
            result
        })
    }

    /// Like `dict`, but does nothing if the handle is closed.
    pub fn dict_if_open(
        &self,
        work: impl FnOnce(&mut DictData) -> Result<(), Failure<'s>>,
    ) -> Result<(), Failure<'s>> {
        match self.state.handles.borrow_mut().get_mut(self.small(0)).and_then(Segment::from_any) {
            Some(handle) => work(&mut handle.data),
            None => Ok(()),
        }
    }
}
