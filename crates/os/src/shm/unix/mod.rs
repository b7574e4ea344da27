//! Linux, macOS and FreeBSD. Where they differ, `linux` and `bsd` define the same functions.

#[cfg(any(target_os = "freebsd", target_os = "macos"))]
mod bsd;
mod create;
mod create_lock;
mod directory;
mod extent;
mod file;
#[cfg(target_os = "linux")]
mod linux;
mod own_directory;
mod reserve;

#[cfg(any(target_os = "freebsd", target_os = "macos"))]
use bsd as system;
#[cfg(target_os = "linux")]
use linux as system;

pub use create::NewFile;
pub use create_lock::CreateLock;
pub use directory::Directory;
pub use file::ShmFile;
#[cfg(target_os = "freebsd")]
pub(crate) use file::{c_string, open_path, owned, status_of};
pub use own_directory::{default_directory, own_directory};
pub use system::default_path;
