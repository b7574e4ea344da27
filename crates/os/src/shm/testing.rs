//! A separate directory for each test.

#![allow(unsafe_code, reason = "makes FIFOs")]

use super::{Directory, default_directory};
use crate::entropy;
use std::path::{Path, PathBuf};

/// A directory in shared memory, removed with its contents when this is dropped.
#[derive(Debug)]
pub(crate) struct TestDirectory(PathBuf);

impl TestDirectory {
    pub(crate) fn new() -> Self {
        let random = u64::from_ne_bytes(entropy::random().unwrap());
        let path = default_directory().unwrap().join(format!("shmkit-os-test-{random:x}"));
        std::fs::create_dir(&path).unwrap();
        TestDirectory(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn open(&self) -> Directory {
        Directory::open(&self.0).unwrap()
    }

    #[cfg(unix)]
    pub(crate) fn make_fifo(&self, name: &str) {
        use std::os::unix::ffi::OsStrExt;
        let path = std::ffi::CString::new(self.0.join(name).as_os_str().as_bytes()).unwrap();
        // SAFETY: `path` is NUL-terminated and outlives the call; the mode is a number.
        assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o600) }, 0);
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
