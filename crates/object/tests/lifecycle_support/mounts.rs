//! Private file systems, mounted in a thread with its own mount namespace. Needs root.

use super::not_run;
use std::ffi::CString;
use std::path::Path;

/// Returns whether the current test must be skipped because this user is not root, and reports it as not run.
pub fn skipped_without_root() -> bool {
    let is_root = shmkit_os::process::effective_uid() == 0;
    if !is_root {
        not_run("needs root");
    }
    !is_root
}

/// Runs `test` in a thread that has its own mount namespace, as have the processes it starts. Only root can mount
/// anything: for other users the test is reported as not run.
pub fn with_own_mounts(test: impl FnOnce() + Send) {
    if skipped_without_root() {
        return;
    }
    std::thread::scope(|scope| {
        // A report that the test was not run names the thread.
        let name = std::thread::current().name().unwrap_or_default().to_owned();
        let body = || {
            // SAFETY: takes a number; affects this thread alone.
            assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNS) }, 0);
            mount(None, Path::new("/"), None, libc::MS_REC | libc::MS_PRIVATE, "");
            test();
        };
        let thread = std::thread::Builder::new().name(name).spawn_scoped(scope, body).unwrap();
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// Runs `start` so that the processes it starts have their own pid namespace, as in a container.
pub fn in_another_pid_namespace<R: Send>(start: impl FnOnce() -> R + Send) -> R {
    std::thread::scope(|scope| {
        let thread = scope.spawn(|| {
            // SAFETY: takes a number; affects the children of this thread alone.
            assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWPID) }, 0);
            start()
        });
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// A mount, unmounted when this is dropped.
pub struct Mounted(CString);

/// Mounts a tmpfs over `at`.
pub fn mount_over(at: &Path, options: &str) -> Mounted {
    mount(Some("tmpfs"), at, Some("tmpfs"), 0, options);
    Mounted(super::c_path(at))
}

/// Mounts a tmpfs over `at` with noexec, nosuid and nodev.
pub fn mount_strictly_over(at: &Path) -> Mounted {
    let flags = libc::MS_NOEXEC | libc::MS_NOSUID | libc::MS_NODEV;
    mount(Some("tmpfs"), at, Some("tmpfs"), flags, "size=16m");
    Mounted(super::c_path(at))
}

/// Mounts an overlay over `at`, of two empty layers in the empty directory `within`; returns `None`, and reports the
/// test as not run, if the kernel has no overlays.
pub fn overlay_over(at: &Path, within: &Path) -> Option<Mounted> {
    let layers = ["lower", "upper", "work"].map(|layer| within.join(layer));
    layers.iter().for_each(|layer| std::fs::create_dir(layer).unwrap());
    let [lower, upper, work] = layers.map(|layer| layer.display().to_string());
    let options = format!("lowerdir={lower},upperdir={upper},workdir={work}");
    try_mount(Some("overlay"), at, Some("overlay"), 0, &options)
        .map(|()| Mounted(super::c_path(at)))
        .inspect_err(|error| not_run(&format!("needs an overlay to mount: {error}")))
        .ok()
}

impl Mounted {
    /// Makes it read-only.
    pub fn freeze(&self) {
        let at = self.0.to_str().unwrap();
        mount(None, Path::new(at), None, libc::MS_REMOUNT | libc::MS_BIND | libc::MS_RDONLY, "");
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // SAFETY: the path is NUL-terminated and outlives the call.
        unsafe { libc::umount2(self.0.as_ptr(), libc::MNT_DETACH) };
    }
}

fn mount(source: Option<&str>, at: &Path, kind: Option<&str>, flags: libc::c_ulong, options: &str) {
    try_mount(source, at, kind, flags, options).unwrap();
}

fn try_mount(
    source: Option<&str>,
    at: &Path,
    kind: Option<&str>,
    flags: libc::c_ulong,
    options: &str,
) -> std::io::Result<()> {
    let text = |text: &str| CString::new(text).unwrap();
    let (source, at, kind) =
        (text(source.unwrap_or("none")), super::c_path(at), text(kind.unwrap_or("none")));
    let options = text(options);
    // SAFETY: all strings are NUL-terminated and outlive the call.
    let result =
        unsafe { libc::mount(source.as_ptr(), at.as_ptr(), kind.as_ptr(), flags, options.as_ptr().cast()) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}
