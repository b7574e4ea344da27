//! How a file is opened, which one it is, and what the system knows about it.

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading only.
    ReadOnly,
    /// Reading and writing.
    ReadWrite,
}

/// Which file it is, whatever its names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The device of its file system.
    pub device: u64,
    /// Its inode.
    pub inode: u64,
}

/// What the system knows about a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Status {
    /// Which file.
    pub identity: Identity,
    /// False for a folder, a link, a FIFO, a socket, a device.
    pub is_regular: bool,
    /// Its owner. On Windows the last number of the owner's SID.
    pub uid: u32,
    /// Its permission bits. On Windows what its access list amounts to.
    pub mode: u32,
    /// Its names.
    pub links: u64,
    /// Bytes.
    pub size: u64,
}
