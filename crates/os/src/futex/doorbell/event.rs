//! Events of the system: auto-reset, so that a signal that comes too early is kept.

#![allow(unsafe_code, reason = "calls the system with handles")]

use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle, RawHandle};
use std::ptr;
use std::time::Duration;
use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::Security::{
    InitializeSecurityDescriptor, SECURITY_ATTRIBUTES, SECURITY_DESCRIPTOR, SetSecurityDescriptorDacl,
};
use windows_sys::Win32::System::SystemServices::SECURITY_DESCRIPTOR_REVISION;
use windows_sys::Win32::System::Threading::{
    CreateEventW, EVENT_MODIFY_STATE, INFINITE, OpenEventW, SetEvent, WaitForMultipleObjects,
};

/// The most events that one thread can wait for.
pub(super) const MOST: usize = 64;

/// An event, closed when this is dropped.
#[derive(Debug)]
pub(super) struct Event(OwnedHandle);

fn owned(handle: RawHandle) -> Option<Event> {
    // SAFETY: every caller passes the result of a call that opens a handle or returns null; nothing else owns it.
    (!handle.is_null()).then(|| Event(unsafe { OwnedHandle::from_raw_handle(handle) }))
}

/// Returns the name of an event, which sessions share. (The prefix needs a privilege for sections, not for events.)
fn name(nonce: u64, slot: u32) -> Vec<u16> {
    format!("Global\\shmkit-{nonce:016x}-{slot}\0").encode_utf16().collect()
}

impl Event {
    /// Creates an event without a name, or opens or creates that of a slot. Any user who knows the name may set it: the
    /// number in it is known only to those who can read the table, and a signal without a cause does no harm.
    pub(super) fn create(named: Option<(u64, u32)>) -> Option<Event> {
        let Some((nonce, slot)) = named else {
            // SAFETY: null means the default security, and no name.
            return owned(unsafe { CreateEventW(ptr::null(), 0, 0, ptr::null()) });
        };
        let mut descriptor = SECURITY_DESCRIPTOR::default();
        let at = (&raw mut descriptor).cast();
        // SAFETY: `descriptor` is valid for writes.
        let is_ready = unsafe { InitializeSecurityDescriptor(at, SECURITY_DESCRIPTOR_REVISION) } != 0;
        // SAFETY: the descriptor was initialised; a list that is present and null grants access to every user.
        if !is_ready || unsafe { SetSecurityDescriptorDacl(at, 1, ptr::null(), 0) } == 0 {
            return None;
        }
        let attributes = SECURITY_ATTRIBUTES {
            nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
            lpSecurityDescriptor: at,
            bInheritHandle: 0,
        };
        let name = name(nonce, slot);
        // SAFETY: the attributes and the NUL-terminated name are valid for the whole call.
        owned(unsafe { CreateEventW(&raw const attributes, 0, 0, name.as_ptr()) })
    }

    /// Opens the event of a slot, to set it; returns `None` if its process is gone.
    pub(super) fn open(nonce: u64, slot: u32) -> Option<Event> {
        let name = name(nonce, slot);
        // SAFETY: the name is NUL-terminated and valid for the whole call.
        owned(unsafe { OpenEventW(EVENT_MODIFY_STATE, 0, name.as_ptr()) })
    }

    /// Wakes the thread that waits for it, or the next one that will.
    pub(super) fn set(&self) -> bool {
        // SAFETY: the handle is open.
        unsafe { SetEvent(self.0.as_raw_handle()) != 0 }
    }
}

/// Waits for one of at most [`MOST`] events, at most `timeout`, rounded up to a millisecond.
pub(super) fn wait_for_any(events: &[&Event], timeout: Duration) {
    let handles: Vec<HANDLE> = events.iter().map(|event| event.0.as_raw_handle()).collect();
    let ms = u32::try_from(timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(INFINITE - 1).min(INFINITE - 1);
    // SAFETY: `events` keeps the handles open; the pointer is valid for reads of that many.
    unsafe { WaitForMultipleObjects(handles.len() as u32, handles.as_ptr(), 0, ms) };
}
