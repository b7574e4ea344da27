//! Files of users: descriptors that they pass as numbers, and the type of a borrowed file.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::borrow;
#[cfg(windows)]
pub use windows::{borrow, reopen};

/// An open file, borrowed in the system's own form.
#[cfg(unix)]
pub type BorrowedFile<'f> = std::os::fd::BorrowedFd<'f>;
/// An open file, borrowed in the system's own form.
#[cfg(windows)]
pub type BorrowedFile<'f> = std::os::windows::io::BorrowedHandle<'f>;

/// Borrows an open file.
#[cfg(unix)]
pub fn borrow_file(file: &impl std::os::fd::AsFd) -> BorrowedFile<'_> {
    file.as_fd()
}

/// Borrows an open file.
#[cfg(windows)]
pub fn borrow_file(file: &impl std::os::windows::io::AsHandle) -> BorrowedFile<'_> {
    file.as_handle()
}

/// Returns an opening of the same file description.
pub(crate) fn duplicate(file: BorrowedFile<'_>) -> crate::error::Result<std::fs::File> {
    let call = if cfg!(windows) { "DuplicateHandle" } else { "dup" };
    file.try_clone_to_owned().map(std::fs::File::from).map_err(|error| crate::OsError::from_io(call, &error))
}
